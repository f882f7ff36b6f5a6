"""Donations: a business small enough to read in two minutes, ready for the fault search."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Protocol, cast

from payflows.errors import VersionConflict
from payflows.kernel.guard import guarded
from payflows.kernel.ports import compares, moves, reads, writes
from simulations.search.breach import Breach
from simulations.search.ports import Port, Role
from simulations.search.process import Process, Racer
from simulations.search.system import Connection, System
from simulations.search.testbed import Testbed
from simulations.search.universe import Universe


class Donation(NamedTuple):
    id: str
    cents: int
    is_paid: bool = False


class Bank(Protocol):
    @moves
    async def charge(self, donation_id: str, cents: int, *, key: str) -> None: ...


class Store(Protocol):
    @writes
    async def add(self, donation: Donation) -> None: ...
    @reads
    async def unpaid(self) -> tuple[Donation, ...]: ...
    @compares
    @moves
    async def save(self, before: Donation, after: Donation) -> None: ...


class Donations:
    """The program: stores the wish, charges it under its id, stores that it is paid."""

    def __init__(self, bank: Bank, store: Store) -> None:
        self._bank, self._store = bank, store

    async def give(self, donation: Donation) -> None:
        await self._store.add(donation)
        await self.collect()

    async def collect(self) -> None:
        for donation in await self._store.unpaid():
            await self._bank.charge(donation.id, donation.cents, key=donation.id)
            await self._store.save(donation, donation._replace(is_paid=True))


class InMemoryBank:
    def __init__(self) -> None:
        self.charges: dict[str, tuple[str, int]] = {}

    async def charge(self, donation_id: str, cents: int, *, key: str) -> None:
        self.charges.setdefault(key, (donation_id, cents))  # the same key again is the same charge

    def taken(self, donation_id: str) -> int:
        return sum(cents for owner, cents in self.charges.values() if owner == donation_id)


class InMemoryStore:
    def __init__(self) -> None:
        self.rows: dict[str, Donation] = {}

    async def add(self, donation: Donation) -> None:
        self.rows.setdefault(donation.id, donation)

    async def unpaid(self) -> tuple[Donation, ...]:
        return tuple(row for row in self.rows.values() if not row.is_paid)

    async def save(self, before: Donation, after: Donation) -> None:
        if self.rows[before.id] != before:
            raise VersionConflict("donation")
        self.rows[before.id] = after


PORTS = {"bank": Port("bank", Role.SERVICE, Bank), "store": Port("store", Role.STORE, Store)}
PROMISES = {"D1": "A donation is charged once at most.", "D2": "What is paid is charged, and nothing else is."}
TEN = Donation("ten", 1_000)
DAY = 86_400
Factory = Callable[[Bank, Store], Donations]


class DonationSystem(System):
    """The program in a universe: what stands behind its ports, what people do, and what must hold."""

    def __init__(self, universe: Universe, factory: Factory, times: int) -> None:
        self.universe, self._factory, self._times = universe, factory, times
        self.bank, self.store = InMemoryBank(), InMemoryStore()
        universe.begin(self)

    def connections(self) -> Mapping[str, Connection]:
        return {"bank": Connection(PORTS["bank"], self.bank), "store": Connection(PORTS["store"], self.store)}

    def start(self, ports: Mapping[str, object]) -> Donations:
        bank, store = cast(Bank, ports["bank"]), cast(Store, ports["store"])
        clock = self.universe.clock
        return self._factory(guarded(bank, Bank, clock), guarded(store, Store, clock))

    def tell(self) -> None:
        for _ in range(self._times):
            while self.universe.ask(_app(self.universe.process).give(TEN)) is not None:  # an error, or a crash
                self.universe.clock.pass_time(DAY)

    def settle(self) -> None:
        while any(not row.is_paid for row in self.store.rows.values()):
            self.universe.ask(_app(self.universe.process).collect())
            self.universe.clock.pass_time(DAY)

    def meet(self, other: Process) -> tuple[Racer, Racer]:
        return self.resume(self.universe.process), Racer.of(other, _app(other).give(TEN))

    def resume(self, process: Process) -> Racer:
        return Racer(process, _app(process).collect(), "worker")

    def safety(self) -> Iterator[Breach]:
        for row in self.store.rows.values():
            if self.bank.taken(row.id) > row.cents:
                yield Breach("D1", row.id, f"{row.id} is charged more than once")

    def breaches(self) -> Iterator[Breach]:
        for row in self.store.rows.values():
            if self.bank.taken(row.id) != row.cents * row.is_paid:
                yield Breach("D2", row.id, f"{row.id} is paid: {row.is_paid}, and {self.bank.taken(row.id)} was taken")

    def expected(self) -> Iterator[Breach]:
        if not self.store.rows:
            yield Breach("D3", "", "nothing went wrong, and nothing was given")

    def standing(self) -> tuple[str, ...]:
        return ("paid" if any(row.is_paid for row in self.store.rows.values()) else "open", str(self.bank.taken("ten")))

    def truth(self) -> Iterator[object]:
        yield from self.bank.charges.items()


@dataclass(frozen=True)
class DonationsTestbed(Testbed):
    """All that the search knows of donations."""

    factory: Factory = Donations

    ports = PORTS
    stories: ClassVar[Mapping[str, int]] = {"once": 1, "twice": 2}
    races = ("worker_and_donor",)
    promises: ClassVar[Mapping[str, str]] = PROMISES
    columns = ("donation", "cents")

    def build(self, universe: Universe, name: str) -> System:
        return DonationSystem(universe, self.factory, self.stories.get(name, 1))


def _app(process: Process) -> Donations:
    return cast(Donations, process.app)


if __name__ == "__main__":  # the search's processes import this file: they must not begin a search too
    from simulations.search.search import search

    tally = search(DonationsTestbed(), ["once", "twice"], depth=2)
    print(f"{len(tally.broken)} of {tally.universes:,} universes broken")
