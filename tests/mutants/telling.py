"""Bugs in announcing: messages lost on their way out, handlers not called or called twice, a worker that stops."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from payflows.checkout.messages import EventType
from payflows.clock import Clock
from payflows.errors import PayflowsError, VersionConflict
from payflows.kernel.bus import PaymentEventBus
from payflows.kernel.changes import Change
from payflows.kernel.handler_queue import HandlerQueue
from payflows.kernel.messages import BusinessEvent, Message
from payflows.kernel.outbox import Outbox
from payflows.kernel.queue_item import QueueItem
from payflows.kernel.store import Store
from payflows.kernel.unit_of_work import Handler
from payflows.kernel.worker import Task, Worker
from simulations.checkout.subject import Ports
from tests.mutants.records import announcing
from tests.mutants.shop import Around


async def _mark(store: Store, item: QueueItem, clock: Clock, *changes: Change) -> None:
    with suppress(VersionConflict):  # another worker was quicker
        await store.advance(item, item.done(clock.now()), *changes)


class MarksBeforeItCarries(Outbox):
    async def _process_or_retry(self, item: QueueItem) -> None:
        await _mark(self._store, item, self._clock)
        if changes := await self._process(item):
            await self._store.change(*changes)


class MarksThoughItFailed(Outbox):
    async def _process_or_retry(self, item: QueueItem) -> None:
        try:
            changes = await self._process(item)
        except PayflowsError:
            changes = ()
        await _mark(self._store, item, self._clock, *changes)


class LosesEvents(MarksBeforeItCarries):
    async def _process_or_retry(self, item: QueueItem) -> None:
        if isinstance(item.content, BusinessEvent):
            return await super()._process_or_retry(item)
        return await Outbox._process_or_retry(self, item)


class GivesUpAMessage(MarksThoughItFailed):
    async def _process_or_retry(self, item: QueueItem) -> None:
        if item.failures > 0:
            return await super()._process_or_retry(item)
        return await Outbox._process_or_retry(self, item)


class HandledThoughItFailed(HandlerQueue):
    async def _fail(self, item: QueueItem, error: Exception) -> None:
        await self._store.advance(item, item.done(self._clock.now()))


class HandledThoughItFailedTwice(HandledThoughItFailed):
    async def _fail(self, item: QueueItem, error: Exception) -> None:
        await (super()._fail(item, error) if item.failures > 0 else HandlerQueue._fail(self, item, error))


class EffectApart(HandlerQueue):
    async def _process_or_retry(self, item: QueueItem) -> None:
        try:
            changes = await self._process(item)
        except PayflowsError as error:
            return await self._fail(item, error)
        await self._store.change(*changes)
        await self._store.advance(item, item.done(self._clock.now()))


_OF_NO_STATUS = (
    EventType.PAYMENT_PROCESSING,
    EventType.PAYMENT_DECLINED,
    EventType.PAYMENT_REFUNDED,
    EventType.PAYMENT_REFUND_FAILED,
    EventType.PAYMENT_DISPUTED,
    EventType.PAYMENT_DISPUTE_WON,
    EventType.PAYMENT_DISPUTE_LOST,
    EventType.ORDER_NEEDS_REVIEW,
)


class AnnouncesStatusesAlone(Around):
    """A store in which a change that leaves the status as it is is not announced."""

    async def change(self, *changes: Change) -> None:
        await self._port.change(*[announcing(change, _of_a_status) for change in changes])


class AnnouncesItTwice(Around):
    """A store in which the same changes are announced twice."""

    async def change(self, *changes: Change) -> None:
        await self._port.change(*[announcing(change, _twice) for change in changes])


def _of_a_status(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    return tuple(message for message in messages if not _is_of_no_status(message))


def _twice(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    again = [message._replace(key=f"{message.key}:again") for message in messages if _is_of_no_status(message)]
    return (*messages, *again)


def _is_of_no_status(message: Message) -> bool:
    return isinstance(message, BusinessEvent) and message.type in _OF_NO_STATUS


def announces_statuses_alone(ports: Ports) -> Ports:
    return ports._replace(store=AnnouncesStatusesAlone.around(ports.store))


def announces_it_twice(ports: Ports) -> Ports:
    return ports._replace(store=AnnouncesItTwice.around(ports.store))


class BusThatDropsFailures(PaymentEventBus):
    def _queue(self, name: str, handler: Handler | None) -> HandlerQueue:
        return HandledThoughItFailed(name, handler, store=self._store, clock=self._clock, retry=self._retry)


class BusThatTriesTwice(PaymentEventBus):
    def _queue(self, name: str, handler: Handler | None) -> HandlerQueue:
        return HandledThoughItFailedTwice(name, handler, store=self._store, clock=self._clock, retry=self._retry)


class BusWithEffectsApart(PaymentEventBus):
    def _queue(self, name: str, handler: Handler | None) -> HandlerQueue:
        return EffectApart(name, handler, store=self._store, clock=self._clock, retry=self._retry)


class GivesUpAtTheFirstTrouble(Worker):
    _given_up: frozenset[str] = frozenset()

    async def _tasks(self) -> Sequence[Task]:
        self._given_up |= self._in_trouble
        return [task for task in await super()._tasks() if task.name not in self._given_up]
