"""The balance of an account: entries that are never changed, and what of their sum may be used yet.

Source: Stripe API reference, "The BalanceTransaction object"; docs.stripe.com/payouts ("Payout speed").
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter

from simulations.stripe.core.events import Json
from simulations.stripe.core.registry import Registry

DAY_SECONDS = 86_400
_SATURDAY = 5


@dataclass(slots=True, eq=False)
class Entry:
    """A balance transaction.

    Attributes:
        type: Stripe's word for what it is.
        source: the object that it comes from.
        amount: below 0 where money went away.
        fee: what was kept of it.
        fee_type: whose that is, `stripe_fee` or `application_fee`.
        available_on: from when on it may be used.
        payout: the payout of Stripe's schedule that it went out with.
    """

    id: str
    type: str
    source: str
    amount: int
    fee: int
    currency: str
    created: int
    available_on: int
    fee_type: str = "stripe_fee"
    payout: str | None = None

    @property
    def net(self) -> int:
        """What the balance has changed by."""
        return self.amount - self.fee

    def is_available(self, now: int) -> bool:
        """Whether it may be used by now."""
        return self.available_on <= now

    def to_stripe(self, now: int) -> Json:
        """Return the object as the API would answer it."""
        fee: Json = {"amount": self.fee, "application": None, "currency": self.currency, "description": None}
        return {
            "id": self.id,
            "object": "balance_transaction",
            "amount": self.amount,
            "available_on": self.available_on,
            "balance_type": "payments",
            "created": self.created,
            "currency": self.currency,
            "exchange_rate": None,
            "fee": self.fee,
            "fee_details": [fee | {"type": self.fee_type}] if self.fee else [],
            "net": self.net,
            "reporting_category": _REPORTED_AS.get(self.type, self.type),
            "source": self.source,
            "status": "available" if self.is_available(now) else "pending",
            "type": self.type,
        }


_REPORTED_AS = {"payment": "charge", "payment_refund": "refund", "adjustment": "dispute"}
"""Stripe's categories for accountants, by type, where they differ."""


class BalanceBook:
    """All entries of one account, and their sums by currency."""

    __slots__ = ("_available", "_counts", "_entries", "_of_source", "_oldest_first", "_pending", "_totals")

    def __init__(self) -> None:
        self._entries: Registry[Entry] = Registry("balance_transaction")
        self._oldest_first: list[Entry] = []
        self._of_source: defaultdict[str, list[Entry]] = defaultdict(list)
        self._counts: Counter[str] = Counter()
        self._totals: Counter[str] = Counter()
        self._available: Counter[str] = Counter()
        self._pending: list[tuple[int, int, Entry]] = []

    def record(
        self,
        type: str,
        source: str,
        amount: int,
        currency: str,
        *,
        now: int,
        fee: int = 0,
        fee_type: str = "stripe_fee",
        available_on: int | None = None,
    ) -> Entry:
        """Append an entry, which is available immediately, or on a later day."""
        number = self._counts[source]
        self._counts[source] += 1
        entry_id = f"txn_{source.replace('_', '')}{number:02d}"
        day = now if available_on is None else max(now, available_on)
        entry = Entry(entry_id, type, source, amount, fee, currency, now, day, fee_type)
        self._entries.add(entry_id, entry)
        self._oldest_first.append(entry)
        self._of_source[source].append(entry)
        self._totals[currency] += entry.net
        if entry.is_available(now):
            self._available[currency] += entry.net
        else:
            heapq.heappush(self._pending, (day, len(self._oldest_first), entry))
        return entry

    def find(self, entry_id: str) -> Entry:
        """Return an entry. Raises `InvalidRequest` (`resource_missing`)."""
        return self._entries.find(entry_id)

    def of_source(self, source: str) -> Sequence[Entry]:
        """Return the entries of an object, oldest first."""
        return self._of_source.get(source, ())

    def made_between(self, begins: int, ends: int | None) -> list[Entry]:
        """Return the entries of a time, oldest first."""
        first = bisect_left(self._oldest_first, begins, key=_created)
        last = None if ends is None else bisect_left(self._oldest_first, ends, key=_created)
        return self._oldest_first[first:last]

    @property
    def currencies(self) -> Sequence[str]:
        """The currencies that it has ever held."""
        return tuple(self._totals)

    def total(self, currency: str) -> int:
        """Return the sum of all entries."""
        return self._totals[currency]

    def available(self, currency: str, now: int) -> int:
        """Return the sum of those that may be used."""
        while self._pending and self._pending[0][0] <= now:
            entry = heapq.heappop(self._pending)[2]
            self._available[entry.currency] += entry.net
        return self._available[currency]

    def pending(self, currency: str, now: int) -> int:
        """Return the sum of those that may not be used yet."""
        return self.total(currency) - self.available(currency, now)

    def __iter__(self) -> Iterator[Entry]:
        """Every entry, oldest first."""
        return iter(self._oldest_first)


_created = attrgetter("created")


def midnight_after(now: int, business_days: int) -> int:
    """Return the beginning of the day that comes some business days later, in UTC; today's is past."""
    day = datetime.fromtimestamp(now - now % DAY_SECONDS, UTC)
    while business_days:
        day += timedelta(days=1)
        business_days -= day.weekday() < _SATURDAY
    return int(day.timestamp())
