"""Plan changes: what they cost is what was confirmed, exactly, and what may be used is what was paid for (I16, I23)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction

from payflows.kernel.changes import OUTBOX
from payflows.kernel.messages import BusinessEvent
from payflows.subscriptions.billing import CHANGE, InvoiceStatus
from payflows.subscriptions.messages import EventType
from payflows.subscriptions.policy import ChangeTiming

from simulations.search.breach import Breach
from simulations.stripe.billing.invoices import Invoice, InvoiceLine
from simulations.subscriptions.checkers.state import gave_up
from simulations.subscriptions.checkers.truth import Checked, Truth, truths

_CLOCKS = timedelta(minutes=10)
"""How far our clock and Stripe's may be apart, and a step of ours be under way."""


def breaches(system: Checked) -> Iterator[Breach]:
    """Every promise about plan changes that is broken."""
    for truth in truths(system):
        yield from _costs(system, truth)
        if not truth.ours.status.is_ended and not gave_up(system):
            yield from _settled(truth)
            yield from _announced(system, truth)
        yield from _as_confirmed(system, truth)
        yield from _withdrawn(system, truth)


def _costs(system: Checked, truth: Truth) -> Iterator[Breach]:
    """I23: every invoice of a change is for what was confirmed, and that is the exact share of the period."""
    ours, theirs = truth.ours, truth.theirs
    if theirs is None:
        return
    confirmed = [each for each in system.confirmed if each.subscription_id == ours.id]
    shown = {(each.amount_due.minor, each.credit.minor) for each in confirmed if each.timing is ChangeTiming.NOW}
    changes = [each for each in system.stripe.invoices_of(theirs.id) if _is_of_a_change(truth, each)]
    for invoice in changes:
        if (invoice.amount_due, max(0, -invoice.total)) not in shown:
            yield Breach("I23", invoice.id, f"{invoice.id} is for {invoice.total}, which no one has confirmed")
        exact = sum((_exact(truth, line) for line in invoice.lines), Fraction())
        if abs(invoice.total - exact) > len(invoice.lines):
            yield Breach("I23", invoice.id, f"{invoice.id} is for {invoice.total}, and should be {float(exact):.2f}")
    paid = sum(each.status is InvoiceStatus.PAID for each in changes)
    if paid > len({each.expected_change for each in confirmed}):
        yield Breach("I23", ours.id, f"{ours.id} paid for {paid} plan changes, and {len(confirmed)} were confirmed")


def _is_of_a_change(truth: Truth, invoice: Invoice) -> bool:
    """Whether a change has made it, and not the subscription's end."""
    ended_at = truth.theirs.ended_at if truth.theirs is not None else None
    is_last = ended_at is not None and invoice.created >= ended_at.timestamp()
    return invoice.billing_reason == CHANGE and not is_last


def _exact(truth: Truth, line: InvoiceLine) -> Fraction:
    """What a line is for, by its price and its part of the period; worked out apart from Stripe's own rule."""
    assert truth.theirs is not None
    whole = line.price.unit_amount.minor * line.quantity
    periods = [(each.period_start.timestamp(), each.period_end.timestamp()) for each in truth.invoices]
    start = max(at for at, end in periods if end == line.period_end and at <= line.period_start and end - at > 86_400)
    first = min(at for at, end in periods if end == line.period_end)
    share = Fraction(line.period_end - line.period_start) / Fraction(round(line.period_end - min(start, first)))
    return whole * share if line.amount >= 0 else -whole * share


def _settled(truth: Truth) -> Iterator[Breach]:
    """I16, I20: a change waits only while Stripe waits for its payment; old terms are kept until the period ends."""
    ours, theirs = truth.ours, truth.theirs
    if ours.change is not None and (theirs is None or theirs.pending_update is None):
        yield Breach("I16", ours.id, f"{ours.id} still waits for a change to {ours.change.to.plan_id}")
    if theirs is not None and theirs.pending_update is not None and ours.change is None:
        yield Breach("I15", ours.id, f"{theirs.id} waits for the payment of a change that we do not know")
    if ours.kept is not None and theirs is not None and theirs.period_start >= ours.kept.until:
        yield Breach("I20", ours.id, f"{ours.id} keeps {ours.kept.terms.plan_id}, and the period is over")


def _as_confirmed(system: Checked, truth: Truth) -> Iterator[Breach]:
    """I16: no plan is announced that no one has confirmed, or sooner than it was to take effect."""
    ours = truth.ours
    confirmed = [each for each in system.confirmed if each.subscription_id == ours.id]
    for event in _announced_as(EventType.PLAN_CHANGED, system, truth):
        since = [each.takes_effect_at for each in confirmed if each.plan_id == event.reason]
        if event.reason not in system.plans_by_hand and not any(at <= event.at + _CLOCKS for at in since):
            yield Breach("I16", ours.id, f"{ours.id} uses {event.reason} at {event.at}, and that was not confirmed")


def _withdrawn(system: Checked, truth: Truth) -> Iterator[Breach]:
    """I16: what a customer reads to be taken back cannot be paid any more."""
    if truth.theirs is None:
        return
    for event in _announced_as(EventType.PLAN_CHANGE_WITHDRAWN, system, truth):
        for invoice in system.stripe.invoices_of(truth.theirs.id):
            closed = [at for name, at in invoice.transitions.items() if name in ("paid_at", "voided_at") and at]
            until = max(closed, default=invoice.created)
            at = event.at.timestamp()
            if invoice.billing_reason == CHANGE and invoice.created <= at and until > at + _CLOCKS.total_seconds():
                yield Breach("I16", invoice.id, f"{invoice.id} could be paid after its change was taken back")


def _announced_as(event_type: EventType, system: Checked, truth: Truth) -> Iterator[BusinessEvent]:
    """Return the announcements of one type, oldest first."""
    for item in system.store.all_items(OUTBOX):
        message = item.content
        if isinstance(message, BusinessEvent) and (message.subject, message.type) == (truth.ours.id, event_type):
            yield message


def _announced(system: Checked, truth: Truth) -> Iterator[Breach]:
    """I24: the plan that was last announced is the one that may be used."""
    ours = truth.ours
    announced = [event.reason for event in _announced_as(EventType.PLAN_CHANGED, system, truth)]
    last = announced[-1] if announced else ours.signup.plan_id
    if last != ours.in_use.plan_id:
        yield Breach("I24", ours.id, f"{ours.id} uses {ours.in_use.plan_id}, and {last} was announced")
