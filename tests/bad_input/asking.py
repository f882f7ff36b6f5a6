"""How the rows about checkouts speak. What they are given is wrong on purpose, so the types end here."""

from __future__ import annotations

from dataclasses import replace

from payflows.checkout.pricing import CartItem
from payflows.parties import Customer
from simulations.checkout.shop import HOME
from tests.bad_input.rows import Call

ADA = Customer(id="ada", email="ada@example.com")
VISA = "pm_card_visa"
MUGS = (CartItem("mug", 2),)


def checkout(
    *,
    customer: object = ADA,
    checkout_id: object = "checkout-2",
    cart: object = MUGS,
    payment_method: object = VISA,
    shipping_address: object = HOME,
) -> Call:
    return lambda shop: shop.flow.process_checkout(
        customer,  # type: ignore[arg-type]
        checkout_id,  # type: ignore[arg-type]
        cart=cart,  # type: ignore[arg-type]
        payment_method=payment_method,  # type: ignore[arg-type]
        shipping_address=shipping_address,  # type: ignore[arg-type]
    )


def of_item(product_id: object = "mug", quantity: object = 1, seen_price: object = None) -> Call:
    return checkout(cart=[CartItem(product_id, quantity, seen_price)])  # type: ignore[arg-type]


def customer_with(*, id: object = "ada", email: object = "ada@example.com", stripe_customer_id: object = None) -> Call:
    return lambda _: Customer(id=id, email=email, stripe_customer_id=stripe_customer_id)  # type: ignore[arg-type]


def sent_to(**other: object) -> Call:
    return checkout(shipping_address=replace(HOME, **other))  # type: ignore[arg-type]
