"""From an intent to paid or given up: the steps that move money. Each asks, reads the intent, and follows it."""

from __future__ import annotations

from payflows.checkout.goods import HoldStatus
from payflows.checkout.model import Order, OrderStatus, Reason
from payflows.checkout.step_context import Answer, Shopkeeper, stored_id
from payflows.errors import CallNotSent, CallRejected, OutcomeUnknown, PaymentDeclined
from payflows.kernel.evolve import evolve
from payflows.payments.model import Decline, Payment, PaymentStatus

_SETTLED = (
    PaymentStatus.SUCCEEDED,
    PaymentStatus.REQUIRES_CAPTURE,
    PaymentStatus.PROCESSING,
    PaymentStatus.CANCELED,
)


class PaymentSteps:
    """What an order does while it is not paid.

    Args:
        keeper: the shop's ports and policy.
    """

    def __init__(self, keeper: Shopkeeper) -> None:
        self._keeper = keeper
        self._book = keeper.book
        self._gateway = keeper.gateway
        self._policy = keeper.policy

    async def hold(self, order: Order) -> Order | None:
        """PENDING: set all of it aside in one call, or none; then ask for the payment intent for the first time."""
        if reason := self._keeper.given_up(order):
            return await self._keeper.give_up(order, reason)
        goods, until = order.purchase.price.goods, self._keeper.soon(self._policy.hold_seconds)
        hold = await self._keeper.ask(lambda: self._keeper.inventory.hold(order.id, goods, expires_at=until))
        if hold.status is HoldStatus.HELD:
            held = evolve(order, hold_until=hold.expires_at)
            return await self._create_first(await self._book.enter(order, OrderStatus.INVENTORY_RESERVED, having=held))
        if hold.status is HoldStatus.OUT_OF_STOCK:
            return await self._book.enter(order, OrderStatus.CANCELLED, reason=Reason.OUT_OF_STOCK)
        return await self._keeper.give_up(order, Reason.STOCK_GONE)

    async def _create_first(self, order: Order) -> Order | None:
        """Whoever finds the order in the store cannot know whether an intent was asked for; we know: not yet.

        So if this one answers, and nobody else has found the order meanwhile, there is no other. In doubt, the order
        goes on as anybody would find it.
        """
        try:
            answer = await self._keeper.answer(lambda: self._create(order))
        except CallNotSent as trouble:
            await self._book.wait(order, trouble)
            return None
        if not isinstance(answer, Payment):
            return order
        stored = evolve(order, payment_id=answer.id)
        return await self._book.enter(order, OrderStatus.PAYMENT_PROCESSING, having=stored)

    async def create(self, order: Order) -> Order | None:
        """INVENTORY_RESERVED: make the payment intent and store its id before anything is tried with it.

        Somebody has asked for one already, or is just at it: that is written down first, so that they cannot store
        theirs as the only one. An intent of another try is never confirmed, for its id is not stored: it is cancelled
        later.
        """
        if not order.orphan_possible:
            return await self._book.note(order, having=evolve(order, orphan_possible=True))
        if reason := self._keeper.given_up(order):
            return await self._keeper.give_up(order, reason)
        renewed = await self._keeper.renew_hold(order, seconds=self._policy.hold_seconds)
        if renewed is not order:
            return renewed
        answer = await self._keeper.answer(lambda: self._create(order))
        if isinstance(answer, Payment):
            stored = evolve(order, payment_id=answer.id)
            return await self._book.enter(order, OrderStatus.PAYMENT_PROCESSING, having=stored)
        if isinstance(answer, OutcomeUnknown):
            return await self._keeper.wait_with_new_key(order, answer)
        return await self._keeper.give_up(order, Reason.PAYMENT_REFUSED)

    async def settle(self, order: Order) -> Order | None:
        """PAYMENT_PROCESSING: read the intent; unless it is settled, try the card and read again.

        A decline that it shows may be another try's. Asked once more with its own key, this one is made if it was not,
        or else its own answer comes again.
        """
        renewed = await self._keeper.renew_hold(order, seconds=self._policy.hold_seconds)
        if renewed is not order:
            return renewed
        payment = await self._keeper.read_payment(order)
        if payment.status in _SETTLED:
            return await self._follow(order, payment)
        if reason := self._keeper.given_up(order):
            if payment.decline is not None and _shows_this_try(order, payment):
                return await self._turn_down(order, payment, payment.decline)
            return await self._keeper.give_up(order, reason)
        answer = await self._confirm(order)
        return await self._follow(order, await self._keeper.read_payment(order), answer)

    async def wait_for_customer(self, order: Order) -> Order | None:
        """CUSTOMER_ACTION: rest until the customer, a notice or the deadline comes."""
        renewed = await self._keeper.renew_hold(order, seconds=self._policy.hold_seconds)
        if renewed is not order:
            return renewed
        payment = await self._keeper.read_payment(order)
        if payment.status in _SETTLED:
            return await self._follow(order, payment)
        if reason := self._keeper.given_up(order):
            return await self._keeper.give_up(order, reason)
        failed_authentication = order.attempt.decline is None and payment.status is not PaymentStatus.REQUIRES_ACTION
        if failed_authentication and payment.decline is not None:
            return await self._turn_down(order, payment, payment.decline)
        return await self._book.rest(order, until=self._book.next_look_at_open_payment(order))

    async def capture(self, order: Order) -> Order | None:
        """AUTHORISED: commit the stock, then take the money."""
        if order.cancel_asked:
            return await self._keeper.give_up(order, Reason.CANCEL_ASKED)
        if not await self._keeper.commit_stock(order):
            return await self._keeper.give_up(order, Reason.STOCK_GONE)
        payment_id = stored_id(order)
        answer = await self._keeper.answer(lambda: self._gateway.capture_payment(payment_id, key=order.key("capture")))
        payment = await self._keeper.read_payment(order)
        if payment.status is PaymentStatus.SUCCEEDED:
            return await self._enter_paid(order, payment)
        if payment.status is PaymentStatus.CANCELED:
            return await self._keeper.give_up(order, Reason.AUTHORISATION_EXPIRED)
        if isinstance(answer, CallRejected | PaymentDeclined):
            return await self._keeper.give_up(order, Reason.CAPTURE_REFUSED)
        return await self._keeper.wait_with_new_key(order, _undone(payment, answer))

    async def abandon(self, order: Order) -> Order | None:
        """ABANDONING: cancel the intent; only then give the stock back and fail. If it proves paid, go on as paid."""
        if order.payment_id is not None:
            payment_id = order.payment_id
            answer = await self._keeper.answer(
                lambda: self._gateway.cancel_payment(payment_id, key=order.key("cancel"))
            )
            payment = await self._keeper.read_payment(order)
            if payment.status is not PaymentStatus.CANCELED:
                return await self._not_cancelled(order, payment, answer)
        await self._keeper.release_stock(order)
        assert order.reason is not None, "an order is abandoned for a reason"
        released = evolve(order, hold_until=None)
        return await self._book.enter(order, order.reason.final_status, having=released, reason=order.reason)

    async def _not_cancelled(self, order: Order, payment: Payment, answer: Answer) -> Order | None:
        if payment.status is PaymentStatus.SUCCEEDED:
            return await self._enter_paid(order, payment)
        if payment.status is PaymentStatus.PROCESSING:
            return await self._book.rest(order, until=self._keeper.soon(self._policy.pending_look_seconds))
        # A refusal too may be an old one: what was `processing` then can be cancelled now, under a new key.
        return await self._keeper.wait_with_new_key(order, _undone(payment, answer))

    async def _create(self, order: Order) -> Payment | OutcomeUnknown:
        """A doubt is an answer here, and no try at once: under a key that Stripe lost, each makes another one."""
        purchase = order.purchase
        try:
            return await self._gateway.create_payment(
                order.id,
                amount=purchase.price.total,
                capture=self._policy.capture,
                stripe_customer_id=purchase.customer.stripe_customer_id,
                key=order.key("create"),
            )
        except OutcomeUnknown as doubt:
            return doubt

    async def _confirm(self, order: Order) -> Answer:
        attempt, payment_id = order.attempt, stored_id(order)
        key = order.key(f"confirm-{attempt.number}")
        return await self._keeper.answer(
            lambda: self._gateway.confirm_payment(payment_id, payment_method=attempt.payment_method, key=key)
        )

    async def _follow(self, order: Order, payment: Payment, answer: Answer | None = None) -> Order | None:
        """Go where the payment is; `answer` is what this try's confirmation said, where it has just been made."""
        match payment.status:
            case PaymentStatus.SUCCEEDED:
                return await self._enter_paid(order, payment)
            case PaymentStatus.REQUIRES_CAPTURE:
                return await self._book.enter(order, OrderStatus.AUTHORISED)
            case PaymentStatus.PROCESSING:
                return await self._rest_in_processing(order)
            case PaymentStatus.CANCELED:
                return await self._keeper.give_up(order, Reason.PAYMENT_CANCELLED)
        match answer:
            case PaymentDeclined():
                return await self._turn_down(order, payment, Decline(answer.code, answer.decline_code))
            case CallRejected():
                return await self._keeper.give_up(order, Reason.PAYMENT_REFUSED)
            case OutcomeUnknown() if not _shows_this_try(order, payment):
                return await self._keeper.wait_with_new_key(order, answer)
        if payment.status is PaymentStatus.REQUIRES_ACTION:
            return await self._ask_customer(order, having=order)
        if payment.decline is not None:
            return await self._turn_down(order, payment, payment.decline)
        raise OutcomeUnknown(f"{payment.id} was confirmed and still reads {payment.status}")

    async def _turn_down(self, order: Order, payment: Payment, decline: Decline) -> Order:
        told = evolve(order, attempt=order.attempt.turned_down(decline, payment.charge_id))
        if order.attempt.number >= self._policy.cards:
            return await self._keeper.give_up(order, Reason.CARDS_DECLINED, having=told)
        if order.status is OrderStatus.CUSTOMER_ACTION:
            return await self._book.progress(order, having=told)
        return await self._ask_customer(order, having=told)

    async def _ask_customer(self, order: Order, *, having: Order) -> Order:
        if reason := self._keeper.given_up(order):
            return await self._keeper.give_up(order, reason, having=having)
        return await self._book.enter(order, OrderStatus.CUSTOMER_ACTION, having=having)

    async def _rest_in_processing(self, order: Order) -> Order | None:
        if order.status is not OrderStatus.PAYMENT_PROCESSING:
            return await self._book.enter(order, OrderStatus.PAYMENT_PROCESSING)
        if not order.in_processing:
            return await self._book.note(order, having=evolve(order, in_processing=True))
        look_seconds = self._policy.pending_look_seconds
        renewed = await self._keeper.renew_hold(order, seconds=2 * look_seconds + self._policy.hold_seconds)
        if renewed is not order:
            return renewed
        next_look = min(self._keeper.soon(look_seconds), self._book.next_renewal(order))
        return await self._book.rest(order, until=next_look)

    async def _enter_paid(self, order: Order, payment: Payment) -> Order | None:
        total = order.purchase.price.total
        if not payment.covers(total):
            detail = f"{payment.id} received {payment.received} of {total}"
            return await self._book.ask_for_review(order, "another amount was received", detail)
        return await self._book.enter(order, OrderStatus.PAID, having=evolve(order, hold_until=None))


def _shows_this_try(order: Order, payment: Payment) -> bool:
    """Whether what the intent shows is this try's doing, and not an older one's."""
    if payment.status in _SETTLED:
        return True
    if payment.status is PaymentStatus.REQUIRES_ACTION:
        return order.attempt.number == 1
    return payment.decline is not None and payment.charge_id not in (None, order.attempt.previous_charge_id)


def _undone(payment: Payment, answer: Answer) -> OutcomeUnknown:
    if isinstance(answer, OutcomeUnknown):
        return answer
    told = f": {answer}" if isinstance(answer, CallRejected) else ""
    return OutcomeUnknown(f"{payment.id} still reads {payment.status}{told}")
