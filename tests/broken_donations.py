"""Donations as they should not be, so that the search has something to find."""

from __future__ import annotations

from simulations.search.breach import Breach
from tests.donations import Bank, Donations, DonationsTestbed, Store

OURS = DonationsTestbed()


class Impatient(Donations):
    """Asks again under another key each time."""

    def __init__(self, bank: Bank, store: Store) -> None:
        super().__init__(bank, store)
        self._asked = 0

    async def collect(self) -> None:
        for donation in await self._store.unpaid():
            self._asked += 1
            await self._bank.charge(donation.id, donation.cents, key=f"{donation.id}:{self._asked}:{id(self)}")
            await self._store.save(donation, donation._replace(is_paid=True))


class Trusting(Donations):
    """Writes down that it is paid, and charges then."""

    async def collect(self) -> None:
        for donation in await self._store.unpaid():
            await self._store.save(donation, donation._replace(is_paid=True))
            await self._bank.charge(donation.id, donation.cents, key=donation.id)


class Idle(Donations):
    """Does nothing at all."""

    async def give(self, donation: object) -> None:
        pass


IMPATIENT, TRUSTING = DonationsTestbed(Impatient), DonationsTestbed(Trusting)


def promises(breaches: tuple[Breach, ...]) -> set[str]:
    return {breach.promise for breach in breaches}
