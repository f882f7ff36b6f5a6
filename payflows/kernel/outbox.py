"""Delivers what was stored together with a change: business events to the bus, mails to the mailer."""

from __future__ import annotations

from datetime import datetime

from payflows.clock import SECOND, Clock
from payflows.errors import PayflowsError
from payflows.kernel.bus import PaymentEventBus
from payflows.kernel.messages import Mail, Message, OutboxEntry
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.store import Mailer, Store

HOURLY_IN_THE_END = RetryPolicy(first_delay_seconds=20, factor=2, max_delay_seconds=3_600)


class Outbox:
    """Carries stored messages out, at least once each and in their order; one that cannot go now holds up no other.

    Args:
        store: where they wait.
        bus: takes the business events.
        mailer: takes the mails.
        clock: dates the delivery.
        retry: when one that could not be delivered is tried again.
    """

    name = "outbox"

    def __init__(
        self,
        *,
        store: Store,
        bus: PaymentEventBus,
        mailer: Mailer,
        clock: Clock,
        retry: RetryPolicy = HOURLY_IN_THE_END,
    ) -> None:
        self._store = store
        self._bus = bus
        self._mailer = mailer
        self._clock = clock
        self._retry = retry

    async def due_at(self) -> datetime | None:
        """When the next message is to go out; None: all have gone."""
        entry = await self._store.next_message()
        return None if entry is None else entry.due_at or self._clock.now()

    async def run_once(self, now: datetime) -> bool:
        """Carry the message that waits the longest; one that cannot go now is put off. False: none is due."""
        entry = await self._store.next_message()
        if entry is None or (entry.due_at is not None and entry.due_at > now):
            return False
        await self._carry_or_put_off(entry)
        return True

    async def deliver(self) -> int:
        """Carry all that is due; returns how many went out."""
        delivered, now = 0, self._clock.now()
        while (entry := await self._store.next_message()) and (entry.due_at is None or entry.due_at <= now):
            delivered += await self._carry_or_put_off(entry)
        return delivered

    async def _carry_or_put_off(self, entry: OutboxEntry) -> bool:
        key = entry.message.key
        try:
            await self._carry(entry.message)
        except PayflowsError:
            delay_seconds = self._retry.delay_seconds(entry.waits)
            await self._store.put_off_message(key, self._clock.now() + delay_seconds * SECOND)
            return False
        await self._store.mark_delivered(key, self._clock.now())
        return True

    async def _carry(self, message: Message) -> None:
        if isinstance(message, Mail):
            order = await self._store.order(message.order_id)
            await self._mailer.send(message, to=order.purchase.customer.email)
        else:
            await self._bus.publish(message)
