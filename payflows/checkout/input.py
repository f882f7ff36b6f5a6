"""What a checkout is given, checked before anything is stored or called; and the id that is derived from it."""

from __future__ import annotations

import re
from hashlib import blake2b
from urllib.parse import urlsplit

from payflows.checkout.goods import Address
from payflows.checkout.model import Purchase
from payflows.checks import instance_of
from payflows.errors import InvalidCheckout
from payflows.parties import Actor, Customer, Merchant

LONGEST_URL = 2_048
_PAYMENT_METHOD = re.compile(r"pm_[A-Za-z0-9_]{1,250}")


def order_id_of(purchase: Purchase) -> str:
    """Return the id of a purchase's order: derived, so that a repeat finds the same one."""
    # Lengths keep the parts apart: no two purchases share a name.
    parts = (purchase.merchant_id, purchase.customer.id, purchase.checkout_id)
    name = "".join(f"{len(part)}:{part}" for part in parts)
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
    _check_payment_method(payment_method)
    _check_return_url(return_url)


def _check_payment_method(payment_method: str) -> None:
    # What came is not repeated: it may be a card number.
    if not isinstance(payment_method, str) or not _PAYMENT_METHOD.fullmatch(payment_method):
        raise InvalidCheckout("a payment method is Stripe's id, such as pm_card_visa; card numbers are never taken")
    if re.search(r"\d{13}", payment_method.replace("_", "")):
        raise InvalidCheckout("a payment method is Stripe's id, not a card number")


def _check_return_url(url: str | None) -> None:
    """A browser comes back by https, or by http on this machine; None is none."""
    if url is None:
        return
    parts = urlsplit(url) if isinstance(url, str) and len(url) <= LONGEST_URL and url.isprintable() else None
    is_ours = parts is not None and (parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1"))
    if not is_ours or parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidCheckout(
            "a return_url is where the customer's browser comes back to, such as https://shop.example"
        )


def check_address(address: Address) -> None:
    """Raise `InvalidCheckout` unless a parcel can be addressed so."""
    instance_of("shipping_address", address, Address, error=InvalidCheckout)
    for field in (address.name, address.line1, address.city, address.postal_code):
        if not isinstance(field, str) or not 0 < len(field) <= 200 or not field.isprintable():
            raise InvalidCheckout("name, line1, city and postal_code are texts of 1 to 200 printable characters")
    country = address.country
    if not isinstance(country, str) or not re.fullmatch("[A-Z]{2}", country):
        raise InvalidCheckout("a country is two capitals such as US; what came is not")
