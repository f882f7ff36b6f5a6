"""Webhooks are worked off: one by one, put off where that fails, given up in the end, and lost never."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from payflows.errors import NotFound, OutcomeUnknown
from payflows.kernel.changes import Change
from payflows.kernel.inbox import THREE_DAYS, Inbox, subject_key
from payflows.kernel.queue_item import ItemStatus, QueueItem, WebhookSubject
from payflows.store.memory import InMemoryStore
from payflows.stripe.webhooks.endpoint import WebhookEndpoint
from simulations.time.world import World
from tests.inbox_fixture import InboxFixture
from tests.stripe_json import EMAIL
from tests.webhook_posts import NOW, SETTINGS, body_of, event, payment_intent, seconds_from_now, signed


@pytest.fixture
def fixture() -> InboxFixture:
    """A desk at which nothing has come in yet."""
    return InboxFixture()


@pytest.mark.parametrize("other", [{"source": "acct_2"}, {"kind": "refund"}, {"id": "pi_2"}])
def test_other_subjects_are_worked_on_under_other_keys(other: dict[str, str]) -> None:
    subject = WebhookSubject(source="acct_1", kind="payment", id="pi_1")

    assert subject_key(subject._replace(**other)) != subject_key(subject)


def test_nothing_is_due_where_nothing_came_in(fixture: InboxFixture) -> None:
    assert World().run(fixture.inbox.due_at()) is None
    assert World().run(fixture.inbox.run_once(NOW)) is False
    assert fixture.inbox.name == "inbox"


def test_a_webhook_has_its_payment_read_once(fixture: InboxFixture) -> None:
    """B2: also where it was delivered three times."""
    for _ in range(3):
        fixture.receive()

    assert World().run(fixture.inbox.due_at()) == NOW
    assert fixture.work() == 1

    assert fixture.looked_at == ["pi_1"]
    assert fixture.item().status is ItemStatus.PROCESSED
    assert World().run(fixture.inbox.due_at()) is None


def test_it_is_not_worked_off_before_it_came_in(fixture: InboxFixture) -> None:
    fixture.receive(at=seconds_from_now(30))

    assert fixture.work(at=NOW) == 0
    assert fixture.work(at=seconds_from_now(30)) == 1


def test_the_one_that_waits_longest_comes_first(fixture: InboxFixture) -> None:
    for number in (3, 1, 2):
        fixture.receive(f"evt_{number}", f"pi_{number}", at=seconds_from_now(number))

    fixture.work(at=seconds_from_now(9))

    assert fixture.looked_at == ["pi_1", "pi_2", "pi_3"]


def test_what_the_webhook_says_is_not_handed_on(fixture: InboxFixture) -> None:
    """B3: which one comes last cannot matter where only the payment to read is taken from it."""
    types = ["payment_intent.canceled", "payment_intent.succeeded", "payment_intent.processing"]
    for number, event_type in enumerate(types):
        fixture.receive(f"evt_{number}", type=event_type)
        fixture.work()

    assert fixture.looked_at == ["pi_1"] * 3


def test_webhooks_about_one_payment_are_worked_on_together(fixture: InboxFixture) -> None:
    """However many came meanwhile, one look sees all that they say."""
    for number in range(3):
        fixture.receive(f"evt_{number}")

    assert fixture.work() == 1

    assert fixture.looked_at == ["pi_1"]
    assert fixture.item().arrivals == 3


def test_a_webhook_that_arrives_while_its_payment_is_looked_at_has_it_looked_at_again(fixture: InboxFixture) -> None:
    """It may say something that the look was too early to see."""

    async def look(payment_id: str) -> None:
        await fixture.look(payment_id)
        if len(fixture.looked_at) == 1:
            endpoint, raw_body = (
                WebhookEndpoint(fixture.inbox, SETTINGS),
                body_of(event(about=payment_intent(id="pi_1"))),
            )
            await endpoint.receive(raw_body, signed(raw_body), NOW)

    fixture.inbox = fixture.another(look)
    fixture.receive("evt_9")

    assert fixture.work() == 2

    assert fixture.looked_at == ["pi_1", "pi_1"]
    assert fixture.item().status is ItemStatus.PROCESSED


# What is put off


def test_a_payment_that_is_nobodys_yet_is_parked_and_looked_at_again(fixture: InboxFixture) -> None:
    fixture.receive()
    fixture.trouble = NotFound("no order has this payment")

    fixture.work()
    parked = fixture.item()
    assert (parked.status, parked.due_at, parked.failures) == (ItemStatus.UNMATCHED, seconds_from_now(10), 1)
    fixture.trouble = None
    assert fixture.work(at=seconds_from_now(9)) == 0
    fixture.work(at=seconds_from_now(10))

    assert fixture.item().status is ItemStatus.PROCESSED


def test_a_payment_that_stays_nobodys_is_ignored_in_the_end(fixture: InboxFixture) -> None:
    fixture.receive()
    fixture.trouble = NotFound("no order has this payment")

    last = fixture.work_until_nothing_is_left()

    assert last == seconds_from_now(10 + 30 + 60)
    assert len(fixture.looked_at) == 4
    assert fixture.item().status is ItemStatus.IGNORED


def test_work_that_fails_is_tried_again_and_says_why(fixture: InboxFixture) -> None:
    """B4: a failure is stored, never printed and lost."""
    fixture.receive()
    fixture.trouble = OutcomeUnknown("Stripe did not answer")

    fixture.work()

    waiting = fixture.item()
    assert (waiting.status, waiting.due_at) == (ItemStatus.RETRYING, seconds_from_now(10))
    assert (waiting.last_error or "").startswith("OutcomeUnknown in look, line ")


def test_work_that_goes_on_failing_is_a_dead_letter_in_the_end(fixture: InboxFixture) -> None:
    fixture.receive()
    fixture.trouble = OutcomeUnknown("Stripe did not answer")

    last = fixture.work_until_nothing_is_left()

    assert last == seconds_from_now(100)
    (dead,) = World().run(fixture.inbox.dead_letters())
    assert dead == fixture.item()
    assert (dead.status, dead.failures, dead.due_at) == (ItemStatus.DEAD, 3, None)
    assert (dead.last_error or "").startswith("OutcomeUnknown in look, line ")


@pytest.mark.parametrize(
    "error", [ValueError(f"cannot write to {EMAIL}"), KeyError(EMAIL)], ids=["a-librarys", "pythons"]
)
def test_of_foreign_errors_only_the_kind_is_kept(
    error: Exception, fixture: InboxFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """B12: their texts may hold anybody's data."""
    fixture.receive()
    fixture.trouble = error

    fixture.work()

    assert (fixture.item().last_error or "").startswith(type(error).__name__)
    assert EMAIL not in repr(fixture.item())
    assert capsys.readouterr() == ("", "")


def test_one_that_fails_holds_up_no_other(fixture: InboxFixture) -> None:
    """B7."""
    fixture.receive("evt_1", "pi_bad")
    fixture.receive("evt_2", "pi_good")

    async def fail_at_one(payment_id: str) -> None:
        if payment_id == "pi_bad":
            raise RuntimeError

    fixture.inbox = fixture.another(fail_at_one)
    assert fixture.work() == 2

    assert fixture.item("pi_bad").status is ItemStatus.RETRYING
    assert fixture.item("pi_good").status is ItemStatus.PROCESSED


def test_by_default_patience_lasts_about_as_long_as_stripes() -> None:
    fixture = InboxFixture(retry=THREE_DAYS)
    fixture.receive()
    fixture.trouble = NotFound("no order has this payment")

    patience = fixture.work_until_nothing_is_left() - NOW

    assert timedelta(days=3) <= patience <= timedelta(days=3, hours=2)


# What is lost: nothing


@pytest.mark.parametrize("end", [asyncio.CancelledError(), KeyboardInterrupt(), SystemExit(1)], ids=repr)
def test_a_crash_at_work_leaves_the_webhook_as_it_was(end: BaseException, fixture: InboxFixture) -> None:
    """B7."""
    fixture.receive()
    before = fixture.item()
    fixture.trouble = end

    with pytest.raises(type(end)):
        fixture.inbox.run_once(NOW).send(None)

    assert fixture.item() == before
    fixture.trouble = None
    assert fixture.work() == 1
    assert fixture.item().status is ItemStatus.PROCESSED


class ForgetfulStore(InMemoryStore):
    """A store that is out of reach at the first time that an item is to be saved."""

    forgot = False

    async def advance(self, before: QueueItem, after: QueueItem, *changes: Change) -> None:
        if not self.forgot:
            self.forgot = True
            raise OutcomeUnknown("the store did not answer")
        await super().advance(before, after, *changes)


def test_work_that_could_not_be_noted_is_done_again(fixture: InboxFixture) -> None:
    fixture.store = ForgetfulStore()
    fixture.inbox = fixture.another(fixture.look)
    fixture.receive()

    with pytest.raises(OutcomeUnknown):
        fixture.work()
    fixture.work()

    assert fixture.looked_at == ["pi_1", "pi_1"]
    assert fixture.item().status is ItemStatus.PROCESSED


# Two workers


def test_two_workers_at_one_webhook_store_one_outcome(fixture: InboxFixture) -> None:
    """The second one's answer comes late and changes nothing, though it failed."""
    world, ends = World(), []
    fixture.receive()

    async def slow_and_bad(payment_id: str) -> None:
        await world.sleep(60)
        raise OutcomeUnknown("Stripe did not answer")

    async def work(inbox: Inbox) -> None:
        ends.append(await inbox.run_once(NOW))

    for inbox in (fixture.another(slow_and_bad), fixture.inbox):
        world.start(work(inbox))
    world.run_for(120)

    assert ends == [True, True]
    assert (fixture.item().status, fixture.item().version) == (ItemStatus.PROCESSED, 1)
