"""Bugs are planted in our businesses, and the fault search finds every one: a search that cannot fail finds nothing."""

from __future__ import annotations

import pytest

from simulations.checkout.stories import STORIES
from simulations.checkout.testbed import CHECKOUT, CheckoutTestbed
from simulations.search.search import one_more, run
from tests.mutants.families import FAMILIES, family_of
from tests.mutants.find_killers import kill
from tests.mutants.killers import killers
from tests.mutants.shop import Variant
from tests.mutants.table import MUTANTS

KILLERS = {name: killer for family in FAMILIES.values() for name, killer in killers(family).items()}
HIDDEN = [name for name, killer in KILLERS.items() if killer.faults or killer.is_race]
NEEDS_A_RACE = [name for name, killer in KILLERS.items() if killer.is_race]
SHORT = {True: "paid", False: "renewed_without_webhooks"}
"""A short story of the checkout, and one of subscriptions."""
NEEDS_TWO = [name for name, killer in KILLERS.items() if killer.faults > 1]


@pytest.mark.parametrize(
    ("business", "most", "hidden", "in_a_race"),
    [("checkout", 60, 30, 1), ("subscriptions", 60, 30, 1), ("marketplace", 25, 7, 0)],
)
def test_there_are_bugs_of_every_depth(business: str, most: int, hidden: int, in_a_race: int) -> None:
    family = FAMILIES[business]

    assert list(killers(family)) == list(family.mutants)
    assert len(family.mutants) >= most
    assert len([name for name in family.mutants if name in HIDDEN]) >= hidden
    assert len([name for name in family.mutants if name in NEEDS_A_RACE]) >= in_a_race


def test_some_bugs_need_two_faults() -> None:
    assert len(NEEDS_TWO) >= 3


@pytest.mark.parametrize("name", KILLERS)
def test_its_universe_kills_it(name: str) -> None:
    """And our own business keeps all promises there."""
    killer, family = KILLERS[name], family_of(name)

    assert killer.run(family.testbed_of(name)).breaches
    assert not killer.run(family.ours).breaches


@pytest.mark.parametrize("name", HIDDEN)
def test_it_hides_while_nothing_goes_wrong(name: str) -> None:
    """But for the story that brings its own trouble."""
    family = family_of(name)
    testbed = family.testbed_of(name)
    broken = [story for story in family.ours.stories if run(testbed, story).breaches]

    assert not set(broken) - family.troubled


@pytest.mark.parametrize("name", NEEDS_TWO)
def test_one_fault_alone_does_not_find_it(name: str) -> None:
    family = family_of(name)
    calm = run(family.testbed_of(name), KILLERS[name].story)

    broken = [
        ending.line
        for plan in one_more(family.ours, calm)
        if (ending := run(family.testbed_of(name), calm.story, plan)).breaches
    ]

    assert not broken


@pytest.mark.parametrize("name", NEEDS_A_RACE)
def test_a_fault_alone_does_not_find_what_needs_a_race(name: str) -> None:
    killer, family = KILLERS[name], family_of(name)
    testbed, story = family.testbed_of(name), SHORT[name in MUTANTS]
    singles = (run(testbed, story, plan) for plan in one_more(family.ours, run(testbed, story)))

    assert not killer._replace(schedule="0/").run(testbed).breaches
    assert [ending.line for ending in singles if ending.breaches] == []


def test_the_hunt_finds_what_the_table_says() -> None:
    name = "carrier's trouble cancels"

    found = kill(name, KILLERS[name])

    assert found is not None
    assert found.line.split("'")[1] == KILLERS[name].line


def test_a_checkout_with_nothing_planted_is_ours() -> None:
    for story in STORIES:
        assert run(CheckoutTestbed(Variant()), story) == run(CHECKOUT, story)
