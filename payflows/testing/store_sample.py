"""A small business of its own for the store's contract: parcels in lockers, and a ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from payflows.errors import InvalidInput
from payflows.kernel.aggregate import Aggregate, Entry, EntryKind, Kind
from payflows.kernel.changes import Replace
from payflows.kernel.evolve import evolve
from payflows.kernel.messages import BusinessEvent, Mail, Message
from payflows.kernel.queue_item import QueueItem
from payflows.money import Money

START = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class ParcelStatus(StrEnum):
    """Where a parcel is."""

    STORED = "stored"
    FETCHED = "fetched"


@dataclass(frozen=True, kw_only=True)
class Parcel(Aggregate):
    """A parcel in a locker.

    Attributes:
        status: where it is.
        locker: in which locker it lies; no other may while it does.
        owner: whose it is.
        code: by which it is found.
        fee: what is due when it is fetched.
        collect_by: when it goes back.
    """

    status: ParcelStatus
    locker: str
    owner: str
    code: str
    fee: Money
    collect_by: datetime

    def next_due(self) -> datetime | None:
        """Return when it goes back, while it lies there."""
        return self.collect_by if self.status is ParcelStatus.STORED else None

    def references(self) -> tuple[str, ...]:
        """Return its code."""
        return (self.code,)

    def groups(self) -> tuple[str, ...]:
        """Return its owner."""
        return (f"owner:{self.owner}",)

    def claims(self) -> tuple[str, ...]:
        """Return the locker that it holds."""
        return (f"locker:{self.locker}",) if self.status is ParcelStatus.STORED else ()


def _announce(before: Parcel | None, after: Parcel) -> tuple[Message, ...]:
    if before is not None and before.status is after.status:
        return ()
    key, at = f"{after.id}:{after.version}", after.changed_at
    event = BusinessEvent(f"{key}:event", f"parcel.{after.status}", after.id, at, after.fee)
    return (event, Mail(f"{key}:mail", f"parcel_{after.status}", after.id, at, PARCELS.name))


PARCELS = Kind(
    name="parcel",
    aggregate_type=Parcel,
    transitions={ParcelStatus.STORED: (ParcelStatus.FETCHED,), ParcelStatus.FETCHED: ()},
    announce=_announce,
)


@dataclass(frozen=True, kw_only=True)
class Booking(Entry):
    """One side of a movement of money.

    Attributes:
        amount_minor: what was moved; the bookings of one step sum to zero.
    """

    amount_minor: int


class Unbalanced(InvalidInput):
    """Bookings that do not sum to zero."""


def _check_balance(bookings: Sequence[Booking]) -> None:
    if sum(booking.amount_minor for booking in bookings):
        raise Unbalanced("the bookings of one step must sum to zero")


BOOKINGS = EntryKind(name="booking", entry_type=Booking, check=_check_balance)


def a_parcel(number: int = 1, *, owner: str = "ada", minutes: int = 60) -> Parcel:
    """Return a parcel that lies in the locker of its number."""
    return Parcel(
        id=f"par_{number}",
        status=ParcelStatus.STORED,
        changed_at=START,
        locker=f"L{number}",
        owner=owner,
        code=f"code_{number}",
        fee=Money(250, "eur"),
        collect_by=START + minutes * MINUTE,
    )


def fetched(parcel: Parcel) -> Parcel:
    """Return its next version, fetched."""
    return evolve(
        parcel, status=ParcelStatus.FETCHED, version=parcel.version + 1, changed_at=parcel.changed_at + MINUTE
    )


def renewed(parcel: Parcel, minutes: int) -> Parcel:
    """Return its next version, which may lie there longer."""
    return evolve(parcel, version=parcel.version + 1, collect_by=START + minutes * MINUTE)


def fetching(parcel: Parcel) -> Replace:
    """Return the change by which it is fetched."""
    return Replace(PARCELS, parcel, fetched(parcel))


def bookings(number: int, *amounts: int) -> tuple[Booking, ...]:
    """Return the bookings of one step, all on one owner."""
    return tuple(
        Booking(key=f"{number}.{side}", owner="locker fees", at=START, amount_minor=amount)
        for side, amount in enumerate(amounts)
    )


def an_item(key: str, *, queue: str = "handler points", minutes: int = 0) -> QueueItem:
    """Return a new item of a queue."""
    event = BusinessEvent(key, "parcel.stored", "par_1", START, Money(250, "eur"))
    return QueueItem(queue, key, event, START, START + minutes * MINUTE)
