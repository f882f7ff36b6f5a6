"""Bugs in what is kept of subscriptions: claims that are only looked at, a store without versions."""

from __future__ import annotations

from typing import cast

from payflows.errors import AlreadyExists
from payflows.kernel.aggregate import A, Kind
from payflows.kernel.changes import Change, Insert, Replace
from payflows.kernel.evolve import evolve
from payflows.kernel.store import Store
from payflows.subscriptions.messages import SUBSCRIPTIONS
from payflows.subscriptions.model import Subscription
from simulations.subscriptions.system import Ports


class Around:
    """A store in front of another one."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


class Unclaimed(Subscription):
    """A subscription that claims nothing."""

    def claims(self) -> tuple[str, ...]:
        return ()


class OneTrialEach(Subscription):
    """A subscription whose trial is claimed only while it lives."""

    def claims(self) -> tuple[str, ...]:
        return () if self.status.is_ended else super().claims()


def _as(kind: type[Subscription], value: A) -> A:
    """The same subscription, of a class that claims something else."""
    made = object.__new__(kind)
    object.__setattr__(made, "__dict__", value.__dict__)
    return cast(A, made)


class ClaimsOtherwise(Around):
    """Stores subscriptions as others, which claim less."""

    kind: type[Subscription] = Unclaimed

    async def add(self, kind: Kind[A], new: A) -> A:
        return await self._store.add(kind, _as(self.kind, new))

    async def change(self, *changes: Change) -> None:
        await self._store.change(*(self._changed(change) for change in changes))

    def _changed(self, change: Change) -> Change:
        if isinstance(change, Insert | Replace) and change.kind is SUBSCRIPTIONS:
            return change._replace(after=_as(self.kind, change.after))
        return change


class LooksThenActs(ClaimsOtherwise):
    """That a customer has one already is looked up before, and not claimed."""

    async def add(self, kind: Kind[A], new: A) -> A:
        for other in await self._store.find_all(kind, new.groups()[0]):
            if other.id != new.id and set(Subscription.claims(cast(Subscription, other))) & set(new.claims()):
                raise AlreadyExists("the customer has one already")
        return await super().add(kind, new)


class AnotherTrial(ClaimsOtherwise):
    """Whoever cancels may have another trial."""

    kind = OneTrialEach


class LastWriterWins(Around):
    """A store without versions: whoever writes last is right."""

    async def change(self, *changes: Change) -> None:
        await self._store.change(*[await self._rebased(change) for change in changes])

    async def _rebased(self, change: Change) -> Change:
        if not isinstance(change, Replace):
            return change
        stored = await self._store.get(change.kind, change.before.id)
        if stored.version == change.before.version or change.after.status not in (
            stored.status,
            *change.kind.transitions[stored.status],
        ):
            return change
        return change._replace(before=stored, after=evolve(change.after, version=stored.version + 1))


def claims_nothing(ports: Ports) -> Ports:
    """A store that is asked first, and claims nothing."""
    return ports._replace(store=cast(Store, LooksThenActs(ports.store)))


def another_trial(ports: Ports) -> Ports:
    """A store that forgets a trial with its subscription."""
    return ports._replace(store=cast(Store, AnotherTrial(ports.store)))


def last_writer_wins(ports: Ports) -> Ports:
    """A store without versions."""
    return ports._replace(store=cast(Store, LastWriterWins(ports.store)))
