"""Usage: what was used, once per the caller's id for ever; and how much of it each period has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

from payflows.kernel.aggregate import Aggregate, Kind
from payflows.kernel.messages import BusinessEvent, Message
from payflows.money import Money
from payflows.subscriptions.messages import EventType


class UsageStatus(StrEnum):
    """Where a record of usage stands."""

    RECORDED = "recorded"
    REPORTED = "reported"
    REJECTED = "rejected"


USAGE_TRANSITIONS: Mapping[UsageStatus, Mapping[UsageStatus, str]] = {
    UsageStatus.RECORDED: {UsageStatus.REPORTED: "Stripe has it", UsageStatus.REJECTED: "Stripe refuses it"},
    UsageStatus.REPORTED: {},
    UsageStatus.REJECTED: {},
}


@dataclass(frozen=True, kw_only=True)  # without slots, so that `evolve` can copy it
class Usage(Aggregate):
    """Something that was used, as stored; its id is derived, and is what Stripe knows it by.

    Attributes:
        status: where it stands.
        subscription_id: of which subscription.
        merchant_id: who sells.
        stripe_customer_id: who has used it, by Stripe's id.
        usage_id: the caller's own id.
        metric: what was used.
        meter: Stripe's meter of that.
        quantity: how much, in whole units.
        used_at: when.
        currency: in which it is billed.
        asked_at: when it was first reported, and may have been counted; None: it has not been.
        is_late: it reached Stripe after its period's invoice was final, and is not billed.
        key_generation: part of its idempotency keys; raised after an unknown outcome.
    """

    status: UsageStatus
    subscription_id: str
    merchant_id: str
    stripe_customer_id: str
    usage_id: str
    metric: str
    meter: str
    quantity: int
    used_at: datetime
    currency: str
    asked_at: datetime | None = None
    is_late: bool = False
    key_generation: int = 1

    def next_due(self) -> datetime | None:
        """Return that it is to be reported now."""
        return self.changed_at if self.status is UsageStatus.RECORDED else None

    def groups(self) -> tuple[str, ...]:
        """Return its subscription; and, until it is reported, a group of those that are not."""
        of = f"subscription:{self.subscription_id}"
        return (of, unreported(self.subscription_id)) if self.status is UsageStatus.RECORDED else (of,)


class TallyStatus(StrEnum):
    """A tally is only counted up."""

    COUNTING = "counting"


@dataclass(frozen=True, kw_only=True)  # without slots, so that `evolve` can copy it
class UsageTally(Aggregate):
    """How much of something a subscription has used in a period.

    Attributes:
        status: there is one only.
        subscription_id: of which subscription.
        metric: of what.
        period_start: of which period.
        quantity: the sum of what was recorded, late or not.
    """

    status: TallyStatus
    subscription_id: str
    metric: str
    period_start: datetime
    quantity: int

    def groups(self) -> tuple[str, ...]:
        """Return its subscription."""
        return (f"subscription:{self.subscription_id}",)


def unreported(subscription_id: str) -> str:
    """Return the group of what a subscription has used and not reported."""
    return f"unreported:{subscription_id}"


def usage_record_id(subscription_id: str, usage_id: str) -> str:
    """Return the id under which usage is stored and reported: derived, so that a repeat finds the same."""
    name = f"{len(subscription_id)}:{subscription_id}{usage_id}"
    return "usage_" + blake2b(name.encode(), digest_size=16).hexdigest()


def messages_for_usage(before: Usage | None, after: Usage) -> tuple[Message, ...]:
    """Return the business events that one change of a record calls for."""
    if before is None:
        return ()
    if after.status is not before.status and (after.is_late or after.status is UsageStatus.REJECTED):
        event = EventType.USAGE_LATE if after.is_late else EventType.USAGE_REJECTED
        return (_event(after, event, after.usage_id),)
    if after.review is not None and (before.review is None or before.review.reason != after.review.reason):
        return (_event(after, EventType.NEEDS_REVIEW, after.review.reason),)
    return ()


def _event(usage: Usage, event: EventType, reason: str) -> BusinessEvent:
    key, nothing = f"{usage.id}:{usage.version}:{event}", Money(0, usage.currency)
    return BusinessEvent(key, event, usage.subscription_id, usage.written_at, nothing, reason)


USAGE = Kind(name="usage", aggregate_type=Usage, transitions=USAGE_TRANSITIONS, announce=messages_for_usage)
"""Records of usage, as the kernel keeps them."""

TALLIES: Kind[UsageTally] = Kind(name="usage_tally", aggregate_type=UsageTally, transitions={TallyStatus.COUNTING: {}})
"""How much each period has."""
