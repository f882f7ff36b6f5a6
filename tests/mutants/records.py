"""Bugs in what is stored, and when: orders that are left behind, and changes that undo each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from payflows.checkout.messages import ORDERS, MailKind
from payflows.checkout.model import Order, OrderStatus
from payflows.checkout.step_context import OrderRepository
from payflows.errors import VersionConflict
from payflows.kernel.aggregate import A, Aggregate, Kind, Review
from payflows.kernel.changes import Change, Insert, Replace
from payflows.kernel.due_aggregates import DueAggregates
from payflows.kernel.evolve import evolve
from payflows.kernel.messages import Mail, Message
from payflows.kernel.store import Mailer, Store
from simulations.checkout.subject import Ports
from tests.mutants.shop import Around

FAR_OFF = timedelta(days=365)

_AT_REST = (OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.CANCELLED, OrderStatus.PAYMENT_FAILED)


class LastWriterWins(Around):
    """A store that is written to without looking at what it holds."""

    async def change(self, *changes: Change) -> None:
        try:
            await self._port.change(*changes)
        except VersionConflict:
            await self._port.change(*[await self._over(change) for change in changes])

    async def _over(self, change: Change) -> Change:
        if not isinstance(change, Replace):
            return change
        stored: Aggregate = await self._port.get(change.kind, change.before.id)
        self.look_at(stored, change)
        return Replace(change.kind, stored, evolve(change.after, version=stored.version + 1))

    def look_at(self, stored: Aggregate, change: Replace) -> None:
        """Raise where it is not to be overwritten."""


class ComparesTheStatus(LastWriterWins):
    """A store that compares the status, and not the version."""

    def look_at(self, stored: Aggregate, change: Replace) -> None:
        if stored.status is not change.before.status:
            raise VersionConflict(change.kind.name)


class KnowsItsOwnWrites(LastWriterWins):
    """A store that compares with what this process wrote, not with what another one has stored since."""

    def __init__(self, store: object) -> None:
        super().__init__(store)
        self._written: set[tuple[str, int]] = set()

    async def change(self, *changes: Change) -> None:
        try:
            await super().change(*changes)
        finally:
            self._written |= {(each.after.id, each.after.version) for each in changes if isinstance(each, Replace)}

    def look_at(self, stored: Aggregate, change: Replace) -> None:
        if (stored.id, stored.version) in self._written:
            raise VersionConflict(change.kind.name)


class KnowsItsOwnWritesAndTheStatus(KnowsItsOwnWrites):
    """The same, where the status is compared too."""

    def look_at(self, stored: Aggregate, change: Replace) -> None:
        super().look_at(stored, change)
        if stored.status is not change.before.status:
            raise VersionConflict(change.kind.name)


class MailsFirst(Around):
    """A store whose changes are announced by mail before they are stored."""

    def __init__(self, store: object, mailer: Mailer) -> None:
        super().__init__(store)
        self._mailer = mailer

    async def change(self, *changes: Change) -> None:
        for change in changes:
            await self._mail(change)
        await self._port.change(*changes)

    async def _mail(self, change: Change) -> None:
        if isinstance(change, Replace):
            for message in change.kind.announce(change.before, change.after):
                if isinstance(message, Mail):
                    await self._mailer.send(message, to=change.after.mail_address() or "")


class MailsApart(MailsFirst):
    """A store whose changes are announced by mail after they are stored, and nowhere noted."""

    async def change(self, *changes: Change) -> None:
        await self._port.change(*[announcing(change, _without_mails) for change in changes])
        for change in changes:
            await self._mail(change)


class CancelsInSilence(Around):
    """A store whose orders are cancelled without a mail to their customers."""

    async def change(self, *changes: Change) -> None:
        await self._port.change(*[announcing(change, _without_mail_of_a_cancellation) for change in changes])


class AnOrderForEachPress(Around):
    """A store that makes another order each time that the button is pressed."""

    async def add(self, kind: Kind[A], new: A) -> A:
        added: A = await self._port.add(kind, new)
        while added is not new:
            assert isinstance(new, Order)
            charge = evolve(new.charge, owner_id=f"{new.id}-again")
            new = cast(A, evolve(new, id=charge.owner_id, charge=charge))
            added = await self._port.add(kind, new)
        return added


Edit = Callable[[tuple[Message, ...]], tuple[Message, ...]]


def announcing(change: Change, edit: Edit) -> Change:
    """The change, with other messages."""
    if not isinstance(change, Insert | Replace):
        return change
    announce = change.kind.announce
    return change._replace(kind=replace(change.kind, announce=lambda before, after: edit(announce(before, after))))


def _without_mails(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    return tuple(message for message in messages if not isinstance(message, Mail))


def _without_mail_of_a_cancellation(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    return tuple(m for m in messages if not (isinstance(m, Mail) and m.kind == MailKind.ORDER_CANCELLED))


class NoLease(OrderRepository):
    """No worker comes back to an order that was left half-way."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._lease = FAR_OFF


class WaitsWithoutATimer(OrderRepository):
    """An order whose step failed is not looked at again."""

    async def back_off(self, before: Order, error: Exception, *, max_seconds: int = 300, **changes: Any) -> Order:
        never = self._clock.now() + FAR_OFF
        return await self.update(before, failures=before.failures + 1, back_off_until=never, **changes)


class WaitsForHours(OrderRepository):
    """An order whose step failed is looked at again only hours later."""

    async def back_off(self, before: Order, error: Exception, *, max_seconds: int = 300, **changes: Any) -> Order:
        late = self._clock.now() + timedelta(hours=6)
        return await self.update(before, failures=before.failures + 1, back_off_until=late, **changes)


class DropsTheRefund(OrderRepository):
    """A refund that could not be made is tried once more, and then forgotten."""

    async def back_off(self, before: Order, error: Exception, *, max_seconds: int = 300, **changes: Any) -> Order:
        if before.failures and before.charge.refund_asked and before.status is OrderStatus.SHIPPED:
            charge = evolve(before.charge, refund_asked=False)
            return await self.update(before, charge=charge, failures=0, back_off_until=None, lease_until=None)
        return await super().back_off(before, error, max_seconds=max_seconds, **changes)


class DropsTheCancel(OrderRepository):
    """An order whose step failed for the second time forgets that it was to be cancelled."""

    async def back_off(self, before: Order, error: Exception, *, max_seconds: int = 300, **changes: Any) -> Order:
        asked = before.cancel_asked and before.failures == 0
        return await super().back_off(before, error, max_seconds=max_seconds, **{**changes, "cancel_asked": asked})


class RefundsNextMonth(OrderRepository):
    """A shipped order's refund that could not be made is tried again only a month later."""

    async def back_off(self, before: Order, error: Exception, *, max_seconds: int = 300, **changes: Any) -> Order:
        if not (before.charge.refund_asked and before.status is OrderStatus.SHIPPED):
            return await super().back_off(before, error, max_seconds=max_seconds, **changes)
        late = self._clock.now() + timedelta(days=30)
        return await self.update(before, failures=before.failures + 1, back_off_until=late, **changes)


class KeepsTheReview(OrderRepository):
    """A review that a person was asked for stays when the order moves on."""

    async def transition(self, before: Order, status: StrEnum, *also: Change, **changes: Any) -> Order:
        return await super().transition(before, status, *also, **{"review": before.review, **changes})


class KeepsTheReviewAtRest(OrderRepository):
    """A review stays when a look finds all well."""

    async def schedule(
        self, before: Order, *also: Change, review: Review | None = None, **changes: Any
    ) -> Order | None:
        return await super().schedule(before, *also, review=review or before.review, **changes)


class LocksWithoutALease(DueAggregates[Order]):
    """Takes the timer off an order before it works on it; a crash in between leaves the lock for ever."""

    async def run_once(self, now: datetime) -> bool:
        for order_id in await self._store.due(ORDERS, now, 100):
            order = await self._store.get(ORDERS, order_id)
            if order.status not in _AT_REST:
                locked = evolve(order, version=order.version + 1, back_off_until=None, lease_until=now + FAR_OFF)
                await self._store.change(Replace(ORDERS, order, locked))
            await self._advance(order_id)
        return False


def compares_the_status(ports: Ports) -> Ports:
    """A store without versions."""
    return ports._replace(store=ComparesTheStatus.around(ports.store))


def last_writer_wins(ports: Ports) -> Ports:
    return ports._replace(store=LastWriterWins.around(ports.store))


def knows_its_own_writes(ports: Ports) -> Ports:
    return ports._replace(store=KnowsItsOwnWrites.around(ports.store))


def knows_its_own_writes_and_the_status(ports: Ports) -> Ports:
    return ports._replace(store=KnowsItsOwnWritesAndTheStatus.around(ports.store))


def mails_first(ports: Ports) -> Ports:
    return ports._replace(store=cast(Store, MailsFirst(ports.store, ports.mailer)))


def mails_apart(ports: Ports) -> Ports:
    return ports._replace(store=cast(Store, MailsApart(ports.store, ports.mailer)))


def cancels_in_silence(ports: Ports) -> Ports:
    return ports._replace(store=CancelsInSilence.around(ports.store))


def an_order_for_each_press(ports: Ports) -> Ports:
    return ports._replace(store=AnOrderForEachPress.around(ports.store))
