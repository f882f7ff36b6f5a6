"""The inbox's table: each webhook once, the next one that is due, compare-and-set, and room for very many."""

from __future__ import annotations

import tracemalloc
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from payflows.kernel.inbox_entry import WebhookEntry, WebhookStatus
from payflows.store.webhook_table import WebhookTable

from payflows.errors import NotFound, VersionConflict
from payflows.store.memory import InMemoryStore
from simulations.time.world import World
from tests.webhook_posts import NOW, seconds_from_now

SAMPLE = 5_000
MOST_BYTES_EACH = 700


def entry(
    number: int = 1, *, status: WebhookStatus = WebhookStatus.PENDING, due_at: datetime | None = NOW
) -> WebhookEntry:
    payment_id = f"pi_{number:024}"
    kind = "payment_intent.succeeded"
    return WebhookEntry(f"evt_{number:024}", kind, payment_id, payment_id, NOW, NOW, status, due_at)


@pytest.fixture(params=[WebhookTable, InMemoryStore])
def table(request: pytest.FixtureRequest) -> WebhookTable:
    """A table with one pending webhook: by itself, and as part of the whole store."""
    table: WebhookTable = request.param()
    assert World().run(table.add_webhook(entry()))
    return table


def test_an_event_id_is_stored_once(table: WebhookTable) -> None:
    assert not World().run(table.add_webhook(entry(status=WebhookStatus.DEAD, due_at=None)))

    assert World().run(table.webhook(entry().event_id)) == entry()
    assert World().run(table.webhooks(WebhookStatus.DEAD)) == ()


def test_it_is_known_whatever_became_of_it(table: WebhookTable) -> None:
    World().run(table.save_webhook(entry(), entry().moved(WebhookStatus.DONE)))

    assert not World().run(table.add_webhook(entry()))


def test_an_unknown_one_is_said_to_be_unknown(table: WebhookTable) -> None:
    with pytest.raises(NotFound):
        World().run(table.webhook("evt_2"))
    with pytest.raises(VersionConflict):
        World().run(table.save_webhook(entry(2), entry(2).moved(WebhookStatus.DONE)))


def test_the_second_of_two_changes_is_stale_and_changes_nothing(table: WebhookTable) -> None:
    first = entry().moved(WebhookStatus.WAITING, due_at=seconds_from_now(5))
    World().run(table.save_webhook(entry(), first))

    with pytest.raises(VersionConflict):
        World().run(table.save_webhook(entry(), entry().moved(WebhookStatus.DONE)))

    assert World().run(table.webhook(entry().event_id)) == first
    assert World().run(table.next_webhook()) == first


def test_a_list_by_status_is_oldest_first() -> None:
    table = WebhookTable()
    for number in (2, 3, 1):
        dead = entry(number, status=WebhookStatus.DEAD, due_at=None)
        World().run(table.add_webhook(dead._replace(received_at=seconds_from_now(number))))

    assert [int(dead.event_id[4:]) for dead in World().run(table.webhooks(WebhookStatus.DEAD))] == [1, 2, 3]


DUE = st.none() | st.integers(0, 9).map(seconds_from_now)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(changes=st.lists(st.tuples(st.integers(0, 4), DUE), max_size=30))
def test_the_next_one_is_always_the_one_that_a_look_at_all_would_find(
    changes: list[tuple[int, datetime | None]],
) -> None:
    world, table, plain = World(), WebhookTable(), dict[int, WebhookEntry]()
    for number, due_at in changes:
        status = WebhookStatus.DONE if due_at is None else WebhookStatus.WAITING
        if number in plain:
            before, plain[number] = plain[number], plain[number].moved(status, due_at=due_at)
            world.run(table.save_webhook(before, plain[number]))
        else:
            plain[number] = entry(number, status=status, due_at=due_at)
            world.run(table.add_webhook(plain[number]))

        found = world.run(table.next_webhook())
        assert found is None or found == plain[int(found.event_id[4:])]
        due = [each.due_at for each in plain.values() if each.due_at is not None]
        assert (found and found.due_at) == min(due, default=None)


def test_a_million_would_fit_into_a_laptop() -> None:
    world, table = World(), WebhookTable()

    async def fill() -> None:
        for number in range(SAMPLE):
            came_at = NOW + timedelta(seconds=number)
            new = entry(number)._replace(received_at=came_at, created_at=came_at - timedelta(seconds=1), due_at=came_at)
            await table.add_webhook(new)
            await table.save_webhook(new, new.moved(WebhookStatus.DONE))
            assert await table.next_webhook() is None

    tracemalloc.start()
    world.run(fill())
    bytes_each = tracemalloc.get_traced_memory()[0] / SAMPLE
    tracemalloc.stop()

    assert bytes_each < MOST_BYTES_EACH
