"""The shelf: a hold is all or nothing, keyed by its order, and ends once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payflows.checkout.goods import Hold, HoldStatus, Quantity
from payflows.checkout.inmemory.inventory import InMemoryInventory, Movement
from payflows.errors import InvalidPolicy
from simulations.time.world import World
from tests.shelf import MINUTE, TWO_MUGS, Shelf

MUG_AND_LAMP = (Quantity("mug", 1), Quantity("lamp", 1))
INSTANT = timedelta(microseconds=1) / timedelta(seconds=1)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(mug=3, lamp=1)


# Holding.


def test_a_hold_sets_all_of_it_aside(shelf: Shelf) -> None:
    hold = shelf.hold("ada", MUG_AND_LAMP)

    assert hold == Hold("ada", HoldStatus.HELD, shelf.later(15))
    assert hold.is_open
    assert (shelf.left("mug"), shelf.left("lamp")) == (2, 0)
    assert shelf.inventory.goods_of("ada") == MUG_AND_LAMP


@pytest.mark.parametrize(
    "goods",
    [
        (Quantity("mug", 1), Quantity("lamp", 2)),
        (Quantity("lamp", 2), Quantity("mug", 1)),
        (Quantity("mug", 1), Quantity("unicorn", 1)),
        (Quantity("mug", 2), Quantity("mug", 2)),
    ],
    ids=["short second", "short first", "unknown", "short in sum"],
)
def test_where_one_thing_is_short_nothing_is_held(shelf: Shelf, goods: tuple[Quantity, ...]) -> None:
    hold = shelf.hold("ada", goods)

    assert hold == Hold("ada", HoldStatus.OUT_OF_STOCK)
    assert not hold.is_open
    assert (shelf.left("mug"), shelf.left("lamp")) == (3, 1)
    assert shelf.inventory.movements == []


def test_the_last_one_goes_to_who_comes_first(shelf: Shelf) -> None:
    first, second = shelf.hold("ada", MUG_AND_LAMP), shelf.hold("bob", MUG_AND_LAMP)

    assert (first.status, second.status) == (HoldStatus.HELD, HoldStatus.OUT_OF_STOCK)


def test_who_found_it_out_of_stock_may_ask_again(shelf: Shelf) -> None:
    shelf.hold("ada", MUG_AND_LAMP)
    shelf.hold("bob", MUG_AND_LAMP)
    shelf.release("ada")

    assert shelf.hold("bob", MUG_AND_LAMP).status is HoldStatus.HELD


def test_the_same_hold_again_takes_nothing_more(shelf: Shelf) -> None:
    first = shelf.hold("ada")
    shelf.world.run_for(MINUTE)

    again = shelf.hold("ada", MUG_AND_LAMP)

    assert again == first
    assert (shelf.left("mug"), shelf.left("lamp")) == (1, 1)


# The end of a hold.


def test_a_release_puts_the_goods_back_once(shelf: Shelf) -> None:
    shelf.hold("ada")

    first, second = shelf.release("ada"), shelf.release("ada")

    assert first == second == Hold("ada", HoldStatus.RELEASED)
    assert shelf.left() == 3


def test_a_released_id_is_spent(shelf: Shelf) -> None:
    shelf.hold("ada")
    shelf.release("ada")

    assert shelf.hold("ada").status is HoldStatus.RELEASED
    assert shelf.left() == 3


def test_a_hold_that_comes_after_its_release_does_nothing(shelf: Shelf) -> None:
    shelf.release("ada")

    assert shelf.hold("ada").status is HoldStatus.RELEASED
    assert shelf.left() == 3
    assert shelf.inventory.movements == []


def test_a_hold_expires_at_its_moment_and_not_before(shelf: Shelf) -> None:
    shelf.hold("ada", minutes=15)

    shelf.world.run_for(15 * MINUTE - INSTANT)
    assert shelf.left() == 1
    shelf.world.run_for(INSTANT)

    assert shelf.left() == 3
    assert shelf.inventory.holds()["ada"] == Hold("ada", HoldStatus.EXPIRED)


def test_an_expiry_is_dated_when_it_was_not_when_it_was_seen(shelf: Shelf) -> None:
    shelf.hold("ada", minutes=15)
    expired_at = shelf.later(15)
    shelf.world.run_for(60 * MINUTE)

    shelf.left()

    assert shelf.inventory.movements[-1] == Movement(expired_at, "ada", "mug", 2, HoldStatus.EXPIRED)


@pytest.mark.parametrize("act", ["hold", "renew", "commit", "release", "ship"])
def test_nothing_revives_an_expired_hold(shelf: Shelf, act: str) -> None:
    shelf.hold("ada", minutes=15)
    shelf.world.run_for(15 * MINUTE)

    hold = getattr(shelf, act)("ada")

    assert hold == Hold("ada", HoldStatus.EXPIRED)
    assert shelf.left() == 3


def test_a_renewed_hold_outlives_its_first_expiry(shelf: Shelf) -> None:
    shelf.hold("ada", minutes=15)
    shelf.world.run_for(10 * MINUTE)

    assert shelf.renew("ada", minutes=15) == Hold("ada", HoldStatus.HELD, shelf.later(15))

    shelf.world.run_for(15 * MINUTE - INSTANT)
    assert shelf.left() == 1
    shelf.world.run_for(INSTANT)
    assert shelf.left() == 3


def test_a_hold_may_be_renewed_to_end_sooner(shelf: Shelf) -> None:
    shelf.hold("ada", minutes=15)
    shelf.renew("ada", minutes=5)

    shelf.world.run_for(5 * MINUTE)

    assert shelf.left() == 3


def test_a_committed_hold_does_not_expire(shelf: Shelf) -> None:
    shelf.hold("ada", minutes=15)

    hold = shelf.commit("ada")

    assert hold == shelf.commit("ada") == Hold("ada", HoldStatus.COMMITTED)
    assert hold.is_open
    shelf.world.run_for(365 * 24 * 60 * MINUTE)
    assert shelf.left() == 1


def test_a_committed_hold_is_not_renewed(shelf: Shelf) -> None:
    shelf.hold("ada")
    shelf.commit("ada")

    assert shelf.renew("ada") == Hold("ada", HoldStatus.COMMITTED)


def test_a_committed_hold_can_still_be_released(shelf: Shelf) -> None:
    shelf.hold("ada")
    shelf.commit("ada")

    assert shelf.release("ada").status is HoldStatus.RELEASED
    assert shelf.left() == 3


def test_only_what_was_committed_is_shipped(shelf: Shelf) -> None:
    shelf.hold("ada")

    assert shelf.ship("ada").status is HoldStatus.HELD
    assert shelf.ship("nobody").status is HoldStatus.RELEASED
    shelf.commit("ada")
    assert shelf.ship("ada") == shelf.ship("ada") == Hold("ada", HoldStatus.SHIPPED)

    assert shelf.left() == 1
    assert [movement.status for movement in shelf.inventory.movements] == [HoldStatus.HELD, HoldStatus.SHIPPED]


def test_what_was_shipped_does_not_come_back(shelf: Shelf) -> None:
    shelf.hold("ada")
    shelf.commit("ada")
    shelf.ship("ada")

    assert shelf.release("ada").status is HoldStatus.SHIPPED
    assert shelf.hold("ada").status is HoldStatus.SHIPPED
    assert shelf.left() == 1


@pytest.mark.parametrize("stock", [-1, True, 1.5, "3"])
def test_a_stock_that_cannot_be_is_refused(stock: object) -> None:
    with pytest.raises(InvalidPolicy, match="stock of mug must be a whole number"):
        InMemoryInventory({"mug": stock}, clock=World())  # type: ignore[dict-item]


def test_the_callers_stock_is_not_touched() -> None:
    stock = {"mug": 3}
    world = World()
    inventory = InMemoryInventory(stock, clock=world)

    world.run(inventory.hold("ada", TWO_MUGS, expires_at=world.now() + timedelta(minutes=15)))

    assert stock == inventory.initial == {"mug": 3}
