"""A handler of business events to learn with: it gives customers points for what they have paid."""

from __future__ import annotations

from payflows.checkout.messages import ORDERS
from payflows.errors import CallNotSent
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.unit_of_work import UnitOfWork
from payflows.parties import Customer


class PointsBook:
    """A handler to learn with: a point for each whole unit of money that a customer has paid.

    The points are a record of the shop's store, so they count once however often the handler is called. While the
    book is shut the handler fails, as if the system behind it could not be reached.
    """

    def __init__(self) -> None:
        self.is_shut = False

    def shut(self) -> None:
        """From now on the handler fails."""
        self.is_shut = True

    def open(self) -> None:
        """It is mended."""
        self.is_shut = False

    async def add(self, event: BusinessEvent, work: UnitOfWork) -> None:
        """The handler. Raises `CallNotSent` while the book is shut."""
        if self.is_shut:
            raise CallNotSent("the points book is shut")
        order = await work.get(ORDERS, event.subject)
        page = await work.record(self.page_of(order.purchase.customer))
        known = page.fields.get("points", 0)
        assert isinstance(known, int), "only this handler writes here"
        work.put(page, {"points": known + event.amount.minor // 100})

    def page_of(self, customer: Customer) -> str:
        """The name of a customer's record."""
        return f"points {customer.id}"
