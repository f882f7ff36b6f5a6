"""Bugs are planted in our checkout, and the fault search finds every one: a search that cannot fail finds nothing."""

from __future__ import annotations

import pytest

from simulations.checkout.stories import STORIES
from simulations.checkout.subject import our_checkout
from simulations.checkout.testbed import CHECKOUT, CheckoutTestbed
from simulations.search.search import one_more, run
from tests.mutants.find_killers import TROUBLED, kill
from tests.mutants.killers import killers
from tests.mutants.shop import Variant
from tests.mutants.table import MUTANTS

KILLERS = killers()
HIDDEN = [name for name, killer in KILLERS.items() if killer.faults or killer.is_race]
NEEDS_A_RACE = [name for name, killer in KILLERS.items() if killer.is_race]
NEEDS_TWO = [name for name, killer in KILLERS.items() if killer.faults > 1]


def test_there_are_bugs_of_every_depth() -> None:
    assert list(KILLERS) == list(MUTANTS)
    assert len(MUTANTS) > 60
    assert len(HIDDEN) >= 30
    assert len(NEEDS_TWO) >= 3
    assert NEEDS_A_RACE


@pytest.mark.parametrize("name", MUTANTS)
def test_its_universe_kills_it(name: str) -> None:
    """And our own checkout keeps all promises there."""
    killer = KILLERS[name]

    assert killer.run(MUTANTS[name].factory).breaches
    assert not killer.run(our_checkout).breaches


@pytest.mark.parametrize("name", HIDDEN)
def test_it_hides_while_nothing_goes_wrong(name: str) -> None:
    """But for the story that brings its own trouble."""
    broken = [story for story in STORIES if run(CheckoutTestbed(MUTANTS[name].factory), story).breaches]

    assert not set(broken) - TROUBLED


@pytest.mark.parametrize("name", NEEDS_TWO)
def test_one_fault_alone_does_not_find_it(name: str) -> None:
    factory = MUTANTS[name].factory
    calm = run(CheckoutTestbed(factory), KILLERS[name].story)

    broken = [
        ending.line
        for plan in one_more(CHECKOUT, calm)
        if (ending := run(CheckoutTestbed(factory), calm.story, plan)).breaches
    ]

    assert not broken


@pytest.mark.parametrize("name", NEEDS_A_RACE)
def test_a_fault_alone_does_not_find_what_needs_a_race(name: str) -> None:
    killer, factory = KILLERS[name], MUTANTS[name].factory
    singles = (
        run(CheckoutTestbed(factory), "paid", plan)
        for plan in one_more(CHECKOUT, run(CheckoutTestbed(factory), "paid"))
    )

    assert not killer._replace(schedule="0/").run(factory).breaches
    assert [ending.line for ending in singles if ending.breaches] == []


def test_the_hunt_finds_what_the_table_says() -> None:
    name = "carrier's trouble cancels"

    found = kill(MUTANTS[name], KILLERS[name])

    assert found is not None
    assert found.line.split("'")[1] == KILLERS[name].line


def test_a_checkout_with_nothing_planted_is_ours() -> None:
    for story in STORIES:
        assert run(CheckoutTestbed(Variant()), story) == run(CHECKOUT, story)
