"""Bugs are planted in our checkout, and the fault search finds every one: a search that cannot fail finds nothing."""

from __future__ import annotations

import pytest

from simulations.faults.plan import read
from simulations.faults.search import Ending, one_more, run
from simulations.faults.stories import STORIES
from simulations.faults.universe import our_checkout
from tests.planted.hunt import kill
from tests.planted.shop import Planted
from tests.planted.table import PLANTS, Plant
from tests.planted.unseen import UNSEEN

HIDDEN = [name for name, plant in PLANTS.items() if plant.depth > 0]
NEEDS_TWO = [name for name, plant in PLANTS.items() if plant.depth > 1]


def witness(plant: Plant) -> Ending:
    story, _, plan = plant.witness.partition(" ")
    return run(story, read(plan), factory=plant.factory)


def test_there_are_bugs_of_every_depth() -> None:
    assert len(PLANTS) >= 25
    assert len(HIDDEN) >= 15
    assert len(NEEDS_TWO) >= 3


@pytest.mark.parametrize("name", PLANTS)
def test_its_universe_kills_it(name: str) -> None:
    """And our own checkout keeps all promises there."""
    plant = PLANTS[name]

    ending = witness(plant)

    assert ending.breach is not None
    assert run(ending.story, ending.plan, factory=our_checkout).breach is None


@pytest.mark.parametrize("name", HIDDEN)
def test_it_hides_while_nothing_goes_wrong(name: str) -> None:
    broken = [story for story in STORIES if run(story, factory=PLANTS[name].factory).breach]

    assert not broken


@pytest.mark.parametrize("name", NEEDS_TWO)
def test_one_fault_alone_does_not_find_it(name: str) -> None:
    plant = PLANTS[name]
    calm = run(plant.witness.partition(" ")[0], factory=plant.factory)

    broken = [ending.line for plan in one_more(calm) if (ending := run(calm.story, plan, factory=plant.factory)).breach]

    assert not broken


@pytest.mark.parametrize("name", UNSEEN)
def test_no_promise_that_is_looked_at_is_broken_by_it_yet(name: str) -> None:
    """The day that one is seen, it moves to the table of those that are killed."""
    assert witness(UNSEEN[name]).breach is None


def test_the_hunt_finds_what_the_table_says() -> None:
    found = kill(PLANTS["carrier's trouble cancels"], ["out_of_stock", "paid"])

    assert found is not None
    assert (found.story, len(found.plan)) == ("paid", 1)


def test_a_checkout_with_nothing_planted_is_ours() -> None:
    for story in STORIES:
        assert run(story, factory=Planted()) == run(story)
