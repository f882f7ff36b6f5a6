"""A bus in virtual time, with short words for what a test does, and a listener that can be deaf."""

from __future__ import annotations

from datetime import datetime

from payflows.checkout.messages import EventType
from payflows.kernel.bus import PaymentEventBus
from payflows.kernel.handler_queue import PREFIX
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.queue_item import ItemStatus, QueueItem
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.unit_of_work import UnitOfWork
from payflows.money import Money
from payflows.store.memory import InMemoryStore
from simulations.time.world import START, World

PLACED = BusinessEvent("ord_1:1:order.placed", EventType.ORDER_PLACED, "ord_1", START, Money(1_450, "usd"))
THRICE = RetryPolicy(first_delay_seconds=20, factor=2, max_delay_seconds=60, max_retries=2)


class Listener:
    """Keeps the events it receives; refuses all while it is deaf."""

    def __init__(self) -> None:
        self.received: list[BusinessEvent] = []
        self.deaf = False

    async def hear(self, event: BusinessEvent, work: UnitOfWork) -> None:
        if self.deaf:
            raise ValueError("ada@example.com cannot be reached")
        self.received.append(event)

    async def __call__(self, event: BusinessEvent, work: UnitOfWork) -> None:
        self.received.append(event)


class BusFixture:
    """A bus with its store in virtual time."""

    def __init__(self) -> None:
        self.world = World()
        self.store = InMemoryStore()
        self.bus = PaymentEventBus(event_types=[EventType], store=self.store, clock=self.world, retry=THRICE)

    def restart(self) -> None:
        """What is in memory is gone; what is stored is there."""
        self.bus = PaymentEventBus(event_types=[EventType], store=self.store, clock=self.world, retry=THRICE)

    def publish(self, event: BusinessEvent = PLACED, *, at: datetime | None = None) -> None:
        self.world.run(self.bus.publish(event, at=at))

    def deliver(self) -> datetime | None:
        return self.world.run(self.bus.deliver_due(self.world.now()))

    def tell(self, event: BusinessEvent = PLACED) -> None:
        self.publish(event)
        self.deliver()

    def items(self, status: ItemStatus) -> list[QueueItem]:
        """All items of handlers that have this status."""
        queues = self.world.run(self.store.queues(PREFIX))
        return [item for name in queues for item in self.world.run(self.store.items(name, status))]
