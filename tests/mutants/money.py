"""Bugs on the way to the money: answers believed, payments given up unread. Keys are in `keys.py`."""

from __future__ import annotations

from typing import Any

from payflows.checkout.model import Order, OrderStatus, Reason
from payflows.checkout.payment_steps import PaymentSteps
from payflows.checkout.step_context import Answer, Shopkeeper, stored_id
from payflows.errors import CallRejected, OutcomeUnknown, PaymentDeclined
from payflows.kernel.evolve import evolve
from payflows.money import Money
from payflows.payments.model import Payment
from simulations.checkout.subject import Ports
from tests.mutants.shop import Around, Make


class SilenceIsADecline(PaymentSteps):
    async def _confirm(self, order: Order) -> Answer:
        card, key = order.attempt.payment_method, order.key(f"confirm-{order.attempt.number}")
        try:
            return await self._gateway.confirm_payment(stored_id(order), payment_method=card, key=key)
        except (PaymentDeclined, CallRejected, OutcomeUnknown) as answer:
            return answer

    async def _follow(self, order: Order, payment: Payment, answer: Answer | None = None) -> Order | None:
        if isinstance(answer, OutcomeUnknown):
            nothing_to_cancel = evolve(order, payment_id=None)
            return await self._keeper.give_up(order, Reason.CARDS_DECLINED, having=nothing_to_cancel)
        return await super()._follow(order, payment, answer)


class AnotherPaymentToBeSafe(PaymentSteps):
    async def _confirm(self, order: Order) -> Answer:
        answer = await super()._confirm(order)
        if not isinstance(answer, OutcomeUnknown):
            return answer
        fresh = await self._create(evolve(order, key_generation=order.version))
        return await super()._confirm(evolve(order, payment_id=fresh.id)) if isinstance(fresh, Payment) else fresh


class ConfirmsWhatIsNotStored(PaymentSteps):
    async def _create(self, order: Order) -> Payment | OutcomeUnknown:
        made = await super()._create(order)
        if isinstance(made, Payment):
            await self._confirm(evolve(order, payment_id=made.id))
        return made


class DoubtIsNotNoted(PaymentSteps):
    async def _create(self, order: Order) -> Payment | OutcomeUnknown:
        made = await super()._create(order)
        return await super()._create(order) if isinstance(made, OutcomeUnknown) else made


class FailsAtOnce(PaymentSteps):
    async def _fail(self, order: Order) -> Order:
        """Give the stock back and fail, whatever becomes of the payment."""
        await self._keeper.release_stock(order)
        assert order.reason is not None
        failed = evolve(order, hold_until=None)
        return await self._book.enter(order, order.reason.final_status, having=failed, reason=order.reason)


class ForgetsADoubtfulPayment(FailsAtOnce):
    async def abandon(self, order: Order) -> Order | None:
        if order.payment_id is None:
            return await self._fail(evolve(order, orphan_possible=False))
        return await super().abandon(order)


class RefusedCancelIsACancel(FailsAtOnce):
    async def _not_cancelled(self, order: Order, payment: Payment, answer: Answer) -> Order | None:
        if isinstance(answer, CallRejected):
            return await self._fail(order)
        return await super()._not_cancelled(order, payment, answer)


class SilentCancelIsACancel(FailsAtOnce):
    async def _not_cancelled(self, order: Order, payment: Payment, answer: Answer) -> Order | None:
        if isinstance(answer, OutcomeUnknown):
            return await self._fail(order)
        return await super()._not_cancelled(order, payment, answer)


class RefusedCaptureIsTheEnd(PaymentSteps):
    async def capture(self, order: Order) -> Order | None:
        if order.cancel_asked or not await self._keeper.commit_stock(order):
            return await super().capture(order)
        payment_id, key = stored_id(order), order.key("capture")
        answer = await self._keeper.answer(lambda: self._gateway.capture_payment(payment_id, key=key))
        if isinstance(answer, CallRejected):
            nothing_to_cancel = evolve(order, payment_id=None)
            return await self._keeper.give_up(order, Reason.CAPTURE_REFUSED, having=nothing_to_cancel)
        return await super().capture(order)


class StockGoesFirst(PaymentSteps):
    async def abandon(self, order: Order) -> Order | None:
        await self._keeper.release_stock(order)
        return await super().abandon(order)


class AuthorisedIsPaid(PaymentSteps):
    async def capture(self, order: Order) -> Order | None:
        return await self._book.enter(order, OrderStatus.PAID)


class ProcessingIsPaid(PaymentSteps):
    async def _rest_in_processing(self, order: Order) -> Order | None:
        return await self._book.enter(order, OrderStatus.PAID)


class CaptureWillHaveWorked(PaymentSteps):
    async def capture(self, order: Order) -> Order | None:
        payment_id, key = stored_id(order), order.key("capture")
        await self._keeper.commit_stock(order)
        await self._keeper.answer(lambda: self._gateway.capture_payment(payment_id, key=key))
        return await self._book.enter(order, OrderStatus.PAID)


class CapturesBeforeTheStockIsSure(PaymentSteps):
    async def capture(self, order: Order) -> Order | None:
        payment_id, key = stored_id(order), order.key("capture")
        await self._keeper.answer(lambda: self._gateway.capture_payment(payment_id, key=key))
        return await super().capture(order)


class ShipsBeforeTheCapture(PaymentSteps):
    async def capture(self, order: Order) -> Order | None:
        purchase, carrier = order.purchase, self._keeper.carrier
        await self._keeper.ask(lambda: carrier.book(order.id, goods=purchase.price.goods, address=purchase.address))
        return await super().capture(order)


class OldDeclineIsThisOnes(PaymentSteps):
    async def settle(self, order: Order) -> Order | None:
        payment = await self._keeper.read_payment(order)
        if payment.decline is not None:
            return await self._turn_down(order, payment, payment.decline)
        return await super().settle(order)


class OldDeclineSettlesADoubt(PaymentSteps):
    async def _follow(self, order: Order, payment: Payment, answer: Answer | None = None) -> Order | None:
        if isinstance(answer, OutcomeUnknown) and payment.decline is not None:
            return await self._turn_down(order, payment, payment.decline)
        return await super()._follow(order, payment, answer)


class NoDeadline(Shopkeeper):
    def given_up(self, order: Order) -> Reason | None:
        return Reason.CANCEL_ASKED if order.cancel_asked else None


class BusyIsARefusal(Around):
    """A gateway that takes Stripe's 409, "another request with this key is in progress", for a no."""

    def __getattr__(self, call: str) -> Make:
        made = super().__getattr__(call)

        async def asked(*args: object, **kwargs: object) -> object:
            try:
                return await made(*args, **kwargs)
            except OutcomeUnknown as doubt:
                if str(doubt).startswith("409"):
                    raise CallRejected(str(doubt)) from None
                raise

        return asked


def busy_is_a_refusal(ports: Ports) -> Ports:
    return ports._replace(gateway=BusyIsARefusal.around(ports.gateway))


class RoundsUp(Around):
    """A gateway that asks for whole dollars."""

    async def create_payment(self, order_id: str, *, amount: Money, **terms: Any) -> Payment:
        whole = Money(-(-amount.minor // 100) * 100, amount.currency)
        made: Payment = await self._port.create_payment(order_id, amount=whole, **terms)
        return made


def rounds_up(ports: Ports) -> Ports:
    return ports._replace(gateway=RoundsUp.around(ports.gateway))
