"""How a payment ends whose webhooks come in some order, each of them twice.

While they come in, the payment itself moves on at the simulated Stripe: no webhook precedes what it reports. That all
orders end alike `simulations.search.confluence` sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from payflows.checkout.messages import EventType
from payflows.checkout.model import Order
from payflows.checkout.policy import CheckoutPolicy
from payflows.checks import whole_number
from payflows.errors import InvalidPolicy
from payflows.kernel.changes import OUTBOX
from payflows.kernel.evolve import evolve
from payflows.kernel.inbox import INBOX
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.queue_item import ItemStatus
from payflows.payments.model import CaptureMode

from simulations.checkout.checkers.final_state import check_shop
from simulations.checkout.scripted_shop import BANK_DEBIT, ScriptedShop
from simulations.search.counting import effects_in, subscribe_counters
from simulations.search.event_orders import EventOrder
from simulations.stripe.core.times import DAY, USUAL_TIMES
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.time.world import MICROSECONDS, START

STAGES = (
    "payment_intent.processing",
    "payment_intent.succeeded",
    "refund.created",
    "refund.updated",
    "charge.dispute.created",
)
"""What becomes of the payment, in the order in which it happens at Stripe."""

SUBSCRIBED = (EventType.PAYMENT_SUCCEEDED, EventType.PAYMENT_REFUNDED, EventType.PAYMENT_DISPUTED)

HOUR = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How the payment, a bank debit, goes; and when the shop hears of it.

    At Stripe a debit takes four days and a pending refund two. The shop looks often enough to have shipped before any
    money goes back: else what becomes of the goods would, rightly, depend on who was first.

    Attributes:
        look_hours: how often the worker looks at a payment in `processing`.
        transit_hours: how long the parcel is on its way.
        refund_after_hours: from success until a part is refunded in the dashboard.
        refund_minor: that part, of 3,622 in all.
        dispute_after_hours: from the refund's success until the customer's bank takes the rest back.
        late_minutes: how long a webhook comes after the one before it, and after what it tells of. 0: in the moment in
            which it can, and before the worker looks; a day's worth: after it.

    Raises:
        InvalidPolicy: the worker might not see the success before the refund, or a value outside its bounds.
    """

    look_hours: int = 23
    transit_hours: int = 24
    refund_after_hours: int = 36
    refund_minor: int = 1_000
    dispute_after_hours: int = 36
    late_minutes: int = 0

    def __post_init__(self) -> None:
        whole_number("look_hours", self.look_hours, least=1, most=24)
        whole_number("transit_hours", self.transit_hours, least=1, most=30 * 24)
        whole_number("refund_after_hours", self.refund_after_hours, least=1, most=30 * 24)
        whole_number("refund_minor", self.refund_minor, least=1, most=3_621)
        whole_number("dispute_after_hours", self.dispute_after_hours, least=1, most=30 * 24)
        whole_number("late_minutes", self.late_minutes, most=3 * 24 * 60)
        if self.refund_after_hours <= self.look_hours:
            raise InvalidPolicy(
                f"refund_after_hours must be more than look_hours ({self.look_hours}), got {self.refund_after_hours}"
            )


USUAL_COURSE = Course()


_TIMERS: dict[str, Any] = dict.fromkeys(("back_off_until", "lease_until", "check_at"))


class EndState(NamedTuple):
    """All that is left once everything is quiet; without moments, and without how many looks it took.

    Attributes:
        order: as stored, but for its version and its moments.
        business_events: type, amount and reason of each that was published.
        mails: kind and reason of each that was sent.
        effects: for each business event that a handler took, which handler, and how often it took effect.
        webhooks: how many of the inbox's have which status.
        net_minor: what Stripe has for us.
    """

    order: Order
    business_events: tuple[str, ...]
    mails: tuple[str, ...]
    effects: tuple[tuple[str, int], ...]
    webhooks: tuple[tuple[str, int], ...]
    net_minor: int


def end_of(order: EventOrder, course: Course = USUAL_COURSE) -> EndState:
    """How it ends when webhooks come in this order, each as soon as what it tells of has happened.

    Raises:
        InvariantBroken: money, stock, states or messages are not what they must be.
    """
    universe = Universe(course)
    universe.shop.world.run(universe.live(order))
    check_shop(universe.shop)
    return universe.end()


class Universe:
    """A shop with one order, and its payment at Stripe.

    Args:
        course: how that goes.
    """

    def __init__(self, course: Course) -> None:
        self._course = course
        self.shop = ScriptedShop(
            policy=CheckoutPolicy(capture=CaptureMode.AUTOMATIC, pending_look_seconds=course.look_hours * HOUR),
            webhooks=DeliveryConditions(),
            poll_seconds=None,
            transit_seconds=course.transit_hours * HOUR,
        )
        assert self.shop.sender is not None, "it has a road"
        self._sender = self.shop.sender
        self._sender.hold()
        subscribe_counters(self.shop.app.bus, SUBSCRIBED)
        self._placed = self.shop.buy(card=BANK_DEBIT)
        assert self._placed.payment_id is not None, "it is being paid"
        self._payment_id = self._placed.payment_id
        self._settles_us = self._us_in(USUAL_TIMES.settle_after_seconds)

    async def live(self, order: EventOrder) -> None:
        """Let webhooks come in this order, and then everything become quiet."""
        reached = 1
        for stage in map(int, order):
            while reached < stage:
                reached += 1
                await self._reach(reached)
            if self._course.late_minutes:
                await self._work_for(60 * self._course.late_minutes)
            tried = await self._sender.deliver(self._sender.latest(STAGES[stage - 1]))
            assert tried.worked, tried
        await self._work_for(30 * DAY)

    def end(self) -> EndState:
        """What is left of it."""
        run, store = self.shop.world.run, self.shop.store
        order = evolve(self.shop.now(self._placed), version=0, changed_at=START, updated_at=None, failures=0, **_TIMERS)
        messages = [item.content for item in store.all_items(OUTBOX)]
        events = [f"{m.type} {m.amount} {m.reason}" for m in messages if isinstance(m, BusinessEvent)]
        mails = [f"{m.kind} {m.reason}" for m in self.shop.mailer.sent.values()]
        webhooks = [(str(status), len(run(store.items(INBOX, status)))) for status in ItemStatus]
        net_minor = self.shop.stripe.net_for(order.id).minor
        return EndState(
            order, tuple(sorted(events)), tuple(sorted(mails)), run(effects_in(store)), tuple(webhooks), net_minor
        )

    async def _reach(self, stage: int) -> None:
        """Let the payment get there."""
        match STAGES[stage - 1]:
            case "payment_intent.succeeded" | "refund.updated":
                await self._work_until(self._settles_us)
            case "refund.created":
                await self._work_for(self._course.refund_after_hours * HOUR)
                self.shop.stripe.refund_in_dashboard(self._payment_id, self._course.refund_minor)
                self._settles_us = self._us_in(USUAL_TIMES.refund_settles_after_seconds)
            case "charge.dispute.created":
                await self._work_for(self._course.dispute_after_hours * HOUR)
                self.shop.stripe.dispute(self._payment_id)

    async def _work_for(self, seconds: float) -> None:
        await self._work_until(self._us_in(seconds))

    async def _work_until(self, until_us: int) -> None:
        """The shop's worker does what becomes due until then, and what notices have brought meanwhile."""
        world, worker = self.shop.world, self.shop.app.worker
        while world.now_us < until_us:
            due_at = await worker.run_due()
            next_us = until_us if due_at is None else min(until_us, world.us_at(due_at))
            await world.sleep_us(max(0, next_us - world.now_us))
        await worker.run_due()

    def _us_in(self, seconds: float) -> int:
        return self.shop.world.now_us + round(seconds * MICROSECONDS)
