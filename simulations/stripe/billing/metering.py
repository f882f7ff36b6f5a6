"""Metering: which usage is billed by which line of which invoice, and which never is.

A renewal's line counts what was used in the period before, up to the moment at which it is final; all other lines are
counted once, when they are made. What is reported later is taken, and never billed.
Sources: docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api,
docs.stripe.com/billing/subscriptions/usage-based/configure-grace-period,
docs.stripe.com/billing/subscriptions/billing-mode/compare.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from payflows.subscriptions.billing import BillingStatus, InvoiceStatus

from simulations.stripe.billing.book import BillingBook
from simulations.stripe.billing.invoices import Invoice, InvoiceLine
from simulations.stripe.billing.metered_items import MeteredItem, UsagePeriod
from simulations.stripe.billing.meters import Usage
from simulations.stripe.billing.prices import Price
from simulations.stripe.billing.proration import rounded
from simulations.stripe.billing.settings import BillingMode
from simulations.stripe.billing.subscriptions import Subscription
from simulations.stripe.core.account import Account
from simulations.stripe.core.ids import derived_id


class UsageStanding(StrEnum):
    """What became of a report of usage."""

    WAITING = "waiting"
    """It is in a period that is not billed yet, or not for good."""

    BILLED = "billed"
    """It is in a line of an invoice that is final."""

    LATE = "late"
    """It was counted only after the invoice of its period was final: it is never billed."""

    UNBILLED = "unbilled"
    """It was used in a trial, or without a subscription, or the subscription ended without a last invoice."""


class UsageRecord(NamedTuple):
    """A report of usage, and what became of it.

    Attributes:
        invoice_ids: the invoices that are final and bill it, void ones too; several where several subscriptions do.
    """

    usage: Usage
    standing: UsageStanding
    invoice_ids: tuple[str, ...]


class Metering:
    """Counts what subscriptions bill by usage.

    Args:
        account: whose they are.
        book: where they are kept.
    """

    def __init__(self, account: Account, book: BillingBook) -> None:
        self._account = account
        self._book = book

    def start(self, subscription: Subscription, price: Price | None, at: int) -> None:
        """Have it bill usage from that moment on; None: it bills none any more."""
        if price is None:
            subscription.metered = None
            return
        item = subscription.metered
        item_id = derived_id("si", subscription.id, price.id, at) if item is None else item.id
        subscription.metered = MeteredItem(item_id, price, at)

    def change(self, subscription: Subscription, price: Price | None) -> None:
        """Have it bill usage at another price from now on, or none.

        What was used until now, and is on no line yet, waits for an invoice; in classic mode it is dropped.
        """
        if price is subscription.metered_price:
            return
        now = self._account.seconds()
        if subscription.billing_mode is BillingMode.FLEXIBLE:
            subscription.pending_items.extend(self.line_until(subscription, now))
        self.start(subscription, price, now)

    def restart(self, subscription: Subscription, at: int) -> None:
        """Have it bill nothing of what was used before that moment."""
        if subscription.metered is not None:
            subscription.metered = replace(subscription.metered, since=at)

    def line_of_renewal(self, subscription: Subscription, at: int) -> tuple[InvoiceLine, ...]:
        """Return the line for what was used until then, counted again once it is final; in a trial none."""
        item, is_trial = subscription.metered, subscription.status is BillingStatus.TRIALING
        self.restart(subscription, at)
        if item is None or is_trial or item.since >= at:
            return ()
        return (self._count(subscription, UsagePeriod(item.id, item.price, item.since, at)),)

    def line_until(self, subscription: Subscription, at: int) -> tuple[InvoiceLine, ...]:
        """Return the line for what was used until then, counted for good, unless that is nothing; in a trial none."""
        lines = tuple(line for line in self.preview_until(subscription, at) if line.amount)
        for line in lines:
            self._close(line)
        self.restart(subscription, at)
        return lines

    def preview_until(self, subscription: Subscription, at: int) -> tuple[InvoiceLine, ...]:
        """Return the same line, and have nothing depend on it."""
        item = subscription.metered
        if item is None or subscription.status is BillingStatus.TRIALING or item.since >= at:
            return ()
        line = self._count(subscription, UsagePeriod(item.id, item.price, item.since, at))
        return (line,) if line.amount else ()

    def count_for_good(self, invoice: Invoice) -> None:
        """Bring a draft that is to be final up to date with what was reported since it was made."""
        for number, line in enumerate(invoice.lines):
            if line.usage is not None and not line.usage.is_final:
                assert invoice.subscription is not None, "only subscriptions bill usage"
                counted = self._count(self._book.subscriptions.find(invoice.subscription), line.usage)
                self._close(counted)
                invoice.lines = (*invoice.lines[:number], counted, *invoice.lines[number + 1 :])

    def _count(self, subscription: Subscription, period: UsagePeriod) -> InvoiceLine:
        price, pricing = period.price, period.price.usage
        assert pricing is not None, "it is metered"
        period.usage = self._book.meters.counted(subscription.customer.id, pricing.meter, period.start, period.end)
        units = pricing.meter.aggregate(period.usage)
        amount = rounded(pricing.cost_of(units), price.unit_amount.currency)
        return InvoiceLine(price, units, amount, period.start, period.end, usage=period)

    def _close(self, line: InvoiceLine) -> None:
        assert line.usage is not None, "it bills usage"
        line.usage.is_final = True

    # For checkers, tests and stories: as it is, without lag.

    def usage_of(self, customer_id: str, event_name: str) -> tuple[UsageRecord, ...]:
        """Return all that the customer reported of a meter, in the order of use, and what became of each report."""
        self._account.agenda.catch_up()
        meter = self._book.meters.named(event_name)
        return tuple(self._record(usage) for usage in self._book.meters.of(customer_id, meter))

    def _record(self, usage: Usage) -> UsageRecord:
        subscriptions = self._book.of_customer(usage.customer)
        lines = [pair for each in subscriptions for pair in _lines_for(each, usage)]
        billed = tuple(
            invoice.id
            for invoice, period in lines
            if invoice is not None and invoice.status is not InvoiceStatus.DRAFT and _has(period, usage)
        )
        if billed:
            return UsageRecord(usage, UsageStanding.BILLED, billed)
        is_open = any(_will_bill(each, usage) for each in subscriptions)
        if is_open or any(not period.is_final or _has(period, usage) for _, period in lines):
            return UsageRecord(usage, UsageStanding.WAITING, ())
        return UsageRecord(usage, UsageStanding.LATE if lines else UsageStanding.UNBILLED, ())


def _lines_for(subscription: Subscription, usage: Usage) -> Iterator[tuple[Invoice | None, UsagePeriod]]:
    """Return the periods in which it was used that are on an invoice, or wait for one."""
    on_invoices = ((invoice, line) for invoice in subscription.invoices for line in invoice.lines)
    waiting = ((None, line) for line in subscription.pending_items)
    for invoice, line in (*on_invoices, *waiting):
        period = line.usage
        if period is not None and period.covers(usage):
            yield invoice, period


def _has(period: UsagePeriod, usage: Usage) -> bool:
    return any(each is usage for each in period.usage)


def _will_bill(subscription: Subscription, usage: Usage) -> bool:
    """Whether a line that is still to be made can bill it."""
    item = subscription.metered
    counts = subscription.status not in (BillingStatus.TRIALING, BillingStatus.PAUSED) and not subscription.has_ended
    return counts and item is not None and item.bills(usage)
