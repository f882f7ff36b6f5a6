"""Deliveries of webhooks: their kinds, the event that each carries, and the record of a try.

Sources: docs.stripe.com/webhooks ("Retries", "Handle duplicate events").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from simulations.stripe.core.events import StripeEvent


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
    """A genuine one, recorded by an attacker and posted again with its old signature."""
    FUTURE = "future"
    """Signed with our secret for a moment far ahead."""
    FOREIGN = "foreign"
    """Of another account, and signed as it should be."""
    LIVE = "live"
    """Of live mode, and signed as it should be."""


OF_STRIPE = frozenset({DeliveryKind.GENUINE, DeliveryKind.DUPLICATE, DeliveryKind.RESENT})
"""The kinds that a correct endpoint acts on; the others must change nothing."""

_DISGUISES: Mapping[DeliveryKind, Callable[[StripeEvent], StripeEvent]] = MappingProxyType(
    {
        DeliveryKind.FOREIGN: lambda event: event._replace(id=event.id + "foreign", account="acct_somebodyelse"),
        DeliveryKind.LIVE: lambda event: event._replace(id=event.id + "live", livemode=True),
    }
)


def disguised_as(event: StripeEvent, kind: DeliveryKind) -> StripeEvent:
    """Return the event that such a delivery carries: this one, or another that is not ours to process."""
    disguise = _DISGUISES.get(kind)
    return event if disguise is None else disguise(event)


class TryEnding(StrEnum):
    """How a try ended for Stripe."""

    ANSWERED = "answered"
    """With an HTTP status."""
    LOST = "lost"
    """It never reached the endpoint."""
    ANSWER_LOST = "answer_lost"
    """It reached the endpoint, and the response was lost."""
    UNREACHABLE = "unreachable"
    """The endpoint was not there, or broke the connection."""
    TIMED_OUT = "timed_out"
    """No answer within Stripe's patience; the endpoint may still finish."""


class Try(NamedTuple):
    """One try to deliver an event.

    Attributes:
        at_us: when it was sent, in microseconds of virtual time.
        event_id: of the event that it carried.
        type: the event's type.
        kind: what the delivery was.
        number: which of the event's tries of this kind, from 1.
        ending: how it ended for Stripe.
        status: the HTTP status that Stripe received; None where it received none.
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
        """Whether Stripe received a 2xx."""
        return self.status is not None and 200 <= self.status < 300


class Delivery:
    """An event on its way, once.

    Args:
        event: what it carries.
        kind: what it is.
        number: which try of this kind it is.
        repeats: whether it is repeated where it fails.

    Attributes:
        sent_us: when it was sent; None: not yet.
        result: how it ended; None: not yet.
    """

    __slots__ = ("event", "kind", "number", "repeats", "result", "sent_us")

    def __init__(self, event: StripeEvent, kind: DeliveryKind, number: int, *, repeats: bool = False) -> None:
        self.event = event
        self.kind = kind
        self.number = number
        self.repeats = repeats
        self.sent_us: int | None = None
        self.result: Try | None = None

    def end(self, ending: TryEnding, status: int | None) -> Try:
        """Record how it ended."""
        assert self.sent_us is not None, "it has been sent"
        event = self.event
        self.result = Try(self.sent_us, event.id, event.type, self.kind, self.number, ending, status)
        return self.result
