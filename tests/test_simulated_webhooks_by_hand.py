"""Webhooks sent by hand: held back, delivered in any order, resent, forged; and what the sender refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from payflows.errors import CallRejected, InvalidPolicy
from payflows.testing.gateway_customer import VISA
from simulations.network.link import Latency
from simulations.stripe import DeliveryConditions, DeliveryKind, Try
from tests.stripe_fixture import StripeFixture
from tests.webhook_receiver import PROMPT, SECRET, WebhookReceiver

DAY = 24 * 3600


def test_held_back_events_are_delivered_as_the_story_wants() -> None:
    receiver = WebhookReceiver()
    receiver.sender.hold()
    receiver.paid()
    created, charged, paid = receiver.sender.pending

    for event in (paid, created):
        receiver.deliver(event)

    assert receiver.types == [paid.type, created.type]
    assert receiver.sender.pending == (charged,)


def test_an_old_event_after_a_new_one() -> None:
    receiver = WebhookReceiver()
    payment = receiver.create()
    receiver.confirm(payment, VISA)

    again = receiver.deliver(receiver.sender.latest("payment_intent.created"))

    assert receiver.types[-1] == "payment_intent.created"
    assert again.worked


def test_what_failed_by_hand_stays_pending_and_is_not_repeated() -> None:
    receiver = WebhookReceiver(answers=[500])
    receiver.sender.hold()
    receiver.create()

    tried = receiver.deliver(receiver.sender.pending[0])
    receiver.clock.pass_time(3 * DAY)

    assert not tried.worked
    assert len(receiver.sender.pending) == len(receiver.got) == 1


def test_released_they_all_come_and_those_after_them_by_themselves() -> None:
    receiver = WebhookReceiver()
    receiver.sender.hold()
    payment = receiver.create()
    receiver.clock.pass_time(DAY)
    assert receiver.got == []

    receiver.sender.release()
    receiver.confirm(payment)

    assert receiver.types == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    assert receiver.sender.pending == ()


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (DeliveryKind.LIVE, {"livemode": True}),
        (DeliveryKind.FOREIGN, {"account": "acct_somebodyelse"}),
    ],
)
def test_what_is_not_for_us_is_signed_well_and_a_separate_event(kind: DeliveryKind, content: dict[str, object]) -> None:
    receiver = WebhookReceiver()
    receiver.create()

    receiver.deliver(receiver.sender.events[0], kind)

    ours, not_ours = receiver.got
    assert not_ours.verify().id != ours.verify().id
    assert not_ours.content == ours.content | content | {"id": not_ours.content["id"]}


def test_one_signed_for_a_moment_ahead() -> None:
    receiver = WebhookReceiver()
    receiver.create()

    receiver.deliver(receiver.sender.events[0], DeliveryKind.FUTURE)

    assert receiver.got[1].signed_at - receiver.got[0].signed_at == 600


def test_what_is_forged_does_not_count_as_delivered() -> None:
    receiver = WebhookReceiver(answers=[503] * 11)
    receiver.create()
    receiver.clock.pass_time(4 * DAY)

    assert receiver.deliver(receiver.sender.events[0], DeliveryKind.FORGED).worked

    assert receiver.sender.undelivered == receiver.sender.events


# What cannot be

BAD: dict[str, Callable[[], object]] = {
    "no secret": lambda: WebhookReceiver(secrets=[]),
    "a secret of another kind": lambda: WebhookReceiver(secrets=["sk_test_1"]),
    "a secret that is no list": lambda: WebhookReceiver(secrets=SECRET),
    "a share above 1": lambda: DeliveryConditions(lost_share=1.5),
    "a share below 0": lambda: DeliveryConditions(live_share=-0.1),
    "a share that is no number": lambda: DeliveryConditions(duplicated_share=True),
    "no patience": lambda: DeliveryConditions(patience_seconds=0),
    "gaps that shrink": lambda: DeliveryConditions(retry_gaps_seconds=(60, 30)),
    "a gap of nothing": lambda: DeliveryConditions(retry_gaps_seconds=(0,)),
    "gaps in a list": lambda: DeliveryConditions(retry_gaps_seconds=[60]),  # type: ignore[arg-type]
    "a fraction of a burst": lambda: DeliveryConditions(burst_seconds=0.5),  # type: ignore[arg-type]
    "a clock of another day": lambda: DeliveryConditions(clock_ahead_seconds=100_000),
    "a delay in seconds": lambda: DeliveryConditions(delay=3),  # type: ignore[arg-type]
    "a delay below 0": lambda: DeliveryConditions(delay=Latency(((0, -1), (100, 1)))),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_cannot_be_is_refused(bad: str) -> None:
    with pytest.raises(InvalidPolicy):
        BAD[bad]()


def test_a_refused_secret_is_not_repeated() -> None:
    with pytest.raises(InvalidPolicy) as refused:
        WebhookReceiver(secrets=["sk_live_secret"])

    assert "sk_live_secret" not in str(refused.value)


def test_an_event_that_never_was_can_neither_be_found_nor_resent() -> None:
    receiver = WebhookReceiver()

    with pytest.raises(CallRejected, match="No such event"):
        receiver.sender.latest("payment_intent.succeeded")
    with pytest.raises(CallRejected, match="No such event"):
        receiver.clock.run(receiver.sender.resend("evt_1"))


def test_the_usual_till_sends_nothing() -> None:
    account = StripeFixture()

    assert account.intent(account.paid()).event_count == 0
    assert WebhookReceiver(PROMPT).sender.tries == list[Try]()
