"""Bugs on the way to the money: answers believed, payments given up unread. Keys are in `keys.py`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from payflows.checkout.model import Order, OrderStatus, Reason
from payflows.checkout.payment_steps import PaymentSteps
from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.step_context import StepContext
from payflows.errors import CallRejected, MerchantMisconfigured, OutcomeUnknown, PaymentDeclined
from payflows.kernel.calls import Failure
from payflows.kernel.evolve import evolve
from payflows.money import Money
from payflows.payments.charge import Charge
from payflows.payments.collection import Closed, Declined, Open, Outcome, Processing, Succeeded, Undone, classify
from payflows.payments.model import CaptureMode, Payment
from payflows.payments.own_intent import IntentCollection, IntentTerms
from simulations.checkout.subject import Ports
from tests.mutants.shop import Around, Make


class SilenceIsADecline(PaymentSteps):
    async def attempt_payment(self, order: Order) -> Order | None:
        if order.charge.is_processing or not isinstance(await self._collection.look(order.charge), Open):
            return await super().attempt_payment(order)
        charge, gateway = order.charge, self._context.gateway
        card, key = charge.attempt.payment_method, charge.key(f"confirm-{charge.attempt.number}")
        try:
            await gateway.confirm_payment(charge.stored_payment_id(), payment_method=card, key=key)
        except OutcomeUnknown:
            nothing_to_cancel = evolve(charge, payment_id=None)
            return await self._context.abandon(order, Reason.CARDS_DECLINED, charge=nothing_to_cancel)
        except (PaymentDeclined, CallRejected):
            pass
        return await super().attempt_payment(order)


class TakesAnyPaymentForItsOwn(IntentCollection):
    async def read(self, charge: Charge) -> Payment:
        return await self._calls.call(lambda: self._payable.read(charge))


class AnotherPaymentToBeSafe(IntentCollection):
    async def attempt(self, charge: Charge) -> Outcome:
        answer = await self._calls.call_for_outcome(lambda: self._payable.attempt(charge))
        if isinstance(answer, OutcomeUnknown):
            fresh = await self.create(charge.with_new_keys(), IntentTerms(CaptureMode.MANUAL, None))
            if isinstance(fresh, Payment):
                other = evolve(charge.with_new_keys(), payment_id=fresh.id)
                await self._calls.call_for_outcome(lambda: self._payable.attempt(other))
        return classify(charge, await self.read(charge), answer)


class ConfirmsWhatIsNotStored(IntentCollection):
    async def create(self, charge: Charge, terms: IntentTerms) -> Payment | Failure:
        made = await super().create(charge, terms)
        if isinstance(made, Payment):
            unstored = evolve(charge, payment_id=made.id)
            await self._calls.call_for_outcome(lambda: self._payable.attempt(unstored))
        return made


class DoubtIsNotNoted(IntentCollection):
    async def create(self, charge: Charge, terms: IntentTerms) -> Payment | Failure:
        made = await super().create(charge, terms)
        return await super().create(charge, terms) if isinstance(made, OutcomeUnknown) else made


class FailsImmediately(PaymentSteps):
    async def _fail(self, order: Order, **changes: Any) -> Order:
        """Give the stock back and fail, whatever becomes of the payment."""
        await self._context.release_stock(order)
        assert order.reason is not None
        return await self._orders.enter(
            order, order.reason.final_status, reason=order.reason, hold_until=None, **changes
        )

    async def _answer_to_cancel(self, order: Order) -> object:
        assert order.payment_id is not None
        payment_id, gateway = order.payment_id, self._context.gateway
        key = order.charge.key("cancel")
        return await self._context.calls.call_for_outcome(lambda: gateway.cancel_payment(payment_id, key=key))


class ForgetsADoubtfulPayment(FailsImmediately):
    async def abandon(self, order: Order) -> Order | None:
        if order.payment_id is None:
            return await self._fail(order, charge=evolve(order.charge, orphan_possible=False))
        return await super().abandon(order)


class RefusedCreationIsTheEnd(FailsImmediately):
    """Takes the refusal of one try for the news that no try has made a payment."""

    async def create(self, order: Order) -> Order | None:
        moved = await super().create(order)
        if moved is None or moved.reason is not Reason.PAYMENT_REFUSED:
            return moved
        return await self._fail(moved, charge=evolve(moved.charge, orphan_possible=False))


class RefusedCancelIsTheEnd(IntentCollection):
    """Takes it that what Stripe refuses to cancel is over, where it is neither paid nor under way."""

    async def close(self, charge: Charge) -> Closed | Succeeded | Processing | Undone:
        answer = await self._calls.call_for_outcome(lambda: self._payable.close(charge))
        closed = await super().close(charge)
        return Closed(closed.payment) if isinstance(answer, CallRejected) and isinstance(closed, Undone) else closed


class RefusedCancelIsACancel(FailsImmediately):
    async def abandon(self, order: Order) -> Order | None:
        if order.payment_id is not None and isinstance(await self._answer_to_cancel(order), CallRejected):
            return await self._fail(order)
        return await super().abandon(order)


class SilentCancelIsACancel(FailsImmediately):
    async def abandon(self, order: Order) -> Order | None:
        if order.payment_id is not None and isinstance(await self._answer_to_cancel(order), OutcomeUnknown):
            return await self._fail(order)
        return await super().abandon(order)


class _Captures(PaymentSteps):
    async def _answer_to_capture(self, order: Order) -> object:
        payment_id, gateway = order.charge.stored_payment_id(), self._context.gateway
        key = order.charge.key("capture")
        return await self._context.calls.call_for_outcome(lambda: gateway.capture_payment(payment_id, key=key))


class RefusedCaptureIsTheEnd(_Captures):
    async def capture(self, order: Order) -> Order | None:
        if order.cancel_asked or not await self._context.commit_stock(order):
            return await super().capture(order)
        if isinstance(await self._answer_to_capture(order), CallRejected):
            nothing_to_cancel = evolve(order.charge, payment_id=None)
            return await self._context.abandon(order, Reason.CAPTURE_REFUSED, charge=nothing_to_cancel)
        return await super().capture(order)


class StockGoesFirst(PaymentSteps):
    async def abandon(self, order: Order) -> Order | None:
        await self._context.release_stock(order)
        return await super().abandon(order)


class AuthorisedIsPaid(PaymentSteps):
    async def capture(self, order: Order) -> Order | None:
        return await self._orders.enter(order, OrderStatus.PAID)


class ProcessingIsPaid(PaymentSteps):
    async def _rest_in_processing(self, order: Order, payment: Payment) -> Order | None:
        return await self._orders.enter(order, OrderStatus.PAID)


class CaptureWillHaveWorked(_Captures):
    async def capture(self, order: Order) -> Order | None:
        await self._context.commit_stock(order)
        await self._answer_to_capture(order)
        return await self._orders.enter(order, OrderStatus.PAID)


class CapturesBeforeTheStockIsSure(_Captures):
    async def capture(self, order: Order) -> Order | None:
        await self._answer_to_capture(order)
        return await super().capture(order)


class ShipsBeforeTheCapture(PaymentSteps):
    async def capture(self, order: Order) -> Order | None:
        purchase, carrier = order.purchase, self._context.carrier
        await self._context.calls.call(
            lambda: carrier.book(order.id, goods=purchase.price.goods, address=purchase.address)
        )
        return await super().capture(order)


class OldDeclineIsThisOnes(PaymentSteps):
    async def attempt_payment(self, order: Order) -> Order | None:
        payment = await self._collection.read(order.charge)
        if payment.decline is not None:
            return await self._decline(order, payment, payment.decline)
        return await super().attempt_payment(order)


class OldDeclineSettlesADoubt(IntentCollection):
    async def attempt(self, charge: Charge) -> Outcome:
        answer = await self._calls.call_for_outcome(lambda: self._payable.attempt(charge))
        payment = await self.read(charge)
        if isinstance(answer, OutcomeUnknown) and payment.decline is not None:
            return Declined(payment, payment.decline)
        return classify(charge, payment, answer)


class NoDeadline(StepContext):
    def reason_to_abandon(self, order: Order) -> Reason | None:
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


class ARefusedKeyRefusesTheOrder(Around):
    """A gateway that takes 401 for a refusal of what was asked."""

    async def create_payment(self, order_id: str, **terms: Any) -> Payment:
        try:
            made: Payment = await self._port.create_payment(order_id, **terms)
        except MerchantMisconfigured as refused:
            raise CallRejected(str(refused)) from None
        return made


def a_refused_key_refuses_the_order(ports: Ports) -> Ports:
    return ports._replace(gateway=ARefusedKeyRefusesTheOrder.around(ports.gateway))


class AsksInEuros(Around):
    """A gateway that asks for euros, and reads them as dollars."""

    def __getattr__(self, call: str) -> Make:
        made = super().__getattr__(call)

        async def asked(*args: object, **terms: Any) -> object:
            if call == "create_payment":
                terms["amount"] = Money(terms["amount"].minor, "eur")
            answer = await made(*args, **terms)
            return _in_dollars(answer) if isinstance(answer, Payment) else answer

        return asked


def _in_dollars(payment: Payment) -> Payment:
    amount, received, returned = payment.amount, payment.received, payment.returned
    return payment._replace(
        amount=Money(amount.minor, "usd"), received=Money(received.minor, "usd"), returned=Money(returned.minor, "usd")
    )


def asks_in_euros(ports: Ports) -> Ports:
    return ports._replace(gateway=AsksInEuros.around(ports.gateway))


def one_more_try(policy: CheckoutPolicy) -> CheckoutPolicy:
    return replace(policy, max_tries=policy.max_tries + 1)


class AsksForOneMore(PaymentSteps):
    """Asks for a card that is not taken."""

    def __init__(self, context: StepContext) -> None:
        super().__init__(context)
        self._policy = one_more_try(context.policy)


class RoundsUp(Around):
    """A gateway that asks for whole dollars."""

    async def create_payment(self, order_id: str, *, amount: Money, **terms: Any) -> Payment:
        whole = Money(-(-amount.minor // 100) * 100, amount.currency)
        made: Payment = await self._port.create_payment(order_id, amount=whole, **terms)
        return made


def rounds_up(ports: Ports) -> Ports:
    return ports._replace(gateway=RoundsUp.around(ports.gateway))
