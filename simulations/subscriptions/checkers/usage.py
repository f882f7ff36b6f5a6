"""Usage: every use is recorded once, reported once, and billed once, or known not to be (I22)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from payflows.subscriptions.billing import FIRST_INVOICE, RENEWAL
from payflows.subscriptions.ending import MAX_USAGE_WAIT
from payflows.subscriptions.messages import SUBSCRIPTIONS
from payflows.subscriptions.usage import TALLIES, USAGE, Usage, UsageStatus
from payflows.subscriptions.usage_steps import IN_DOUBT

from simulations.search.breach import Breach
from simulations.stripe.billing.metering import UsageRecord, UsageStanding
from simulations.subscriptions.catalogue import CALLS
from simulations.subscriptions.checkers.truth import Truth, truths
from simulations.subscriptions.system import SubscriptionSystem

IN_THE_BALANCE = timedelta(minutes=10)
"""So close to the moment at which an invoice is final, our clock and Stripe's may see usage on either side of it."""


def breaches(system: SubscriptionSystem) -> Iterator[Breach]:
    """Every promise about usage that is broken."""
    rows = {row.id: row for row in system.store.all(USAGE)}
    for id, quantity in system.used.items():
        if id not in rows or rows[id].quantity != quantity:
            yield Breach("I22", id, f"{quantity} were recorded as {id}, and the row is {rows.get(id)}")
    yield from _tallies(system, rows)
    reported = _reported(system)
    for row in rows.values():
        yield from _of_row(system, row, reported.get(row.id, []))
        yield from _given_up(system, row)
    for id in reported:
        if id not in rows:
            yield Breach("I22", id, f"Stripe has usage {id}, which no row has")


def _of_row(system: SubscriptionSystem, row: Usage, there: list[UsageRecord]) -> Iterator[Breach]:
    if row.status is UsageStatus.RECORDED:
        if len(there) > 1 or not _is_in_doubt(system, row):
            yield Breach("I14", row.id, f"{row.id} was never reported: {row.review}")
        return
    if row.status is UsageStatus.REJECTED:
        yield Breach("I22", row.id, f"{row.id} was rejected, and nothing was wrong with it")
        return
    if [each.usage.quantity for each in there] != [row.quantity]:
        yield Breach("I22", row.id, f"{row.id} is {row.quantity}, and Stripe has {there}")
        return
    standing = there[0].standing
    is_lost = standing in (UsageStanding.LATE, UsageStanding.UNBILLED)
    if is_lost is not row.is_late and not _is_in_the_balance(system, row):
        yield Breach("I22", row.id, f"{row.id} is {standing} at Stripe, and late here: {row.is_late}")
    if len(there[0].invoice_ids) > 1:
        yield Breach("I22", row.id, f"{row.id} is billed by {there[0].invoice_ids}")


def _is_in_doubt(system: SubscriptionSystem, row: Usage) -> bool:
    """Whether a person must look: for longer than Stripe knows an identifier, no answer came."""
    if row.review is None or row.review.reason != IN_DOUBT or row.asked_at is None:
        return False
    return system.calm_from + system.clock_ahead - row.asked_at > timedelta(hours=22)


def _is_in_the_balance(system: SubscriptionSystem, row: Usage) -> bool:
    """Whether it was reported around a moment at which an invoice of its subscription became final, or it ended."""
    ours = system.subscription
    if ours is None or ours.stripe_id is None:
        return False
    theirs = system.stripe.subscription(ours.stripe_id)
    finals = [each.transitions.get("finalized_at") for each in theirs.invoices]
    moments = [at for at in (*finals, theirs.ended_at) if at is not None]
    return any(abs(row.changed_at.timestamp() - at) < IN_THE_BALANCE.total_seconds() for at in moments)


def _tallies(system: SubscriptionSystem, rows: dict[str, Usage]) -> Iterator[Breach]:
    """What was used is counted in the period in which it was, as Stripe has it."""
    starts = {truth.ours.id: _period_starts(truth) for truth in truths(system)}
    recorded: Counter[tuple[str, datetime]] = Counter()
    for row in rows.values():
        began = [at for at in starts[row.subscription_id] if at <= row.used_at]
        recorded[row.subscription_id, max(began)] += row.quantity
    counted: Counter[tuple[str, datetime]] = Counter()
    for tally in system.store.all(TALLIES):
        counted[tally.subscription_id, tally.period_start] += tally.quantity
    if recorded != counted:
        yield Breach("I22", "", f"{recorded} were recorded, and {counted} counted")


def _period_starts(truth: Truth) -> list[datetime]:
    """Return when each period began at Stripe; before the first, the sign-up."""
    of_periods = [each.period_start for each in truth.invoices if each.billing_reason in (FIRST_INVOICE, RENEWAL)]
    return [truth.ours.signup.signed_up_at, *of_periods]


def _reported(system: SubscriptionSystem) -> dict[str, list[UsageRecord]]:
    """Return what Stripe has of each identifier."""
    found: dict[str, list[UsageRecord]] = {}
    for subscription in system.store.all(SUBSCRIPTIONS):
        customer_id = subscription.signup.customer.stripe_customer_id
        assert customer_id is not None, "a subscriber is a customer at Stripe"
        for record in system.stripe.usage_of(customer_id, CALLS.meter):
            found.setdefault(record.usage.id, []).append(record)
    return found


def _given_up(system: SubscriptionSystem, row: Usage) -> Iterator[Breach]:
    """An end waits an hour for what was used before it: what is reported within that is billed."""
    subscription = next(each for each in system.store.all(SUBSCRIPTIONS) if each.id == row.subscription_id)
    cancellation = subscription.cancellation
    if not row.is_late or cancellation is None or cancellation.asked_at is None:
        return
    period, reported_at = subscription.period, row.changed_at
    was_before = period is not None and period.start <= row.used_at <= cancellation.asked_at
    if was_before and reported_at < cancellation.asked_at + MAX_USAGE_WAIT - IN_THE_BALANCE:
        yield Breach("I22", row.id, f"{row.id} was used before the end, reported in time, and is not billed")
