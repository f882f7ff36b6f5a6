"""From an intent to paid or abandoned: the steps that move money. Each tries, reads the intent, and follows it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from payflows.checkout.goods import HoldStatus
from payflows.checkout.model import Order, OrderStatus, Reason
from payflows.checkout.step_context import StepContext
from payflows.errors import CallNotSent, OutcomeUnknown
from payflows.kernel.calls import Failure
from payflows.kernel.evolve import evolve
from payflows.payments.collection import (
    ActionRequired,
    Authorised,
    Closed,
    Declined,
    Open,
    Outcome,
    Processing,
    Rejected,
    Succeeded,
    Undone,
    review_of_processing,
    shows_this_attempt,
)
from payflows.payments.model import Decline, Payment, PaymentStatus
from payflows.payments.own_intent import IntentTerms

PART_RECEIVED = "another amount was received"
"""Why an order is in review of whose price only a part was captured, by other hands: it is not paid, and may be given
back."""


class PaymentSteps:
    """What an order does while it is not paid.

    Args:
        context: the ports, the repository and the payments core.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._orders = context.orders
        self._collection = context.collection
        self._policy = context.policy

    async def hold(self, order: Order) -> Order | None:
        """PENDING: set all of it aside in one call, or none; then make the payment intent for the first time."""
        context = self._context
        if reason := context.reason_to_abandon(order):
            return await context.abandon(order, reason)
        goods, until = order.purchase.price.goods, context.seconds_from_now(self._policy.hold_seconds)
        hold = await context.calls.call(lambda: context.inventory.hold(order.id, goods, expires_at=until))
        if hold.status is HoldStatus.HELD:
            renewal = context.renewal_of(hold.expires_at)
            held = await self._orders.enter(
                order, OrderStatus.INVENTORY_RESERVED, hold_until=hold.expires_at, renew_hold_at=renewal
            )
            return await self._create_first(held)
        if hold.status is HoldStatus.OUT_OF_STOCK:
            return await self._orders.enter(order, OrderStatus.CANCELLED, reason=Reason.OUT_OF_STOCK)
        return await context.abandon(order, Reason.STOCK_GONE)

    async def _create_first(self, order: Order) -> Order | None:
        """Whoever finds the order in the store cannot know whether an intent was asked for; here it is known: not yet.

        So if this one answers, and no other process has found the order meanwhile, there is no other. In doubt, the
        order goes on as any process would find it.
        """
        try:
            answer = await self._create(order)
        except CallNotSent as error:
            await self._orders.back_off(order, error)
            return None
        if not isinstance(answer, Payment):
            return order
        return await self._enter_processing(order, answer)

    async def create(self, order: Order) -> Order | None:
        """INVENTORY_RESERVED: make the payment intent and store its id before anything is tried with it.

        Another process has asked for one already, or is asking: that is written down first, so that it cannot store its
        own as the only one. An intent of another try is never confirmed, for its id is not stored: it is cancelled
        later.
        """
        if not order.charge.orphan_possible:
            return await self._orders.update(order, charge=evolve(order.charge, orphan_possible=True))
        if reason := self._context.reason_to_abandon(order):
            return await self._context.abandon(order, reason)
        renewed = await self._context.renew_hold(order, seconds=self._policy.hold_seconds)
        if renewed is not order:
            return renewed
        answer = await self._create(order)
        if isinstance(answer, Payment):
            return await self._enter_processing(order, answer)
        if isinstance(answer, OutcomeUnknown):
            return await self._context.retry_with_new_key(order, answer)
        return await self._context.abandon(order, Reason.PAYMENT_REFUSED)

    async def attempt_payment(self, order: Order) -> Order | None:
        """PAYMENT_PROCESSING: read the intent; unless it is settled, try the card and read again."""
        renewed = await self._context.renew_hold(order, seconds=self._policy.hold_seconds)
        if renewed is not order:
            return renewed
        seen = await self._collection.look(order.charge)
        if not isinstance(seen, Open):
            return await self._follow(order, seen)
        if reason := self._context.reason_to_abandon(order):
            payment = seen.payment
            if payment.decline is not None and shows_this_attempt(order.charge, payment):
                return await self._decline(order, payment, payment.decline)
            return await self._context.abandon(order, reason)
        return await self._follow(order, await self._collection.attempt(order.charge))

    async def wait_for_customer(self, order: Order) -> Order | None:
        """CUSTOMER_ACTION: rest until the customer, a notice or the deadline comes."""
        renewed = await self._context.renew_hold(order, seconds=self._policy.hold_seconds)
        if renewed is not order:
            return renewed
        seen = await self._collection.look(order.charge)
        if not isinstance(seen, Open):
            return await self._follow(order, seen)
        if reason := self._context.reason_to_abandon(order):
            return await self._context.abandon(order, reason)
        payment = seen.payment
        failed_authentication = order.attempt.decline is None and payment.status is not PaymentStatus.REQUIRES_ACTION
        if failed_authentication and payment.decline is not None:
            return await self._decline(order, payment, payment.decline)
        return await self._orders.schedule(order)

    async def capture(self, order: Order) -> Order | None:
        """AUTHORISED: commit the stock, then take the money."""
        if order.cancel_asked:
            return await self._context.abandon(order, Reason.CANCEL_ASKED)
        if not await self._context.commit_stock(order):
            return await self._context.abandon(order, Reason.STOCK_GONE)
        match await self._collection.capture(order.charge):
            case Succeeded(payment):
                return await self._enter_paid(order, payment)
            case Closed():
                return await self._context.abandon(order, Reason.AUTHORISATION_EXPIRED)
            case Rejected():
                return await self._context.abandon(order, Reason.CAPTURE_REFUSED)
            case Undone(_, error):
                return await self._context.retry_with_new_key(order, error)

    async def abandon(self, order: Order) -> Order | None:
        """ABANDONING: cancel the intent; only then give the stock back and fail.

        If it proves paid, go on as paid; if a part was captured elsewhere, give that back.
        """
        if order.payment_id is not None:
            match await self._collection.close(order.charge):
                case Succeeded(payment):
                    return await self._enter_paid(order, payment)
                case Processing(payment):
                    check_at = self._context.seconds_from_now(self._policy.pending_look_seconds)
                    return await self._check_processing(order, payment, check_at)
                case Undone(_, error):
                    return await self._context.retry_with_new_key(order, error)
        await self._context.release_stock(order)
        assert order.reason is not None, "an order is abandoned for a reason"
        return await self._orders.enter(
            order, order.reason.final_status, reason=order.reason, hold_until=None, renew_hold_at=None
        )

    async def _create(self, order: Order) -> Payment | Failure:
        terms = IntentTerms(self._policy.capture, order.purchase.customer.stripe_customer_id)
        return await self._collection.create(order.charge, terms)

    async def _enter_processing(self, order: Order, payment: Payment) -> Order:
        charge = evolve(order.charge, payment_id=payment.id)
        return await self._orders.enter(order, OrderStatus.PAYMENT_PROCESSING, charge=charge)

    async def _follow(self, order: Order, outcome: Outcome) -> Order | None:
        """Go where the payment is."""
        match outcome:
            case Succeeded(payment):
                return await self._enter_paid(order, payment)
            case Authorised():
                return await self._orders.enter(order, OrderStatus.AUTHORISED)
            case Processing(payment):
                return await self._rest_in_processing(order, payment)
            case Closed():
                return await self._context.abandon(order, Reason.PAYMENT_CANCELLED)
            case Declined(payment, decline):
                return await self._decline(order, payment, decline)
            case Rejected():
                return await self._context.abandon(order, Reason.PAYMENT_REFUSED)
            case Undone(_, error):
                return await self._context.retry_with_new_key(order, error)
            case ActionRequired():
                return await self._ask_customer(order)

    async def _decline(self, order: Order, payment: Payment, decline: Decline) -> Order:
        charge = order.charge.declined(decline, payment.charge_id)
        if order.attempt.number >= self._policy.max_tries:
            return await self._context.abandon(order, Reason.CARDS_DECLINED, charge=charge)
        if order.status is OrderStatus.CUSTOMER_ACTION:
            return await self._orders.record_progress(order, charge=charge)
        return await self._ask_customer(order, charge=charge)

    async def _ask_customer(self, order: Order, **changes: Any) -> Order:
        if reason := self._context.reason_to_abandon(order):
            return await self._context.abandon(order, reason, **changes)
        return await self._orders.enter(order, OrderStatus.CUSTOMER_ACTION, **changes)

    async def _rest_in_processing(self, order: Order, payment: Payment) -> Order | None:
        if order.status is not OrderStatus.PAYMENT_PROCESSING:
            return await self._orders.enter(order, OrderStatus.PAYMENT_PROCESSING)
        if not order.charge.is_processing:
            return await self._orders.update(order, charge=evolve(order.charge, is_processing=True))
        look_seconds = self._policy.pending_look_seconds
        renewed = await self._context.renew_hold(order, seconds=2 * look_seconds + self._policy.hold_seconds)
        if renewed is not order:
            return renewed
        check_at = self._context.seconds_from_now(look_seconds)
        return await self._check_processing(order, payment, min(check_at, order.renew_hold_at or check_at))

    async def _check_processing(self, order: Order, payment: Payment, check_at: datetime) -> Order | None:
        """Look again then, and ask a person meanwhile, once the bank has been at work for longer than banks take."""
        now, patience_seconds = self._context.clock.now(), self._policy.processing_review_seconds
        review = review_of_processing(payment, since=order.changed_at, now=now, patience_seconds=patience_seconds)
        return await self._orders.schedule(order, check_at=check_at, review=review)

    async def _enter_paid(self, order: Order, payment: Payment) -> Order | None:
        total = order.charge.amount
        if payment.covers(total):
            return await self._orders.enter(order, OrderStatus.PAID, hold_until=None, renew_hold_at=None)
        if order.status is OrderStatus.ABANDONING:
            return await self._orders.enter(
                order, OrderStatus.REFUNDING, reason=order.reason, hold_until=None, renew_hold_at=None
            )
        if order.cancel_asked:
            return await self._context.abandon(order, Reason.CANCEL_ASKED)
        if order.charge.is_all_gone(payment):
            return await self._context.abandon(order, Reason.MONEY_RETURNED)
        detail = f"{payment.id} received {payment.received} of {total}, {payment.returned} of it returned"
        return await self._orders.request_review(order, PART_RECEIVED, detail)
