"""The outbox: delivers what was stored together with a change, business events to handlers and mails to the mailer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from payflows.checks import implements, instance_of, sequence
from payflows.clock import Clock
from payflows.kernel.aggregate import Kind
from payflows.kernel.bus import PaymentEventBus
from payflows.kernel.calls import Calls
from payflows.kernel.changes import OUTBOX, Change
from payflows.kernel.durable_queue import DurableQueue
from payflows.kernel.messages import BusinessEvent, Mail
from payflows.kernel.queue_item import QueueItem
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.store import Mailer, Store

HOURLY_IN_THE_END = RetryPolicy(first_delay_seconds=20, factor=2, max_delay_seconds=3_600)
"""A message is tried until it is delivered: 20, 40, 80 ... seconds apart, then hourly."""


class Outbox(DurableQueue):
    """Delivers stored messages, at least once each and in their order; one that cannot go now holds up no other.

    Args:
        store: where they wait.
        bus: knows who subscribes to a business event.
        mailer: takes the mails.
        kinds: what mails may be about.
        clock: dates the delivery.
        retry: when one that could not be delivered is tried again.
    """

    def __init__(
        self,
        *,
        store: Store,
        bus: PaymentEventBus,
        mailer: Mailer,
        kinds: Sequence[Kind[Any]],
        clock: Clock,
        retry: RetryPolicy = HOURLY_IN_THE_END,
    ) -> None:
        instance_of("bus", bus, PaymentEventBus)
        implements("mailer", mailer, Mailer)
        sequence("kinds", kinds)
        super().__init__(OUTBOX, store=store, clock=clock, retry=retry)
        self._bus = bus
        self._mailer = mailer
        self._calls = Calls(clock, retry)
        self._kinds = {kind.name: kind for kind in kinds}

    async def deliver(self) -> int:
        """Deliver all that is due; returns how many messages."""
        return await self.drain(self._clock.now())

    async def _process(self, item: QueueItem) -> Sequence[Change]:
        message = item.content
        if isinstance(message, BusinessEvent):
            return self._bus.deliveries_of(message, self._clock.now())
        assert isinstance(message, Mail), "the outbox holds messages"
        subject = await self._store.get(self._kinds[message.about], message.subject)
        address = subject.mail_address()
        assert address is not None, f"a mail about a {message.about} needs an address"
        await self._calls.once(lambda: self._mailer.send(message, to=address))
        return ()
