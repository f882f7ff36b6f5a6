"""Ports that do what no port declares: they fail, hang and cancel themselves, and orders go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from payflows.app import App, build_app
from payflows.checkout.business import CheckoutSetup
from payflows.checkout.goods import Hold
from payflows.checkout.inmemory.carrier import InMemoryCarrier
from payflows.checkout.inmemory.inventory import InMemoryInventory
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import OrderStatus
from payflows.checkout.policy import CheckoutPolicy
from payflows.clock import Clock, WallClock
from payflows.errors import CallRejected, InvalidPolicy, OutcomeUnknown
from payflows.kernel.guard import answer_of, guarded
from payflows.kernel.messages import Mail
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.store import Mailer, Store
from payflows.store.mailbox import InMemoryMailer
from payflows.store.memory import InMemoryStore
from simulations.checkout.scripted_shop import ADA, PRICES, STOCK, VISA, cart
from simulations.checkout.shop import HOME
from simulations.stripe.simulated import SimulatedStripe
from simulations.time.hand_clock import HandClock
from simulations.time.world import World

Run = Callable[[Coroutine[Any, Any, Any]], Any]
MAIL = Mail("mail_1", "order_placed", "ord_1", World().now(), "order")


class OddMailer:
    """A mailer of a merchant's own, on a library with errors that no port declares."""

    def __init__(self, clock: Clock, what: object) -> None:
        self._clock = clock
        self._what = what

    async def send(self, mail: Mail, *, to: str) -> None:
        if isinstance(self._what, BaseException):
            raise self._what
        await self._clock.sleep(float(str(self._what)))


def by_the_wall_clock() -> tuple[Clock, Run]:
    return WallClock(), asyncio.run


def in_virtual_time() -> tuple[Clock, Run]:
    world = World()
    return world, world.run


WORLDS = pytest.mark.parametrize("world", [by_the_wall_clock, in_virtual_time])


@WORLDS
@pytest.mark.parametrize(
    "what",
    [
        pytest.param(ConnectionRefusedError(f"[Errno 111] no mail to {ADA.email}"), id="refused"),
        pytest.param(KeyError(ADA.email), id="a-defect-of-its-own"),
        pytest.param(LookupError(ADA.email), id="a-doubt-of-its-own"),
        pytest.param(asyncio.CancelledError(), id="cancelled-from-within"),
        pytest.param(60, id="hangs"),
    ],
)
def test_whatever_a_port_does_its_outcome_is_unknown(what: object, world: Callable[[], tuple[Clock, Run]]) -> None:
    clock, run = world()
    mailer = guarded(OddMailer(clock, what), Mailer, clock, 0.01)

    with pytest.raises(OutcomeUnknown) as unknown:
        run(mailer.send(MAIL, to=ADA.email))

    assert str(unknown.value).startswith("OddMailer.send: ")
    assert ADA.email not in str(unknown.value)


@WORLDS
def test_what_ports_declare_goes_through_as_it_is(world: Callable[[], tuple[Clock, Run]]) -> None:
    clock, run = world()
    rejected = CallRejected("no such address")

    with pytest.raises(CallRejected) as raised:
        run(guarded(OddMailer(clock, rejected), Mailer, clock).send(MAIL, to=ADA.email))

    assert raised.value is rejected


def test_a_call_that_does_not_fit_its_method_is_our_mistake_and_loud() -> None:
    mailer = guarded(OddMailer(WallClock(), 0), Mailer, WallClock())

    with pytest.raises(TypeError, match="unexpected keyword argument 'cc'"):
        asyncio.run(mailer.send(MAIL, to=ADA.email, cc=ADA.email))  # type: ignore[call-arg]


def test_who_is_cancelled_himself_is_cancelled() -> None:
    """A caller's own time-out, or a shutdown, is no trouble of the port's."""

    async def impatient() -> None:
        clock = WallClock()
        async with asyncio.timeout(0.01):
            await answer_of(clock, 60, clock.sleep(60))

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())


def test_in_virtual_time_an_answer_that_comes_in_time_is_not_cut_off() -> None:
    world = World()
    slow = world.start(world.sleep(29))

    async def waits() -> None:
        await world.within(30, world.join(slow))
        await world.within(30, world.sleep(30))

    world.run(waits())

    assert world.now_us == 59_000_000


def test_a_time_out_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidPolicy, match="call_timeout_seconds must be a whole number from 1 to 600, got 0"):
        RetryPolicy(call_timeout_seconds=0)
    with pytest.raises(InvalidPolicy, match="store_timeout_seconds must be a number above 0"):
        build_app(gateway=SimulatedStripe(HandClock()), store_timeout_seconds=0)


# In a shop under asyncio.


class Moody:
    """Raises something, or hangs, a few times; then works."""

    def __init__(self, *moods: BaseException | float) -> None:
        self._moods = list(moods)

    async def mood(self) -> None:
        if self._moods:
            mood = self._moods.pop(0)
            if isinstance(mood, BaseException):
                raise mood
            await asyncio.sleep(mood)


class MoodyInventory(InMemoryInventory):
    moody = Moody(ConnectionResetError("[Errno 104]"))

    async def commit(self, hold_id: str) -> Hold:
        hold = await super().commit(hold_id)
        await self.moody.mood()
        return hold


class MoodyMailer(InMemoryMailer):
    def __init__(self, *moods: BaseException | float) -> None:
        super().__init__()
        self.moody = Moody(*moods)

    async def send(self, mail: Mail, *, to: str) -> None:
        await self.moody.mood()
        await super().send(mail, to=to)


class MoodyStore(InMemoryStore):
    def __init__(self, *moods: BaseException | float) -> None:
        super().__init__()
        self.moody = Moody(*moods)

    async def due_at(self, kind: Any) -> Any:  # noqa: ANN401
        await self.moody.mood()
        return await super().due_at(kind)


class QuickClock(WallClock):
    """Half an hour in a second."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / 1_800)

    async def within(self, seconds: float, work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401
        return await super().within(0.02, work)


def shop_with(
    *, inventory: InMemoryInventory | None = None, mailer: Mailer | None = None, store: Store | None = None
) -> App:
    clock = HandClock(WallClock().now())
    return build_app(
        gateway=SimulatedStripe(clock),
        checkout=CheckoutSetup(
            prices=PRICES,
            inventory=inventory or InMemoryInventory(STOCK, clock=clock),
            carrier=InMemoryCarrier(clock=clock),
            policy=CheckoutPolicy(retry=RetryPolicy(inline_delay_seconds=0)),
        ),
        clock=QuickClock(),
        mailer=mailer,
        store=store,
    )


async def bought(app: App) -> OrderStatus:
    order = await app.checkout.process_checkout(
        ADA, "checkout-1", cart=cart(), payment_method=VISA, shipping_address=HOME
    )
    await app.worker.run_due()
    return (await app.store.get(ORDERS, order.id)).status


def test_a_reset_of_the_inventory_is_asked_about_again() -> None:
    inventory = MoodyInventory(STOCK, clock=HandClock(WallClock().now()))

    assert asyncio.run(bought(shop_with(inventory=inventory))) is OrderStatus.SHIPPED


@pytest.mark.parametrize("mood", [ConnectionRefusedError("[Errno 111]"), asyncio.CancelledError(), 60.0])
def test_a_mailer_that_fails_leaves_its_mail_and_holds_up_nothing_else(mood: BaseException | float) -> None:
    mailer = MoodyMailer(mood)
    app = shop_with(mailer=mailer)

    assert asyncio.run(bought(app)) is OrderStatus.SHIPPED

    assert len(mailer.sent) == 1  # the other one is tried again later
    (left,) = [item for item in app.store.all_items("outbox") if item.due_at is not None]  # type: ignore[attr-defined]
    assert left.last_error.startswith("OutcomeUnknown: MoodyMailer.send: ")


@pytest.mark.parametrize("mood", [ConnectionResetError("[Errno 104]"), 60.0])
def test_a_store_that_fails_while_it_is_asked_what_is_due_is_asked_again(mood: BaseException | float) -> None:
    assert asyncio.run(bought(shop_with(store=MoodyStore(mood)))) is OrderStatus.SHIPPED
