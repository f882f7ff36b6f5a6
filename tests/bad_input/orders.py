"""Orders of another customer, or placed otherwise. Each needs Ada's first order, "checkout-1"."""

from __future__ import annotations

from dataclasses import replace

from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order
from payflows.checkout.pricing import CartItem
from payflows.errors import CheckoutIdReused, InvalidCheckout, NotFound
from payflows.parties import Customer, Merchant
from simulations.checkout.shop import HOME, MERCHANT, Shop
from tests.bad_input.asking import ADA, MUGS, VISA, checkout
from tests.bad_input.rows import CARD, rows

EVE = Customer(id="eve", email="eve@example.com")


def order_of(shop: Shop) -> Order:
    return next(iter(shop.store.all(ORDERS)))


OTHER_ORDERS = [
    *rows(
        "orders",
        CheckoutIdReused,
        {
            "same checkout id, other product": checkout(checkout_id="checkout-1", cart=[CartItem("fan", 2)]),
            "same checkout id, other quantity": checkout(checkout_id="checkout-1", cart=[CartItem("mug", 1)]),
            "same checkout id, one line more": checkout(checkout_id="checkout-1", cart=[*MUGS, CartItem("yacht", 1)]),
            "same checkout id, other address": checkout(
                checkout_id="checkout-1", shipping_address=replace(HOME, city="Shelbyville")
            ),
        },
    ),
    *rows(
        "orders",
        NotFound,
        {
            "unknown order": lambda shop: shop.flow.order(ADA, "ord_unknown"),
            "no order id": lambda shop: shop.flow.advance(ADA, ""),
            "another customer reads": lambda shop: shop.flow.order(EVE, order_of(shop).id),
            "another customer reads the log": lambda shop: shop.flow.transitions(EVE, order_of(shop).id),
            "another customer advances": lambda shop: shop.flow.advance(EVE, order_of(shop).id),
            "another customer cancels": lambda shop: shop.flow.cancel_order(EVE, order_of(shop).id),
            "another customer pays": lambda shop: shop.flow.pay_again(
                EVE, order_of(shop).id, expected_try=1, payment_method=VISA
            ),
            "a customer named as the merchant is": lambda shop: shop.flow.cancel_order(
                Customer(id=MERCHANT.id, email="eve@example.com"), order_of(shop).id
            ),
            "a merchant named as the customer is": lambda shop: shop.flow.cancel_order(
                Merchant(id=ADA.id), order_of(shop).id
            ),
            "another merchant cancels": lambda shop: shop.flow.cancel_order(Merchant(id="mer_2"), order_of(shop).id),
            "another merchant refunds": lambda shop: shop.flow.refund_order(Merchant(id="mer_2"), order_of(shop).id),
            "another merchant settles": lambda shop: shop.flow.settle_refund(Merchant(id="mer_2"), order_of(shop).id),
            "the customer settles": lambda shop: shop.flow.settle_refund(
                ADA,  # type: ignore[arg-type]
                order_of(shop).id,
            ),
            "the customer refunds": lambda shop: shop.flow.refund_order(
                ADA,  # type: ignore[arg-type]
                order_of(shop).id,
            ),
            "another merchant's notice": lambda shop: shop.flow.payment_changed(
                Merchant(id="mer_2"), order_of(shop).payment_id or ""
            ),
            "another merchant's parcel": lambda shop: shop.flow.shipment_changed(
                Merchant(id="mer_2"), order_of(shop).id
            ),
        },
    ),
    *rows(
        "orders",
        InvalidCheckout,
        {
            "card number to pay again": lambda shop: shop.flow.pay_again(
                ADA, order_of(shop).id, expected_try=1, payment_method=CARD
            ),
            "card number inside pm_ to pay again": lambda shop: shop.flow.pay_again(
                ADA, order_of(shop).id, expected_try=1, payment_method=f"pm_{CARD}"
            ),
        },
    ),
]
