"""Webhooks told by hand: held back, delivered in any order, resent, forged; and what the sender refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from payflows.errors import CallRejected, InvalidPolicy
from simulations.network.link import Latency
from simulations.stripe import DeliveryConditions, DeliveryKind, Try
from tests.letterbox import PROMPT, SECRET, Letterbox
from tests.till import VISA, Till

DAY = 24 * 3600


def test_held_back_events_are_delivered_as_the_story_wants() -> None:
    box = Letterbox()
    box.sender.hold()
    box.paid()
    created, charged, paid = box.sender.pending

    for event in (paid, created):
        box.deliver(event)

    assert box.heard == [paid.type, created.type]
    assert box.sender.pending == (charged,)


def test_an_old_event_after_a_new_one() -> None:
    box = Letterbox()
    payment = box.create()
    box.confirm(payment, VISA)

    again = box.deliver(box.sender.latest("payment_intent.created"))

    assert box.heard[-1] == "payment_intent.created"
    assert again.worked


def test_what_failed_by_hand_stays_pending_and_is_not_repeated() -> None:
    box = Letterbox(answers=[500])
    box.sender.hold()
    box.create()

    tried = box.deliver(box.sender.pending[0])
    box.clock.pass_time(3 * DAY)

    assert not tried.worked
    assert len(box.sender.pending) == len(box.got) == 1


def test_released_they_all_come_and_those_after_them_by_themselves() -> None:
    box = Letterbox()
    box.sender.hold()
    payment = box.create()
    box.clock.pass_time(DAY)
    assert box.got == []

    box.sender.release()
    box.confirm(payment)

    assert box.heard == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    assert box.sender.pending == ()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (DeliveryKind.LIVE, {"livemode": True}),
        (DeliveryKind.FOREIGN, {"account": "acct_somebodyelse"}),
        (DeliveryKind.OTHER_VERSION, {"api_version": "2020-08-27"}),
    ],
)
def test_what_is_not_for_us_is_signed_well_and_an_event_of_its_own(
    kind: DeliveryKind, words: dict[str, object]
) -> None:
    box = Letterbox()
    box.create()

    box.deliver(box.sender.events[0], kind)

    ours, not_ours = box.got
    assert not_ours.verify().id != ours.verify().id
    assert not_ours.words == ours.words | words | {"id": not_ours.words["id"]}


def test_one_signed_for_a_moment_ahead() -> None:
    box = Letterbox()
    box.create()

    box.deliver(box.sender.events[0], DeliveryKind.FUTURE)

    assert box.got[1].signed_at - box.got[0].signed_at == 600


def test_what_is_forged_does_not_count_as_delivered() -> None:
    box = Letterbox(answers=[503] * 11)
    box.create()
    box.clock.pass_time(4 * DAY)

    assert box.deliver(box.sender.events[0], DeliveryKind.FORGED).worked

    assert box.sender.undelivered == box.sender.events


# What cannot be

BAD: dict[str, Callable[[], object]] = {
    "no secret": lambda: Letterbox(secrets=[]),
    "a secret of another kind": lambda: Letterbox(secrets=["sk_test_1"]),
    "a secret that is no list": lambda: Letterbox(secrets=SECRET),
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
        Letterbox(secrets=["sk_live_secret"])

    assert "sk_live_secret" not in str(refused.value)


def test_an_event_that_never_was_can_neither_be_found_nor_resent() -> None:
    box = Letterbox()

    with pytest.raises(CallRejected, match="No such event"):
        box.sender.latest("payment_intent.succeeded")
    with pytest.raises(CallRejected, match="No such event"):
        box.clock.run(box.sender.resend("evt_1"))


def test_the_usual_till_sends_nothing() -> None:
    till = Till()

    assert till.intent(till.paid()).event_count == 0
    assert Letterbox(PROMPT).sender.tries == list[Try]()
