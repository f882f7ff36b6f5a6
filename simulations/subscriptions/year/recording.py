"""Reads what is kept of a subscriber from the merchant's books, when the year is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter

from payflows.kernel.aggregate import Transition
from payflows.kernel.changes import OUTBOX
from payflows.kernel.messages import BusinessEvent
from payflows.subscriptions.access import AccessReason
from payflows.subscriptions.billing import InvoiceStatus
from payflows.subscriptions.invoice import Invoice
from payflows.subscriptions.messages import INVOICES, SUBSCRIPTIONS, EventType
from payflows.subscriptions.model import SubscriptionStatus

from simulations.subscriptions.year.dunning import attempt_events, episode_rows
from simulations.subscriptions.year.measures import access_days, cause_of_end, monthly_minor
from simulations.subscriptions.year.rows import EventRow, InvoiceRow, Life, StatusRow, SubscriberRow
from simulations.subscriptions.year.world import UNPAID, SubscriberWorld

PAUSED = SubscriptionStatus.PAUSED
_GRANTED = (AccessReason.TRIAL, AccessReason.PAID, AccessReason.ENDING, AccessReason.BEING_COLLECTED)
_PAUSES = (EventType.PAUSED, EventType.RESUMED)
_DUNNED = (EventType.DUNNING_STARTED, EventType.DUNNING_RECOVERED, EventType.DUNNING_GIVEN_UP)
_SETTLED = (InvoiceStatus.PAID, InvoiceStatus.VOID)


def life_of(world: SubscriberWorld) -> Life:
    """Return the rows of a subscriber as they stand now."""
    number, ours, plan = world.sign_up.number, world.subscription, world.sign_up.plan
    signup, now = ours.signup, world.clock.now()
    invoices = list(world.store.all(INVOICES))
    paid = [each for each in invoices if each.status is InvoiceStatus.PAID and each.charge is not None]
    events = _events(world)
    statuses = _status_rows(number, world.store.transitions(SUBSCRIPTIONS, ours.id), events)
    is_lost = statuses[-1].status == PAUSED and _was_given_up(events)
    cause = None
    if ours.status.is_ended or is_lost:
        by_merchant = is_lost or ours.cause() == UNPAID
        cause = cause_of_end(has_paid=bool(paid), had_trial=signup.trial_days > 0, by_merchant=by_merchant)
    row = SubscriberRow(
        subscriber=number,
        plan_id=plan.id,
        seats=signup.seats,
        total_minor=signup.total.minor,
        mrr_minor=monthly_minor(signup.total.minor, plan.interval.months),
        trial_days=signup.trial_days,
        had_card=signup.payment_method is not None,
        signed_up_at=signup.signed_up_at,
        status=statuses[-1].status,
        first_paid_at=min((each.changed_at for each in paid), default=None),
        ended_at=ours.changed_at if ours.status.is_ended else statuses[-1].at if is_lost else None,
        cause=cause.value if cause is not None else None,
        paid_minor=sum(each.stored_charge().amount.minor for each in paid),
        access_days=access_days(_access_changes(world), now),
    )
    rows = tuple(_invoice_row(number, each) for each in invoices)
    return Life(row, rows, statuses, episode_rows(world, events), events)


def _status_rows(number: int, log: Sequence[Transition], events: Sequence[EventRow]) -> tuple[StatusRow, ...]:
    """Return the statuses that were entered; `paused` also where only the collection was, which leaves Stripe's."""
    entered: list[tuple[datetime, SubscriptionStatus | bool]] = [
        (each.at, SubscriptionStatus(each.after)) for each in log
    ]
    entered += [(each.at, each.event == EventType.PAUSED) for each in events if each.event in _PAUSES]
    rows: list[StatusRow] = []
    status, is_paused = SubscriptionStatus.CREATING, False
    for at, what in sorted(entered, key=itemgetter(0)):
        status, is_paused = (status, what) if isinstance(what, bool) else (what, is_paused)
        shown = PAUSED if is_paused and status.is_live else status
        if not rows or rows[-1].status != shown:
            rows.append(StatusRow(number, at, shown.value))
    return tuple(rows)


def _was_given_up(events: Sequence[EventRow]) -> bool:
    """Whether the latest dunning was: its last step was a pause, or the like."""
    of_dunning = [each.event for each in events if each.event in _DUNNED]
    return bool(of_dunning) and of_dunning[-1] == EventType.DUNNING_GIVEN_UP


def _events(world: SubscriberWorld) -> tuple[EventRow, ...]:
    """Return all business events, and the attempts that a dunning policy made, in the order of time."""
    of_business = [
        EventRow(world.sign_up.number, item.content.at, str(item.content.type), item.content.reason)
        for item in world.store.all_items(OUTBOX)
        if isinstance(item.content, BusinessEvent)
    ]
    return tuple(sorted([*of_business, *attempt_events(world)], key=lambda row: row.at))


def _invoice_row(number: int, invoice: Invoice) -> InvoiceRow:
    attempt = invoice.charge.attempt if invoice.charge is not None else None
    return InvoiceRow(
        number,
        invoice.id,
        invoice.billing_reason,
        invoice.period_start,
        invoice.period_end,
        invoice.total.minor,
        invoice.status.value,
        invoice.changed_at if invoice.status in _SETTLED else None,
        attempt.number if attempt is not None else 0,
        str(attempt.decline) if attempt is not None and attempt.decline is not None else None,
    )


def _access_changes(world: SubscriberWorld) -> list[tuple[datetime, bool]]:
    """When access was granted or ended: the business events that say so, delivered at the moment of the change."""
    return [
        (item.finished_at, item.content.reason in _GRANTED)
        for item in world.store.all_items(OUTBOX)
        if isinstance(item.content, BusinessEvent)
        and item.content.type == EventType.ACCESS_CHANGED
        and item.finished_at is not None
    ]
