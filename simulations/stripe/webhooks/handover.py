"""How an event is handed to our endpoint: posted as signed bytes, or, in long runs, as a value that is proven already.

Source: docs.stripe.com/webhooks ("Verify manually").
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Protocol

from payflows.checks import function
from payflows.errors import InvalidPolicy
from payflows.stripe.webhooks import parsing
from payflows.stripe.webhooks.event_types import OBJECT_OF, SUBJECT_PLACES

from simulations.stripe.core.events import StripeEvent
from simulations.stripe.webhooks.deliveries import DeliveryKind

WebhookEndpoint = Callable[[bytes, Mapping[str, str]], Awaitable[int]]
"""Takes body and headers of a POST, answers an HTTP status. A `PortError` means that it was not reached."""

ValueEndpoint = Callable[[parsing.StripeEvent], Awaitable[int]]
"""Takes an event whose signature needs no check, answers an HTTP status. A `PortError` as above."""

OUT_OF_TOLERANCE_SECONDS = 600
"""How far from the present a wrongly timed delivery is signed: twice the tolerance of Stripe's own libraries."""

_STRANGERS_SECRETS = (b"a secret that is not ours",)

_SIGNED_SECONDS_FROM_NOW: Mapping[DeliveryKind, int] = MappingProxyType(
    {DeliveryKind.REPLAYED: -OUT_OF_TOLERANCE_SECONDS, DeliveryKind.FUTURE: OUT_OF_TOLERANCE_SECONDS}
)

_FAILS_THE_CHECK = frozenset({DeliveryKind.FORGED, DeliveryKind.REPLAYED, DeliveryKind.FUTURE})


class Handover(Protocol):
    """Hands one delivery over."""

    @property
    def reads_objects(self) -> bool:
        """Whether it needs the object that an event is about, and not only its ids."""
        ...

    async def __call__(self, event: StripeEvent, kind: DeliveryKind, now_seconds: int) -> int:
        """Return the endpoint's HTTP status. Raises `PortError` where it was not reached."""
        ...


class SignedPost:
    """Posts an event's JSON with Stripe's headers, signed as its kind wants it.

    Args:
        endpoint: ours.
        secrets: the endpoint's signing secrets, `whsec_...`; two while they are rotated.

    Raises:
        InvalidPolicy: no secret, or one that is not Stripe's.
    """

    reads_objects = True

    def __init__(self, endpoint: WebhookEndpoint, secrets: Sequence[str]) -> None:
        listed = isinstance(secrets, list | tuple) and len(secrets) > 0
        if not listed or not all(isinstance(secret, str) and secret.startswith("whsec_") for secret in secrets):
            raise InvalidPolicy("secrets must be one or more texts that begin with whsec_")  # and are not repeated here
        function("endpoint", endpoint)
        self._endpoint = endpoint
        self._secrets = tuple(secret.encode() for secret in secrets)

    async def __call__(self, event: StripeEvent, kind: DeliveryKind, now_seconds: int) -> int:
        """Post it."""
        body = event.body
        secrets = _STRANGERS_SECRETS if kind is DeliveryKind.FORGED else self._secrets
        signed_at = now_seconds + _SIGNED_SECONDS_FROM_NOW.get(kind, 0)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signature(body, signed_at, secrets),
        }
        return await self._endpoint(body, headers)


class ValueHandover:
    """Hands the parsed event over. A delivery whose signature would be refused is refused here: 400.

    Args:
        endpoint: ours.
    """

    reads_objects = False

    def __init__(self, endpoint: ValueEndpoint) -> None:
        self._endpoint = endpoint

    async def __call__(self, event: StripeEvent, kind: DeliveryKind, now_seconds: int) -> int:
        """Hand it over."""
        if kind in _FAILS_THE_CHECK:
            return HTTPStatus.BAD_REQUEST
        return await self._endpoint(parsed(event))


def parsed(event: StripeEvent) -> parsing.StripeEvent:
    """Return what our endpoint would read in the event's JSON."""
    known = OBJECT_OF.get(event.type)
    object_id = subject_kind = subject_id = None
    if known is not None:
        subject_kind, field = SUBJECT_PLACES[known]
        object_id = event.subject["id"]
        subject_id = event.account if field is None else event.subject.get(field)
    return parsing.StripeEvent(
        event.id,
        event.type,
        event.created,
        event.livemode,
        event.account,
        None if object_id is None else str(object_id),
        subject_kind,
        None if subject_id is None else str(subject_id),
    )


def signature(body: bytes, at_seconds: int, secrets: Sequence[bytes]) -> str:
    """Return the `Stripe-Signature` of a body: HMAC-SHA256 of the time and the body, one `v1` for each secret."""
    signed = b"%d.%b" % (at_seconds, body)
    return ",".join(
        [f"t={at_seconds}", *[f"v1={hmac.digest(secret, signed, 'sha256').hex()}" for secret in secrets]],
    )
