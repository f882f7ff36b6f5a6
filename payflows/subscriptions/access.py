"""Access: whether a subscriber may use the product, until when, and why. It is ours, and derived from few facts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from payflows.subscriptions.billing import BillingStatus


class AccessReason(StrEnum):
    """Why there is access, or none."""

    NOT_BEGUN = "not_begun"
    TRIAL = "trial"
    PAID = "paid"
    ENDING = "ending"
    """It is cancelled, and lasts until the period that was paid for ends."""
    BEING_COLLECTED = "being_collected"
    """An invoice is unpaid, and there is still time to pay it."""
    UNPAID = "unpaid"
    PAUSED = "paused"
    ENDED = "ended"


class Access(NamedTuple):
    """Whether a subscriber may use the product.

    Attributes:
        is_granted: yes or no.
        until: when it ends by what is known now; None: it goes on, or there is none.
        reason: why.
    """

    is_granted: bool
    until: datetime | None
    reason: AccessReason

    def allows(self, now: datetime) -> bool:
        """Return whether the product may be used at that moment."""
        return self.is_granted and (self.until is None or now < self.until)


NO_ACCESS_YET = Access(False, None, AccessReason.NOT_BEGUN)
ACCESS_ENDED = Access(False, None, AccessReason.ENDED)

_NONE = {
    BillingStatus.INCOMPLETE: NO_ACCESS_YET,
    BillingStatus.INCOMPLETE_EXPIRED: ACCESS_ENDED,
    BillingStatus.UNPAID: Access(False, None, AccessReason.UNPAID),
    BillingStatus.PAUSED: Access(False, None, AccessReason.PAUSED),
    BillingStatus.CANCELED: ACCESS_ENDED,
}


def access_of(
    status: BillingStatus,
    *,
    cancel_at: datetime | None,
    past_due_until: datetime | None,
    is_paused: bool = False,
    now: datetime,
) -> Access:
    """Return the access of a subscription.

    Args:
        status: Stripe's.
        cancel_at: when it ends, where it was cancelled at its period's end.
        past_due_until: when it ends where an invoice is not paid.
        is_paused: its collection is paused, and its customer gets nothing meanwhile.
        now: access whose time is over is none.
    """
    if status in _NONE:
        return _NONE[status]
    if is_paused:
        return Access(False, None, AccessReason.PAUSED)
    until, reason = cancel_at, AccessReason.ENDING
    if status is BillingStatus.PAST_DUE and past_due_until is not None and (until is None or past_due_until < until):
        until, reason = past_due_until, AccessReason.BEING_COLLECTED
    if until is None:
        return Access(True, None, AccessReason.TRIAL if status is BillingStatus.TRIALING else AccessReason.PAID)
    if now < until:
        return Access(True, until, reason)
    return Access(False, None, AccessReason.UNPAID if reason is AccessReason.BEING_COLLECTED else AccessReason.ENDED)
