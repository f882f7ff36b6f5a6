"""A checkout on SQLite survives `kill -9` between any two of its SQL statements and calls.

All points are tried by `make search-crashes`; here, thirty that lie evenly among them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.broken_stores import outbox_apart, queue_apart
from tests.crash.child import OpenStore
from tests.crash.outside_world import OutsideWorld

TRIED = 30


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Where a process that sells something can die."""
    return points_of(OutsideWorld(tmp_path_factory.mktemp("alive") / "shop.sqlite"))


def points_of(world: OutsideWorld) -> list[str]:
    assert not world.sell(), "nothing goes wrong"
    return world.points


@pytest.mark.parametrize("place", range(TRIED))
def test_a_killed_checkout_sells_once(place: int, points: list[str], tmp_path: Path) -> None:
    dies_at = 1 + place * (len(points) - 1) // (TRIED - 1)

    broken = OutsideWorld(tmp_path / "shop.sqlite").sell(dies_at=dies_at)

    assert not broken, f"killed at point {dies_at}, {points[dies_at - 1]}"


def test_every_transaction_and_every_call_is_a_point(points: list[str]) -> None:
    begun = points.count("BEGIN") + points.count("BEGIN IMMEDIATE")

    assert begun == points.count("COMMIT") > 0
    assert {"gateway.confirm_payment", "gateway.capture_payment", "inventory.ship", "mailer.send"} <= set(points)


@pytest.mark.parametrize("open_store", [outbox_apart, queue_apart])
def test_a_store_that_writes_in_two_transactions_is_found(open_store: OpenStore, tmp_path: Path) -> None:
    points = points_of(OutsideWorld(tmp_path / "alive.sqlite", open_store))
    between = [number for number, point in enumerate(points, 1) if point == "BEGIN IMMEDIATE"]

    worlds = {number: OutsideWorld(tmp_path / f"{number}.sqlite", open_store) for number in between}

    assert any(world.sell(dies_at=number) for number, world in reversed(worlds.items()))
