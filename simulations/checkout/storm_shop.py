"""The shop in a storm of webhooks: inbox, worker and bus as they are, and handlers to whom everything happens.

It crashes as a whole now and then, and opens again on the same store. What it is told, and when, is in `event_storm`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from payflows.checks import share, whole_number
from payflows.errors import CallNotSent, OutcomeUnknown
from payflows.kernel.bus import PaymentEventBus
from payflows.kernel.delivery import DeliveryStatus
from payflows.kernel.inbox import Inbox
from payflows.kernel.inbox_entry import Answer, WebhookStatus
from payflows.kernel.messages import BusinessEvent, EventType, Handler
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.unit_of_work import UnitOfWork
from payflows.kernel.worker import Worker
from payflows.payments.model import Payment, PaymentStatus
from payflows.store.memory import InMemoryStore

from simulations.checkout.shop import WEBHOOKS
from simulations.stripe.payments import SimulatedStripe
from simulations.time.draws import Draws
from simulations.time.process import Plug
from simulations.time.world import World

HANDLERS = ("books", "mails", "search", "points")
"""One takes everything, one fails at first, one is slow, and one brings the whole shop down."""

HEARD = (EventType.PAYMENT_SUCCEEDED, EventType.PAYMENT_REFUNDED, EventType.PAYMENT_DISPUTED)
"""What there is to tell of a payment that went all the way."""

PATIENCE = RetryPolicy(first_delay_seconds=20, factor=2, max_delay_seconds=3_600, max_retries=3)
"""A handler that fails four times is given up: then somebody has to replay the dead letter."""

REPLAYED_EVERY_HOURS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubles:
    """What goes wrong in the shop; each share is of all (handler, business event), drawn for each by itself.

    Attributes:
        failing_share: so many the mailer takes only after one to three failures.
        stubborn_share: so many it does not take before they were a dead letter, and failed once more after that.
        slow_share: so many take the search index long.
        slow_seconds: up to so long.
        crash_share: so many bring the shop down, the first time, when the handler is done and nothing is stored.
        down_seconds: until it is open again.
        unanswered_share: so many of the looks at a payment Stripe does not answer.
        pause_seconds: between two looks of the worker.

    Raises:
        InvalidPolicy: a value outside its bounds.
    """

    failing_share: float = 0.05
    stubborn_share: float = 0.005
    slow_share: float = 0.1
    slow_seconds: int = 20
    crash_share: float = 0.005
    down_seconds: int = 120
    unanswered_share: float = 0.02
    pause_seconds: int = 60

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if name.endswith("_share"):
                share(name, getattr(self, name))
            else:
                whole_number(name, getattr(self, name), least=1, most=86_400)


class Effects(NamedTuple):
    """What handlers have done, by handler and business event.

    Attributes:
        inside: of those that should have an effect in the store, how many have one.
        missing: how many have none, or none outside.
        repeated: how many have more than one in the store.
    """

    inside: int
    missing: int
    repeated: int


class StormShop:
    """A shop that hears of payments by webhooks alone, and tells its handlers of them.

    Args:
        world: whose time passes.
        stripe: where it reads payments.
        troubles: what goes wrong.
        draws: all chance.

    Attributes:
        outside: how often each unit of work did something outside the store, by its key.
        failures: calls of handlers that ended with an error.
        crashes: how often it went down.
        dead_letters: how many were replayed.
    """

    def __init__(self, world: World, stripe: SimulatedStripe, troubles: Troubles, draws: Draws) -> None:
        self._world = world
        self._stripe = stripe
        self._troubles = troubles
        self._failing = draws.of("handler fails")
        self._slowness = draws.of("handler is slow")
        self._crashing = draws.of("handler crashes")
        self._unanswered = draws.of("Stripe does not answer")
        self._looks: Counter[str] = Counter()
        self._store = InMemoryStore()
        self.outside: Counter[str] = Counter()
        self.failures = self.crashes = self.dead_letters = 0
        self._open()
        world.start(self._replay_dead_letters())

    # Open, and down.

    def _open(self) -> None:
        """Start the program: all of it new, but for the store."""
        self._plug = Plug(self._world)
        self._bus = PaymentEventBus(store=self._store, clock=self._world, retry=PATIENCE, runner=self._plug)
        handlers: Mapping[str, Handler] = dict(
            zip(HANDLERS, (self._keep_books, self._send_mail, self._index, self._give_points), strict=True)
        )
        for name, handler in handlers.items():
            for heard in HEARD:
                self._bus.subscribe(heard, handler, name=f"{name} {heard}")
        self._inbox = Inbox(store=self._store, settings=WEBHOOKS, on_payment=self._look)
        worker = Worker(
            (self._inbox,),
            queues=self._bus.queues,
            clock=self._world,
            runner=self._plug,
            poll_seconds=self._troubles.pause_seconds,
        )
        self._plug.start(worker.run())

    async def _crash(self) -> None:
        """Nothing after this happens any more; somebody starts the program again."""
        self.crashes += 1
        self._plug.pull()
        self._world.after(self._troubles.down_seconds, self._open)
        await self._world.sleep(0)

    async def receive(self, raw_body: bytes, headers: Mapping[str, str]) -> Answer:
        """The endpoint for webhooks.

        Raises:
            CallNotSent: the shop is down.
        """
        if not self._plug.is_in:
            raise CallNotSent("connection refused")
        return await self._inbox.receive(raw_body, headers, self._world.now())

    async def _look(self, payment_id: str) -> None:
        """Read a payment, and tell all that is true of it; what was told before is the same business event."""
        self._looks[payment_id] += 1
        if self._unanswered.chance(self._troubles.unanswered_share, payment_id, self._looks[payment_id]):
            raise OutcomeUnknown("no answer from Stripe")
        payment = await self._stripe.retrieve_payment(payment_id)
        now = self._world.now()
        for heard in _true_of(payment):
            await self._bus.publish(
                BusinessEvent(_key(payment_id, heard), heard, payment.order_id or "", now, payment.amount)
            )

    # The handlers.

    async def _keep_books(self, event: BusinessEvent, work: UnitOfWork) -> None:
        await self._do(work)

    async def _send_mail(self, event: BusinessEvent, work: UnitOfWork) -> None:
        await self._do(work)
        if self.outside[work.key] <= self._failures_of(work.key):
            self.failures += 1
            raise ConnectionError("the mail server does not answer")

    async def _index(self, event: BusinessEvent, work: UnitOfWork) -> None:
        await self._do(work)
        if self._slowness.chance(self._troubles.slow_share, work.key):
            await self._world.sleep(1 + self._slowness.below(self._troubles.slow_seconds, work.key, 1))

    async def _give_points(self, event: BusinessEvent, work: UnitOfWork) -> None:
        await self._do(work)
        if self.outside[work.key] == 1 and self._crashing.chance(self._troubles.crash_share, work.key):
            await self._crash()

    async def _do(self, work: UnitOfWork) -> None:
        """The work of them all: something outside the store, and one more in a record of the unit of work's own."""
        self.outside[work.key] += 1
        record = await work.record(work.key)
        work.put(record, {"times": int(record.fields.get("times") or 0) + 1})

    def _failures_of(self, key: str) -> int:
        troubles, drawn = self._troubles, self._failing.uniform(key)
        if drawn < troubles.stubborn_share:
            return (PATIENCE.max_retries or 0) + 2
        return 1 + self._failing.below(3, key, 1) if drawn < troubles.stubborn_share + troubles.failing_share else 0

    async def _replay_dead_letters(self) -> None:
        """Somebody looks after them, twice a day."""
        while True:
            await self._world.sleep(REPLAYED_EVERY_HOURS * 3_600)
            if self._plug.is_in:
                self.dead_letters += await self._bus.replay_all()

    # For those who count.

    async def is_quiet(self) -> bool:
        """Whether there is nothing left to do."""
        under_way = await self._store.next_webhook() or await self._store.deliveries_due_at()
        return self._plug.is_in and not under_way and not await self._store.deliveries(DeliveryStatus.DEAD)

    async def webhook_waits(self, event_ids: Iterable[str]) -> list[int | None]:
        """How often each webhook was put off until it was worked off; None where it was not."""
        done = {entry.event_id: entry.waits for entry in await self._store.webhooks(WebhookStatus.DONE)}
        return [done.get(event_id) for event_id in event_ids]

    async def effects(self, payment_ids: Iterable[str]) -> Effects:
        """Which effects there are, of all that these payments should have by what Stripe knows of them."""
        inside = missing = repeated = 0
        for payment_id in payment_ids:
            for heard in _true_of(self._stripe.intent(payment_id).as_payment()):
                for handler in HANDLERS:
                    key = f"{handler} {heard}:{_key(payment_id, heard)}"
                    times = int((await self._store.record(key)).fields.get("times") or 0)
                    inside += times > 0
                    missing += times == 0 or self.outside[key] == 0
                    repeated += times > 1
        return Effects(inside, missing, repeated)

    def published(self) -> int:
        """How many business events there were."""
        return len(self._store.published())


def _true_of(payment: Payment) -> tuple[EventType, ...]:
    truths = (payment.status is PaymentStatus.SUCCEEDED, payment.returned.minor > 0, payment.disputed)
    return tuple(heard for heard, is_true in zip(HEARD, truths, strict=True) if is_true)


def _key(payment_id: str, heard: EventType) -> str:
    return f"{payment_id}:{heard}"
