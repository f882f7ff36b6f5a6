"""The tables of one kind in memory: aggregates by id, reference and group, with claims, log and timers; entries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Generic, TypeVar

from payflows.errors import AlreadyExists, NotFound, VersionConflict
from payflows.kernel.aggregate import A, E, Kind, Transition
from payflows.kernel.changes import check_step, log_row
from payflows.store.due import DueQueue

T = TypeVar("T")


class AggregateTable(Generic[A]):
    """All aggregates of a kind.

    Args:
        name: which.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: dict[str, A] = {}
        self.log: dict[str, list[Transition]] = {}
        self.due = DueQueue()
        self._owner_of: dict[str, str] = {}
        self._groups: dict[str, dict[str, None]] = {}
        self._claims: dict[str, str] = {}

    def get(self, id: str) -> A:
        """Return one. Raises `NotFound`."""
        try:
            return self.rows[id]
        except KeyError:
            raise NotFound(f"no such {self.name}") from None

    def find(self, reference: str) -> A:
        """Return the one that has this reference. Raises `NotFound`."""
        try:
            return self.rows[self._owner_of[reference]]
        except KeyError:
            raise NotFound(f"no {self.name} has this reference") from None

    def find_all(self, group: str, after: str | None, limit: int) -> tuple[A, ...]:
        """Return a page of a group, oldest first."""
        return tuple(self.rows[id] for id in page(self._groups.get(group, ()), after, limit))

    def check_insert(self, new: A, freed: Collection[str]) -> None:
        """Raise `AlreadyExists` where its id, a reference or a claim is taken."""
        if new.id in self.rows:
            raise AlreadyExists(f"there is a {self.name} {new.id}")
        self._check_unique(new, freed)

    def check_replace(self, kind: Kind[A], before: A, after: A, freed: Collection[str]) -> None:
        """Raise `VersionConflict` where the stored one has moved on, `AlreadyExists` where a reference is taken."""
        stored = self.rows[before.id]
        if stored.version != before.version or stored.status is not before.status:
            at = f"{before.id} was read at version {before.version} and is at {stored.version}"
            raise VersionConflict(self.name, at)
        check_step(kind, before, after)
        self._check_unique(after, freed)

    def keep(self, before: A | None, after: A) -> None:
        """Store it, with the row of the log and all by which it is found."""
        id = after.id
        self.rows[id] = after
        row = log_row(before, after)
        if row is not None:
            self.log.setdefault(id, []).append(row)
        for reference in after.references():
            self._owner_of[reference] = id
        self._regroup(before, after)
        self.due.put(id, after.due_at)

    def remove(self, row: A) -> None:
        """Forget all by which it is found; nothing of it is due."""
        for reference in row.references():
            del self._owner_of[reference]
        for group in row.groups():
            del self._groups[group][row.id]
        for claim in row.claims():
            del self._claims[claim]
        self.due.put(row.id, None)

    def _check_unique(self, after: A, freed: Collection[str]) -> None:
        for reference in after.references():
            if self._owner_of.get(reference, after.id) != after.id:
                raise AlreadyExists(f"another {self.name} has the reference {reference}")
        for claim in after.claims():
            if self._claims.get(claim, after.id) != after.id and claim not in freed:
                raise AlreadyExists(f"another {self.name} has the claim {claim}")

    def _regroup(self, before: A | None, after: A) -> None:
        groups, old_groups = after.groups(), before.groups() if before is not None else ()
        if groups != old_groups:
            for group in set(old_groups).difference(groups):
                del self._groups[group][after.id]
            for group in groups:
                self._groups.setdefault(group, {})[after.id] = None
        claims, old_claims = after.claims(), before.claims() if before is not None else ()
        if claims != old_claims:
            for claim in set(old_claims).difference(claims):
                if self._claims[claim] == after.id:  # else it has passed on, within this step
                    del self._claims[claim]
            for claim in claims:
                self._claims[claim] = after.id


class EntryTable(Generic[E]):
    """All entries of a kind."""

    def __init__(self) -> None:
        self.rows: dict[str, E] = {}
        self._of_owner: dict[str, dict[str, None]] = {}

    def check(self, entries: Iterable[E]) -> None:
        """Raise `AlreadyExists` where a key is known."""
        for entry in entries:
            if entry.key in self.rows:
                raise AlreadyExists(f"there is an entry {entry.key}")

    def keep(self, entries: Iterable[E]) -> None:
        """Store them."""
        for entry in entries:
            self.rows[entry.key] = entry
            self._of_owner.setdefault(entry.owner, {})[entry.key] = None

    def remove(self, entries: Iterable[E]) -> None:
        """Forget them."""
        for entry in entries:
            del self.rows[entry.key]
            del self._of_owner[entry.owner][entry.key]

    def find_all(self, owner: str, after: str | None, limit: int) -> tuple[E, ...]:
        """Return a page of an owner's entries, oldest first."""
        return tuple(self.rows[key] for key in page(self._of_owner.get(owner, ()), after, limit))


def page(keys: Iterable[T], after: T | None, limit: int) -> Iterator[T]:
    """Yield the keys that come after one of them, or from the beginning."""
    remaining = iter(keys)
    if after is not None:
        for key in remaining:
            if key == after:
                break
    return islice(remaining, limit)
