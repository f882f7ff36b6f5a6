"""Wishes: what customers and merchants want of a subscription, as it is stored until Stripe has done it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from payflows.subscriptions.policy import CancelPolicy, ChangeTiming
from payflows.subscriptions.signup import Terms


class CardUpdate(NamedTuple):
    """A card that the next charges are to take.

    Attributes:
        number: 1 for the subscription's first; part of its keys.
        payment_method: as the customer gave it.
        attached: as the customer has it at Stripe; None: not yet.
        is_waiting: the bank asks the customer, and only they move it on.
    """

    number: int
    payment_method: str
    attached: str | None = None
    is_waiting: bool = False


class Cancellation(NamedTuple):
    """That a subscription is to end now, or has ended.

    Attributes:
        policy: what becomes of its money.
        reason: why, in the words of whoever asked; None where they gave none.
        asked_at: when they asked; None: it ended by itself, or in the dashboard.
        is_prorated: Stripe itself credits unused time as it ends: all that it takes for paid was paid, and is kept.
    """

    policy: CancelPolicy
    reason: str | None = None
    asked_at: datetime | None = None
    is_prorated: bool = False


class PlanChange(NamedTuple):
    """Another plan, or another number of seats, that is to be billed.

    Attributes:
        number: 1 for the subscription's first; part of its key.
        to: what is to be billed.
        before: what the customer may use until then.
        timing: when it takes effect.
        proration_at: the moment at which it is prorated, as in the preview that was confirmed; None: it is not.
        then: a downgrade at the period's end that is scheduled again after it; None: none was.
        takes_back: it takes a scheduled downgrade back.
        period_end: when the period ends in which Stripe was last asked for a change at its end.
        invoice_id: the invoice whose payment Stripe waits for; None: it waits for none.
        is_withdrawn: the customer no longer wants it.
    """

    number: int
    to: Terms
    before: Terms
    timing: ChangeTiming
    proration_at: datetime | None = None
    then: Terms | None = None
    takes_back: bool = False
    period_end: datetime | None = None
    invoice_id: str | None = None
    is_withdrawn: bool = False

    @property
    def is_waiting(self) -> bool:
        """Return whether only a payment, or its expiry, moves it on."""
        return self.invoice_id is not None


class KeptTerms(NamedTuple):
    """What the customer may use until a downgrade takes effect; Stripe bills the next period by the new price.

    Attributes:
        terms: the old ones.
        until: the end of the period that was paid for by them.
    """

    terms: Terms
    until: datetime


class PauseWish(NamedTuple):
    """That a subscription is to be paused, or resumed.

    Attributes:
        paused: which of both.
        resumes_at: when it resumes by itself; None: once that is asked for.
    """

    paused: bool
    resumes_at: datetime | None = None
