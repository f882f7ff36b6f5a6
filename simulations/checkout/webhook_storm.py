"""A storm of webhooks: each several times, in any order, up to days late, into a shop that crashes while it works.

The parts are the real ones: signed webhooks, inbox, worker, bus. What is counted is read from the store at the end.
What the shop's handlers do there, and how they fail, is in `storm_shop`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial, reduce
from operator import add
from typing import NamedTuple

from payflows.checks import whole_number
from payflows.errors import InvalidPolicy, PortError
from payflows.kernel.inbox_entry import ResponseCode
from payflows.money import Money
from payflows.payments.model import CaptureMode
from payflows.stripe.webhooks.event_types import STRIPE_EVENT_TYPES
from tqdm.auto import tqdm

from simulations.checkout.scripted_shop import VISA
from simulations.checkout.shop import WEBHOOK_SECRET
from simulations.checkout.storm_shop import StormShop, Troubles
from simulations.network.link import Latency
from simulations.stripe.core.events import StripeEvent
from simulations.stripe.core.times import DAY
from simulations.stripe.simulated import SimulatedStripe
from simulations.stripe.webhooks.conditions import DAYS_LATE, delays_us
from simulations.stripe.webhooks.handover import signature
from simulations.time.draws import Draws
from simulations.time.parallel import parallel
from simulations.time.world import MICROSECONDS, World

HOUR = 3_600
WEBHOOKS_A_PAYMENT = 5
"""Succeeded, then refunded in part, told twice, then disputed, told twice: of what a checkout listens to."""

LONGEST_DAYS = 60
"""A storm that is not over by then will never be."""

_SECRETS = (WEBHOOK_SECRET.encode(),)
_AMOUNT = Money(3_622, "usd")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStorm:
    """Payments that change, and how their webhooks come in.

    Every payment succeeds, is refunded in part up to a day later, and is disputed up to three days after that.

    Attributes:
        payments: how many.
        hours: in which they are made.
        copies: how often each of a payment's webhooks is delivered; which of them how often, is drawn.
        delay: from a change to each delivery, drawn for each by itself; each is signed when it sets out.
        repeat_minutes: a delivery that finds nobody, or gets no 2xx, is repeated after so long.
        troubles: what goes wrong in the shop.

    Raises:
        InvalidPolicy: a value outside its bounds.
    """

    payments: int = 1_250
    hours: int = 48
    copies: tuple[int, ...] = (1, 1, 2, 4, 8)
    delay: Latency = DAYS_LATE
    repeat_minutes: int = 5
    troubles: Troubles = Troubles()

    def __post_init__(self) -> None:
        whole_number("payments", self.payments, least=1, most=1_000_000)
        whole_number("hours", self.hours, least=1, most=30 * 24)
        whole_number("repeat_minutes", self.repeat_minutes, least=1, most=24 * 60)
        if type(self.copies) is not tuple or len(self.copies) != WEBHOOKS_A_PAYMENT:
            raise InvalidPolicy(f"copies must be a tuple of {WEBHOOKS_A_PAYMENT}, got {self.copies!r}")
        for copies in self.copies:
            whole_number("each of copies", copies, least=1, most=1_000)

    @property
    def deliveries(self) -> int:
        """How many there will be, without the repeated ones."""
        return self.payments * sum(self.copies)


class StormCount(NamedTuple):
    """What came of a storm, or of several.

    Attributes:
        payments: that were made.
        webhooks: different ones that Stripe sent.
        deliveries: of them, all in all, the duplicates among them.
        duplicates: deliveries of a webhook that had come in before.
        overtaken: webhooks that came in first after a later one of the same payment.
        late: deliveries that came an hour after the change, or later.
        repeated: deliveries that had to be made again, because the shop was down.
        reschedule: webhooks that could not be worked off at the first try.
        business_events: that were published.
        calls: of handlers.
        failures: calls that ended with an error.
        crashes: of the whole shop.
        effects: of handlers, in the store; one for each handler and business event.
        outside_again: what handlers did outside the store a second time, or more often, under the same key.
        dead_letters: that were replayed.
        lost: effects that are not there, inside or outside; and webhooks that were not worked off.
        twice: effects that are in the store more than once.
    """

    payments: int
    webhooks: int
    deliveries: int
    duplicates: int
    overtaken: int
    late: int
    repeated: int
    reschedule: int
    business_events: int
    calls: int
    failures: int
    crashes: int
    effects: int
    outside_again: int
    dead_letters: int
    lost: int
    twice: int

    def and_(self, other: StormCount) -> StormCount:
        """Both together."""
        return StormCount(*map(add, self, other))


def run_storm(storm: EventStorm, *, seed: int, shop: type[StormShop] = StormShop) -> StormCount:
    """Let a storm pass, until nothing is under way any more, and count.

    Args:
        storm: which.
        seed: its chance; the same seed is the same storm.
        shop: who is out in it.
    """
    sky = RandomFaults(storm, Draws(seed), shop)
    sky.pass_over()
    return sky.count()


def run_storms(storm: EventStorm, seeds: Sequence[int], *, workers: int = 1, progress: bool = False) -> StormCount:
    """Several storms, each by itself; what came of all together, the same for any number of workers.

    Args:
        storm: which, each time.
        seeds: one for each.
        workers: processes that work on them.
        progress: show a bar, and how many deliveries were made in a second.

    Raises:
        EventsLost: a storm after which something is lost, or happened twice.
    """
    counts = []
    with tqdm(total=storm.deliveries * len(seeds), unit=" deliveries", unit_scale=True, disable=not progress) as bar:
        for seed, count in zip(seeds, parallel(partial(_run_one, storm), seeds, workers=workers), strict=True):
            if count.lost or count.twice:
                raise EventsLost(f"storm {seed} of {storm}: {count.lost} lost, {count.twice} twice")
            counts.append(count)
            bar.update(count.deliveries)
    return reduce(StormCount.and_, counts)


class EventsLost(AssertionError):
    """After a storm something is lost, or happened twice. Its text says which storm it was."""


def _run_one(storm: EventStorm, seed: int) -> StormCount:
    return run_storm(storm, seed=seed)


class RandomFaults:
    """One storm: payments at Stripe, their webhooks in the air, and the shop below.

    Args:
        storm: how it is.
        draws: all chance.
        shop: who is out in it.
    """

    def __init__(self, storm: EventStorm, draws: Draws, shop: type[StormShop]) -> None:
        self._storm = storm
        self._courses = draws.of("course of a payment")
        self._copies = draws.of("copies of a webhook")
        self._delays = draws.of("webhook delay")
        self._delays_us = delays_us(storm.delay)
        self._world = World()
        self._stripe = SimulatedStripe(self._world)
        self._stripe.on_event(self._take)
        self._shop = shop(self._world, self._stripe, storm.troubles, draws)
        self._numbers: dict[str, int] = {}
        self._told: Counter[str] = Counter()
        self._newest: dict[str, int] = {}
        self._unmade = storm.payments
        self._in_the_air = 0
        self._seen: Counter[str] = Counter()

    # At Stripe.

    async def _live(self, number: int) -> None:
        """A payment, from the first to the last that happens to it."""
        world, stripe, order_id = self._world, self._stripe, f"ord_{number}"
        await world.sleep(self._courses.below(self._storm.hours * HOUR, number, 0))
        payment = await stripe.create_payment(
            order_id, amount=_AMOUNT, capture=CaptureMode.AUTOMATIC, stripe_customer_id=None, key=f"{order_id}:create"
        )
        await stripe.confirm_payment(payment.id, payment_method=VISA, key=f"{order_id}:confirm")
        await world.sleep(1 + self._courses.below(24 * HOUR, number, 1))
        stripe.refund_in_dashboard(payment.id, 1_000)
        await world.sleep(1 + self._courses.below(72 * HOUR, number, 2))
        stripe.dispute(payment.id)
        self._unmade -= 1

    def _take(self, event: StripeEvent) -> None:
        """Something happened: as many deliveries as are drawn for it set out, each after a time of its own."""
        if event.type not in STRIPE_EVENT_TYPES:
            return
        number = self._told[event.owner_id]
        self._told[event.owner_id] += 1
        self._numbers[event.id] = number
        place = number + self._copies.below(WEBHOOKS_A_PAYMENT, event.owner_id)
        for copy in range(self._storm.copies[place % WEBHOOKS_A_PAYMENT]):
            delay_us = self._delays_us[self._delays.bits(event.id, copy) >> 54]
            self._seen["late"] += delay_us >= HOUR * MICROSECONDS
            self._in_the_air += 1
            self._set_out_after(delay_us / MICROSECONDS, event)

    # In the air.

    def _set_out_after(self, seconds: float, event: StripeEvent) -> None:
        self._world.after(seconds, lambda: self._set_out(event))

    def _set_out(self, event: StripeEvent) -> None:
        self._world.start(self._post(event), name=event.id)

    async def _post(self, event: StripeEvent) -> None:
        """One try of one delivery, signed now."""
        at_seconds = int(self._world.now().timestamp())
        try:
            answer = await self._shop.receive(
                event.body, {"Stripe-Signature": signature(event.body, at_seconds, _SECRETS)}
            )
        except PortError:
            self._seen["repeated"] += 1
            return self._set_out_after(60 * self._storm.repeat_minutes, event)
        self._in_the_air -= 1
        self._seen["deliveries"] += 1
        self._seen[answer.code] += 1
        number, newest = self._numbers[event.id], self._newest.get(event.owner_id, -1)
        self._seen["overtaken"] += answer.code is ResponseCode.STORED and number < newest
        self._newest[event.owner_id] = max(number, newest)

    # Over.

    def pass_over(self) -> None:
        """Let it pass, until everything is quiet."""
        for number in range(self._storm.payments):
            self._world.start(self._live(number))
        for _ in range(LONGEST_DAYS):
            self._world.run_for(DAY)
            if not self._unmade and not self._in_the_air and self._world.run(self._shop.is_quiet()):
                return
        raise AssertionError(f"the storm is not over after {LONGEST_DAYS} days")

    def count(self) -> StormCount:
        """What came of it."""
        shop, seen, run = self._shop, self._seen, self._world.run
        waits = run(shop.webhook_waits(self._numbers))
        effects = run(shop.effects(self._told))
        calls = shop.outside.total()
        return StormCount(
            payments=len(self._told),
            webhooks=seen[ResponseCode.STORED],
            deliveries=seen["deliveries"],
            duplicates=seen[ResponseCode.DUPLICATE],
            overtaken=seen["overtaken"],
            late=seen["late"],
            repeated=seen["repeated"],
            reschedule=sum(wait is not None and wait > 0 for wait in waits),
            business_events=shop.published(),
            calls=calls,
            failures=shop.failures,
            crashes=shop.crashes,
            effects=effects.inside,
            outside_again=calls - len(shop.outside),
            dead_letters=shop.dead_letters,
            lost=effects.missing + waits.count(None),
            twice=effects.repeated,
        )
