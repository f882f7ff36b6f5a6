"""Customers and merchants. Every public method of a flow takes the acting party and checks ownership."""

from __future__ import annotations

import re
from dataclasses import dataclass

from payflows.errors import InvalidCheckout, InvalidInput

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_STRIPE_CUSTOMER = re.compile(r"cus_(?!\w*\d{13})[A-Za-z0-9_]{1,250}")
LONGEST_ID = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A person who buys.

    Attributes:
        id: our own id.
        email: where mails go; never sent to Stripe, never shown in a repr.
        stripe_customer_id: `cus_...`, where saved cards are used; None for a guest.

    Raises:
        InvalidCheckout: an empty or over-long id, an e-mail that is none, a Stripe id of another kind.
    """

    id: str
    email: str
    stripe_customer_id: str | None = None

    def __post_init__(self) -> None:
        check_id("a customer id", self.id)
        # What came is not repeated: an e-mail is personal, and the id may be a card number by mistake.
        if not _is(_EMAIL, self.email) or len(self.email) > LONGEST_ID or not self.email.isprintable():
            raise InvalidCheckout("an e-mail looks like name@example.com, on one line; what came does not")
        if self.stripe_customer_id is not None and not _is(_STRIPE_CUSTOMER, self.stripe_customer_id):
            raise InvalidCheckout("a Stripe customer id looks like cus_NffrFeUfNV2Hib; what came does not")

    def __repr__(self) -> str:
        return f"Customer(id={self.id!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant:
    """Who sells; also on whose behalf notices come in and the worker works.

    Attributes:
        id: our own id.
    """

    id: str

    def __post_init__(self) -> None:
        check_id("a merchant id", self.id)


Actor = Customer | Merchant


def check_id(name: str, value: str, *, error: type[InvalidInput] = InvalidCheckout) -> None:
    """Raise `error` unless `value` is 1 to 255 printable characters."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID or not value.isprintable():
        raise error(f"{name} is text of 1 to {LONGEST_ID} printable characters")


def _is(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
