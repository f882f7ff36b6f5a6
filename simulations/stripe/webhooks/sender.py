"""Sends the simulated Stripe's events to our endpoint, whatever object they are about, and repeats them.

The conditions under which they travel are in `conditions`; how one is handed over is in `handover`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from typing import Protocol

from payflows.errors import PortError

from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.events import Listener, StripeEvent
from simulations.stripe.webhooks.conditions import DeliveryConditions, delays_us
from simulations.stripe.webhooks.deliveries import OF_STRIPE, Delivery, DeliveryKind, Try, TryEnding, disguised_as
from simulations.stripe.webhooks.handover import OUT_OF_TOLERANCE_SECONDS, Handover
from simulations.time.draws import Draws, Stream
from simulations.time.hand_clock import WorkingClock
from simulations.time.world import MICROSECONDS

USUAL_CONDITIONS = DeliveryConditions()


class EventSource(Protocol):
    """Where events come from; `SimulatedStripe` is one."""

    @property
    def on_event(self) -> Callable[[Listener, Collection[str] | None, bool], None]:
        """Subscribes a listener to the events of some types, or to all, with or without their objects."""
        ...

    @property
    def before_answers(self) -> Callable[[Callable[[], Awaitable[None]]], None]:
        """Does something after the work of every call and before its answer is sent."""
        ...


class WebhookSender:
    """Stripe's side of a webhook endpoint.

    Every event is delivered separately, and a genuine delivery is repeated until the endpoint answers 2xx, or until
    Stripe gives up. To deliver by hand, `hold` the events back and `deliver` them in the order that a story wants.

    Args:
        stripe: whose events.
        clock: whose time passes; a `World`, or a `HandClock`.
        handover: hands each delivery to the endpoint.
        draws: all chance, keyed by event: one event more changes nothing for the others.
        conditions: how they travel.
        enabled_types: the types for which the endpoint is registered, as `enabled_events` names them; None for all.

    Attributes:
        tries: every try that has ended, for those who count; it may be cleared.
    """

    def __init__(
        self,
        stripe: EventSource,
        clock: WorkingClock,
        handover: Handover,
        *,
        draws: Draws,
        conditions: DeliveryConditions = USUAL_CONDITIONS,
        enabled_types: Collection[str] | None = None,
    ) -> None:
        self._clock = clock
        self._handover = handover
        self._conditions = conditions
        self._delays_us = delays_us(conditions.delay)
        self._delay_draws = draws.of("webhook delay")
        self._lost_draws = draws.of("webhook lost")
        self._answer_lost_draws = draws.of("webhook answer lost")
        self._extras = [(kind, part, draws.of(f"webhook {kind}")) for kind, part in conditions.extras.items()]
        self._epoch = int(clock.now().timestamp()) - clock.now_us // MICROSECONDS + conditions.clock_ahead_seconds
        self._events: dict[str, StripeEvent] = {}
        self._held: dict[str, StripeEvent] | None = None
        self._delivered: set[str] = set()
        self._given_up: dict[str, StripeEvent] = {}
        self._by_hand: Counter[tuple[str, DeliveryKind]] = Counter()
        self._undelayed: list[Delivery] = []
        self._timeouts = _Timeouts(clock, round(conditions.patience_seconds * MICROSECONDS))
        self.tries: list[Try] = []
        stripe.on_event(self._take, enabled_types, handover.reads_objects)
        if self._delays_us[0] == 0 and not conditions.burst_seconds:
            stripe.before_answers(self._deliver_undelayed)

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
        """The events that Stripe gave up, and no copy of which ever got a 2xx."""
        return tuple(event for id_, event in self._given_up.items() if id_ not in self._delivered)

    @property
    def on_their_way(self) -> frozenset[str]:
        """The owners of events that have not got their 2xx yet, and were not given up."""
        ended = self._delivered | self._given_up.keys()
        return frozenset(event.owner_id for id_, event in self._events.items() if id_ not in ended)

    def latest(self, type: str) -> StripeEvent:
        """Return the latest event of a type. Raises `InvalidRequest` where there was none."""
        for event in reversed(self._events.values()):
            if event.type == type:
                return event
        raise InvalidRequest(f"No such event: '{type}'", "resource_missing")

    def forget(self, owner_ids: Collection[str]) -> tuple[str, ...]:
        """Forget these objects' events, none of which may be on its way, and all tries. Returns the events' ids."""
        event_ids = tuple(id_ for id_, event in self._events.items() if event.owner_id in owner_ids)
        for event_id in event_ids:
            del self._events[event_id]
            self._delivered.discard(event_id)
            self._given_up.pop(event_id, None)
        self.tries.clear()
        return event_ids

    # By hand.

    def hold(self) -> None:
        """Hold back every coming event in `pending`. What is on its way goes on."""
        if self._held is None:
            self._held = {}

    def release(self) -> None:
        """Send whatever is pending now, all together, and hold back no more."""
        held, self._held = self._held or {}, None
        for event in held.values():
            self._send(Delivery(event, DeliveryKind.GENUINE, 1, repeats=True), self._clock.now_us)

    async def deliver(self, event: StripeEvent, kind: DeliveryKind = DeliveryKind.GENUINE) -> Try:
        """Deliver an event now, once, whatever became of it before. Returns how that ended.

        It waits until the endpoint has finished, though to Stripe the try may have timed out before that.

        Args:
            event: one of `events`.
            kind: as what; `FORGED`, `REPLAYED`, `LIVE` and others make of it what the endpoint must not act on.
        """
        self._by_hand[event.id, kind] += 1
        delivery = Delivery(disguised_as(event, kind), kind, self._by_hand[event.id, kind])
        await self._deliver(delivery)
        assert delivery.result is not None, "it was answered, or timed out before that"
        if self._held and kind in OF_STRIPE and delivery.result.worked:
            self._held.pop(event.id, None)
        return delivery.result

    async def resend(self, event_id: str) -> Try:
        """Send one again from the dashboard, once; tries still to come are not cancelled by it, as at Stripe.

        Raises:
            InvalidRequest: no such event.
        """
        event = self._events.get(event_id)
        if event is None:
            raise InvalidRequest(f"No such event: '{event_id}'", "resource_missing")
        return await self.deliver(event, DeliveryKind.RESENT)

    # On its way.

    def _take(self, event: StripeEvent) -> None:
        """Plan the deliveries of an event that has happened."""
        if event.api_version != self._conditions.api_version:
            event = event._replace(api_version=self._conditions.api_version)
        self._events[event.id] = event
        if self._held is not None:
            self._held[event.id] = event
            return
        due_us = self._due_us(self._delay_draws, event)
        self._send(Delivery(event, DeliveryKind.GENUINE, 1, repeats=True), due_us)
        for kind, part, draws in self._extras:
            if draws.chance(part, event.id):
                later_us = OUT_OF_TOLERANCE_SECONDS * MICROSECONDS if kind is DeliveryKind.REPLAYED else 0
                self._send(Delivery(disguised_as(event, kind), kind, 1), self._due_us(draws, event) + later_us)

    def _due_us(self, draws: Stream, event: StripeEvent) -> int:
        due_us = self._clock.now_us + self._delays_us[draws.bits(event.id, 1) >> 54]
        burst_us = self._conditions.burst_seconds * MICROSECONDS
        return -(-due_us // burst_us) * burst_us if burst_us else due_us

    def _send(self, delivery: Delivery, due_us: int) -> None:
        wait_us = due_us - self._clock.now_us
        if wait_us == 0:
            self._undelayed.append(delivery)
        self._clock.after(wait_us / MICROSECONDS, partial(self._start, delivery))

    async def _deliver_undelayed(self) -> None:
        """Overtake the answer of the call that is being made."""
        while self._undelayed:
            await self._deliver(self._undelayed.pop(0))

    def _start(self, delivery: Delivery) -> None:
        if delivery in self._undelayed:
            self._undelayed.remove(delivery)
        if delivery.sent_us is None:
            self._clock.start(self._deliver(delivery), name=f"webhook {delivery.event.id}")

    async def _deliver(self, delivery: Delivery) -> None:
        now_us = delivery.sent_us = self._clock.now_us
        if self._befalls_first(self._lost_draws, self._conditions.lost_share, delivery):
            return self._end(delivery, TryEnding.LOST)
        self._timeouts.watch(delivery, now_us, self._end)
        try:
            status = await self._handover(delivery.event, delivery.kind, self._epoch + now_us // MICROSECONDS)
        except PortError:
            return self._end(delivery, TryEnding.UNREACHABLE)
        if self._befalls_first(self._answer_lost_draws, self._conditions.answer_lost_share, delivery):
            return self._end(delivery, TryEnding.ANSWER_LOST)
        self._end(delivery, TryEnding.ANSWERED, status)

    def _befalls_first(self, draws: Stream, part: float, delivery: Delivery) -> bool:
        return part > 0 and delivery.repeats and delivery.number == 1 and draws.chance(part, delivery.event.id)

    def _end(self, delivery: Delivery, ending: TryEnding, status: int | None = None) -> None:
        """Settle how a try ended, once: an answer after Stripe's time-out does not count."""
        if delivery.result is not None:
            return
        self._timeouts.forget(delivery)
        result = delivery.end(ending, status)
        self.tries.append(result)
        if result.worked:
            if delivery.kind in OF_STRIPE:
                self._delivered.add(delivery.event.id)
        elif delivery.repeats:
            self._repeat(delivery, result.at_us)

    def _repeat(self, failed: Delivery, at_us: int) -> None:
        gaps_seconds = self._conditions.retry_gaps_seconds
        if failed.number > len(gaps_seconds):
            self._given_up[failed.event.id] = failed.event
            return
        due_us = at_us + gaps_seconds[failed.number - 1] * MICROSECONDS
        again = Delivery(failed.event, DeliveryKind.GENUINE, failed.number + 1, repeats=True)
        self._send(again, max(due_us, self._clock.now_us))


_End = Callable[[Delivery, TryEnding], None]


class _Timeouts:
    """One alarm for all deliveries that wait for an answer: the one sent first times out first."""

    def __init__(self, clock: WorkingClock, patience_us: int) -> None:
        self._clock = clock
        self._patience_us = patience_us
        self._until_us: dict[Delivery, int] = {}
        self._is_set = False

    def watch(self, delivery: Delivery, now_us: int, end: _End) -> None:
        """Time the delivery out unless it ends before."""
        self._until_us[delivery] = now_us + self._patience_us
        if not self._is_set:
            self._set_alarm(self._patience_us, end)

    def forget(self, delivery: Delivery) -> None:
        """Stop watching a delivery that has ended."""
        self._until_us.pop(delivery, None)

    def _set_alarm(self, wait_us: int, end: _End) -> None:
        self._is_set = True
        self._clock.after(wait_us / MICROSECONDS, partial(self._ring, end))

    def _ring(self, end: _End) -> None:
        self._is_set = False
        now_us = self._clock.now_us
        while self._until_us:
            delivery, until_us = next(iter(self._until_us.items()))
            if until_us > now_us:
                return self._set_alarm(until_us - now_us, end)
            end(delivery, TryEnding.TIMED_OUT)
