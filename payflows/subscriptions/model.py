"""A subscription, its statuses and the table of its legal transitions. What moves it along is in `flow.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from payflows.clock import SECOND
from payflows.kernel.aggregate import Aggregate
from payflows.payments.model import Decline
from payflows.payments.orphans import ORPHAN_CHECK_SECONDS
from payflows.subscriptions.access import NO_ACCESS_YET, Access
from payflows.subscriptions.billing import BillingStatus, InvoiceStatus, PausedCollection
from payflows.subscriptions.signup import SignUp, Terms
from payflows.subscriptions.wishes import Cancellation, CardUpdate, KeptTerms, PauseWish, PlanChange


class SubscriptionStatus(StrEnum):
    """Where a subscription stands: Stripe's statuses, and what comes before and after them here."""

    CREATING = "creating"
    INCOMPLETE = "incomplete"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    PAUSED = "paused"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    REJECTED = "rejected"

    @property
    def is_ended(self) -> bool:
        """Whether no transition leads out of it: what has ended stays ended."""
        return not TRANSITIONS[self]

    @property
    def is_live(self) -> bool:
        """Whether it has begun and goes on: Stripe may bill it."""
        return self in LIVE


_S = SubscriptionStatus
LIVE = (_S.TRIALING, _S.ACTIVE, _S.PAST_DUE, _S.UNPAID, _S.PAUSED)

_FROM_LIVE: Mapping[SubscriptionStatus, str] = {
    _S.ACTIVE: "paid, or its trial is over",
    _S.PAST_DUE: "a payment failed",
    _S.UNPAID: "given up by Stripe",
    _S.PAUSED: "its trial ended without a card",
    _S.TRIALING: "another trial was given in the dashboard",
    _S.CANCELLING: "cancelled now, or over at Stripe",
}

TRANSITIONS: Mapping[SubscriptionStatus, Mapping[SubscriptionStatus, str]] = {
    _S.CREATING: {
        _S.INCOMPLETE: "made at Stripe, not paid yet",
        _S.TRIALING: "made at Stripe, with a trial",
        _S.ACTIVE: "made at Stripe, nothing to pay",
        _S.PAST_DUE: "found at Stripe, a payment failed",
        _S.UNPAID: "found at Stripe, given up",
        _S.PAUSED: "found at Stripe, its trial over",
        _S.INCOMPLETE_EXPIRED: "found at Stripe, expired",
        _S.CANCELLING: "found at Stripe, over",
        _S.REJECTED: "refused by Stripe, or cancelled before",
    },
    _S.INCOMPLETE: {
        **{status: "its first payment succeeded" for status in LIVE},
        _S.CANCELLING: "cancelled",
        _S.INCOMPLETE_EXPIRED: "not paid within 23 hours",
    },
    **{live: {to: why for to, why in _FROM_LIVE.items() if to is not live} for live in LIVE},
    _S.CANCELLING: {_S.CANCELLED: "no more to collect, unused time given back", _S.INCOMPLETE_EXPIRED: "never paid"},
    _S.CANCELLED: {},
    _S.INCOMPLETE_EXPIRED: {},
    _S.REJECTED: {},
}
"""From, to and when. Between two reads Stripe's may have gone several steps, so any live status may follow another."""

FOLLOWS: Mapping[BillingStatus, SubscriptionStatus] = {
    BillingStatus.INCOMPLETE: _S.INCOMPLETE,
    BillingStatus.INCOMPLETE_EXPIRED: _S.INCOMPLETE_EXPIRED,
    BillingStatus.TRIALING: _S.TRIALING,
    BillingStatus.ACTIVE: _S.ACTIVE,
    BillingStatus.PAST_DUE: _S.PAST_DUE,
    BillingStatus.UNPAID: _S.UNPAID,
    BillingStatus.PAUSED: _S.PAUSED,
    BillingStatus.CANCELED: _S.CANCELLING,
}
"""Which status of ours follows from Stripe's."""


class Period(NamedTuple):
    """What is billed at a time; during a trial, the trial."""

    start: datetime
    end: datetime


class LatestInvoice(NamedTuple):
    """The newest invoice, as last seen."""

    id: str
    status: InvoiceStatus


@dataclass(frozen=True, kw_only=True)  # without slots, so that `evolve` can copy it
class Subscription(Aggregate):
    """A subscription as stored; its id is derived from merchant, customer and sign-up id.

    Attributes:
        status: where it stands.
        signup: what was agreed.
        access: whether the product may be used.
        stripe_id: Stripe's id, once stored.
        period: the current one.
        trial_end: when its trial ends, or ended.
        cancel_at: when it will end; None: it goes on.
        unpaid_until: when the period ends whose invoice a pause has voided: it goes on without access until then.
        unpaid_since: when its oldest unpaid invoice was made, while one is.
        payment_method: the card where the next charge looks first; None: at the customer's default.
        setup_id: Stripe's set-up of a card, while it waits for one.
        first_invoice_id: the invoice that is paid at sign-up; None: there was none.
        latest_invoice: the newest that was seen.
        look_at: when to read it at Stripe, if no webhook comes before.
        card_update: a card that is being set; None: none is.
        card_updates: how many cards were set, or are being set.
        card_decline: why the latest card was refused; None: it was not.
        end_wanted: it is to end with its period (True), or to go on after all (False); None: as it is.
        end_requests: how often either was asked for; part of the key.
        terms: what Stripe bills, where that is no longer what was signed up for.
        kept: what may still be used, while a downgrade waits for the period's end.
        change: another plan that is wanted; None: none is.
        changes: how many plan changes were asked for.
        dunning_id: the newest episode in which its open invoices were, or are, dunned; None: there was none.
        paused: how its collection is paused; None: it is not.
        pause_wanted: it is to be paused or resumed; None: as it is.
        pause_requests: how often either was asked for; part of the key.
        usage_settles_at: when a cancellation may bill the usage that was reported last.
        cancellation: how it ends, or ended, before or at its period's end.
        trial_notice_sent: its customer was reminded that the trial ends.
        was_asked_for: Stripe was asked to make it.
        orphan_possible: another one of the same sign-up may exist at Stripe, to be cancelled.
        orphan_checked_at: when such were looked for; a second look ends the search.
        key_generation: part of every idempotency key; raised once a read shows a step undone.
    """

    status: SubscriptionStatus
    signup: SignUp
    access: Access = NO_ACCESS_YET
    stripe_id: str | None = None
    period: Period | None = None
    trial_end: datetime | None = None
    cancel_at: datetime | None = None
    unpaid_since: datetime | None = None
    unpaid_until: datetime | None = None
    payment_method: str | None = None
    setup_id: str | None = None
    first_invoice_id: str | None = None
    latest_invoice: LatestInvoice | None = None
    look_at: datetime | None = None
    card_update: CardUpdate | None = None
    card_updates: int = 0
    card_decline: Decline | None = None
    end_wanted: bool | None = None
    end_requests: int = 0
    terms: Terms | None = None
    kept: KeptTerms | None = None
    change: PlanChange | None = None
    changes: int = 0
    dunning_id: str | None = None
    paused: PausedCollection | None = None
    pause_wanted: PauseWish | None = None
    pause_requests: int = 0
    usage_settles_at: datetime | None = None
    cancellation: Cancellation | None = None
    trial_notice_sent: bool = False
    trial_notice_at: datetime | None = None
    was_asked_for: bool = False
    orphan_possible: bool = False
    orphan_checked_at: datetime | None = None
    key_generation: int = 1

    @property
    def is_paused(self) -> bool:
        """Return whether it is paused, by any means."""
        return self.paused is not None or self.status is _S.PAUSED

    @property
    def billed(self) -> Terms:
        """Return what Stripe bills."""
        return self.terms or self.signup.terms

    @property
    def in_use(self) -> Terms:
        """Return what the customer may use."""
        return self.billed if self.kept is None else self.kept.terms

    @property
    def has_work(self) -> bool:
        """Return whether something is to be done now, without a look at Stripe."""
        if self.status in (_S.CREATING, _S.CANCELLING):
            return True
        if self.status.is_ended:
            return False
        if self.end_wanted is not None or self.cancellation is not None or self.pause_wanted is not None:
            return True
        card, change = self.card_update, self.change
        return (card is not None and not card.is_waiting) or (change is not None and not change.is_waiting)

    def next_due(self) -> datetime | None:
        """Return when it has work, Stripe should have acted, its access ends, or its customer is to be reminded."""
        if self.has_work:
            return self.changed_at
        times = [self.next_orphan_check()]
        if not self.status.is_ended:
            notice_at = None if self.trial_notice_sent or self.status is not _S.TRIALING else self.trial_notice_at
            times += [self.look_at, self.access.until, notice_at]
        return min((time for time in times if time is not None), default=None)

    def next_orphan_check(self) -> datetime | None:
        """Return when others of the same sign-up are looked for at Stripe; None where there can be none."""
        if not self.orphan_possible or (self.stripe_id is None and not self.status.is_ended):
            return None
        return (self.orphan_checked_at or self.signup.signed_up_at) + ORPHAN_CHECK_SECONDS * SECOND

    def references(self) -> tuple[str, ...]:
        """Return Stripe's id."""
        return () if self.stripe_id is None else (self.stripe_id,)

    def groups(self) -> tuple[str, ...]:
        """Return its customer."""
        return (f"customer:{self.signup.customer.id}",)

    def claims(self) -> tuple[str, ...]:
        """Return that its customer has a live one of the product, and has had their trial."""
        signup = self.signup
        of = f"{len(signup.customer.id)}:{signup.customer.id}:{signup.product}"
        live = () if self.status.is_ended else (f"live:{of}",)
        return live if not signup.trial_days or self.status is _S.REJECTED else (*live, f"trial:{of}")

    def cause(self) -> str | None:
        """Return why it ends."""
        return self.cancellation.reason if self.cancellation is not None else None

    def mail_address(self) -> str:
        """Return its customer's."""
        return self.signup.customer.email

    def key(self, step: str) -> str:
        """Return the idempotency key of a step."""
        return f"{self.id}:{step}:{self.key_generation}"

    def stored_stripe_id(self) -> str:
        """Return Stripe's id, which a step may use only because it was read back from the store."""
        assert self.stripe_id is not None, "it is not known at Stripe yet"
        return self.stripe_id


def reminder_of(trial_end: datetime | None, notice_days: int) -> datetime | None:
    """Return when the customer is reminded of a trial's end; None: there is no trial."""
    return None if trial_end is None else trial_end - timedelta(days=notice_days)
