"""Whether Stripe wrote a webhook: the endpoint's secret, and signatures made with it. Reading it is done elsewhere."""

from __future__ import annotations

import hmac
import os
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, NoReturn

from payflows.clock import SECOND
from payflows.errors import InvalidWebhook, InvalidWebhookSecret
from payflows.stripe.keys import kind_of_text
from payflows.stripe.webhooks.response import ResponseCode

SECRET_VARIABLE = "STRIPE_WEBHOOK_SECRET"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_SECRET = re.compile(r"whsec_[A-Za-z0-9+/=_-]{16,250}")
_OTHER_KINDS = {
    "sk_": "an API key",
    "rk_": "an API key",
    "pk_": "a publishable key, which is the browser's",
    "whsec_": "one that is too short, too long or has other characters",
}
_HEADER = "stripe-signature"
_LONGEST_HEADER = 4_096
_SECONDS = re.compile(r"[1-9][0-9]{0,11}")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")


class WebhookSecret:
    """The secret that a webhook endpoint and Stripe share.

    It is shown as `WebhookSecret(whsec_...)` and cannot be pickled or copied, so that it enters no log, trace or
    worker by accident.

    Args:
        secret: `whsec_...`, as the dashboard or the CLI shows it.

    Raises:
        InvalidWebhookSecret: anything else; what came is never part of the message.
    """

    __slots__ = ("_key",)

    def __init__(self, secret: str) -> None:
        if type(secret) is not str or not _SECRET.fullmatch(secret):
            raise InvalidWebhookSecret(
                f"a webhook secret looks like whsec_..., got {kind_of_text(secret, _OTHER_KINDS)}"
            )
        self._key = secret.encode("ascii")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> WebhookSecret:
        """The secret in `STRIPE_WEBHOOK_SECRET`.

        Raises:
            InvalidWebhookSecret: it is not set, or not a webhook secret.
        """
        if not environment.get(SECRET_VARIABLE):
            raise InvalidWebhookSecret(f"{SECRET_VARIABLE} is not set; put your webhook endpoint's secret there")
        return cls(environment[SECRET_VARIABLE])

    def signature(self, sent_at_seconds: int | str, raw_body: bytes) -> str:
        """Return Stripe's `v1` signature of a body sent at this time, in seconds since 1970."""
        return hmac.digest(self._key, f"{sent_at_seconds}.".encode("ascii") + raw_body, "sha256").hex()

    def __repr__(self) -> str:
        return "WebhookSecret(whsec_...)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a WebhookSecret is not pickled; let the other process read its own environment")


class Tolerance(NamedTuple):
    """How far the moment of signing may lie from ours.

    Attributes:
        age_seconds: how old a webhook may be; older ones may be a replay by an eavesdropper.
        ahead_seconds: how far Stripe's clock may be ahead of ours.
    """

    age_seconds: int
    ahead_seconds: int


def check_signature(
    raw_body: bytes,
    headers: Mapping[str, str],
    now: datetime,
    *,
    secrets: Sequence[WebhookSecret],
    tolerance: Tolerance,
) -> None:
    """Check that this body was signed with one of the secrets, lately.

    Raises:
        InvalidWebhook: it was not, or that cannot be seen; its text is a `ResponseCode`.
    """
    sent_at_seconds, signatures = _read(_header_of(headers))
    # Every pair is compared, so that the time taken does not tell which secret is the newer one.
    matches = [
        hmac.compare_digest(secret.signature(sent_at_seconds, raw_body), signature)
        for secret in secrets
        for signature in signatures
    ]
    if not any(matches):
        raise InvalidWebhook(ResponseCode.WRONG_SIGNATURE)
    age = now - EPOCH - int(sent_at_seconds) * SECOND
    if age > tolerance.age_seconds * SECOND:
        raise InvalidWebhook(ResponseCode.TOO_OLD)
    if age < -tolerance.ahead_seconds * SECOND:
        raise InvalidWebhook(ResponseCode.FROM_THE_FUTURE)


def _header_of(headers: Mapping[str, str]) -> str:
    found = [value for name, value in headers.items() if name.lower() == _HEADER]
    if not found:
        raise InvalidWebhook(ResponseCode.NO_SIGNATURE)
    if len(found) > 1 or len(found[0]) > _LONGEST_HEADER:
        raise InvalidWebhook(ResponseCode.MALFORMED_SIGNATURE)
    return found[0]


def _read(header: str) -> tuple[str, list[str]]:
    """The moment of signing, as it was written and signed, and the signatures of the scheme that we know."""
    parts = [part.partition("=") for part in header.split(",")]
    moments = [value for name, _, value in parts if name == "t"]
    signatures = [value for name, _, value in parts if name == "v1"]
    if len(moments) != 1 or not _SECONDS.fullmatch(moments[0]) or not signatures:
        raise InvalidWebhook(ResponseCode.MALFORMED_SIGNATURE)
    return moments[0], [signature for signature in signatures if _SIGNATURE.fullmatch(signature)]
