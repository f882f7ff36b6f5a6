"""Twenty thousand deliveries of webhooks, duplicated, reordered and late; a million by `make events-storm`."""

from __future__ import annotations

import pytest
from payflows.kernel.delivery import HandlerRecord

from payflows.errors import InvalidPolicy
from payflows.kernel.unit_of_work import UnitOfWork
from payflows.store.memory import InMemoryStore
from simulations.checkout.storm_shop import HANDLERS, HEARD, StormShop, Troubles
from simulations.checkout.webhook_storm import EventStorm, StormCount, run_storm, run_storms

SMALL = EventStorm(payments=60, troubles=Troubles(crash_share=0.05, poll_seconds=600))


@pytest.fixture(scope="module")
def count() -> StormCount:
    return run_storm(EventStorm(), seed=1)


def test_nothing_is_lost_and_nothing_happens_twice(count: StormCount) -> None:
    assert (count.lost, count.twice) == (0, 0)
    assert count.effects == count.business_events * len(HANDLERS) == count.payments * len(HEARD) * len(HANDLERS)


def test_it_was_a_storm(count: StormCount) -> None:
    assert count.deliveries == 20_000
    assert count.duplicates == count.deliveries - count.webhooks == 13_750
    assert count.overtaken > 1_000
    assert count.late > 5_000
    assert min(count.repeated, count.reschedule) > 50
    assert count.failures > 300
    assert min(count.crashes, count.dead_letters) >= 10


def test_outside_the_store_a_failed_call_is_made_again_under_the_same_key(count: StormCount) -> None:
    assert count.calls - count.effects == count.outside_again >= count.failures + count.crashes


def test_the_same_seed_is_the_same_storm_however_many_processes_there_are() -> None:
    alone, together = (run_storms(SMALL, [1, 2], workers=workers) for workers in (1, 2))

    assert alone == together
    assert alone.deliveries == 2 * SMALL.deliveries
    assert run_storm(SMALL, seed=1) != run_storm(SMALL, seed=2)


def test_without_troubles_every_handler_is_called_once() -> None:
    calm = Troubles(
        failing_share=0, stubborn_share=0, slow_share=0, crash_share=0, unanswered_share=0, poll_seconds=600
    )

    count = run_storm(EventStorm(payments=60, troubles=calm), seed=1)

    assert count.calls == count.effects == 60 * len(HEARD) * len(HANDLERS)
    assert not any((count.outside_again, count.failures, count.crashes, count.repeated, count.reschedule, count.lost))


# That it would find something


class ForgetfulShop(StormShop):
    """What it took in is in memory, and gone with it."""

    def _open(self) -> None:
        self._store = InMemoryStore()
        super()._open()


class HastyShop(StormShop):
    """Its handlers write at once, and not together with the delivery."""

    async def _do(self, work: UnitOfWork) -> None:
        self.outside[work.key] += 1
        record = await work.record(work.key)
        times = int(record.fields.get("times") or 0) + 1
        self._store._records[work.key] = HandlerRecord(work.key, {"times": times}, record.version + 1)


def test_a_shop_that_keeps_its_inbox_in_memory_loses_some() -> None:
    assert run_storm(SMALL, seed=1, shop=ForgetfulShop).lost > 100


def test_handlers_that_write_for_themselves_do_some_twice() -> None:
    count = run_storm(SMALL, seed=1, shop=HastyShop)

    assert count.twice > 10
    assert count.lost == 0


@pytest.mark.parametrize(
    "bad",
    [
        {"payments": 0},
        {"hours": 0},
        {"copies": (1, 2)},
        {"copies": (0, 1, 1, 1, 1)},
        {"copies": [1, 1, 2, 4, 8]},
        {"repeat_minutes": 0},
    ],
)
def test_a_storm_that_cannot_be_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(InvalidPolicy):
        EventStorm(**bad)  # type: ignore[arg-type]
