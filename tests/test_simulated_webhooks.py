"""How the simulated Stripe delivers its events: signed, repeated until 2xx, given up after three days."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
import stripe
from hypothesis import given, settings
from hypothesis import strategies as st

from payflows.payments.model import PaymentStatus
from simulations.stripe import DeliveryConditions, DeliveryKind, TryEnding
from simulations.stripe.webhooks.conditions import LIVE_RETRY_GAPS_SECONDS, NO_DELAY
from tests.letterbox import OUT_OF_ORDER, SECRET, Letterbox
from tests.till import VISA

DAY = 24 * 3600
GENUINE, FORGED = DeliveryKind.GENUINE, DeliveryKind.FORGED


def endings(box: Letterbox) -> list[tuple[int, TryEnding, int | None]]:
    return [(tried.number, tried.ending, tried.status) for tried in box.sender.tries]


# Signed


def test_stripes_sdk_believes_what_we_send() -> None:
    box = Letterbox()

    payment = box.paid()

    events = [letter.verify() for letter in box.got]
    assert [event.type for event in events] == box.heard
    assert events[-1].data.object["id"] == payment.id


def test_the_sdk_refuses_what_is_forged() -> None:
    box = Letterbox()
    box.paid()

    box.deliver(box.sender.latest("payment_intent.succeeded"), FORGED)

    with pytest.raises(stripe.SignatureVerificationError, match="No signatures found matching"):
        box.got[-1].verify()


def test_the_sdk_refuses_what_is_too_old_and_takes_the_same_when_it_is_new() -> None:
    box = Letterbox(start=datetime.now(UTC))
    box.create()

    box.deliver(box.sender.events[0], DeliveryKind.REPLAYED)

    genuine, replayed = box.got
    assert genuine.verify(tolerance=300).id == replayed.words["id"]
    with pytest.raises(stripe.SignatureVerificationError, match="tolerance"):
        replayed.verify(tolerance=300)


def test_while_secrets_are_rotated_both_are_signed_with() -> None:
    box = Letterbox(secrets=[SECRET, "whsec_new"])

    box.create()

    assert box.got[0].headers["Stripe-Signature"].count("v1=") == 2
    assert box.got[0].verify(SECRET).id == box.got[0].verify("whsec_new").id


def test_every_try_says_the_same_and_is_signed_anew() -> None:
    box = Letterbox(answers=[500, 500])

    box.create()
    box.clock.pass_time(DAY)

    assert len({letter.body for letter in box.got}) == 1
    assert [letter.signed_at - box.got[0].signed_at for letter in box.got] == [0, 300, 900]
    assert all(letter.verify() for letter in box.got)


@pytest.mark.parametrize("ahead", [-300, 300])
def test_stripes_clock_may_differ_from_ours(ahead: int) -> None:
    box = Letterbox(DeliveryConditions(delay=NO_DELAY, clock_ahead_seconds=ahead))

    box.create()

    assert box.got[0].signed_at - box.got[0].words["created"] == ahead


# Repeated


def test_it_is_repeated_until_the_endpoint_says_2xx() -> None:
    box = Letterbox(answers=[500, OUT_OF_ORDER, 301, 400, 21.0, 204])

    box.create()
    box.clock.pass_time(3 * DAY)

    assert endings(box) == [
        (1, TryEnding.ANSWERED, 500),
        (2, TryEnding.UNREACHABLE, None),
        (3, TryEnding.ANSWERED, 301),
        (4, TryEnding.ANSWERED, 400),
        (5, TryEnding.TIMED_OUT, None),
        (6, TryEnding.ANSWERED, 204),
    ]
    assert box.sender.undelivered == ()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([500, 404, 302, OUT_OF_ORDER, 30.0]), max_size=13))
def test_as_often_as_it_fails_and_not_once_more(failures: list[int | float | Exception]) -> None:
    box = Letterbox(answers=failures)

    box.create()
    box.clock.pass_time(4 * DAY)

    most = 1 + len(LIVE_RETRY_GAPS_SECONDS)
    assert len(box.got) == len(box.sender.tries) == min(len(failures) + 1, most)
    assert box.sender.undelivered == (box.sender.events if len(failures) >= most else ())


def test_the_gaps_grow_and_the_last_try_is_three_days_after_the_first() -> None:
    box = Letterbox(answers=[503] * 20)

    box.create()
    box.clock.pass_time(30 * DAY)

    tried_us = [tried.at_us for tried in box.sender.tries]
    gaps = [(later - earlier) // 1_000_000 for earlier, later in pairwise(tried_us)]
    assert gaps == sorted(gaps) == list(LIVE_RETRY_GAPS_SECONDS)
    assert tried_us[-1] == 3 * DAY * 1_000_000


def test_what_was_given_up_can_be_resent_by_hand() -> None:
    box = Letterbox(answers=[503] * 11)
    box.create()
    box.clock.pass_time(4 * DAY)
    [given_up] = box.sender.undelivered

    tried = box.resend(given_up)

    assert (tried.kind, tried.status) == (DeliveryKind.RESENT, 200)
    assert box.sender.undelivered == ()
    assert box.got[-1].verify().id == given_up.id


def test_resending_by_hand_does_not_call_the_next_try_off() -> None:
    box = Letterbox(answers=[503])
    box.create()

    box.resend(box.sender.events[0])
    box.clock.pass_time(DAY)

    assert [tried.kind for tried in box.sender.tries] == [GENUINE, DeliveryKind.RESENT, GENUINE]


def test_an_endpoint_that_works_and_answers_500_hears_it_again() -> None:
    box = Letterbox(answers=[500])

    box.create()
    box.clock.pass_time(300)

    assert [letter.words["id"] for letter in box.got] == [box.sender.events[0].id] * 2


def test_our_own_mistake_is_not_taken_for_an_outage() -> None:
    box = Letterbox(answers=[ZeroDivisionError()])

    with pytest.raises(ZeroDivisionError):
        box.create()


# Before the answer


def test_the_news_overtake_the_answer() -> None:
    box = Letterbox()
    payment = box.create()

    async def heard_when_answered() -> list[str]:
        await box.stripe.confirm_payment(payment.id, payment_method=VISA, key="key")
        return box.heard

    assert box.clock.run(heard_when_answered())[-1] == "payment_intent.succeeded"


def test_a_decline_is_told_before_it_is_answered() -> None:
    box = Letterbox()

    box.turned_down()

    assert box.heard == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]


def test_what_happens_by_itself_is_told_at_once_too() -> None:
    box = Letterbox()
    payment = box.paid("pm_usBankAccount_success")

    box.clock.pass_time(4 * DAY)

    assert box.heard[-1] == "payment_intent.succeeded"
    assert box.read(payment).status is PaymentStatus.SUCCEEDED
    assert box.got[-1].at_us == 4 * DAY * 1_000_000
