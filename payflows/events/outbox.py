"""Delivers what was stored together with a change: business events to the bus, mails to the mailer."""

from __future__ import annotations

from payflows.clock import Clock
from payflows.errors import PayflowsError
from payflows.events.bus import PaymentEventBus
from payflows.events.model import Mail, Message
from payflows.ports import Mailer, Store


class Outbox:
    """Carries stored messages out, at least once each and in their order.

    Args:
        store: where they wait.
        bus: takes the business events.
        mailer: takes the mails.
        clock: dates the delivery.
    """

    def __init__(self, *, store: Store, bus: PaymentEventBus, mailer: Mailer, clock: Clock) -> None:
        self._store = store
        self._bus = bus
        self._mailer = mailer
        self._clock = clock

    async def deliver(self) -> int:
        """Deliver all that waits; a mail that cannot be sent now stays. Returns how many went out."""
        delivered = 0
        for entry in await self._store.undelivered():
            try:
                await self._carry(entry.message)
            except PayflowsError:
                continue  # it stays, and holds up no other
            await self._store.mark_delivered(entry.message.key, self._clock.now())
            delivered += 1
        return delivered

    async def _carry(self, message: Message) -> None:
        if isinstance(message, Mail):
            order = await self._store.order(message.order_id)
            await self._mailer.send(message, to=order.purchase.customer.email)
        else:
            await self._bus.publish(message)
