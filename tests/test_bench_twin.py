"""The benchmark is fair: the day written by hand ends exactly as the real flow's day does, for every customer."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from simulations.checkout.day.scenario import Patience, ShopDay
from simulations.checkout.scripted_shop import ScriptedShop
from tests.bench import bus_bench
from tests.bench.flow_bench import Books, Crowd, books_by_hand, books_of_flow, busy_hours, run_by_hand, run_flow
from tests.bench.ratio import Ratio

PLAIN = busy_hours(80)
THORNY = replace(
    PLAIN,
    card_mix={"pm_card_visa": 2, "pm_card_threeDSecure2Required": 3, "pm_card_visa_chargeDeclined": 3},
    patience=Patience(
        answer_seconds=((0, 1), (100, 4)),
        another_card_share=0.95,
        same_card_share=0.5,
        authenticates_share=0.5,
        fails_share=0.4,
    ),
)
"""Most cards need a second try, most customers press "buy" again before they are answered."""
PROMPT = replace(PLAIN, pickup_seconds=60, transit_seconds=600)
"""Parcels arrive within the time that is simulated."""


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("scenario", [PLAIN, THORNY, PROMPT], ids=["plain", "thorny", "prompt"])
def test_both_days_end_alike(scenario: ShopDay, seed: int) -> None:
    crowd = Crowd.of(scenario, seed)

    ours, by_hand = books_of_flow(*run_flow(crowd)), books_by_hand(run_by_hand(crowd))

    assert by_hand.stories == ours.stories
    assert by_hand.stock == ours.stock
    assert by_hand.calls == ours.calls


def test_the_days_compared_have_every_ending() -> None:
    endings = Counter(ending for scenario in (PLAIN, THORNY, PROMPT) for ending in _endings(Crowd.of(scenario, 0)))

    assert set(endings) == {
        ("shipped", None),
        ("delivered", None),
        ("cancelled", "out_of_stock"),
        ("payment_failed", "cards_declined"),
        ("payment_failed", "deadline_passed"),
    }


def test_handlers_leave_the_same_record_called_by_the_bus_or_directly() -> None:
    shop = ScriptedShop()
    order = shop.buy()

    by_bus, directly = bus_bench.publish(order), bus_bench.call_directly(order)

    counted, counted_directly = (shop.world.run(store.record("counted")) for store in (by_bus, directly))
    assert counted == counted_directly
    assert counted.fields == {"times": 2 * bus_bench.EVENTS}


def test_a_bound_is_missed_only_by_more_than_the_noise() -> None:
    assert Ratio("a / b", (3.0, 3.9, 4.5), "", 4.0).verdict == "within"
    assert Ratio("a / b", (3.0, 4.1, 4.5), "", 4.0).verdict == "unclear"
    assert Ratio("a / b", (4.1, 4.2, 4.5), "", 4.0).verdict == "missed"


def _endings(crowd: Crowd) -> list[tuple[str, str | None]]:
    books: Books = books_by_hand(run_by_hand(crowd))
    return [(story.status, story.reason) for story in books.stories.values()]
