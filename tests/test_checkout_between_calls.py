"""Stories in which something happens between two of our calls, or a read is behind."""

from __future__ import annotations

from datetime import timedelta

from payflows.checkout.goods import HoldStatus
from payflows.checkout.messages import EventType
from payflows.checkout.model import Order, OrderStatus, Reason
from payflows.checkout.policy import CheckoutPolicy
from payflows.errors import CallNotSent, CallRejected
from payflows.kernel.changes import Change
from payflows.money import Money
from payflows.payments.model import CaptureMode, Payment, PaymentStatus
from simulations.checkout.scripted_shop import ADA, BOB, NO_FUNDS, THREE_D_SECURE, VISA, ScriptedShop, cart

AUTOMATIC = CheckoutPolicy(capture=CaptureMode.AUTOMATIC)


def test_an_order_that_is_paid_is_not_given_up_for_a_read_that_is_behind(shop: ScriptedShop) -> None:
    """The second read of what was captured shows the payment as it was before."""
    read = shop.stripe.retrieve_payment
    paid: list[Payment] = []

    async def be_behind_once(payment_id: str) -> Payment:
        payment = await read(payment_id)
        if payment.status is PaymentStatus.SUCCEEDED:
            paid.append(payment)
            if len(paid) == 2:
                return payment._replace(status=PaymentStatus.REQUIRES_CAPTURE, received=Money(0, "usd"))
        return payment

    shop.stripe.retrieve_payment = be_behind_once
    order = shop.buy()
    assert order.status is OrderStatus.PAID
    assert not shop.carrier.shipments()

    shop.settle()

    assert shop.path(order)[-3:] == ["paid", "shipped", "delivered"]


def test_a_decline_that_is_known_only_after_the_deadline_is_published_before_the_end(shop: ScriptedShop) -> None:
    reads, read, deadline = [], shop.stripe.retrieve_payment, shop.world.now() + timedelta(hours=1)

    async def read_once_and_after_the_deadline(payment_id: str) -> Payment:
        reads.append(payment_id)
        if len(reads) > 1 and shop.world.now() < deadline:
            raise CallNotSent("Stripe is away")
        return await read(payment_id)

    shop.stripe.retrieve_payment = read_once_and_after_the_deadline
    shop.stripe.lose_answer_of("confirm_payment", times=4)
    order = shop.buy(card=NO_FUNDS)
    assert (order.status, order.attempt.decline) == (OrderStatus.PAYMENT_PROCESSING, None)

    shop.settle()

    assert shop.events(order)[1:] == [EventType.PAYMENT_DECLINED, EventType.PAYMENT_FAILED]
    assert shop.now(order).reason is Reason.DEADLINE_PASSED


def test_a_capture_that_stripe_refuses_ends_the_order(shop: ScriptedShop) -> None:
    async def refuse(payment_id: str, *, key: str) -> Payment:
        raise CallRejected("This payment cannot be captured.")

    shop.stripe.capture_payment = refuse

    order = shop.buy()

    assert (order.status, order.reason) == (OrderStatus.PAYMENT_FAILED, Reason.CAPTURE_REFUSED)
    shop.settle()


def test_an_authorisation_that_is_cancelled_before_its_capture_has_expired(shop: ScriptedShop) -> None:
    capture = shop.stripe.capture_payment

    async def be_late(payment_id: str, *, key: str) -> Payment:
        shop.stripe.cancel_in_dashboard(payment_id)
        return await capture(payment_id, key=key)

    shop.stripe.capture_payment = be_late

    order = shop.buy()

    assert (order.status, order.reason) == (OrderStatus.PAYMENT_FAILED, Reason.AUTHORISATION_EXPIRED)
    shop.settle()


def test_a_bank_that_is_at_work_after_the_customer_has_acted_is_waited_for(shop: ScriptedShop) -> None:
    read = shop.stripe.retrieve_payment
    at_work: list[str] = []

    async def be_at_work(payment_id: str) -> Payment:
        payment = await read(payment_id)
        return payment._replace(status=PaymentStatus.PROCESSING) if at_work else payment

    shop.stripe.retrieve_payment = be_at_work
    order = shop.buy(card=THREE_D_SECURE)
    at_work.append(order.id)

    processing = shop.notice(order)
    shop.pass_time(hours=5)

    assert (processing.status, processing.charge.is_processing) == (OrderStatus.PAYMENT_PROCESSING, True)
    assert shop.now(order).status is OrderStatus.PAYMENT_PROCESSING
    assert shop.inventory.holds()[order.id].status is HoldStatus.HELD


def test_an_order_that_is_given_up_and_proves_paid_is_shipped() -> None:
    """The customer answers the bank just before the intent is cancelled, when the deadline is over."""
    shop = ScriptedShop(policy=AUTOMATIC)
    cancel = shop.stripe.cancel_payment

    async def be_late(payment_id: str, *, key: str) -> Payment:
        if shop.stripe.intent(payment_id).status is PaymentStatus.REQUIRES_ACTION:
            shop.stripe.authenticate(payment_id)
        return await cancel(payment_id, key=key)

    shop.stripe.cancel_payment = be_late
    order = shop.buy(card=THREE_D_SECURE)

    shop.pass_time(hours=2)
    shop.settle()

    assert shop.path(order)[-4:] == ["abandoning", "paid", "shipped", "delivered"]


def test_an_order_whose_goods_went_to_another_asks_for_no_payment() -> None:
    """Stripe was away for longer than the goods were held, and our worker was down."""
    shop = ScriptedShop(poll_seconds=None)
    shop.stripe.refuse_connections(until=shop.world.now() + timedelta(minutes=40))
    order = shop.buy(cart("lamp", 1))
    shop.pass_time(minutes=45)
    assert shop.buy(cart("lamp", 1), customer=BOB).status is OrderStatus.SHIPPED
    made = len(shop.calls)

    late = shop.come_back(order)

    assert (late.status, late.reason) == (OrderStatus.CANCELLED, Reason.STOCK_GONE)
    assert [call.method for call in shop.calls[made:]] == ["renew", "release"]


def test_goods_that_left_the_shelf_before_that_was_noted_are_not_missing() -> None:
    shop = ScriptedShop(pickup_seconds=1_800, poll_seconds=None)
    order = shop.buy()
    shop.world.run(shop.inventory.ship(order.id))  # and our process dies

    assert shop.come_back(order).status is OrderStatus.PAID


def test_another_card_that_another_tab_was_quicker_with_is_that_tabs(shop: ScriptedShop) -> None:
    change = shop.store.change
    others: list[Order] = []

    async def be_second(*changes: Change) -> None:
        if others:
            order = others.pop()
            await shop.flow.pay_again(ADA, order.id, expected_try=1, payment_method=VISA)
        await change(*changes)

    shop.store.change = be_second  # type: ignore[method-assign]
    order = shop.buy(card=NO_FUNDS)
    others.append(order)

    paid = shop.pay_again(order, card=THREE_D_SECURE)

    assert (paid.status, paid.attempt.payment_method) == (OrderStatus.SHIPPED, VISA)
    shop.settle()
