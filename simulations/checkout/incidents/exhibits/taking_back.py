"""Bugs about taking back: an order is cancelled, or its money refunded, and the books say another thing than Stripe."""

from __future__ import annotations

from contextlib import suppress

from payflows.checkout.model import Order, OrderStatus, Reason
from payflows.checkout.policy import CheckoutPolicy
from payflows.clock import SECOND
from payflows.errors import PayflowsError, VersionConflict
from payflows.kernel.evolve import evolve
from payflows.parties import Actor, Merchant
from payflows.payments.model import CaptureMode, Refund

from simulations.checkout.incidents.exhibit import Exhibit
from simulations.checkout.incidents.scene import Scene
from simulations.checkout.naive import SILENT_ORDERS, NaiveCheckout, with_payment
from simulations.checkout.scripted_shop import ADA
from simulations.checkout.subject import Ports, Settings
from simulations.incidents.exhibit import Promise, Thread

AUTHORISE_FIRST = Settings(CheckoutPolicy(capture=CaptureMode.MANUAL))
AUTOMATIC_CAPTURE = Settings(CheckoutPolicy(capture=CaptureMode.AUTOMATIC))
FETCHED_LATER = Settings(CheckoutPolicy(capture=CaptureMode.AUTOMATIC), pickup_seconds=7_200)


class CancelsAnyway(NaiveCheckout):
    """Asks for the payment to be cancelled, and does not look at the answer."""

    async def cancel_order(self, actor: Actor, order_id: str) -> Order | None:
        """Cancel an order that is authorised; whether its payment was cancelled too makes no difference."""
        order = await self.ports.store.get(SILENT_ORDERS, order_id)
        assert order.payment_id is not None, "it is authorised"
        with suppress(PayflowsError):
            await self.ports.gateway.cancel_payment(order.payment_id, key=order.charge.key("cancel"))
        await self.ports.inventory.release(order.id)
        order = await self.move(order, OrderStatus.ABANDONING, reason=Reason.CANCEL_ASKED)
        return await self.move(order, OrderStatus.CANCELLED, reason=Reason.CANCEL_ASKED)


class CountsARefundTwice(NaiveCheckout):
    """Knows a refund by the id that the API answered; a webhook with another id is a refund by other hands."""

    async def refund_order(self, merchant: Merchant, order_id: str) -> Order | None:
        """Give the money back, and write it down once Stripe has answered."""
        order = await self.ports.store.get(SILENT_ORDERS, order_id)
        assert order.payment_id is not None, "it is paid"
        key = order.charge.key("refund")
        refund = await self.ports.gateway.refund_payment(order.payment_id, order_id=order.id, key=key)
        return await self._write_down(order_id, refund)

    async def payment_changed(self, merchant: Merchant, payment_id: str) -> Order | None:
        """Write a refund down that is not known yet."""
        order = await self.ports.store.find(SILENT_ORDERS, payment_id)
        for refund in await self.ports.gateway.list_refunds(payment_id, order_id=order.id):
            if refund.id != order.charge.refund_id:
                order = await self._write_down(order.id, refund)
        return order

    async def _write_down(self, order_id: str, refund: Refund) -> Order:
        order = await self.ports.store.get(SILENT_ORDERS, order_id)
        refunded_minor = order.charge.refunded_minor + refund.amount.minor
        noted = evolve(order.charge, refund_id=refund.id, refunded=True, refunded_minor=refunded_minor)
        return await self.write(order, evolve(order, charge=noted))


class KnowsOnePayment(NaiveCheckout):
    """Charges with every press of the button, and takes the refund of any payment for the refund of the order."""

    def __init__(self, ports: Ports, settings: Settings) -> None:
        super().__init__(ports, settings)
        self._presses = 0

    async def sell(self, order: Order) -> Order:
        """Take the payment, then find out whether the order is paid already."""
        if not await self.hold(order):
            return await self.move(order, OrderStatus.CANCELLED, reason=Reason.OUT_OF_STOCK)
        self._presses += 1
        payment = await self.make_payment(order, key=f"create-{self._presses}")
        await self.confirm(order, payment)
        try:
            order = await self.move(order, OrderStatus.INVENTORY_RESERVED)
            order = await self.move(with_payment(order, payment.id), OrderStatus.PAYMENT_PROCESSING)
            return await self.follow(order)
        except VersionConflict:
            return await self.ports.store.get(SILENT_ORDERS, order.id)

    async def payment_changed(self, merchant: Merchant, payment_id: str) -> Order | None:
        """Money went back: the order is refunded, and with it its goods."""
        payment = await self.ports.gateway.retrieve_payment(payment_id)
        order = await self.ports.store.get(SILENT_ORDERS, payment.order_id or "")
        if payment.returned.minor == 0 or order.status is not OrderStatus.PAID:
            return order
        await self.ports.carrier.void(order.id)
        await self.ports.inventory.release(order.id)
        order = await self.move(order, OrderStatus.REFUNDING, reason=Reason.MONEY_RETURNED)
        return await self.move(order, OrderStatus.CANCELLED, reason=Reason.MONEY_RETURNED)


def _cancel_in_an_outage(scene: Scene) -> None:
    outage_seconds = 20 * 60
    until = scene.clock.now() + outage_seconds * SECOND
    for call in ("capture_payment", "cancel_payment"):
        scene.stripe.refuse_connections(call, until=until)
    scene.universe.postpone_calm(outage_seconds)
    scene.note("Stripe takes no captures and no cancellations")
    scene.buys(ADA)
    scene.waits(minutes=5)
    scene.cancels(ADA)
    scene.waits(minutes=15)
    scene.note("Stripe is back")
    scene.waits(minutes=40)
    scene.captures_by_hand(scene.order_of(ADA))


def _refund_with_a_quick_webhook(scene: Scene) -> None:
    scene.let_refund_webhooks_overtake()
    order = scene.buys(ADA)
    scene.waits(minutes=60)
    scene.refunds(order)
    scene.waits(minutes=120)


def _give_one_of_two_back(scene: Scene) -> None:
    scene.buy_concurrently(ADA, ADA)
    scene.waits(minutes=30)
    scene.gives_back_the_surplus(scene.order_of(ADA))
    scene.waits(minutes=240)


EXHIBITS = (
    Exhibit(
        name="cancelled, and charged",
        bug="Cancelling the payment fails, the order is cancelled all the same, and can still be captured.",
        thread=Thread("medusajs/medusa", 15623),
        liberties="There PayPal fails to cancel; here Stripe takes neither captures nor cancellations for a while.",
        promise=Promise("I1", "no money is kept for an order that is cancelled"),
        tell=_cancel_in_an_outage,
        buggy=CancelsAnyway,
        settings=AUTHORISE_FIRST,
    ),
    Exhibit(
        name="one refund, written down twice",
        bug="The webhook of a refund overtakes the API's answer, which carries the id by which it would be known.",
        thread=Thread("woocommerce/woocommerce-gateway-stripe", 2724),
        liberties="Whether the refund is of the whole or a part, the thread leaves open; here it is of the whole.",
        promise=Promise("I15", "the books agree with Stripe"),
        tell=_refund_with_a_quick_webhook,
        buggy=CountsARefundTwice,
        settings=AUTOMATIC_CAPTURE,
    ),
    Exhibit(
        name="the surplus refund",
        bug="An order is paid twice, one of the payments is refunded, and the paid order is cancelled for it.",
        thread=Thread("pretix/pretix", 343),
        liberties="The thread blames another bug for the double charge; here it is a double click. It sells tickets.",
        promise=Promise("I1", "no money is kept for an order that is cancelled"),
        tell=_give_one_of_two_back,
        buggy=KnowsOnePayment,
        settings=FETCHED_LATER,
    ),
)
