"""The store's contract, on every store; and what a database adds: a file that outlives its process."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from payflows.errors import CallNotSent
from payflows.kernel.changes import Enqueue, Replace
from payflows.kernel.evolve import evolve
from payflows.kernel.store import Store
from payflows.store.memory import InMemoryStore
from payflows.store.sql import SqlStore, directly
from payflows.testing.store_contract import STORE_CHECKS, StoreCheck, check_store
from payflows.testing.store_sample import PARCELS, a_parcel, an_item, fetched, fetching, renewed
from simulations.time.hand_clock import HandClock


@pytest.mark.parametrize("check", STORE_CHECKS, ids=lambda check: check.__name__)
def test_a_store_keeps_its_contract(check: StoreCheck, store: Store) -> None:
    HandClock().run(check(store))  # type: ignore[arg-type]  # a coroutine function


def test_the_contract_is_one_call_for_a_store_of_ones_own() -> None:
    asyncio.run(check_store(InMemoryStore))


class Forgetful(InMemoryStore):
    """A store that sets without comparing."""

    async def change(self, *changes: object) -> None:
        for change in changes:
            self._apply(change)  # type: ignore[arg-type]


def test_a_store_that_breaks_its_contract_is_found() -> None:
    with pytest.raises(AssertionError, match="VersionConflict was to be raised"):
        asyncio.run(check_store(Forgetful))


def test_what_was_stored_is_there_in_another_process(tmp_path: Path) -> None:
    path, run = tmp_path / "file.sqlite", HandClock().run
    with closing(SqlStore(path, run=directly)) as store:
        parcel = run(store.add(PARCELS, a_parcel()))
        run(store.change(fetching(parcel)))

    with closing(SqlStore(path, run=directly)) as again:
        assert run(again.get(PARCELS, parcel.id)) == fetched(parcel)
        assert len(list(again.all_items("outbox"))) == 4


def test_a_commit_is_on_the_disk_before_it_is_answered(tmp_path: Path) -> None:
    """In WAL mode SQLite's usual `synchronous=NORMAL` may lose the latest commits when the power fails."""
    full = 2
    with closing(SqlStore(tmp_path / "file.sqlite", run=directly)) as store, store._transaction("BEGIN") as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == full


def test_a_transaction_does_not_hold_up_the_loop(tmp_path: Path) -> None:
    """By default each runs in a worker thread of asyncio's; of two concurrent writers one is refused."""

    async def race(store: SqlStore) -> list[object]:
        parcel = await store.add(PARCELS, a_parcel())
        both = (store.change(Replace(PARCELS, parcel, renewed(parcel, minutes))) for minutes in (70, 80))
        return list(await asyncio.gather(*both, return_exceptions=True))

    with closing(SqlStore(tmp_path / "file.sqlite")) as store:
        outcomes = asyncio.run(race(store))

    assert [type(outcome).__name__ for outcome in sorted(outcomes, key=str)] == ["NoneType", "VersionConflict"]


def test_a_locked_file_is_a_call_that_was_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payflows.store.sql.BUSY_TIMEOUT_SECONDS", 0)
    path = tmp_path / "file.sqlite"
    with (
        closing(SqlStore(path, run=directly)) as one,
        closing(SqlStore(path, run=directly)) as other,
        one._transaction("BEGIN IMMEDIATE"),
        pytest.raises(CallNotSent, match="database is locked"),
    ):
        HandClock().run(other.add(PARCELS, a_parcel()))


def test_a_full_disk_is_a_call_that_was_not_sent_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    run = HandClock().run
    with closing(SqlStore(tmp_path / "file.sqlite", run=directly)) as store:
        parcel = run(store.add(PARCELS, a_parcel()))
        long = evolve(renewed(parcel, 90), owner="ada" * 100_000)
        limit_pages(store, 1)

        with pytest.raises(CallNotSent, match="database or disk is full"):
            run(store.change(Enqueue(an_item("one")), Replace(PARCELS, parcel, long)))

        assert run(store.get(PARCELS, parcel.id)) == parcel
        assert run(store.next_item("handler points")) is None
        limit_pages(store, 1_000_000)
        run(store.change(Replace(PARCELS, parcel, long)))
        assert run(store.get(PARCELS, parcel.id)) == long


def limit_pages(store: SqlStore, pages: int) -> None:
    """Let the file grow to this many pages, and at least to those that it has."""
    with store._transaction("BEGIN") as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")


def test_a_mistake_in_the_code_is_no_error_of_the_disk(tmp_path: Path) -> None:
    with (
        closing(SqlStore(tmp_path / "file.sqlite", run=directly)) as store,
        pytest.raises(OperationalError, match="no such table"),
        store._transaction("BEGIN") as connection,
    ):
        connection.exec_driver_sql("SELECT * FROM parcels")
