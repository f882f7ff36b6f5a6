"""Aggregates: business objects as stored, with version, status, timers and review; and append-only entries.

What an aggregate is, its business says. That every change is compared with what is stored, logged and announced, and
that its timers are kept, is the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, NamedTuple, TypeVar

from payflows.kernel.messages import Message


@dataclass(frozen=True, slots=True)
class Review:
    """What a person needs to help an aggregate that cannot go on by itself.

    Attributes:
        reason: what is in the way.
        detail: the last answer, with Stripe's ids and codes.
        since: when it was first seen.
        blocks: nothing but a person, or a notice, moves the aggregate on; else it is still being tried.
    """

    reason: str
    detail: str
    since: datetime
    blocks: bool = False


@dataclass(frozen=True, kw_only=True)  # without slots, so that `evolve` can copy it
class Aggregate:
    """A business object as stored. Immutable: a step makes the next version and stores that.

    The methods are answers that its business gives; the store asks them at every change.

    Attributes:
        id: derived from what it is made for, never drawn.
        status: where it stands.
        version: raised by one with every change.
        changed_at: when the status was entered.
        updated_at: when it was last written; None: it is new.
        failures: steps that failed since the last one that worked.
        back_off_until: when a step that failed is tried again; None where none has.
        lease_until: until when whoever entered the status is taken to be at work on it; None once it rests.
        check_at: when the step that rests wants to look again, at what sends no notice; None: by its business times.
        review: what a person must look at.
    """

    id: str
    status: StrEnum
    changed_at: datetime
    version: int = 1
    updated_at: datetime | None = None
    failures: int = 0
    back_off_until: datetime | None = None
    lease_until: datetime | None = None
    check_at: datetime | None = None
    review: Review | None = None

    @property
    def written_at(self) -> datetime:
        """Return when this version was written."""
        return self.updated_at or self.changed_at

    @property
    def due_at(self) -> datetime | None:
        """Return when a worker should advance it; None where only a person or a notice can.

        The back-off while one runs, else the lease, else the next check or the earliest of its business times: storing
        either of the first two loses none of the last.
        """
        if self.back_off_until is not None:
            return self.back_off_until
        if self.lease_until is not None:
            return self.lease_until
        if self.is_blocked:
            return None
        return self.check_at or self.next_due()

    @property
    def is_blocked(self) -> bool:
        """Return whether it is left to a person, or to a notice."""
        return self.review is not None and self.review.blocks

    def next_due(self) -> datetime | None:
        """Return the earliest of its business times: a hold that ages, a renewal, a deadline."""
        return None

    def references(self) -> tuple[str, ...]:
        """Return the ids at Stripe by which it is found: unique, and never given back."""
        return ()

    def groups(self) -> tuple[str, ...]:
        """Return the names by which many are found together: a customer, a card, a vendor."""
        return ()

    def claims(self) -> tuple[str, ...]:
        """Return what no other of its kind may have while the stored version names it: "live:ada:pro"."""
        return ()

    def cause(self) -> str | None:
        """Return why it is in its status, for the log."""
        return None

    def mail_address(self) -> str | None:
        """Return where mails about it go; None: nowhere."""
        return None


A = TypeVar("A", bound=Aggregate)

Json = dict[str, Any]
"""An object as JSON has it."""


def announce_nothing(before: Aggregate | None, after: Aggregate) -> tuple[Message, ...]:
    """Announce no change."""
    return ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Kind(Generic[A]):
    """All that the kernel knows of one sort of aggregate.

    Attributes:
        name: unique among all businesses, such as "order".
        aggregate_type: its class.
        transitions: which statuses may follow which; the store refuses all others.
        announce: the events and mails that a change calls for, from before (None: it is new) and after.
        schema: how its JSON is written; raised when its fields change.
        upgrades: from a schema, how its JSON is made one of the next.
    """

    name: str
    aggregate_type: type[A]
    transitions: Mapping[Any, Collection[Any]]
    announce: Callable[[A | None, A], tuple[Message, ...]] = announce_nothing
    schema: int = 1
    upgrades: Mapping[int, Callable[[Json], Json]] = field(default_factory=dict)

    @property
    def statuses(self) -> type[StrEnum]:
        """All that an aggregate of this kind may be in."""
        return type(next(iter(self.transitions)))


class Transition(NamedTuple):
    """One row of the append-only log.

    Attributes:
        subject: the aggregate's id.
        version: the version that it made.
        before: the status it left; None when it was new.
        after: the status it entered.
        at: when, by the flow's clock.
        cause: why, where there is a reason.
    """

    subject: str
    version: int
    before: StrEnum | None
    after: StrEnum
    at: datetime
    cause: str | None = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One append-only row: no status, no version, no timer.

    Attributes:
        key: unique in its kind.
        owner: by whom many are found together.
        at: when.
    """

    key: str
    owner: str
    at: datetime


E = TypeVar("E", bound=Entry)


def check_nothing(entries: Sequence[Entry]) -> None:
    """Accept any entries."""


@dataclass(frozen=True, kw_only=True, eq=False)
class EntryKind(Generic[E]):
    """All that the kernel knows of one sort of append-only rows.

    Attributes:
        name: unique among all businesses, such as "ledger".
        entry_type: their class.
        check: raises where entries may not be appended together, such as a ledger's that do not sum to zero.
    """

    name: str
    entry_type: type[E]
    check: Callable[[Sequence[E]], None] = check_nothing
