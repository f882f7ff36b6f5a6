"""The conditions under which webhooks travel: delays, losses, duplicates, retries, and deliveries that are not ours.

Sources: docs.stripe.com/webhooks ("Retries", "Handle duplicate events", "Event ordering").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from payflows.checks import instance_of, positive, share, whole_number
from payflows.errors import InvalidPolicy

from simulations.network.link import Latency
from simulations.stripe.core.events import API_VERSION
from simulations.stripe.webhooks.deliveries import DeliveryKind

LIVE_RETRY_GAPS_SECONDS = tuple(60 * minutes for minutes in (5, 10, 20, 40, 80, 160, 320, 640, 1280, 1765))
"""From each failed try to the next: twice as long every time, and the last one three days after the first.

Stripe says "up to three days with an exponential back off" of live mode (docs.stripe.com/webhooks) and does not
publish the gaps: these are our assumption. In test mode Stripe would try three times only."""

PATIENCE_SECONDS = 20
"""How long Stripe waits for an answer; its documentation says only "quickly": our assumption too."""

NO_DELAY = Latency(((0, 0), (100, 0)))
"""No delay: the event of what an API call changes is delivered before the call is answered."""

SOON = Latency(((0, 200), (50, 1_000), (90, 5_000), (99, 60_000), (100, 600_000)))
"""Seconds as a rule, minutes at times. Our assumption: Stripe promises no time."""

DAYS_LATE = Latency(((0, 1_000), (50, 60_000), (90, 6 * 3_600_000), (100, 3 * 24 * 3_600_000)))
"""From a second to three days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryConditions:
    """How webhooks come from Stripe to our endpoint, and what else comes with them.

    Every delivery has its own delay, so events also arrive in another order than they happened in.

    Attributes:
        delay: from the change to the first try. Without delay, the webhook of a change that an API call made
            is handled before that call is answered; the call waits for it.
        burst_seconds: deliveries are held back and sent together at every full multiple of this; 0: never.
        lost_share: first tries that never arrive; to Stripe they have failed, and it repeats them.
        answer_lost_share: first tries that arrive, but whose answer is lost; Stripe repeats them.
        duplicated_share: events that are sent twice.
        forged_share: events beside which a delivery comes that is signed with a wrong secret.
        replayed_share: events whose delivery an attacker has recorded and posts again when it is too old.
        future_share: events beside which a delivery comes that is signed for a later moment.
        foreign_share: events beside which one of another account comes.
        live_share: events beside which one of live mode comes.
        patience_seconds: how long Stripe waits for an answer.
        retry_gaps_seconds: from each failed try of a genuine delivery to the next; after the last there is none.
        clock_ahead_seconds: how far Stripe's clock is ahead of ours when it signs; below 0: behind.
        api_version: the one that the endpoint is set to at Stripe, in which objects are written.

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
    patience_seconds: float = PATIENCE_SECONDS
    retry_gaps_seconds: tuple[int, ...] = LIVE_RETRY_GAPS_SECONDS
    clock_ahead_seconds: int = 0
    api_version: str = API_VERSION

    def __post_init__(self) -> None:
        instance_of("delay", self.delay, Latency)
        whole_number("burst_seconds", self.burst_seconds)
        for name in self.__slots__:
            if name.endswith("_share"):
                share(name, getattr(self, name))
        positive("patience_seconds", self.patience_seconds)
        _check_gaps(self.retry_gaps_seconds)
        whole_number("clock_ahead_seconds", self.clock_ahead_seconds, least=-86_400, most=86_400)
        instance_of("api_version", self.api_version, str)

    @property
    def extras(self) -> Mapping[DeliveryKind, float]:
        """What may come besides the genuine delivery of an event, and for which share of events."""
        shares = {kind: getattr(self, name) for kind, name in _SHARES.items()}
        return {kind: part for kind, part in shares.items() if part > 0}


def _check_gaps(gaps: tuple[int, ...]) -> None:
    instance_of("retry_gaps_seconds", gaps, tuple)
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
}


@cache
def delays_us(delay: Latency) -> tuple[int, ...]:
    """Return a delay's table, made once however many worlds use it."""
    return delay.table_us()
