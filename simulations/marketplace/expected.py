"""How a story ends where nothing goes wrong: a marketplace that does nothing at all breaks no promise, and this one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from payflows.kernel.changes import OUTBOX
from payflows.kernel.messages import BusinessEvent
from payflows.marketplace.accounts import REVENUE, VendorPot, receivable, vendor
from payflows.marketplace.ledger import LEDGER, balances_of
from payflows.marketplace.messages import EventType
from payflows.marketplace.sale import SaleStatus

from simulations.marketplace.system import MarketplaceSystem
from simulations.search.breach import Breach


class ExpectedEnd(NamedTuple):
    """How a story's newest sale ends.

    Attributes:
        status: the sale's; None: there is none.
        revenue: what the platform has kept of fees, in cents.
        bob: what is owed to the first vendor, or was paid out, less what the vendor owes.
        carol: the same of the second.
        debts: what vendors owe.
        events: what must have been announced on the way.
    """

    status: SaleStatus | None = SaleStatus.AVAILABLE
    revenue: int = 0
    bob: int = 0
    carol: int = 0
    debts: int = 0
    events: tuple[EventType, ...] = ()

    def missed(self, system: MarketplaceSystem) -> Iterator[Breach]:
        """A breach where a universe did not end so."""
        sale = system.sale
        status = None if sale is None else sale.status
        if status is not self.status:
            yield Breach("I16", "", f"nothing went wrong, and the sale ended as {status}, not as {self.status}")
        balances = balances_of(system.store.all_entries(LEDGER))
        revenue = -balances.get((REVENUE, "usd"), 0)
        if revenue != self.revenue:
            yield Breach("I1", "", f"nothing went wrong, and revenue is {revenue}, not {self.revenue}")
        for vendor_id, wanted in (("bob", self.bob), ("carol", self.carol)):
            owed = -sum(balances.get((vendor(vendor_id, pot), "usd"), 0) for pot in VendorPot)
            owed -= balances.get((receivable(vendor_id), "usd"), 0)
            if owed != wanted:
                yield Breach("I1", vendor_id, f"nothing went wrong, and {vendor_id} has {owed}, not {wanted}")
        debts = sum(balances.get((receivable(vendor_id), "usd"), 0) for vendor_id in ("bob", "carol"))
        if debts != self.debts:
            yield Breach("M3", "", f"nothing went wrong, and vendors owe {debts}, not {self.debts}")
        announced = {
            each.type for item in system.store.all_items(OUTBOX) if isinstance(each := item.content, BusinessEvent)
        }
        for event in self.events:
            if event not in announced:
                yield Breach("I24", "", f"nothing went wrong, and {event} was never announced")
