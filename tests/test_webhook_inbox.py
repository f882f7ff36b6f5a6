"""Webhooks are worked off: one by one, put off where that fails, given up in the end, and lost never."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from payflows.kernel.inbox_entry import IgnoredReason, WebhookEntry, WebhookStatus
from payflows.store.webhook_table import WebhookTable

from payflows.errors import NotFound, OutcomeUnknown
from payflows.kernel.inbox import THREE_DAYS, Inbox
from simulations.time.world import World
from tests.stripe_post import EMAIL, NOW, body_of, event, payment_intent, seconds_from_now, signed
from tests.webhook_desk import Desk


@pytest.fixture
def desk() -> Desk:
    """A desk at which nothing has come in yet."""
    return Desk()


def test_nothing_is_due_where_nothing_came_in(desk: Desk) -> None:
    assert World().run(desk.inbox.due_at()) is None
    assert World().run(desk.inbox.run_once(NOW)) is False
    assert desk.inbox.name == "inbox"


def test_a_webhook_has_its_payment_looked_at_once(desk: Desk) -> None:
    """B2: also where it was delivered three times."""
    for _ in range(3):
        desk.receive()

    assert World().run(desk.inbox.due_at()) == NOW
    assert desk.work() == 1

    assert desk.looked_at == ["pi_1"]
    assert desk.entry().status is WebhookStatus.DONE
    assert World().run(desk.inbox.due_at()) is None


def test_it_is_not_worked_off_before_it_came_in(desk: Desk) -> None:
    desk.receive(at=seconds_from_now(30))

    assert desk.work(at=NOW) == 0
    assert desk.work(at=seconds_from_now(30)) == 1


def test_the_one_that_waits_longest_comes_first(desk: Desk) -> None:
    for number in (3, 1, 2):
        desk.receive(f"evt_{number}", f"pi_{number}", at=seconds_from_now(number))

    desk.work(at=seconds_from_now(9))

    assert desk.looked_at == ["pi_1", "pi_2", "pi_3"]


def test_what_the_webhook_says_is_not_handed_on(desk: Desk) -> None:
    """B3: which one comes last cannot matter where all that is told is the payment to look at."""
    told = ["payment_intent.canceled", "payment_intent.succeeded", "payment_intent.processing"]
    for number, event_type in enumerate(told):
        raw_body = body_of(event(event_type, id=f"evt_{number}"))
        World().run(desk.webhooks.receive(raw_body, signed(raw_body), NOW))

    desk.work()

    assert desk.looked_at == [payment_intent()["id"]] * 3


# What is put off


def test_a_payment_that_is_nobodys_yet_is_parked_and_looked_at_again(desk: Desk) -> None:
    desk.receive()
    desk.trouble = NotFound("no order has this payment")

    desk.work()
    parked = desk.entry()
    assert (parked.status, parked.due_at, parked.waits) == (WebhookStatus.UNMATCHED, seconds_from_now(10), 1)
    desk.trouble = None
    assert desk.work(at=seconds_from_now(9)) == 0
    desk.work(at=seconds_from_now(10))

    assert desk.entry().status is WebhookStatus.DONE


def test_a_payment_that_stays_nobodys_is_ignored_in_the_end(desk: Desk) -> None:
    desk.receive()
    desk.trouble = NotFound("no order has this payment")

    last = desk.work_until_nothing_is_left()

    assert last == seconds_from_now(10 + 30 + 60)
    assert len(desk.looked_at) == 4
    assert (desk.entry().status, desk.entry().reason) == (WebhookStatus.IGNORED, IgnoredReason.UNKNOWN_OBJECT)


def test_work_that_fails_is_tried_again_and_says_why(desk: Desk) -> None:
    """B4: a failure is stored, never printed and lost."""
    desk.receive()
    desk.trouble = OutcomeUnknown("Stripe did not answer")

    desk.work()

    waiting = desk.entry()
    assert (waiting.status, waiting.due_at) == (WebhookStatus.WAITING, seconds_from_now(10))
    assert waiting.reason == "OutcomeUnknown: Stripe did not answer"


def test_work_that_goes_on_failing_is_a_dead_letter_in_the_end(desk: Desk) -> None:
    desk.receive()
    desk.trouble = OutcomeUnknown("Stripe did not answer")

    last = desk.work_until_nothing_is_left()

    assert last == seconds_from_now(100)
    (dead,) = World().run(desk.inbox.dead())
    assert dead == desk.entry()
    assert (dead.status, dead.waits, dead.due_at) == (WebhookStatus.DEAD, 3, None)
    assert dead.reason == "OutcomeUnknown: Stripe did not answer"


@pytest.mark.parametrize(
    "error", [ValueError(f"cannot write to {EMAIL}"), KeyError(EMAIL)], ids=["a-librarys", "pythons"]
)
def test_of_foreign_errors_only_the_kind_is_kept(
    error: Exception, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """B12: their texts may hold anybody's data."""
    desk.receive()
    desk.trouble = error

    desk.work()

    assert (desk.entry().reason or "").startswith(type(error).__name__)
    assert EMAIL not in repr(desk.entry())
    assert capsys.readouterr() == ("", "")


def test_one_that_fails_holds_up_no_other(desk: Desk) -> None:
    """B7."""
    desk.receive("evt_1", "pi_bad")
    desk.receive("evt_2", "pi_good")

    async def fail_at_one(payment_id: str) -> None:
        if payment_id == "pi_bad":
            raise RuntimeError

    desk.inbox = desk.another(fail_at_one)
    assert desk.work() == 2

    assert desk.entry("evt_1").status is WebhookStatus.WAITING
    assert desk.entry("evt_2").status is WebhookStatus.DONE


def test_unless_told_otherwise_patience_lasts_about_as_long_as_stripes() -> None:
    desk = Desk(retry=THREE_DAYS)
    desk.receive()
    desk.trouble = NotFound("no order has this payment")

    patience = desk.work_until_nothing_is_left() - NOW

    assert timedelta(days=3) <= patience <= timedelta(days=3, hours=2)


# What is lost: nothing


@pytest.mark.parametrize("end", [asyncio.CancelledError(), KeyboardInterrupt(), SystemExit(1)], ids=repr)
def test_a_crash_at_work_leaves_the_webhook_as_it_was(end: BaseException, desk: Desk) -> None:
    """B7."""
    desk.receive()
    before = desk.entry()
    desk.trouble = end

    with pytest.raises(type(end)):
        desk.inbox.run_once(NOW).send(None)

    assert desk.entry() == before
    desk.trouble = None
    assert desk.work() == 1
    assert desk.entry().status is WebhookStatus.DONE


class ForgetfulTable(WebhookTable):
    """A table that is out of reach at the first time that something is to be saved."""

    forgot = False

    async def save_webhook(self, before: WebhookEntry, after: WebhookEntry) -> None:
        if not self.forgot:
            self.forgot = True
            raise OutcomeUnknown("the store did not answer")
        await super().save_webhook(before, after)


def test_work_that_could_not_be_noted_is_done_again(desk: Desk) -> None:
    desk.table = ForgetfulTable()
    desk.inbox = desk.another(desk.look)
    desk.receive()

    with pytest.raises(OutcomeUnknown):
        desk.work()
    desk.work()

    assert desk.looked_at == ["pi_1", "pi_1"]
    assert desk.entry().status is WebhookStatus.DONE


# Two workers


def test_two_workers_at_one_webhook_store_one_outcome(desk: Desk) -> None:
    """The second one's answer comes late and changes nothing, though it failed."""
    world, ends = World(), []
    desk.receive()

    async def slow_and_bad(payment_id: str) -> None:
        await world.sleep(60)
        raise OutcomeUnknown("Stripe did not answer")

    async def work(inbox: Inbox) -> None:
        ends.append(await inbox.run_once(NOW))

    for inbox in (desk.another(slow_and_bad), desk.inbox):
        world.start(work(inbox))
    world.run_for(120)

    assert ends == [True, True]
    assert (desk.entry().status, desk.entry().version) == (WebhookStatus.DONE, 1)
