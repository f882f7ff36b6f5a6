"""What a checkout is given, checked before anything is stored or called; and the id that is derived from it."""

from __future__ import annotations

import re
from hashlib import blake2b

from payflows.checkout.goods import Address
from payflows.checks import instance_of
from payflows.errors import InvalidCheckout
from payflows.parties import Actor, Customer, Merchant
from payflows.payments.input import check_payment_method, check_return_url


def order_id_of(merchant: Merchant, customer: Customer, checkout_id: str) -> str:
    """Return the id of a checkout's order: derived, so that a repeat finds the same one."""
    # Lengths keep the parts apart: no two purchases share a name.
    name = "".join(f"{len(part)}:{part}" for part in (merchant.id, customer.id, checkout_id))
    return "ord_" + blake2b(name.encode(), digest_size=10).hexdigest()


def check_customer(customer: Customer) -> None:
    """Raise `InvalidCheckout` unless it is a customer."""
    instance_of("the customer of a checkout", customer, Customer, error=InvalidCheckout)


def check_request(actor: Actor, order_id: str) -> None:
    """Raise `InvalidCheckout` unless a customer or a merchant asks about an order."""
    instance_of("actor", actor, Customer, Merchant, error=InvalidCheckout)
    instance_of("order_id", order_id, str, error=InvalidCheckout)


def check_attempt(payment_method: str, return_url: str | None) -> None:
    """Raise `InvalidCheckout` unless it can be paid so: by Stripe's id of a payment method, and back to this page."""
    check_payment_method(payment_method, error=InvalidCheckout)
    check_return_url(return_url, error=InvalidCheckout)


def check_address(address: Address) -> None:
    """Raise `InvalidCheckout` unless a parcel can be addressed so."""
    instance_of("shipping_address", address, Address, error=InvalidCheckout)
    for field in (address.name, address.line1, address.city, address.postal_code):
        if not isinstance(field, str) or not 0 < len(field) <= 200 or not field.isprintable():
            raise InvalidCheckout("name, line1, city and postal_code are texts of 1 to 200 printable characters")
    country = address.country
    if not isinstance(country, str) or not re.fullmatch("[A-Z]{2}", country):
        raise InvalidCheckout("a country is two capitals such as US; what came is not")
