"""Webhooks that were given up: a person finds them, sees why, and has them worked off again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from payflows.kernel.inbox_entry import WebhookEntry, WebhookStatus
from payflows.store.webhook_table import WebhookTable

from payflows.errors import InvalidState, NotFound, VersionConflict
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


def test_the_dead_are_listed_oldest_first(dead_desk: InboxFixture) -> None:
    dead = World().run(dead_desk.inbox.dead())

    assert [entry.event_id for entry in dead] == ["evt_1", "evt_2", "evt_3"]
    assert all((entry.reason or "").startswith("RuntimeError") for entry in dead)


def test_a_dead_one_is_replayed_with_all_its_patience(dead_desk: InboxFixture) -> None:
    later = NOW + timedelta(days=7)

    replayed = World().run(dead_desk.inbox.replay("evt_2", later))
    assert (replayed.status, replayed.due_at, replayed.waits) == (WebhookStatus.PENDING, later, 0)
    assert dead_desk.work(at=later) == 1

    assert dead_desk.looked_at == ["pi_2"]
    assert dead_desk.entry("evt_2").status is WebhookStatus.DONE
    assert [entry.event_id for entry in World().run(dead_desk.inbox.dead())] == ["evt_1", "evt_3"]


def test_all_dead_ones_are_replayed(dead_desk: InboxFixture) -> None:
    later = NOW + timedelta(days=7)

    assert World().run(dead_desk.inbox.replay_all(later)) == 3
    assert World().run(dead_desk.inbox.replay_all(later)) == 0
    dead_desk.work(at=later)

    assert sorted(dead_desk.looked_at) == ["pi_1", "pi_2", "pi_3"]
    assert World().run(dead_desk.inbox.dead()) == ()


def test_only_the_dead_are_replayed(dead_desk: InboxFixture) -> None:
    with pytest.raises(InvalidState, match="only a dead webhook is replayed, and this one is done"):
        World().run(dead_desk.inbox.replay("evt_4", NOW))
    with pytest.raises(NotFound):
        World().run(dead_desk.inbox.replay("evt_5", NOW))


class ContestedTable(WebhookTable):
    """A table at which somebody else is always quicker."""

    async def save_webhook(self, before: WebhookEntry, after: WebhookEntry) -> None:
        raise VersionConflict("webhook")


def test_what_somebody_else_replays_is_left_to_him(dead_desk: InboxFixture) -> None:
    contested = ContestedTable()
    for entry in World().run(dead_desk.inbox.dead()):
        World().run(contested.add_webhook(entry))
    dead_desk.table = contested

    assert World().run(dead_desk.another(dead_desk.look).replay_all(NOW)) == 0
