"""What is kept of a subscriber once their small world is gone: rows of plain values, which become tables."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class SubscriberRow(NamedTuple):
    """One subscriber.

    Attributes:
        subscriber: their number.
        plan_id: to which plan.
        seats: how many.
        total_minor: what they cost for one period.
        mrr_minor: what they bring a month, while they pay (`measures.monthly_minor`).
        trial_days: 0 for none.
        had_card: whether they signed up with a card.
        signed_up_at: when.
        status: the subscription's at the end; `paused` also where only its collection is.
        first_paid_at: when they first paid anything.
        ended_at: when the subscription ended; or was paused because it stayed unpaid, and has not gone on.
        cause: why it ended (`measures.Cause`).
        paid_minor: all that they paid.
        access_days: how long they could use the product (`measures.access_days`).
    """

    subscriber: int
    plan_id: str
    seats: int
    total_minor: int
    mrr_minor: int
    trial_days: int
    had_card: bool
    signed_up_at: datetime
    status: str
    first_paid_at: datetime | None
    ended_at: datetime | None
    cause: str | None
    paid_minor: int
    access_days: float


class InvoiceRow(NamedTuple):
    """One invoice that was finalised.

    Attributes:
        subscriber: whose.
        invoice_id: Stripe's.
        billing_reason: why Stripe made it.
        period_start: of the service that it bills.
        period_end: of the same.
        total_minor: what it is for.
        status: where it stands at the end.
        settled_at: when it was paid or voided.
        cards_tried: how many, one after another.
        decline: why the latest of them was declined.
    """

    subscriber: int
    invoice_id: str
    billing_reason: str
    period_start: datetime
    period_end: datetime
    total_minor: int
    status: str
    settled_at: datetime | None
    cards_tried: int
    decline: str | None


class StatusRow(NamedTuple):
    """One status that a subscription entered; `paused` also where only its collection is."""

    subscriber: int
    at: datetime
    status: str


class EpisodeRow(NamedTuple):
    """One dunning episode: a renewal that failed, and what became of it.

    Attributes:
        subscriber: whose.
        invoice_id: Stripe's, of the invoice that failed first.
        amount_minor: what was owed then.
        failed_at: when.
        cause: why, which the bank alone knows; None: it has no model of that.
        code: why, as the first decline says.
        outcome: how it ended (`measures.DunningOutcome`).
        ended_at: when; None: it has not.
        day: of its end, since the failure, with a fraction; None: it has not ended.
        attempts: how often the policy had the card tried.
        notices: how often the customer was reminded.
        cards: how many other cards were given.
    """

    subscriber: int
    invoice_id: str
    amount_minor: int
    failed_at: datetime
    cause: str | None
    code: str | None
    outcome: str
    ended_at: datetime | None
    day: float | None
    attempts: int
    notices: int
    cards: int


class EventRow(NamedTuple):
    """One thing that happened to a subscription, as its business events tell it."""

    subscriber: int
    at: datetime
    event: str
    about: str | None


class Life(NamedTuple):
    """All that is kept of one subscriber."""

    subscriber: SubscriberRow
    invoices: tuple[InvoiceRow, ...]
    statuses: tuple[StatusRow, ...]
    episodes: tuple[EpisodeRow, ...] = ()
    events: tuple[EventRow, ...] = ()
