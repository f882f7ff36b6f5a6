"""A checkout on SQLite survives `kill -9` between any two of its SQL statements and calls.

Thirty points are tried that lie evenly among all; with `--on-demand`, which is part of `make search`, all.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.broken_stores import outbox_apart, queue_apart
from tests.crash.child import PAID, REFUNDED, OpenStore, Sale
from tests.crash.outside_world import OutsideWorld

TRIED = 15
"""Of each sale."""


@pytest.fixture(scope="module", params=[PAID, REFUNDED], ids=["paid", "declined, paid and refunded"])
def sale(request: pytest.FixtureRequest) -> Sale:
    made: Sale = request.param
    return made


@pytest.fixture(scope="module")
def points(sale: Sale, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Where a process that makes the sale can die."""
    return points_of(OutsideWorld(tmp_path_factory.mktemp("alive") / "shop.sqlite", sale))


def points_of(world: OutsideWorld) -> list[str]:
    assert not world.sell(), "nothing goes wrong"
    return world.points


@pytest.mark.parametrize("place", range(TRIED))
def test_a_killed_checkout_charges_once(place: int, sale: Sale, points: list[str], tmp_path: Path) -> None:
    dies_at = 1 + place * (len(points) - 1) // (TRIED - 1)

    broken = OutsideWorld(tmp_path / "shop.sqlite", sale).sell(dies_at=dies_at)

    assert not broken, f"killed at point {dies_at}, {points[dies_at - 1]}"


@pytest.mark.on_demand
def test_a_checkout_killed_at_any_point_charges_once(sale: Sale, points: list[str], tmp_path: Path) -> None:
    worlds = {dies_at: OutsideWorld(tmp_path / f"{dies_at}.sqlite", sale) for dies_at, _ in enumerate(points, 1)}

    broken = {dies_at: breaches for dies_at, world in worlds.items() if (breaches := world.sell(dies_at=dies_at))}

    assert not broken


def test_every_transaction_and_every_call_is_a_point(points: list[str]) -> None:
    begun = points.count("BEGIN") + points.count("BEGIN IMMEDIATE")

    assert begun == points.count("COMMIT") > 0
    assert {"gateway.confirm_payment", "gateway.capture_payment", "inventory.ship", "mailer.send"} <= set(points)


@pytest.mark.parametrize("open_store", [outbox_apart, queue_apart])
def test_a_store_that_writes_in_two_transactions_is_found(open_store: OpenStore, tmp_path: Path) -> None:
    points = points_of(OutsideWorld(tmp_path / "alive.sqlite", open_store=open_store))
    between = [number for number, point in enumerate(points, 1) if point == "BEGIN IMMEDIATE"]

    assert any(
        OutsideWorld(tmp_path / f"{number}.sqlite", open_store=open_store).sell(dies_at=number)
        for number in reversed(between)
    )
