"""What a marketplace is given, checked before anything is stored or called; and the ids that are derived from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import urlsplit

from payflows.checks import instance_of, sequence
from payflows.errors import InvalidSale
from payflows.marketplace.connect import BusinessType
from payflows.marketplace.fees import ANY_CATEGORY
from payflows.money import Money
from payflows.parties import Actor, Customer, Merchant, check_id
from payflows.payments.input import check_payment_method, check_return_url

_COUNTRIES = """
AE AT AU BE BG BR CA CH CY CZ DE DK EE ES FI FR GB GI GR HK HR HU IE IT
JP LI LT LU LV MT MX MY NL NO NZ PL PT RO SE SG SI SK TH US
"""
COUNTRIES = frozenset(_COUNTRIES.split())
"""Where Stripe opens express accounts (stripe.com/global)."""
MAX_VENDORS = 20
MAX_EVIDENCE_FIELDS = 30
MAX_EVIDENCE_LENGTH = 20_000
_LONGEST_URL = 2_000


class CartPart(NamedTuple):
    """What of a cart is one vendor's.

    Attributes:
        vendor_id: the caller's own id of the vendor.
        amount: what the buyer pays for it.
        category: of what is sold, for the fee.
    """

    vendor_id: str
    amount: Money
    category: str = ANY_CATEGORY


def sale_id_of(merchant: Merchant, customer: Customer, order_id: str) -> str:
    """Return the id of an order's sale: derived, so that a repeat finds the same one."""
    # Lengths keep the parts apart: no two orders share a name.
    name = "".join(f"{len(part)}:{part}" for part in (merchant.id, customer.id, order_id))
    return "sale_" + blake2b(name.encode(), digest_size=10).hexdigest()


def vendor_row_id(merchant_id: str, vendor_id: str) -> str:
    """Return the id of a vendor's row."""
    name = f"{len(merchant_id)}:{merchant_id}{vendor_id}"
    return "ven_" + blake2b(name.encode(), digest_size=10).hexdigest()


def check_vendor(vendor_id: str, email: str, country: str, business_type: BusinessType) -> None:
    """Raise `InvalidSale` unless Stripe could make an account of it."""
    check_id("a vendor's id", vendor_id, error=InvalidSale)
    if not isinstance(email, str) or email.count("@") != 1 or not email.isprintable() or len(email) > 255:
        raise InvalidSale("an e-mail looks like name@example.com, on one line; what came does not")
    if not isinstance(country, str) or country not in COUNTRIES:
        raise InvalidSale("a country is one in which Stripe opens express accounts, by two capitals such as US")
    instance_of("business_type", business_type, BusinessType, error=InvalidSale)


def check_page(name: str, url: str) -> None:
    """Raise `InvalidSale` unless it is a page that a vendor's browser may be sent to."""
    parts = urlsplit(url) if isinstance(url, str) and len(url) <= _LONGEST_URL and url.isprintable() else None
    if parts is None or parts.scheme != "https" or not parts.hostname or parts.username is not None:
        raise InvalidSale(f"{name} is a page by https, such as https://example.com/vendors; what came is not")


def check_cart(customer: Customer, order_id: str, cart: Sequence[CartPart], payment_method: str) -> None:
    """Raise `InvalidSale` unless it can be sold so; `InvalidMoney` where Stripe would not charge the amount."""
    instance_of("the customer of a sale", customer, Customer, error=InvalidSale)
    check_id("an order's id", order_id, error=InvalidSale)
    check_payment_method(payment_method, error=InvalidSale)
    sequence("cart", cart, error=InvalidSale)
    if not 1 <= len(cart) <= MAX_VENDORS:
        raise InvalidSale(f"a cart has goods of 1 to {MAX_VENDORS} vendors, got {len(cart)}")
    for part in cart:
        instance_of("a part of a cart", part, CartPart, error=InvalidSale)
        check_id("a vendor's id", part.vendor_id, error=InvalidSale)
        instance_of("an amount", part.amount, Money, error=InvalidSale)
        if not part.amount.minor:
            raise InvalidSale(f"what is sold by {part.vendor_id} costs nothing")
        instance_of("a category", part.category, str, error=InvalidSale)
    if len({part.vendor_id for part in cart}) < len(cart):
        raise InvalidSale("each vendor has one part of a cart: add its amounts up")
    if len({part.amount.currency for part in cart}) > 1:
        raise InvalidSale("a cart is paid by one payment, and has one currency")
    sum((part.amount for part in cart[1:]), cart[0].amount).chargeable()


def check_request(actor: Actor, sale_id: str) -> None:
    """Raise `InvalidSale` unless a buyer or a platform asks about a sale."""
    instance_of("actor", actor, Customer, Merchant, error=InvalidSale)
    instance_of("sale_id", sale_id, str, error=InvalidSale)


def check_attempt(payment_method: str, return_url: str | None) -> None:
    """Raise `InvalidSale` unless it can be paid so."""
    check_payment_method(payment_method, error=InvalidSale)
    check_return_url(return_url, error=InvalidSale)


def check_evidence(dispute_id: str, evidence: Mapping[str, str]) -> None:
    """Raise `InvalidSale` unless it can be given to a bank."""
    check_id("a dispute's id", dispute_id, error=InvalidSale)
    instance_of("evidence", evidence, Mapping, error=InvalidSale)
    if not 1 <= len(evidence) <= MAX_EVIDENCE_FIELDS:
        raise InvalidSale(f"evidence has 1 to {MAX_EVIDENCE_FIELDS} fields, got {len(evidence)}")
    for name, text in evidence.items():
        instance_of("a name of evidence", name, str, error=InvalidSale)
        instance_of(f"evidence {name}", text, str, error=InvalidSale)
        if not text or len(text) > MAX_EVIDENCE_LENGTH:
            raise InvalidSale(f"evidence {name} has 1 to {MAX_EVIDENCE_LENGTH:,} characters, got {len(text):,}")
