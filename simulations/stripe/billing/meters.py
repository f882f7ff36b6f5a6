"""Meters: what is used, as it is reported, and how much of it was counted in a time.

Sources: docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api,
docs.stripe.com/billing/subscriptions/usage-based/meters/configure; Stripe API reference, "The Meter Event object".
What of it is billed is in `metering`.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from payflows.errors import CallRejected
from payflows.subscriptions.billing import ALREADY_REPORTED

from simulations.stripe.billing.customers import Customer
from simulations.stripe.billing.objects import BillingObject
from simulations.stripe.core.account import Account
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.events import Json
from simulations.stripe.core.times import DAY

MAX_AGE_SECONDS = 35 * DAY
MAX_AHEAD_SECONDS = 5 * 60
MAX_IDENTIFIER = 100
"""The most characters that an identifier has."""

_UNIQUE_FOR_SECONDS = DAY


class Aggregation(StrEnum):
    """How the reports of a time become one number (`default_aggregation.formula`)."""

    SUM = "sum"
    COUNT = "count"
    LAST = "last"


@dataclass(eq=False)
class Meter(BillingObject):
    """What counts one kind of usage.

    Attributes:
        event_name: by what its reports name it.
        is_active: whether reports are taken.
    """

    id: str
    event_name: str
    aggregation: Aggregation
    created: int
    is_active: bool = True
    deactivated_at: int | None = None

    def aggregate(self, usage: Sequence[Usage]) -> int:
        """Return how much these reports are, by the time of use."""
        match self.aggregation:
            case Aggregation.SUM:
                return sum(each.quantity for each in usage)
            case Aggregation.COUNT:
                return len(usage)
            case Aggregation.LAST:
                return usage[-1].quantity if usage else 0

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        return {
            "id": self.id,
            "object": "billing.meter",
            "created": self.created,
            "customer_mapping": {"event_payload_key": "stripe_customer_id", "type": "by_id"},
            "default_aggregation": {"formula": self.aggregation.value},
            "display_name": self.event_name,
            "event_name": self.event_name,
            "event_time_window": None,
            "livemode": False,
            "status": "active" if self.is_active else "inactive",
            "status_transitions": {"deactivated_at": self.deactivated_at},
            "updated": self.created if self.deactivated_at is None else self.deactivated_at,
            "value_settings": {"event_payload_key": "value"},
        }


@dataclass(frozen=True, slots=True)
class Usage:
    """A report of usage (a meter event).

    Attributes:
        id: its identifier, which the reporter chose.
        used_at: its timestamp.
        reported_at: when it came.
        counted_at: from when on it is part of what was used.
    """

    id: str
    meter: Meter
    customer: str
    quantity: int
    used_at: int
    reported_at: int
    counted_at: int

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        return {
            "object": "billing.meter_event",
            "created": self.reported_at,
            "event_name": self.meter.event_name,
            "identifier": self.id,
            "livemode": False,
            "payload": {"stripe_customer_id": self.customer, "value": str(self.quantity)},
            "timestamp": self.used_at,
        }


class Meters:
    """An account's meters, and all that was reported.

    Args:
        account: whose they are.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._meters: dict[str, Meter] = {}
        self._usage: dict[tuple[str, str], list[Usage]] = {}
        self._unique_until: dict[str, int] = {}

    def add(self, meter: Meter) -> None:
        """Add a meter, instead of one of that event's name that is not active any more."""
        self._meters[meter.event_name] = meter

    def find(self, event_name: str) -> Meter:
        """Return the meter of this event's name. Raises `InvalidRequest`: there is none, or it is not active."""
        meter = self._meters.get(event_name)
        if meter is None or not meter.is_active:
            raise InvalidRequest(f"Invalid event_name: {event_name}. No active meter found with this event name.")
        return meter

    def named(self, event_name: str) -> Meter:
        """Return the meter of this event's name, active or not. Raises `InvalidRequest`: there is none."""
        if event_name not in self._meters:
            raise InvalidRequest(f"No such meter: '{event_name}'", "resource_missing")
        return self._meters[event_name]

    def deactivate(self, event_name: str) -> Meter:
        """Have a meter take no more reports."""
        meter = self.named(event_name)
        meter.is_active, meter.deactivated_at = False, self._account.seconds()
        return meter

    def report(self, usage_id: str, customer: Customer, event_name: str, quantity: int, used_at: int) -> Usage:
        """Take a report, which is counted some seconds later. Raises `CallRejected` where Stripe has it already."""
        meter, now = self.find(event_name), self._account.seconds()
        if not 1 <= len(usage_id) <= MAX_IDENTIFIER:
            raise InvalidRequest(f"Invalid identifier: it has 1 to {MAX_IDENTIFIER} characters.")
        if quantity < 0:
            raise InvalidRequest("Invalid payload value: it must not be below 0.", "parameter_invalid_integer")
        if not now - MAX_AGE_SECONDS <= used_at <= now + MAX_AHEAD_SECONDS:
            raise InvalidRequest("The timestamp must be within the past 35 days and up to 5 minutes in the future.")
        if self._unique_until.get(usage_id, now) > now:
            raise CallRejected(f"An event already exists with identifier {usage_id}.", ALREADY_REPORTED)
        self._unique_until[usage_id] = now + _UNIQUE_FOR_SECONDS
        counted_at = now + round(self._account.times.usage_counts_after_seconds)
        usage = Usage(usage_id, meter, customer.id, quantity, used_at, now, counted_at)
        insort(self._usage.setdefault((customer.id, meter.id), []), usage, key=_used_at)
        return usage

    def of(self, customer_id: str, meter: Meter) -> Sequence[Usage]:
        """Return all that the customer has used, in the order of use."""
        return self._usage.get((customer_id, meter.id), [])

    def counted(self, customer_id: str, meter: Meter, start: int, end: int) -> tuple[Usage, ...]:
        """Return what the customer has used in a time, as far as it is counted."""
        usage, now = self.of(customer_id, meter), self._account.seconds()
        first, last = bisect_left(usage, start, key=_used_at), bisect_left(usage, end, key=_used_at)
        return tuple(each for each in usage[first:last] if each.counted_at <= now)


def _used_at(usage: Usage) -> int:
    return usage.used_at
