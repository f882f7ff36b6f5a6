"""What holds of every proration: a preview is the later invoice, and credits and charges are the price difference."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import TypeVar

import pytest

from payflows.money import CURRENCIES, Money
from payflows.subscriptions.billing import Items, ItemsChange
from simulations.stripe.billing.changing import Proration
from simulations.stripe.billing.settings import BillingMode, BillingSettings
from simulations.stripe.billing.subscriptions import Subscription
from simulations.time.draws import Draws
from tests.billing_fixture import ADA, DECLINED, VISA, BillingFixture, latest_of

T = TypeVar("T")

BY_CURRENCY = {"usd": (500, 1999, 6000), "jpy": (500, 1980, 12_345), "kwd": (500, 19_990, 60_000)}
BY_CURRENCY["isk"] = (100_000, 199_900, 600_000)
"""Prices in a currency of two decimals, of none, of three, and of two that are 0."""


class Case:
    """A drawn subscription, changed some times within its first period."""

    def __init__(self, number: int) -> None:
        self._draws, self._number, self._drawn = Draws(1).of("proration"), number, 0
        self.currency, self.mode = self._one_of(sorted(BY_CURRENCY)), self._one_of(list(BillingMode))
        start = datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp() + self._below(365 * 86_400)
        settings = BillingSettings(billing_mode=self.mode)
        self.account = BillingFixture(start=datetime.fromtimestamp(start, UTC), settings=settings)
        for amount in BY_CURRENCY[self.currency]:
            price = Money(amount, self.currency)
            self.account.stripe.add_price(f"price_{amount}", product="plan", amount=price, interval="month")
        self.subscription = self.account.active(price=self._price(), quantity=1 + self._below(9))
        self.changes = 1 + self._below(3)

    def __repr__(self) -> str:
        return f"case {self._number}: {self.mode} {self.currency}, {self.changes} changes"

    def check(self) -> int:
        """Make the changes. Returns how many were invoiced."""
        invoiced = 0
        for number in range(self.changes):
            self._pass_some_time()
            self._shake(is_first=number == 0)
            invoiced += self._change(is_first=number == 0)
            assert_no_debit_is_credited_twice(self.subscription)
        return invoiced

    def _change(self, *, is_first: bool) -> bool:
        """The preview is what the change will be. Returns whether it is invoiced."""
        account, subscription = self.account, self.subscription
        old, to, at = subscription.amount, Items(self._price(), 1 + self._below(9)), account.clock.now()
        share, invoices = share_left(subscription, at), len(subscription.invoices)
        waited = [line.amount for line in subscription.waiting_items]
        change = ItemsChange(subscription.item_id, None, to)
        preview = account.run(account.stripe.preview_change(subscription.id, change=change, proration_at=at))
        account.pass_time(self._below(60))
        if account.stripe.subscription(subscription.id).period_start > at.timestamp():
            return False  # it was renewed in between

        account.run(account.stripe.change_items(subscription.id, change=change, proration_at=at, key=account.key()))

        if not preview.lines:
            assert len(subscription.invoices) == invoices
            return False
        invoice = latest_of(subscription)
        assert len(subscription.invoices) == invoices + 1
        assert [line.amount for line in invoice.lines] == [line.amount_minor for line in preview.lines]
        assert (invoice.total, invoice.amount_due) == (preview.total_minor, preview.amount_due.minor)
        new = self._amount_of(to)
        if is_first or self.mode is BillingMode.CLASSIC:  # later debits are rounded ones, and so are their credits
            assert_is_the_difference(invoice.total - sum(waited), (new - old) * share, self)
        return True

    def _amount_of(self, items: Items) -> int:
        return self.account.stripe.billing.book.prices.find(items.price_id).unit_amount.minor * items.quantity

    def _shake(self, *, is_first: bool) -> None:
        """Things that happen between two changes."""
        match self._below(8):
            case 0:
                self.account.stripe.adjust_balance(ADA, self._below(4000) - 2000, self.currency)
            case 1 if not is_first:
                price = self._price()
                self.account.stripe.change_items_in_dashboard(self.subscription.id, price, 1 + self._below(9))
            case 2:
                self.account.let_card_become(self.subscription, self._one_of([VISA, DECLINED]))
            case 3 if latest_of(self.subscription).status == "open":
                self.account.void(latest_of(self.subscription))

    def _pass_some_time(self) -> None:
        left = self.subscription.period_end - int(self.account.clock.now().timestamp())
        self.account.pass_time(self._below(max(1, left)))
        self.account.stripe.subscription(self.subscription.id)  # as it stands now

    def _price(self) -> str:
        return f"price_{self._one_of(BY_CURRENCY[self.currency])}"

    def _below(self, bound: int) -> int:
        self._drawn += 1
        return self._draws.below(bound, self._number, self._drawn)

    def _one_of(self, values: Sequence[T]) -> T:
        return values[self._below(len(values))]


def share_left(subscription: Subscription, at: datetime) -> Fraction:
    left = subscription.period_end - int(at.timestamp())
    return Fraction(left, subscription.period_end - subscription.period_start)


def assert_is_the_difference(total: int, exact: Fraction, case: Case) -> None:
    """I23: within one of the smallest amounts that Stripe takes."""
    assert abs(total - exact) <= CURRENCIES[case.currency].step_minor


def assert_no_debit_is_credited_twice(subscription: Subscription) -> None:
    lines = list(subscription.lines_in_force())
    for debit in lines:
        assert sum(line.amount for line in lines if line.credits is debit) >= -max(0, debit.amount)


def check_cases(count: int) -> None:
    invoiced = 0
    for number in range(count):
        case = Case(number)
        try:
            invoiced += case.check()
        except BaseException as error:
            error.add_note(repr(case))
            raise
    assert invoiced > count


def test_a_preview_is_the_later_invoice_and_both_are_the_price_difference() -> None:
    check_cases(2_000)


@pytest.mark.on_demand
def test_they_are_in_very_many_cases() -> None:
    check_cases(100_000)


@pytest.mark.parametrize("mode", BillingMode)
@pytest.mark.parametrize("proration", [Proration.ALWAYS_INVOICE, Proration.CREATE_PRORATIONS])
def test_there_and_back_at_one_instant_nets_nothing(mode: BillingMode, proration: Proration) -> None:
    """I23"""
    for days in range(1, 31):
        account = BillingFixture(settings=BillingSettings(billing_mode=mode))
        account.stripe.add_price("price_max", product="max", amount=Money(5000, "usd"), interval="month")
        subscription = account.active(quantity=3)
        account.pass_time(days * 86_399)
        for items in (Items("price_max", 7), Items("price_monthly", 3)):
            change = ItemsChange(subscription.item_id, None, items)
            account.stripe.billing.api.update_items(subscription.id, change, proration, None, waits_for_payment=False)

        assert sum(line.amount for line in subscription.lines_in_force()) == 9000
