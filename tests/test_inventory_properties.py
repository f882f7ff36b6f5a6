"""Whatever is called on the inventory, in any order: every piece is somewhere once, and a hold ends once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from payflows.checkout.goods import HoldStatus, Quantity
from payflows.checkout.inmemory.inventory import Movement
from tests.inventory_fixture import MINUTE, InventoryFixture

STOCK = {"mug": 5, "lamp": 2}
ACTS = ("hold", "renew", "commit", "release", "ship")

BASKETS = (
    (Quantity("mug", 1),),
    (Quantity("mug", 3),),
    (Quantity("lamp", 2), Quantity("mug", 2)),
    (Quantity("mug", 1), Quantity("lamp", 1), Quantity("mug", 2)),
)

waits = st.integers(1, 10)
steps = st.tuples(st.sampled_from(ACTS), st.sampled_from("abcd"), st.sampled_from(BASKETS), st.integers(1, 20))


def moved(movements: Iterable[Movement], *statuses: HoldStatus) -> Counter[str]:
    """How many of each product went into these statuses."""
    total: Counter[str] = Counter()
    for movement in movements:
        if movement.status in statuses:
            total[movement.product_id] += movement.quantity
    return total


def set_aside(fixture: InventoryFixture, *statuses: HoldStatus) -> Counter[str]:
    """How many of each product are in holds that stand so."""
    total: Counter[str] = Counter()
    for hold_id, hold in fixture.inventory.holds().items():
        if hold.status in statuses:
            for line in fixture.inventory.goods_of(hold_id):
                total[line.product_id] += line.quantity
    return total


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.lists(st.tuples(waits, steps), max_size=25))
def test_whatever_is_called_every_piece_is_somewhere_once(
    calls: list[tuple[int, tuple[str, str, tuple[Quantity, ...], int]]],
) -> None:
    fixture = InventoryFixture(**STOCK)
    seen: dict[str, list[HoldStatus]] = {}

    for minutes, (act, order, wanted, lasts) in calls:
        fixture.world.run_for(minutes * MINUTE)
        match act:
            case "hold":
                answer = fixture.hold(order, wanted, minutes=lasts)
            case "renew":
                answer = fixture.renew(order, minutes=lasts)
            case _:
                answer = getattr(fixture, act)(order)

        holds = fixture.inventory.holds()
        assert answer == holds.get(order, answer)
        for hold_id, hold in holds.items():
            path = seen.setdefault(hold_id, [])
            if path[-1:] != [hold.status]:
                path.append(hold.status)
        held = set_aside(fixture, HoldStatus.HELD, HoldStatus.COMMITTED)
        shipped = set_aside(fixture, HoldStatus.SHIPPED)
        movements = fixture.inventory.movements
        back = moved(movements, HoldStatus.RELEASED, HoldStatus.EXPIRED)
        for product_id, initial in STOCK.items():
            left = fixture.left(product_id)
            assert left >= 0
            assert left + held[product_id] + shipped[product_id] == initial
            assert left == initial - moved(movements, HoldStatus.HELD)[product_id] + back[product_id]
        assert shipped == moved(movements, HoldStatus.SHIPPED)

    ends = (HoldStatus.SHIPPED, HoldStatus.RELEASED, HoldStatus.EXPIRED)
    for path in seen.values():
        assert sum(status in ends for status in path) <= 1
        assert not any(status in ends for status in path[:-1])
