"""How webhooks travel, as values: the road, the kinds of delivery, the signature, the record of a try.

Who sends them along it is in `webhooks`. Sources: docs.stripe.com/webhooks ("Retries", "Verify manually",
"Handle duplicate events", "Event ordering").
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from payflows.checks import positive, share, whole_number
from payflows.errors import InvalidPolicy

from simulations.network.link import Latency
from simulations.stripe.events import StripeEvent
from simulations.stripe.returns import Json

LIVE_RETRY_GAPS_SECONDS = tuple(60 * minutes for minutes in (5, 10, 20, 40, 80, 160, 320, 640, 1280, 1765))
"""From each failed try to the next: twice as long every time, and the last one three days after the first.

Stripe says "up to three days with an exponential back off" of live mode (docs.stripe.com/webhooks) and does not
publish the gaps: these are our assumption. Nothing here is in live mode, where Stripe would try three times only."""

PATIENCE_SECONDS = 20
"""How long Stripe waits for an answer; it says only that one should come quickly: our assumption too."""

OUT_OF_TOLERANCE_SECONDS = 600
"""How far from the present a wrongly timed delivery is signed: twice the tolerance of Stripe's own libraries."""


class DeliveryKind(StrEnum):
    """What a delivery is."""

    GENUINE = "genuine"
    """Sent by Stripe because something happened, or again because a try failed."""
    DUPLICATE = "duplicate"
    """The same event a second time, by Stripe too."""
    RESENT = "resent"
    """The same event once more, from the dashboard."""
    FORGED = "forged"
    """Signed with a secret that is not ours."""
    REPLAYED = "replayed"
    """Somebody caught a genuine one and posts it again, with the signature of then."""
    FUTURE = "future"
    """Signed with our secret for a moment far ahead."""
    FOREIGN = "foreign"
    """Of another account, and signed as it should be."""
    LIVE = "live"
    """Of live mode, and signed as it should be."""
    OTHER_VERSION = "other_version"
    """In the words of another API version, and signed as it should be."""


OF_STRIPE = frozenset({DeliveryKind.GENUINE, DeliveryKind.DUPLICATE, DeliveryKind.RESENT})
"""The kinds that tell us what we are to believe; the others shall change nothing."""

_STRANGE: Mapping[DeliveryKind, tuple[str, Json]] = MappingProxyType(
    {
        DeliveryKind.FOREIGN: ("foreign", {"account": "acct_somebodyelse"}),
        DeliveryKind.LIVE: ("live", {"livemode": True}),
        DeliveryKind.OTHER_VERSION: ("version", {"api_version": "2020-08-27"}),
    }
)

_SIGNED_SECONDS_FROM_NOW: Mapping[DeliveryKind, int] = MappingProxyType(
    {DeliveryKind.REPLAYED: -OUT_OF_TOLERANCE_SECONDS, DeliveryKind.FUTURE: OUT_OF_TOLERANCE_SECONDS}
)


def told_as(event: StripeEvent, kind: DeliveryKind) -> StripeEvent:
    """The event that such a delivery carries: this one, or one of its own that is not ours to heed."""
    return event.with_words(*_STRANGE[kind]) if kind in _STRANGE else event


def signed_at(now_seconds: int, kind: DeliveryKind) -> int:
    """The moment that the signature of such a delivery names."""
    return now_seconds + _SIGNED_SECONDS_FROM_NOW.get(kind, 0)


def signature(body: bytes, at_seconds: int, secrets: Sequence[bytes]) -> str:
    """The `Stripe-Signature` of a body: HMAC-SHA256 of the time and the body, one `v1` for each secret."""
    signed = b"%d.%b" % (at_seconds, body)
    return ",".join(
        [f"t={at_seconds}", *[f"v1={hmac.digest(secret, signed, 'sha256').hex()}" for secret in secrets]],
    )


class TryEnding(StrEnum):
    """How Stripe saw a try end."""

    ANSWERED = "answered"
    """With an HTTP status."""
    LOST = "lost"
    """It never reached the endpoint."""
    ANSWER_LOST = "answer_lost"
    """It reached the endpoint, and Stripe did not hear what that said."""
    UNREACHABLE = "unreachable"
    """The endpoint was not there, or broke the connection."""
    TIMED_OUT = "timed_out"
    """No answer within Stripe's patience; the endpoint may still finish."""


class Try(NamedTuple):
    """One try to deliver an event.

    Attributes:
        at_us: when it set out, in microseconds of virtual time.
        event_id: of the event that it carried.
        type: the event's type.
        kind: what the delivery was.
        number: which of the event's tries of this kind, from 1.
        ending: how Stripe saw it end.
        status: the HTTP status that Stripe heard; None where it heard none.
    """

    at_us: int
    event_id: str
    type: str
    kind: DeliveryKind
    number: int
    ending: TryEnding
    status: int | None

    @property
    def worked(self) -> bool:
        """Whether Stripe heard a 2xx."""
        return self.status is not None and 200 <= self.status < 300


NO_DELAY = Latency(((0, 0), (100, 0)))
"""No delay at all: what an API call changes is told before the call is answered."""

SOON = Latency(((0, 200), (50, 1_000), (90, 5_000), (99, 60_000), (100, 600_000)))
"""Seconds as a rule, minutes at times. Our assumption: Stripe promises no time."""

DAYS_LATE = Latency(((0, 1_000), (50, 60_000), (90, 6 * 3_600_000), (100, 3 * 24 * 3_600_000)))
"""From a second to three days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryConditions:
    """How webhooks come from Stripe to our endpoint, and what else comes along.

    Every delivery has a delay of its own, so that events also arrive in another order than they happened in.

    Attributes:
        delay: from the change to the first try. What is told without delay of a change that an API call made
            has been handled before that call is answered; the call waits for it.
        burst_seconds: deliveries are held back and set out together whenever so many seconds are full; 0: never.
        lost_share: of the first tries so many never arrive; to Stripe they have failed, and it repeats them.
        answer_lost_share: of the first tries so many arrive, but Stripe hears no answer and repeats them.
        duplicated_share: so many events are sent twice.
        forged_share: for so many events a delivery comes that is signed with a wrong secret.
        replayed_share: for so many a caught delivery is posted again when it is too old.
        future_share: for so many one comes that is signed for a moment ahead.
        foreign_share: for so many one comes of another account.
        live_share: for so many one comes of live mode.
        other_version_share: for so many one comes in another API version.
        patience_seconds: how long Stripe waits for an answer.
        retry_gaps_seconds: from each failed try of a genuine delivery to the next; after the last it is given up.
        clock_ahead_seconds: how far Stripe's clock is ahead of ours when it signs; below 0: behind.

    Raises:
        InvalidPolicy: a share outside 0 to 1, a time that cannot be, or gaps that shrink.
    """

    delay: Latency = SOON
    burst_seconds: int = 0
    lost_share: float = 0
    answer_lost_share: float = 0
    duplicated_share: float = 0
    forged_share: float = 0
    replayed_share: float = 0
    future_share: float = 0
    foreign_share: float = 0
    live_share: float = 0
    other_version_share: float = 0
    patience_seconds: float = PATIENCE_SECONDS
    retry_gaps_seconds: tuple[int, ...] = LIVE_RETRY_GAPS_SECONDS
    clock_ahead_seconds: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.delay, Latency):
            raise InvalidPolicy(f"delay must be a Latency, got {self.delay!r}")
        whole_number("burst_seconds", self.burst_seconds)
        for name in self.__slots__:
            if name.endswith("_share"):
                share(name, getattr(self, name))
        positive("patience_seconds", self.patience_seconds)
        _check_gaps(self.retry_gaps_seconds)
        whole_number("clock_ahead_seconds", self.clock_ahead_seconds, least=-86_400, most=86_400)

    @property
    def extras(self) -> Mapping[DeliveryKind, float]:
        """What may come besides the genuine delivery of an event, and for which share of them."""
        shares = {kind: getattr(self, name) for kind, name in _SHARES.items()}
        return {kind: part for kind, part in shares.items() if part > 0}


def _check_gaps(gaps: tuple[int, ...]) -> None:
    if not isinstance(gaps, tuple):
        raise InvalidPolicy(f"retry_gaps_seconds must be a tuple, got {gaps!r}")
    for gap in gaps:
        whole_number("each of retry_gaps_seconds", gap, least=1)
    if tuple(sorted(gaps)) != gaps:
        raise InvalidPolicy(f"retry_gaps_seconds must not shrink, got {gaps}")


_SHARES = {
    DeliveryKind.DUPLICATE: "duplicated_share",
    DeliveryKind.FORGED: "forged_share",
    DeliveryKind.REPLAYED: "replayed_share",
    DeliveryKind.FUTURE: "future_share",
    DeliveryKind.FOREIGN: "foreign_share",
    DeliveryKind.LIVE: "live_share",
    DeliveryKind.OTHER_VERSION: "other_version_share",
}


@cache
def delays_us(delay: Latency) -> tuple[int, ...]:
    """A delay's table, made once however many worlds use it."""
    return delay.table_us()
