"""How the simulated Stripe delivers its events: signed, repeated until 2xx, given up after three days."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
import stripe
from hypothesis import given, settings
from hypothesis import strategies as st

from payflows.payments.model import PaymentStatus
from payflows.testing.gateway_customer import VISA
from simulations.stripe import DeliveryConditions, DeliveryKind, TryEnding
from simulations.stripe.webhooks.conditions import LIVE_RETRY_GAPS_SECONDS, NO_DELAY
from tests.webhook_receiver import OUT_OF_ORDER, SECRET, WebhookReceiver

DAY = 24 * 3600
GENUINE, FORGED = DeliveryKind.GENUINE, DeliveryKind.FORGED


def endings(receiver: WebhookReceiver) -> list[tuple[int, TryEnding, int | None]]:
    return [(tried.number, tried.ending, tried.status) for tried in receiver.sender.tries]


# Signed


def test_stripes_sdk_believes_what_we_send() -> None:
    receiver = WebhookReceiver()

    payment = receiver.paid()

    events = [webhook.verify() for webhook in receiver.got]
    assert [event.type for event in events] == receiver.types
    assert events[-1].data.object["id"] == payment.id


def test_the_sdk_refuses_what_is_forged() -> None:
    receiver = WebhookReceiver()
    receiver.paid()

    receiver.deliver(receiver.sender.latest("payment_intent.succeeded"), FORGED)

    with pytest.raises(stripe.SignatureVerificationError, match="No signatures found matching"):
        receiver.got[-1].verify()


def test_the_sdk_refuses_what_is_too_old_and_takes_the_same_when_it_is_new() -> None:
    receiver = WebhookReceiver(start=datetime.now(UTC))
    receiver.create()

    receiver.deliver(receiver.sender.events[0], DeliveryKind.REPLAYED)

    genuine, replayed = receiver.got
    assert genuine.verify(tolerance=300).id == replayed.content["id"]
    with pytest.raises(stripe.SignatureVerificationError, match="tolerance"):
        replayed.verify(tolerance=300)


def test_while_secrets_are_rotated_both_are_signed_with() -> None:
    receiver = WebhookReceiver(secrets=[SECRET, "whsec_new"])

    receiver.create()

    assert receiver.got[0].headers["Stripe-Signature"].count("v1=") == 2
    assert receiver.got[0].verify(SECRET).id == receiver.got[0].verify("whsec_new").id


def test_every_try_says_the_same_and_is_signed_anew() -> None:
    receiver = WebhookReceiver(answers=[500, 500])

    receiver.create()
    receiver.clock.pass_time(DAY)

    assert len({webhook.body for webhook in receiver.got}) == 1
    assert [webhook.signed_at - receiver.got[0].signed_at for webhook in receiver.got] == [0, 300, 900]
    assert all(webhook.verify() for webhook in receiver.got)


@pytest.mark.parametrize("ahead", [-300, 300])
def test_stripes_clock_may_differ_from_ours(ahead: int) -> None:
    receiver = WebhookReceiver(DeliveryConditions(delay=NO_DELAY, clock_ahead_seconds=ahead))

    receiver.create()

    assert receiver.got[0].signed_at - receiver.got[0].content["created"] == ahead


# Repeated


def test_it_is_repeated_until_the_endpoint_says_2xx() -> None:
    receiver = WebhookReceiver(answers=[500, OUT_OF_ORDER, 301, 400, 21.0, 204])

    receiver.create()
    receiver.clock.pass_time(3 * DAY)

    assert endings(receiver) == [
        (1, TryEnding.ANSWERED, 500),
        (2, TryEnding.UNREACHABLE, None),
        (3, TryEnding.ANSWERED, 301),
        (4, TryEnding.ANSWERED, 400),
        (5, TryEnding.TIMED_OUT, None),
        (6, TryEnding.ANSWERED, 204),
    ]
    assert receiver.sender.undelivered == ()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([500, 404, 302, OUT_OF_ORDER, 30.0]), max_size=13))
def test_as_often_as_it_fails_and_not_once_more(failures: list[int | float | Exception]) -> None:
    receiver = WebhookReceiver(answers=failures)

    receiver.create()
    receiver.clock.pass_time(4 * DAY)

    most = 1 + len(LIVE_RETRY_GAPS_SECONDS)
    assert len(receiver.got) == len(receiver.sender.tries) == min(len(failures) + 1, most)
    assert receiver.sender.undelivered == (receiver.sender.events if len(failures) >= most else ())


def test_the_gaps_grow_and_the_last_try_is_three_days_after_the_first() -> None:
    receiver = WebhookReceiver(answers=[503] * 20)

    receiver.create()
    receiver.clock.pass_time(30 * DAY)

    tried_us = [tried.at_us for tried in receiver.sender.tries]
    gaps = [(later - earlier) // 1_000_000 for earlier, later in pairwise(tried_us)]
    assert gaps == sorted(gaps) == list(LIVE_RETRY_GAPS_SECONDS)
    assert tried_us[-1] == 3 * DAY * 1_000_000


def test_what_was_given_up_can_be_resent_by_hand() -> None:
    receiver = WebhookReceiver(answers=[503] * 11)
    receiver.create()
    receiver.clock.pass_time(4 * DAY)
    [given_up] = receiver.sender.undelivered

    tried = receiver.resend(given_up)

    assert (tried.kind, tried.status) == (DeliveryKind.RESENT, 200)
    assert receiver.sender.undelivered == ()
    assert receiver.got[-1].verify().id == given_up.id


def test_resending_by_hand_does_not_call_the_next_try_off() -> None:
    receiver = WebhookReceiver(answers=[503])
    receiver.create()

    receiver.resend(receiver.sender.events[0])
    receiver.clock.pass_time(DAY)

    assert [tried.kind for tried in receiver.sender.tries] == [GENUINE, DeliveryKind.RESENT, GENUINE]


def test_an_endpoint_that_works_and_answers_500_hears_it_again() -> None:
    receiver = WebhookReceiver(answers=[500])

    receiver.create()
    receiver.clock.pass_time(300)

    assert [webhook.content["id"] for webhook in receiver.got] == [receiver.sender.events[0].id] * 2


def test_our_own_mistake_is_not_taken_for_an_outage() -> None:
    receiver = WebhookReceiver(answers=[ZeroDivisionError()])

    with pytest.raises(ZeroDivisionError):
        receiver.create()


# Before the answer


def test_the_news_overtake_the_answer() -> None:
    receiver = WebhookReceiver()
    payment = receiver.create()

    async def heard_when_answered() -> list[str]:
        await receiver.stripe.confirm_payment(payment.id, payment_method=VISA, key="key")
        return receiver.types

    assert receiver.clock.run(heard_when_answered())[-1] == "payment_intent.succeeded"


def test_a_decline_is_told_before_it_is_answered() -> None:
    receiver = WebhookReceiver()

    receiver.turned_down()

    assert receiver.types == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]


def test_what_happens_by_itself_is_told_at_once_too() -> None:
    receiver = WebhookReceiver()
    payment = receiver.paid("pm_usBankAccount_success")

    receiver.clock.pass_time(4 * DAY)

    assert receiver.types[-1] == "payment_intent.succeeded"
    assert receiver.read(payment).status is PaymentStatus.SUCCEEDED
    assert receiver.got[-1].at_us == 4 * DAY * 1_000_000
