"""Bugs in what is stored, and when: orders that nobody comes back to, and changes that undo each other."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from payflows.checkout.book import OrderBook
from payflows.checkout.model import Order, OrderStatus, Transition
from payflows.errors import VersionConflict
from payflows.kernel.due_aggregates import DueAggregates
from payflows.kernel.evolve import evolve
from payflows.kernel.messages import Mail, MailKind, Message
from payflows.kernel.store import Mailer, ShopStore
from simulations.checkout.subject import Ports
from tests.mutants.shop import Around

Messages = tuple[Message, ...]

_AT_REST = (OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.CANCELLED, OrderStatus.PAYMENT_FAILED)


class LastWriterWins(Around):
    """A store that is written to without looking at what it holds."""

    async def save_order(self, before: Order, after: Order, transition: Transition | None, told: Messages) -> None:
        try:
            await self._port.save_order(before, after, transition, told)
        except VersionConflict:
            stored: Order = await self._port.order(before.id)
            over = evolve(after, version=stored.version + 1)
            if over.status is not stored.status:
                transition = Transition(over.id, over.version, stored.status, over.status, over.changed_at)
            await self._port.save_order(stored, over, transition, told)


class ComparesTheStatus(Around):
    """A store that compares the status, and not the version."""

    async def save_order(self, before: Order, after: Order, transition: Transition | None, told: Messages) -> None:
        try:
            await self._port.save_order(before, after, transition, told)
        except VersionConflict:
            stored: Order = await self._port.order(before.id)
            if stored.status is not before.status:
                raise
            over = evolve(after, version=stored.version + 1)
            logged = transition and transition._replace(version=over.version)
            await self._port.save_order(stored, over, logged, told)


class MailsFirst(Around):
    """A store whose changes are told by mail before they are stored."""

    def __init__(self, store: object, mailer: Mailer) -> None:
        super().__init__(store)
        self._mailer = mailer

    async def save_order(self, before: Order, after: Order, transition: Transition | None, told: Messages) -> None:
        for message in told:
            if isinstance(message, Mail):
                await self._mailer.send(message, to=after.purchase.customer.email)
        await self._port.save_order(before, after, transition, told)


class MailsApart(MailsFirst):
    """A store whose changes are told by mail after they are stored, and nowhere noted."""

    async def save_order(self, before: Order, after: Order, transition: Transition | None, told: Messages) -> None:
        mails = [message for message in told if isinstance(message, Mail)]
        rest = tuple(message for message in told if message not in mails)
        await self._port.save_order(before, after, transition, rest)
        for mail in mails:
            await self._mailer.send(mail, to=after.purchase.customer.email)


class SaysNothingOfAnEnd(Around):
    """A store whose orders are cancelled without a word to their customers."""

    async def save_order(self, before: Order, after: Order, transition: Transition | None, told: Messages) -> None:
        said = tuple(message for message in told if not _is_mail_of_a_cancellation(message))
        await self._port.save_order(before, after, transition, said)


class AnOrderForEachPress(Around):
    """A store that makes another order each time that the button is pressed."""

    async def add_order(self, order: Order, told: Messages) -> Order:
        added: Order = await self._port.add_order(order, told)
        while added is not order:
            order = evolve(order, id=f"{order.id}-again")
            added = await self._port.add_order(order, ())
        return added


def _is_mail_of_a_cancellation(message: Message) -> bool:
    return isinstance(message, Mail) and message.kind is MailKind.ORDER_CANCELLED


class NoLease(OrderBook):
    """Nobody comes back to an order that was left half-way."""

    def _due_at(self, order: Order, status: OrderStatus, now: datetime) -> datetime | None:
        under_way = status not in (OrderStatus.CUSTOMER_ACTION, OrderStatus.SHIPPED) and not status.is_final
        return None if under_way else super()._due_at(order, status, now)


class WaitsWithoutATimer(OrderBook):
    """An order that waits in vain is not looked at again."""

    async def wait(
        self, order: Order, trouble: Exception, *, having: Order | None = None, at_most_seconds: int = 300
    ) -> Order:
        return await self.note(order, having=evolve(having or order, waits=order.waits + 1, due_at=None))


class WaitsForHours(OrderBook):
    """An order that waits in vain is looked at again only hours later."""

    async def wait(
        self, order: Order, trouble: Exception, *, having: Order | None = None, at_most_seconds: int = 300
    ) -> Order:
        due_at = self._clock.now() + timedelta(hours=6)
        return await self.note(order, having=evolve(having or order, waits=order.waits + 1, due_at=due_at))


class DropsTheRefund(OrderBook):
    """A refund that could not be made is tried once more, and then forgotten."""

    async def wait(
        self, order: Order, trouble: Exception, *, having: Order | None = None, at_most_seconds: int = 300
    ) -> Order:
        if order.waits and order.refund_asked and order.status is OrderStatus.SHIPPED:
            return await self.note(order, having=evolve(order, refund_asked=False, due_at=None, waits=0))
        return await super().wait(order, trouble, having=having, at_most_seconds=at_most_seconds)


class DropsTheCancel(OrderBook):
    """An order that waits in vain for the second time forgets that it was to be cancelled."""

    async def wait(
        self, order: Order, trouble: Exception, *, having: Order | None = None, at_most_seconds: int = 300
    ) -> Order:
        asked = (having or order).cancel_asked and order.waits == 0
        forgetful = evolve(having or order, cancel_asked=asked)
        return await super().wait(order, trouble, having=forgetful, at_most_seconds=at_most_seconds)


class RefundsNextMonth(OrderBook):
    """A shipped order's refund that could not be made is tried again only a month later."""

    async def wait(
        self, order: Order, trouble: Exception, *, having: Order | None = None, at_most_seconds: int = 300
    ) -> Order:
        if not (order.refund_asked and order.status is OrderStatus.SHIPPED):
            return await super().wait(order, trouble, having=having, at_most_seconds=at_most_seconds)
        due_at = self._clock.now() + timedelta(days=30)
        return await self.note(order, having=evolve(having or order, waits=order.waits + 1, due_at=due_at))


class LocksWithoutALease(DueAggregates):
    """Takes the timer off an order before it works on it; a crash in between leaves the lock for ever."""

    async def run_once(self, now: datetime) -> bool:
        for order_id in await self._store.due_orders(now):
            order = await self._store.order(order_id)
            if order.status not in _AT_REST:
                locked = evolve(order, version=order.version + 1, due_at=None)
                await self._store.save_order(order, locked, None, ())
            await self._flow.advance(self._merchant, order_id)
        return False


def compares_the_status(ports: Ports) -> Ports:
    """A store without versions."""
    return ports._replace(store=ComparesTheStatus.around(ports.store))


def last_writer_wins(ports: Ports) -> Ports:
    return ports._replace(store=LastWriterWins.around(ports.store))


def mails_first(ports: Ports) -> Ports:
    return ports._replace(store=cast(ShopStore, MailsFirst(ports.store, ports.mailer)))


def mails_apart(ports: Ports) -> Ports:
    return ports._replace(store=cast(ShopStore, MailsApart(ports.store, ports.mailer)))


def says_nothing_of_an_end(ports: Ports) -> Ports:
    return ports._replace(store=SaysNothingOfAnEnd.around(ports.store))


def an_order_for_each_press(ports: Ports) -> Ports:
    return ports._replace(store=AnOrderForEachPress.around(ports.store))
