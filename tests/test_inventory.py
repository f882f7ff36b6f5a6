"""The inventory: a hold is all or nothing, keyed by its order, and ends once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payflows.checkout.goods import Hold, HoldStatus, Quantity
from payflows.checkout.inmemory.inventory import InMemoryInventory, Movement
from payflows.errors import InvalidPolicy
from simulations.time.world import World
from tests.inventory_fixture import MINUTE, TWO_MUGS, InventoryFixture

MUG_AND_LAMP = (Quantity("mug", 1), Quantity("lamp", 1))
INSTANT = timedelta(microseconds=1) / timedelta(seconds=1)


@pytest.fixture
def fixture() -> InventoryFixture:
    return InventoryFixture(mug=3, lamp=1)


# Holding.


def test_a_hold_sets_all_of_it_aside(fixture: InventoryFixture) -> None:
    hold = fixture.hold("ada", MUG_AND_LAMP)

    assert hold == Hold("ada", HoldStatus.HELD, fixture.later(15))
    assert hold.is_open
    assert (fixture.left("mug"), fixture.left("lamp")) == (2, 0)
    assert fixture.inventory.goods_of("ada") == MUG_AND_LAMP


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
def test_where_one_thing_is_short_nothing_is_held(fixture: InventoryFixture, goods: tuple[Quantity, ...]) -> None:
    hold = fixture.hold("ada", goods)

    assert hold == Hold("ada", HoldStatus.OUT_OF_STOCK)
    assert not hold.is_open
    assert (fixture.left("mug"), fixture.left("lamp")) == (3, 1)
    assert fixture.inventory.movements == []


def test_the_last_one_goes_to_who_comes_first(fixture: InventoryFixture) -> None:
    first, second = fixture.hold("ada", MUG_AND_LAMP), fixture.hold("bob", MUG_AND_LAMP)

    assert (first.status, second.status) == (HoldStatus.HELD, HoldStatus.OUT_OF_STOCK)


def test_who_found_it_out_of_stock_may_ask_again(fixture: InventoryFixture) -> None:
    fixture.hold("ada", MUG_AND_LAMP)
    fixture.hold("bob", MUG_AND_LAMP)
    fixture.release("ada")

    assert fixture.hold("bob", MUG_AND_LAMP).status is HoldStatus.HELD


def test_the_same_hold_again_takes_nothing_more(fixture: InventoryFixture) -> None:
    first = fixture.hold("ada")
    fixture.world.run_for(MINUTE)

    again = fixture.hold("ada", MUG_AND_LAMP)

    assert again == first
    assert (fixture.left("mug"), fixture.left("lamp")) == (1, 1)


# The end of a hold.


def test_a_release_puts_the_goods_back_once(fixture: InventoryFixture) -> None:
    fixture.hold("ada")

    first, second = fixture.release("ada"), fixture.release("ada")

    assert first == second == Hold("ada", HoldStatus.RELEASED)
    assert fixture.left() == 3


def test_a_released_id_is_spent(fixture: InventoryFixture) -> None:
    fixture.hold("ada")
    fixture.release("ada")

    assert fixture.hold("ada").status is HoldStatus.RELEASED
    assert fixture.left() == 3


def test_a_hold_that_comes_after_its_release_does_nothing(fixture: InventoryFixture) -> None:
    fixture.release("ada")

    assert fixture.hold("ada").status is HoldStatus.RELEASED
    assert fixture.left() == 3
    assert fixture.inventory.movements == []


def test_a_hold_expires_at_its_moment_and_not_before(fixture: InventoryFixture) -> None:
    fixture.hold("ada", minutes=15)

    fixture.world.run_for(15 * MINUTE - INSTANT)
    assert fixture.left() == 1
    fixture.world.run_for(INSTANT)

    assert fixture.left() == 3
    assert fixture.inventory.holds()["ada"] == Hold("ada", HoldStatus.EXPIRED)


def test_an_expiry_is_dated_when_it_was_not_when_it_was_seen(fixture: InventoryFixture) -> None:
    fixture.hold("ada", minutes=15)
    expired_at = fixture.later(15)
    fixture.world.run_for(60 * MINUTE)

    fixture.left()

    assert fixture.inventory.movements[-1] == Movement(expired_at, "ada", "mug", 2, HoldStatus.EXPIRED)


@pytest.mark.parametrize("act", ["hold", "renew", "commit", "release", "ship"])
def test_nothing_revives_an_expired_hold(fixture: InventoryFixture, act: str) -> None:
    fixture.hold("ada", minutes=15)
    fixture.world.run_for(15 * MINUTE)

    hold = getattr(fixture, act)("ada")

    assert hold == Hold("ada", HoldStatus.EXPIRED)
    assert fixture.left() == 3


def test_a_renewed_hold_outlives_its_first_expiry(fixture: InventoryFixture) -> None:
    fixture.hold("ada", minutes=15)
    fixture.world.run_for(10 * MINUTE)

    assert fixture.renew("ada", minutes=15) == Hold("ada", HoldStatus.HELD, fixture.later(15))

    fixture.world.run_for(15 * MINUTE - INSTANT)
    assert fixture.left() == 1
    fixture.world.run_for(INSTANT)
    assert fixture.left() == 3


def test_a_hold_may_be_renewed_to_end_sooner(fixture: InventoryFixture) -> None:
    fixture.hold("ada", minutes=15)
    fixture.renew("ada", minutes=5)

    fixture.world.run_for(5 * MINUTE)

    assert fixture.left() == 3


def test_a_committed_hold_does_not_expire(fixture: InventoryFixture) -> None:
    fixture.hold("ada", minutes=15)

    hold = fixture.commit("ada")

    assert hold == fixture.commit("ada") == Hold("ada", HoldStatus.COMMITTED)
    assert hold.is_open
    fixture.world.run_for(365 * 24 * 60 * MINUTE)
    assert fixture.left() == 1


def test_a_committed_hold_is_not_renewed(fixture: InventoryFixture) -> None:
    fixture.hold("ada")
    fixture.commit("ada")

    assert fixture.renew("ada") == Hold("ada", HoldStatus.COMMITTED)


def test_a_committed_hold_can_still_be_released(fixture: InventoryFixture) -> None:
    fixture.hold("ada")
    fixture.commit("ada")

    assert fixture.release("ada").status is HoldStatus.RELEASED
    assert fixture.left() == 3


def test_only_what_was_committed_is_shipped(fixture: InventoryFixture) -> None:
    fixture.hold("ada")

    assert fixture.ship("ada").status is HoldStatus.HELD
    assert fixture.ship("unknown").status is HoldStatus.RELEASED
    fixture.commit("ada")
    assert fixture.ship("ada") == fixture.ship("ada") == Hold("ada", HoldStatus.SHIPPED)

    assert fixture.left() == 1
    assert [movement.status for movement in fixture.inventory.movements] == [HoldStatus.HELD, HoldStatus.SHIPPED]


def test_what_was_shipped_does_not_come_back(fixture: InventoryFixture) -> None:
    fixture.hold("ada")
    fixture.commit("ada")
    fixture.ship("ada")

    assert fixture.release("ada").status is HoldStatus.SHIPPED
    assert fixture.hold("ada").status is HoldStatus.SHIPPED
    assert fixture.left() == 1


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
