"""Bad conditions between the simulated Stripe and us: late, twice, lost, in bursts, out of order; always the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payflows.money import Money
from payflows.payments.model import CaptureMode
from simulations.network.link import Latency, over_network
from simulations.stripe import (
    DeliveryConditions,
    DeliveryKind,
    SignedPost,
    SimulatedStripe,
    Try,
    TryEnding,
    WebhookSender,
)
from simulations.stripe.webhooks.conditions import DAYS_LATE, NO_DELAY, SOON
from simulations.stripe.webhooks.deliveries import OF_STRIPE
from simulations.time.draws import Draws
from simulations.time.world import World
from tests.stripe_fixture import BANK
from tests.webhook_receiver import SECRET, WebhookReceiver

DAY = 24 * 3600
US = 1_000_000
STORM = DeliveryConditions(
    delay=DAYS_LATE,
    lost_share=0.3,
    answer_lost_share=0.3,
    duplicated_share=0.3,
    forged_share=0.3,
    replayed_share=0.3,
    future_share=0.3,
    foreign_share=0.3,
    live_share=0.3,
)
SHARES = [name for name in DeliveryConditions.__slots__ if name.endswith("_share")]


def after(receiver: WebhookReceiver, *orders: str) -> WebhookReceiver:
    """Each order is paid by debit, refunded; and a week goes by."""
    payments = [receiver.paid(BANK, order) for order in orders]
    receiver.clock.pass_time(4 * DAY)
    for payment in payments:
        receiver.stripe.refund_in_dashboard(payment.id)
    receiver.clock.pass_time(14 * DAY)
    return receiver


def tries_of(receiver: WebhookReceiver, order: str) -> list[Try]:
    [payment] = receiver.stripe.payments_of_order(order)
    return [tried for tried in receiver.sender.tries if tried.event_id[4:26] == payment.id[3:25]]


def test_the_first_try_is_lost_and_the_event_comes_five_minutes_late() -> None:
    receiver = WebhookReceiver(DeliveryConditions(delay=NO_DELAY, lost_share=1))

    receiver.create()
    assert receiver.got == []
    receiver.clock.pass_time(300)

    assert [webhook.at_us for webhook in receiver.got] == [300 * US]
    assert [tried.ending for tried in receiver.sender.tries] == [TryEnding.LOST, TryEnding.ANSWERED]


def test_a_lost_answer_brings_it_again() -> None:
    receiver = WebhookReceiver(DeliveryConditions(delay=NO_DELAY, answer_lost_share=1))

    receiver.create()
    receiver.clock.pass_time(DAY)

    assert len(receiver.got) == 2
    assert [tried.worked for tried in receiver.sender.tries] == [False, True]


def test_every_event_twice_each_with_its_own_delay() -> None:
    receiver = after(WebhookReceiver(DeliveryConditions(duplicated_share=1)), "order-1")

    came = Counter(webhook.content["id"] for webhook in receiver.got)
    assert set(came.values()) == {2}
    assert came.keys() == {event.id for event in receiver.sender.events}
    assert len({tried.at_us for tried in receiver.sender.tries}) == len(receiver.sender.tries)


def test_late_events_come_in_another_order_than_they_happened_in() -> None:
    receiver = after(WebhookReceiver(DeliveryConditions(delay=DAYS_LATE)), *(f"order-{number}" for number in range(20)))

    happened = [event.id for event in receiver.sender.events]
    came = [webhook.content["id"] for webhook in receiver.got]
    assert sorted(came) == sorted(happened)
    assert came != happened


def test_a_delay_lies_within_its_table() -> None:
    receiver = WebhookReceiver(DeliveryConditions(delay=Latency(((0, 2_000), (100, 3_000)))))
    for number in range(50):
        receiver.create(f"order-{number}")

    receiver.clock.pass_time(10)

    assert len(receiver.got) == 50
    assert all(2 * US <= webhook.at_us <= 3 * US for webhook in receiver.got)


def test_a_thousand_together() -> None:
    receiver = WebhookReceiver(DeliveryConditions(burst_seconds=3600))
    for number in range(1_000):
        receiver.create(f"order-{number}")
        receiver.clock.pass_time(1)

    receiver.clock.pass_time(3600)

    assert len(receiver.got) == 1_000
    assert {webhook.at_us for webhook in receiver.got} == {3600 * US}


def test_what_is_replayed_comes_late_and_with_the_signature_of_then() -> None:
    receiver = WebhookReceiver(DeliveryConditions(delay=NO_DELAY, replayed_share=1))

    receiver.create()
    receiver.clock.pass_time(3600)

    genuine, replayed = receiver.got
    assert (replayed.at_us, replayed.headers, replayed.body) == (600 * US, genuine.headers, genuine.body)


@pytest.mark.parametrize("name", SHARES)
def test_each_share_alone_leaves_everything_delivered(name: str) -> None:
    receiver = after(WebhookReceiver(replace(DeliveryConditions(), **{name: 1})), "order-1", "order-2")  # type: ignore[arg-type]

    worked = {tried.event_id for tried in receiver.sender.tries if tried.worked and tried.kind in OF_STRIPE}
    assert worked >= {event.id for event in receiver.sender.events}
    assert len(receiver.sender.tries) == 2 * len(receiver.sender.events)


def test_what_is_not_of_stripe_is_posted_once_even_where_it_is_refused() -> None:
    receiver = WebhookReceiver(DeliveryConditions(delay=NO_DELAY, forged_share=1), answers=[200, 400])

    receiver.create()
    receiver.clock.pass_time(3 * DAY)

    assert [(tried.kind, tried.status) for tried in receiver.sender.tries] == [
        (DeliveryKind.GENUINE, 200),
        (DeliveryKind.FORGED, 400),
    ]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**63 - 1))
def test_the_same_seed_gives_the_same_tries_and_all_is_delivered(seed: int) -> None:
    once, again = (after(WebhookReceiver(STORM, seed=seed), "order-1", "order-2") for _ in range(2))

    assert once.sender.tries == again.sender.tries
    assert once.got == again.got
    worked = {tried.event_id for tried in once.sender.tries if tried.worked and tried.kind in OF_STRIPE}
    assert worked == {event.id for event in once.sender.events}


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**63 - 1))
def test_another_payment_changes_nothing_for_this_one(seed: int) -> None:
    alone = after(WebhookReceiver(STORM, seed=seed), "order-1")
    beside = after(WebhookReceiver(STORM, seed=seed), "order-0", "order-1", "order-2")

    assert tries_of(beside, "order-1") == tries_of(alone, "order-1") != []


@pytest.mark.parametrize("name", SHARES)
def test_one_share_changes_no_other_draw(name: str) -> None:
    def genuine(receiver: WebhookReceiver) -> list[Try]:
        return [tried for tried in receiver.sender.tries if tried.kind is DeliveryKind.GENUINE and tried.number == 1]

    calm = after(WebhookReceiver(DeliveryConditions()), "order-1")
    rough = after(WebhookReceiver(replace(DeliveryConditions(), **{name: 1})), "order-1")  # type: ignore[arg-type]

    assert [tried.at_us for tried in genuine(rough)] == [tried.at_us for tried in genuine(calm)]


# In a world where others are at work


class Port:
    """An endpoint in a world, which takes its time, and what came to it."""

    def __init__(self, conditions: DeliveryConditions, *, seconds: float = 0) -> None:
        self.world = World()
        self.stripe = SimulatedStripe(self.world)
        self.seconds = seconds
        self.done_us: list[int] = []
        post = SignedPost(self._receive, [SECRET])
        self.sender = WebhookSender(self.stripe, self.world, post, draws=Draws(1), conditions=conditions)

    async def _receive(self, body: bytes, headers: Mapping[str, str]) -> int:
        await self.world.sleep(self.seconds)
        self.done_us.append(self.world.now_us)
        return 200

    async def create(self) -> int:
        """When the caller has the answer."""
        link = over_network(self.stripe, "stripe", self.world, latency=Latency(((0, 100), (100, 100))), draws=Draws(1))
        await link.create_payment(
            "order-1", amount=Money(4999, "usd"), capture=CaptureMode.AUTOMATIC, stripe_customer_id=None, key="k"
        )
        return self.world.now_us


def test_the_endpoint_has_handled_it_before_the_answer_is_back() -> None:
    port = Port(DeliveryConditions(delay=NO_DELAY), seconds=2)

    answered_us = port.world.run(port.create())

    assert port.done_us == [answered_us] == [2_100_000]


def test_a_delayed_one_comes_after_the_answer() -> None:
    port = Port(DeliveryConditions(delay=SOON))

    answered_us = port.world.run(port.create())
    port.world.run_for(DAY)

    assert answered_us == 100_000 < port.done_us[0]


def test_an_endpoint_slower_than_stripes_patience_still_finishes_and_is_asked_again() -> None:
    port = Port(DeliveryConditions(delay=Latency(((0, 1_000), (100, 1_000)))), seconds=30)
    port.world.run(port.create())
    port.world.run_for(60)
    port.seconds = 5

    port.world.run_for(DAY)

    assert [(tried.at_us, tried.ending) for tried in port.sender.tries] == [
        (1_100_000, TryEnding.TIMED_OUT),
        (301_100_000, TryEnding.ANSWERED),
    ]
    assert port.done_us == [31_100_000, 306_100_000]


def test_each_try_is_timed_by_itself() -> None:
    port = Port(DeliveryConditions(delay=Latency(((0, 0), (100, 60_000)))), seconds=25)

    async def many() -> None:
        for number in range(20):
            await port.stripe.create_payment(
                f"order-{number}",
                amount=Money(4999, "usd"),
                capture=CaptureMode.AUTOMATIC,
                stripe_customer_id=None,
                key=f"key-{number}",
            )
        await port.world.sleep(100)

    port.world.run(many())

    assert {tried.ending for tried in port.sender.tries} == {TryEnding.TIMED_OUT}
    assert len(port.done_us) == len(port.sender.tries) == 20
