"""What any payment is given, checked before anything is stored or called."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from payflows.errors import InvalidInput

LONGEST_URL = 2_048
_PAYMENT_METHOD = re.compile(r"pm_[A-Za-z0-9_]{1,250}")


def check_payment_method(payment_method: str, *, error: type[InvalidInput]) -> None:
    """Raise `error` unless it is Stripe's id of a payment method."""
    # What came is not repeated: it may be a card number.
    if not isinstance(payment_method, str) or not _PAYMENT_METHOD.fullmatch(payment_method):
        raise error("a payment method is Stripe's id, such as pm_card_visa; card numbers are never taken")
    if re.search(r"\d{13}", payment_method.replace("_", "")):
        raise error("a payment method is Stripe's id, not a card number")


def check_return_url(url: str | None, *, error: type[InvalidInput]) -> None:
    """Raise `error` unless a browser can come back to it by https, or by http on this machine; None is none."""
    if url is None:
        return
    parts = urlsplit(url) if isinstance(url, str) and len(url) <= LONGEST_URL and url.isprintable() else None
    is_ours = parts is not None and (parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1"))
    if not is_ours or parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise error("a return_url is where the customer's browser comes back to, such as https://shop.example")
