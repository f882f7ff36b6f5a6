"""Bugs about money that moves without us: parts returned or captured by hand, disputes, banks that take for ever."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from payflows.checkout.fulfilment import Fulfilment
from payflows.checkout.messages import MailKind
from payflows.checkout.model import Order, OrderStatus, Reason
from payflows.checkout.payment_steps import PART_RECEIVED, PaymentSteps
from payflows.checkout.steps import CheckoutEngine
from payflows.errors import VersionConflict
from payflows.kernel.changes import Change
from payflows.kernel.evolve import evolve
from payflows.kernel.messages import Mail, Message
from payflows.payments.charge import Charge
from payflows.payments.model import Payment
from payflows.payments.refunds import Refunds
from simulations.checkout.subject import Ports
from tests.mutants.records import announcing
from tests.mutants.shop import Around


class APartReturnedIsAllOfIt(Fulfilment):
    async def ship(self, order: Order) -> Order | None:
        payment = await self._context.collection.read(order.charge)
        if payment.returned.minor:
            return await self._orders.enter(order, OrderStatus.REFUNDING, reason=Reason.MONEY_RETURNED)
        return await super().ship(order)


class APartCapturedIsPaid(PaymentSteps):
    async def _enter_paid(self, order: Order, payment: Payment) -> Order | None:
        return await self._orders.enter(order, OrderStatus.PAID, hold_until=None, renew_hold_at=None)


class APartCapturedIsKept(PaymentSteps):
    async def _enter_paid(self, order: Order, payment: Payment) -> Order | None:
        if payment.covers(order.charge.amount):
            return await super()._enter_paid(order, payment)
        return await self._orders.request_review(order, PART_RECEIVED, f"{payment.id} received {payment.received}")


class OnlyRefundsGoBack(Refunds):
    """What was lost in a dispute is still to be refunded."""

    async def with_disputes(self, charge: Charge, payment: Payment) -> Charge:
        return evolve(await super().with_disputes(charge, payment), lost_minor=0)


class OnceDisputedAlwaysDisputed(Refunds):
    """Stripe's flag at the charge is believed, which stays set when a dispute is over."""

    async def with_disputes(self, charge: Charge, payment: Payment) -> Charge:
        return evolve(charge, disputed=payment.disputed)


class ALossIsForGood(Refunds):
    async def with_disputes(self, charge: Charge, payment: Payment) -> Charge:
        return charge if charge.lost_minor else await super().with_disputes(charge, payment)


class APartLostIsAllOfIt(Refunds):
    async def with_disputes(self, charge: Charge, payment: Payment) -> Charge:
        seen = await super().with_disputes(charge, payment)
        return evolve(seen, lost_minor=seen.amount.minor) if seen.lost_minor else seen


class WaitsForTheBankForEver(PaymentSteps):
    async def _check_processing(self, order: Order, payment: Payment, check_at: datetime) -> Order | None:
        return await self._orders.schedule(order, check_at=check_at)


class ForgetsNewsAtAConflict(CheckoutEngine):
    """Takes it that whoever stores an order has also set when it is looked at, though it is left to a person."""

    async def back_off(self, aggregate: Order, error: Exception, **changes: Any) -> Order:
        try:
            return await self._repository.back_off(aggregate, error, **changes)
        except VersionConflict:
            return await self._repository.get(aggregate.id)


class NeverCorrectsAMail(Around):
    """A store in which the mail that money is not back after all is left out."""

    async def change(self, *changes: Change) -> None:
        await self._port.change(*[announcing(change, _without_corrections) for change in changes])


def _without_corrections(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    return tuple(
        message
        for message in messages
        if not (isinstance(message, Mail) and message.kind == MailKind.MONEY_NOT_RETURNED)
    )


def never_corrects_a_mail(ports: Ports) -> Ports:
    return ports._replace(store=NeverCorrectsAMail.around(ports.store))
