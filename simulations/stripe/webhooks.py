"""Sends the simulated Stripe's events to our endpoint: signed, repeated, and along a bad road where one is wanted.

What a road may do, and how a delivery is signed, is in `delivery`; what the events say is in `events`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial

from payflows.errors import InvalidPolicy, PortError

from simulations.stripe.clock import WorkingClock
from simulations.stripe.delivery import (
    OF_STRIPE,
    OUT_OF_TOLERANCE_SECONDS,
    DeliveryConditions,
    DeliveryKind,
    Try,
    TryEnding,
    delays_us,
    signature,
    signed_at,
    told_as,
)
from simulations.stripe.events import StripeEvent
from simulations.stripe.payments import SimulatedStripe
from simulations.stripe.troubles import InvalidRequest
from simulations.time.draws import Draws, Stream
from simulations.time.world import MICROSECONDS

WebhookEndpoint = Callable[[bytes, Mapping[str, str]], Awaitable[int]]
"""Ours: takes body and headers of a POST, answers an HTTP status. A `PortError` means that it was not reached."""

USUAL_ROAD = DeliveryConditions()

_STRANGERS_SECRETS = (b"a secret that is not ours",)


class WebhookSender:
    """Stripe's side of a webhook endpoint.

    Every event is delivered by itself, and a genuine delivery is repeated until the endpoint answers 2xx, or given up.
    For a story told by hand `hold` the events back and `deliver` them as the story wants.

    Args:
        stripe: whose events.
        clock: whose time passes; a `World`, or a `HandClock`.
        endpoint: who is told.
        secrets: the endpoint's signing secrets, `whsec_...`; two while they are rotated.
        draws: all chance, by event: an event more changes nothing for the others.
        road: how they travel.

    Attributes:
        tries: every try that has ended, for those who count; it may be cleared.

    Raises:
        InvalidPolicy: no secret, or one that is not Stripe's.
    """

    def __init__(
        self,
        stripe: SimulatedStripe,
        clock: WorkingClock,
        endpoint: WebhookEndpoint,
        *,
        secrets: Sequence[str],
        draws: Draws,
        road: DeliveryConditions = USUAL_ROAD,
    ) -> None:
        if isinstance(secrets, str) or not secrets or not all(secret.startswith("whsec_") for secret in secrets):
            raise InvalidPolicy("secrets must be one or more texts that begin with whsec_")  # and are not repeated here
        self._clock = clock
        self._endpoint = endpoint
        self._secrets = tuple(secret.encode() for secret in secrets)
        self._road = road
        self._patience_us = round(road.patience_seconds * MICROSECONDS)
        self._delays_us = delays_us(road.delay)
        self._delay_draws = draws.of("webhook delay")
        self._lost_draws = draws.of("webhook lost")
        self._answer_lost_draws = draws.of("webhook answer lost")
        self._extras = [(kind, part, draws.of(f"webhook {kind}")) for kind, part in road.extras.items()]
        self._epoch = int(clock.now().timestamp()) - clock.now_us // MICROSECONDS + road.clock_ahead_seconds
        self._events: dict[str, StripeEvent] = {}
        self._held: dict[str, StripeEvent] | None = None
        self._delivered: set[str] = set()
        self._given_up: dict[str, StripeEvent] = {}
        self._by_hand: Counter[tuple[str, DeliveryKind]] = Counter()
        self._at_once: list[_Delivery] = []
        self._waited_for: dict[_Delivery, int] = {}
        self._watching = False
        self.tries: list[Try] = []
        stripe.on_event(self._take)
        if self._delays_us[0] == 0 and not road.burst_seconds:
            stripe.before_answers(self._deliver_at_once)

    # What there is.

    @property
    def events(self) -> Sequence[StripeEvent]:
        """All that happened since this sender was made, oldest first."""
        return tuple(self._events.values())

    @property
    def pending(self) -> Sequence[StripeEvent]:
        """The events that are held back, oldest first."""
        return tuple(self._held.values()) if self._held else ()

    @property
    def undelivered(self) -> Sequence[StripeEvent]:
        """The events that were given up, and no copy of which ever got a 2xx."""
        return tuple(event for id_, event in self._given_up.items() if id_ not in self._delivered)

    @property
    def on_their_way(self) -> frozenset[str]:
        """The payments of which an event has not got its 2xx yet, and was not given up."""
        ended = self._delivered | self._given_up.keys()
        return frozenset(event.payment_id for id_, event in self._events.items() if id_ not in ended)

    def latest(self, type: str) -> StripeEvent:
        """The latest event of a type. Raises `InvalidRequest` where there was none."""
        for event in reversed(self._events.values()):
            if event.type == type:
                return event
        raise InvalidRequest(f"No such event: '{type}'", "resource_missing")

    def forget(self, payment_ids: Collection[str]) -> tuple[str, ...]:
        """Forget these payments' events, of which none is on its way any more, and all tries. The events' ids."""
        event_ids = tuple(id_ for id_, event in self._events.items() if event.payment_id in payment_ids)
        for event_id in event_ids:
            del self._events[event_id]
            self._delivered.discard(event_id)
            self._given_up.pop(event_id, None)
        self.tries.clear()
        return event_ids

    # By hand.

    def hold(self) -> None:
        """From now on no event sets out by itself; they gather in `pending`. What is on its way goes on."""
        if self._held is None:
            self._held = {}

    def release(self) -> None:
        """Whatever is pending sets out now, all together, and coming events by themselves again."""
        held, self._held = self._held or {}, None
        for event in held.values():
            self._send(_Delivery(event, DeliveryKind.GENUINE, 1, repeats=True), self._clock.now_us)

    async def deliver(self, event: StripeEvent, kind: DeliveryKind = DeliveryKind.GENUINE) -> Try:
        """Post an event now, once, whatever became of it before; how that ended.

        It waits until the endpoint has finished, though to Stripe the try may have timed out before that.

        Args:
            event: one of `events`.
            kind: as what; `FORGED`, `REPLAYED`, `LIVE` and others make of it what the endpoint shall not heed.
        """
        self._by_hand[event.id, kind] += 1
        delivery = _Delivery(told_as(event, kind), kind, self._by_hand[event.id, kind])
        await self._post(delivery)
        assert delivery.result is not None, "it was answered, or given up before that"
        if self._held and kind in OF_STRIPE and delivery.result.worked:
            self._held.pop(event.id, None)
        return delivery.result

    async def resend(self, event_id: str) -> Try:
        """Send one again from the dashboard, once; tries still to come are not called off by it, as at Stripe.

        Raises:
            InvalidRequest: no such event.
        """
        event = self._events.get(event_id)
        if event is None:
            raise InvalidRequest(f"No such event: '{event_id}'", "resource_missing")
        return await self.deliver(event, DeliveryKind.RESENT)

    # On its way.

    def _take(self, event: StripeEvent) -> None:
        """Something happened."""
        self._events[event.id] = event
        if self._held is not None:
            self._held[event.id] = event
            return
        due_us = self._due_us(self._delay_draws, event)
        self._send(_Delivery(event, DeliveryKind.GENUINE, 1, repeats=True), due_us)
        for kind, part, draws in self._extras:
            if draws.chance(part, event.id):
                later_us = OUT_OF_TOLERANCE_SECONDS * MICROSECONDS if kind is DeliveryKind.REPLAYED else 0
                self._send(_Delivery(told_as(event, kind), kind, 1), self._due_us(draws, event) + later_us)

    def _due_us(self, draws: Stream, event: StripeEvent) -> int:
        due_us = self._clock.now_us + self._delays_us[draws.bits(event.id, 1) >> 54]
        burst_us = self._road.burst_seconds * MICROSECONDS
        return -(-due_us // burst_us) * burst_us if burst_us else due_us

    def _send(self, delivery: _Delivery, due_us: int) -> None:
        wait_us = due_us - self._clock.now_us
        if wait_us == 0:
            self._at_once.append(delivery)
        self._clock.after(wait_us / MICROSECONDS, partial(self._set_out, delivery))

    async def _deliver_at_once(self) -> None:
        """Overtake the answer of the call that is being made."""
        while self._at_once:
            await self._post(self._at_once.pop(0))

    def _set_out(self, delivery: _Delivery) -> None:
        if delivery in self._at_once:
            self._at_once.remove(delivery)
        if delivery.set_out_us is None:
            self._clock.start(self._post(delivery), name=f"webhook {delivery.event.id}")

    async def _post(self, delivery: _Delivery) -> None:
        event, now_us = delivery.event, self._clock.now_us
        delivery.set_out_us = now_us
        if self._befalls_first(self._lost_draws, self._road.lost_share, delivery):
            return self._end(delivery, TryEnding.LOST)
        self._waited_for[delivery] = now_us + self._patience_us
        if not self._watching:
            self._watch(self._patience_us)
        try:
            status = await self._endpoint(event.body, self._headers(delivery))
        except PortError:
            return self._end(delivery, TryEnding.UNREACHABLE)
        if self._befalls_first(self._answer_lost_draws, self._road.answer_lost_share, delivery):
            return self._end(delivery, TryEnding.ANSWER_LOST)
        self._end(delivery, TryEnding.ANSWERED, status)

    def _watch(self, wait_us: int) -> None:
        """One alarm for all who are waited for: those who set out first time out first."""
        self._watching = True
        self._clock.after(wait_us / MICROSECONDS, self._lose_patience)

    def _lose_patience(self) -> None:
        self._watching = False
        now_us = self._clock.now_us
        while self._waited_for:
            delivery, until_us = next(iter(self._waited_for.items()))
            if until_us > now_us:
                return self._watch(until_us - now_us)
            self._end(delivery, TryEnding.TIMED_OUT)

    def _befalls_first(self, draws: Stream, part: float, delivery: _Delivery) -> bool:
        return part > 0 and delivery.repeats and delivery.number == 1 and draws.chance(part, delivery.event.id)

    def _headers(self, delivery: _Delivery) -> Mapping[str, str]:
        now_seconds = self._epoch + self._clock.now_us // MICROSECONDS
        secrets = _STRANGERS_SECRETS if delivery.kind is DeliveryKind.FORGED else self._secrets
        return {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signature(delivery.event.body, signed_at(now_seconds, delivery.kind), secrets),
        }

    def _end(self, delivery: _Delivery, ending: TryEnding, status: int | None = None) -> None:
        """How a try ended is settled once: an answer after Stripe's patience is not heard."""
        if delivery.result is not None:
            return
        self._waited_for.pop(delivery, None)
        event, at_us = delivery.event, delivery.set_out_us
        assert at_us is not None, "it has set out"
        delivery.result = Try(at_us, event.id, event.type, delivery.kind, delivery.number, ending, status)
        self.tries.append(delivery.result)
        if delivery.result.worked:
            if delivery.kind in OF_STRIPE:
                self._delivered.add(event.id)
        elif delivery.repeats:
            self._repeat(delivery, at_us)

    def _repeat(self, failed: _Delivery, at_us: int) -> None:
        gaps_seconds = self._road.retry_gaps_seconds
        if failed.number > len(gaps_seconds):
            self._given_up[failed.event.id] = failed.event
            return
        due_us = at_us + gaps_seconds[failed.number - 1] * MICROSECONDS
        again = _Delivery(failed.event, DeliveryKind.GENUINE, failed.number + 1, repeats=True)
        self._send(again, max(due_us, self._clock.now_us))


class _Delivery:
    """An event on its way, once; a genuine one is repeated where it fails."""

    __slots__ = ("event", "kind", "number", "repeats", "result", "set_out_us")

    def __init__(self, event: StripeEvent, kind: DeliveryKind, number: int, *, repeats: bool = False) -> None:
        self.event = event
        self.kind = kind
        self.number = number
        self.repeats = repeats
        self.set_out_us: int | None = None
        self.result: Try | None = None
