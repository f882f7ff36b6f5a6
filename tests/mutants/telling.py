"""Bugs in telling: messages lost on their way out, handlers that hear nothing or twice, a worker that stops."""

from __future__ import annotations

from collections.abc import Sequence

from payflows.checkout.model import Order, Transition
from payflows.errors import PayflowsError
from payflows.kernel.bus import PaymentEventBus
from payflows.kernel.delivery import NOTHING, Delivery
from payflows.kernel.handler_queue import HandlerQueue
from payflows.kernel.messages import BusinessEvent, EventType, Handler, Message, OutboxEntry
from payflows.kernel.outbox import Outbox
from payflows.kernel.unit_of_work import UnitOfWork
from payflows.kernel.worker import Task, Worker
from simulations.checkout.subject import Ports
from tests.mutants.shop import Around

Messages = tuple[Message, ...]


class MarksBeforeItCarries(Outbox):
    async def _carry_or_put_off(self, entry: OutboxEntry) -> bool:
        await self._store.mark_delivered(entry.message.key, self._clock.now())
        await self._carry(entry.message)
        return True


class MarksThoughItFailed(Outbox):
    async def _carry_or_put_off(self, entry: OutboxEntry) -> bool:
        try:
            await self._carry(entry.message)
        except PayflowsError:
            pass
        await self._store.mark_delivered(entry.message.key, self._clock.now())
        return True


class LosesEventsThatFail(MarksThoughItFailed):
    async def _carry_or_put_off(self, entry: OutboxEntry) -> bool:
        if isinstance(entry.message, BusinessEvent):
            return await super()._carry_or_put_off(entry)
        return await Outbox._carry_or_put_off(self, entry)


class GivesUpAMessage(MarksThoughItFailed):
    async def _carry_or_put_off(self, entry: OutboxEntry) -> bool:
        if entry.waits > 0:
            return await super()._carry_or_put_off(entry)
        return await Outbox._carry_or_put_off(self, entry)


class HandledThoughItFailed(HandlerQueue):
    __slots__ = ()

    async def _fail(self, delivery: Delivery, reason: str) -> None:
        await self._store.save_delivery(delivery, delivery.delivered(self._clock.now()), NOTHING)


class HandledThoughItFailedTwice(HandledThoughItFailed):
    __slots__ = ()

    async def _fail(self, delivery: Delivery, reason: str) -> None:
        await (super()._fail(delivery, reason) if delivery.waits > 0 else HandlerQueue._fail(self, delivery, reason))


class EffectApart(HandlerQueue):
    __slots__ = ()

    async def _deliver(self, delivery: Delivery) -> None:
        assert self._handler is not None
        work = UnitOfWork(self._store, delivery.key)
        try:
            await self._handler(delivery.event, work)
        except PayflowsError as error:
            return await self._fail(delivery, str(error))
        done = delivery.reschedule(self._clock.now(), "done")
        await self._store.save_delivery(delivery, done, work.writes())
        await self._store.save_delivery(done, done.delivered(self._clock.now()), NOTHING)


_OF_NO_STATUS = (
    EventType.PAYMENT_PROCESSING,
    EventType.PAYMENT_DECLINED,
    EventType.PAYMENT_REFUNDED,
    EventType.PAYMENT_REFUND_FAILED,
    EventType.PAYMENT_DISPUTED,
    EventType.ORDER_NEEDS_REVIEW,
)


class TellsOfStatusesAlone(Around):
    """A store in which a change that leaves the status as it is tells the business nothing."""

    async def save_order(self, before: Order, after: Order, transition: Transition | None, told: Messages) -> None:
        said = tuple(message for message in told if not _is_of_no_status(message))
        await self._port.save_order(before, after, transition, said)


class TellsItTwice(Around):
    """A store in which the same changes tell the business everything twice."""

    async def save_order(self, before: Order, after: Order, transition: Transition | None, told: Messages) -> None:
        again = [message._replace(key=f"{message.key}:again") for message in told if _is_of_no_status(message)]
        await self._port.save_order(before, after, transition, (*told, *again))


def _is_of_no_status(message: Message) -> bool:
    return isinstance(message, BusinessEvent) and message.type in _OF_NO_STATUS


def tells_of_statuses_alone(ports: Ports) -> Ports:
    return ports._replace(store=TellsOfStatusesAlone.around(ports.store))


def tells_it_twice(ports: Ports) -> Ports:
    return ports._replace(store=TellsItTwice.around(ports.store))


class BusThatDropsFailures(PaymentEventBus):
    def _lane(self, name: str, handler: Handler | None) -> HandlerQueue:
        return HandledThoughItFailed(name, handler, store=self._store, clock=self._clock, retry=self._retry)


class BusThatTriesTwice(PaymentEventBus):
    def _lane(self, name: str, handler: Handler | None) -> HandlerQueue:
        return HandledThoughItFailedTwice(name, handler, store=self._store, clock=self._clock, retry=self._retry)


class BusWithEffectsApart(PaymentEventBus):
    def _lane(self, name: str, handler: Handler | None) -> HandlerQueue:
        return EffectApart(name, handler, store=self._store, clock=self._clock, retry=self._retry)


class GivesUpAtTheFirstTrouble(Worker):
    _given_up: frozenset[str] = frozenset()

    async def _chores(self) -> Sequence[Task]:
        self._given_up |= self._in_trouble
        return [task for task in await super()._chores() if task.name not in self._given_up]
