"""The janitor as a task of the worker's. What it does with an order is the flow's."""

from __future__ import annotations

from datetime import datetime

from payflows.checkout.flow import EcommercePaymentFlow
from payflows.kernel.store import Store
from payflows.parties import Merchant


class DueAggregates:
    """Looks after orders whose time has come: timers that have run out, lost answers, and what a crash left behind.

    Args:
        flow: moves them on.
        merchant: whose they are.
        store: knows when the next one is due.
    """

    name = "janitor"

    def __init__(self, flow: EcommercePaymentFlow, merchant: Merchant, *, store: Store) -> None:
        self._flow = flow
        self._merchant = merchant
        self._store = store

    async def due_at(self) -> datetime | None:
        """When the next order is due; None: none will be."""
        return await self._store.orders_due_at()

    async def run_once(self, now: datetime) -> bool:
        """Advance all that are due, in one go. False: what is due then comes with the next look."""
        await self._flow.janitor(self._merchant)
        return False
