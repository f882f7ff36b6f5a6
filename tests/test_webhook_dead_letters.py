"""Webhooks that were given up: a person finds them, sees why, and has them worked off again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payflows.errors import InvalidState, NotFound, VersionConflict
from payflows.kernel.changes import Change, Enqueue
from payflows.kernel.inbox import THREE_DAYS
from payflows.kernel.queue_item import ItemStatus, QueueItem, WebhookSubject
from payflows.store.memory import InMemoryStore
from simulations.time.world import World
from tests.inbox_fixture import InboxFixture
from tests.webhook_posts import NOW, seconds_from_now


@pytest.fixture
def dead_desk() -> InboxFixture:
    """A desk at which three webhooks were given up, and one was not."""
    fixture = InboxFixture()
    for number in (1, 2, 3):
        fixture.receive(f"evt_{number}", f"pi_{number}", at=seconds_from_now(number))
    fixture.trouble = RuntimeError("a defect of ours")
    fixture.work_until_nothing_is_left()
    fixture.trouble = None
    fixture.receive("evt_4", "pi_4")
    fixture.work()
    fixture.looked_at.clear()
    return fixture


def test_a_webhook_is_given_up_when_stripe_itself_would_have_given_it_up() -> None:
    """After three days (Stripe docs, webhooks): ever more rarely at first, then hourly."""
    waits = [THREE_DAYS.delay_seconds(failures) for failures in range(80) if not THREE_DAYS.gives_up_after(failures)]

    assert waits[:8] == [20, 40, 80, 160, 320, 640, 1_280, 2_560]
    assert set(waits[8:]) == {3_600}
    assert timedelta(seconds=sum(waits)) == timedelta(days=3, minutes=25)


def test_the_dead_are_listed_oldest_first(dead_desk: InboxFixture) -> None:
    dead = World().run(dead_desk.inbox.dead_letters())

    assert [item.content.id for item in dead if isinstance(item.content, WebhookSubject)] == ["pi_1", "pi_2", "pi_3"]
    assert all((item.last_error or "").startswith("RuntimeError") for item in dead)


def test_a_dead_one_is_replayed_with_all_its_patience(dead_desk: InboxFixture) -> None:
    later = NOW + timedelta(days=7)

    dead_desk.clock.moment = later
    replayed = World().run(dead_desk.inbox.replay(":payment:pi_2"))
    assert (replayed.status, replayed.due_at, replayed.failures) == (ItemStatus.PENDING, later, 0)
    assert dead_desk.work(at=later) == 1

    assert dead_desk.looked_at == ["pi_2"]
    assert dead_desk.item("pi_2").status is ItemStatus.PROCESSED
    assert [item.key for item in World().run(dead_desk.inbox.dead_letters())] == [":payment:pi_1", ":payment:pi_3"]


def test_all_dead_ones_are_replayed(dead_desk: InboxFixture) -> None:
    later = dead_desk.clock.moment = NOW + timedelta(days=7)

    assert World().run(dead_desk.inbox.replay_all()) == 3
    assert World().run(dead_desk.inbox.replay_all()) == 0
    dead_desk.work(at=later)

    assert sorted(dead_desk.looked_at) == ["pi_1", "pi_2", "pi_3"]
    assert World().run(dead_desk.inbox.dead_letters()) == ()


def test_only_the_dead_are_replayed(dead_desk: InboxFixture) -> None:
    with pytest.raises(InvalidState, match="only a dead letter is replayed, and this one is processed"):
        World().run(dead_desk.inbox.replay(":payment:pi_4"))
    with pytest.raises(NotFound):
        World().run(dead_desk.inbox.replay(":payment:pi_5"))


class ContestedStore(InMemoryStore):
    """A store at which another process is always quicker."""

    async def advance(self, before: QueueItem, after: QueueItem, *changes: Change) -> None:
        raise VersionConflict("queue item")


def test_what_another_process_replays_is_left_to_it(dead_desk: InboxFixture) -> None:
    contested = ContestedStore()
    for item in World().run(dead_desk.inbox.dead_letters()):
        World().run(contested.change(Enqueue(item)))
    dead_desk.store = contested

    assert World().run(dead_desk.another(dead_desk.look).replay_all()) == 0
