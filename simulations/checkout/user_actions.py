"""What people do in a shop, whatever has happened before, and how time passes in it. Stories are in `stories`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order, OrderStatus
from payflows.checkout.pricing import CartItem
from payflows.errors import CallRejected
from payflows.parties import Customer
from payflows.payments.model import RefundStatus
from payflows.payments.refunds import REFUND_FAILED

from simulations.checkout.scripted_shop import ADA, HOMES, VISA, cart
from simulations.checkout.shop import MERCHANT
from simulations.checkout.system import CheckoutSystem
from simulations.search.process import Crash
from simulations.search.waiting import DAY, hours_pass, work, work_until

DAYS_OF_WEBHOOKS = 4
"""Stripe repeats a webhook for three days."""
TRIES_OF_A_WEBHOOK = 12
"""Of one that comes by hand, or of a person who insists; more often than faults strike, in a storm too."""


def buy(
    shop: CheckoutSystem, card: str = VISA, *, customer: Customer = ADA, items: Sequence[CartItem] = cart()
) -> Order | None:
    """Press "buy"; the order as the shop answers, None where it does not."""
    address, checkout = HOMES[customer.id], shop.app.checkout.process_checkout
    return _hear(shop, checkout(customer, "checkout-1", cart=items, payment_method=card, shipping_address=address))


def _hear(shop: CheckoutSystem, asked: Coroutine[Any, Any, Order | None]) -> Order | None:
    """Ask, and take the shop by its word; None where no order is answered."""
    answer = _answer(shop, asked)
    return answer if isinstance(answer, Order) else None


def _answer(shop: CheckoutSystem, asked: Coroutine[Any, Any, Order | None]) -> object:
    answer = shop.ask(asked)
    if isinstance(answer, Order):
        shop.answers.append(answer)
    return answer


def pay_again(shop: CheckoutSystem, card: str) -> None:
    """Try another card, where the shop asks for one."""
    order = shop.order
    if order is not None and order.status is OrderStatus.CUSTOMER_ACTION:
        pay_again = shop.app.checkout.pay_again
        _hear(shop, pay_again(ADA, order.id, expected_try=order.attempt.number, payment_method=card))


def at_the_bank(shop: CheckoutSystem, *, passes: bool) -> None:
    """Open the bank's page, answer its question, and come back to the shop."""
    order = shop.order
    if order is None or order.payment_id is None:
        return
    shop.ask(shop.app.checkout.customer_action(ADA, order.id))
    with suppress(CallRejected):  # it does not ask, or not any more
        answer = shop.stripe.authenticate if passes else shop.stripe.fail_authentication
        answer(order.payment_id)
    _hear(shop, shop.app.checkout.advance(ADA, order.id))


def authenticates_and_leaves(shop: CheckoutSystem) -> None:
    """Answer the bank with a yes, and never come back to the shop."""
    order = shop.order
    if order is not None and order.payment_id is not None:
        with suppress(CallRejected):
            shop.stripe.authenticate(order.payment_id)


def cancel(shop: CheckoutSystem) -> None:
    """The customer changes their mind."""
    if shop.order is not None:
        _hear(shop, shop.app.checkout.cancel_order(ADA, shop.order.id))


def refund(shop: CheckoutSystem) -> None:
    """The merchant gives the money back."""
    if shop.order is not None:
        _hear(shop, shop.app.checkout.refund_order(MERCHANT, shop.order.id))


def settle_refund(shop: CheckoutSystem) -> None:
    """The merchant has given the money back another way, where its refund failed, and says so until it is noted."""
    order = shop.order
    if order is not None and order.review is not None and order.review.reason == REFUND_FAILED:
        shop.settled_elsewhere.add(order.id)
        insist(shop, lambda order_id: shop.app.checkout.settle_refund(MERCHANT, order_id))


def notice(shop: CheckoutSystem) -> None:
    """A webhook about the payment comes, and again until it is answered."""
    order = shop.order
    if order is not None and (payment_id := order.payment_id) is not None:
        _until_answered(shop, lambda: shop.ask(shop.notify(payment_id)))


def insist(shop: CheckoutSystem, act: Callable[[str], Coroutine[Any, Any, Order | None]]) -> None:
    """The merchant asks something of the order, and again until that is answered."""
    order = shop.order
    if order is not None:
        _until_answered(shop, lambda: _answer(shop, act(order.id)))


def _until_answered(shop: CheckoutSystem, ask: Callable[[], object]) -> None:
    for _ in range(TRIES_OF_A_WEBHOOK):
        if not isinstance(ask(), Crash | Exception):
            return
        hours_pass(shop, 1)


def in_the_dashboard(shop: CheckoutSystem, do: Callable[[str], object]) -> None:
    """The merchant does something to the payment in the dashboard, where Stripe lets them; its webhook comes."""
    order = shop.order
    if order is not None and order.payment_id is not None:
        with suppress(CallRejected):
            do(order.payment_id)
        notice(shop)


# Time passes.


def until_asked(shop: CheckoutSystem) -> None:
    """Wait until the shop asks the customer for something, or needs nothing from them any more."""
    work_until(shop, lambda: not _is_under_way(shop))


def _is_under_way(shop: CheckoutSystem) -> bool:
    order = shop.order
    return order is not None and order.status in _UNDER_WAY


_UNDER_WAY = (
    OrderStatus.PENDING,
    OrderStatus.INVENTORY_RESERVED,
    OrderStatus.AUTHORISED,
    OrderStatus.ABANDONING,
)


def end(shop: CheckoutSystem) -> None:
    """The calm after the storm: the worker settles what it can, and parcels arrive."""
    work(shop)
    if shop.sender is not None:
        for _ in range(DAYS_OF_WEBHOOKS):
            hours_pass(shop, 24)
    parcels_arrive(shop)
    work(shop)


def parcels_arrive(shop: CheckoutSystem) -> None:
    """The carrier reports each parcel that is on its way as delivered, three days later."""
    for order in tuple(shop.store.all(ORDERS)):
        if order.status is OrderStatus.SHIPPED:
            shop.pass_time(3 * DAY)
            shop.ask(shop.app.checkout.shipment_changed(MERCHANT, order.id))


def until_sent_back(shop: CheckoutSystem) -> None:
    """Wait until the customer's bank has sent a refund back; for two weeks at most, for it may be made late."""
    for _ in range(14):
        order = shop.order
        payments = shop.stripe.payments_of_order(order.id) if order is not None else ()
        refunds = (refund for payment in payments for refund in shop.stripe.intent(payment.id).refunds)
        if any(refund.status is RefundStatus.FAILED for refund in refunds):
            return
        hours_pass(shop, 24)
