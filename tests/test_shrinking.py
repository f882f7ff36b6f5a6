"""A broken universe is cut down to what breaks it, always in the same way, and stays broken."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice

import pytest

from simulations.checkout.naive import naive_checkout
from simulations.checkout.subject import Factory
from simulations.checkout.testbed import CheckoutTestbed
from simulations.search.plan import NO_FAULTS, read, written
from simulations.search.search import Ending, run
from simulations.search.shrinking import shrunk
from simulations.search.storms import storm, storms
from tests.mutants.killers import killers
from tests.mutants.table import MUTANTS

KILLERS = killers()

SEVERAL = ["gives up a message", "handled though it failed twice"]
"""Bugs that no single fault finds."""


def lived(line: str, factory: Factory) -> Ending:
    story, _, plan = line.partition(" ")
    ending = run(CheckoutTestbed(factory), story, read(plan))
    assert ending.breaches
    return ending


def broken_storms(name: str) -> Iterator[Ending]:
    """Those that a planted bug breaks, one after another, in the story of its killer."""
    story = KILLERS[name].story
    endings = (storm(CheckoutTestbed(MUTANTS[name].factory), seed, [story]) for seed in count())
    return (ending for ending in endings if ending.breaches)


def cut_down(line: str, factory: Factory) -> str:
    return written(shrunk(CheckoutTestbed(factory), lived(line, factory)).plan)


def stormy(name: str, number: int) -> list[Ending]:
    """Return this many storms of six faults and more that a mutant breaks, cut down."""
    many = (ending for ending in broken_storms(name) if len(ending.plan) >= 6)
    return [shrunk(CheckoutTestbed(MUTANTS[name].factory), ending) for ending in islice(many, number)]


def test_storms_of_many_faults_are_cut_down_to_the_one_that_matters() -> None:
    """For this bug, a lost answer to the confirmation; whatever else there was did not matter."""
    small = stormy("silence is a decline", 4)

    assert [len(ending.plan) for ending in small] == [1, 1, 1, 1]
    assert {ending.sites[ending.plan[0].call - 1].method for ending in small} == {"confirm_payment"}


@pytest.mark.parametrize("name", ["marks though it failed", "carrier's trouble cancels", "no lease", "never commits"])
def test_where_one_fault_is_enough_most_storms_are_cut_down_to_one(name: str) -> None:
    """Not all: in some it takes a second one to make the first one's harm."""
    sizes = [len(ending.plan) for ending in stormy(name, 16)]

    assert sizes.count(KILLERS[name].faults) > len(sizes) / 2


@pytest.mark.parametrize("name", SEVERAL)
def test_what_needs_several_faults_keeps_them(name: str) -> None:
    """A storm strikes where it does: what is left may be one more than the fewest that any plan needs."""
    sizes = {len(ending.plan) for ending in stormy(name, 6)}

    assert KILLERS[name].faults <= min(sizes) <= KILLERS[name].faults + 1
    assert max(sizes) < 6


@pytest.mark.parametrize("name", ["leaves strays", "marks before it carries", "counted keys"])
def test_what_is_left_is_broken_and_nothing_of_it_can_be_left_out(name: str) -> None:
    mutant = MUTANTS[name]

    for ending in islice(broken_storms(name), 8):
        small = shrunk(CheckoutTestbed(mutant.factory), ending)

        assert small.breaches
        assert run(CheckoutTestbed(mutant.factory), small.story, small.plan) == small
        assert shrunk(CheckoutTestbed(mutant.factory), small) == small
        assert len(small.plan) <= len(ending.plan)


def test_the_naive_checkout_nearly_always_needs_one_fault() -> None:
    broken = storms(CheckoutTestbed(naive_checkout), range(100), ["paid"]).broken

    sizes = [len(shrunk(CheckoutTestbed(naive_checkout), ending).plan) for ending in broken]

    assert sizes.count(1) > 0.9 * len(sizes) > 0.9 * 30
    assert max(len(ending.plan) for ending in broken) > 1


def test_what_is_broken_in_calm_needs_no_fault() -> None:
    small = shrunk(CheckoutTestbed(naive_checkout), lived("bank_debit 8:reset", naive_checkout))

    assert small.plan == NO_FAULTS


# What is left is small, too.


def test_a_fault_that_need_not_last_strikes_once() -> None:
    assert cut_down("paid 6:responses_dropped/650000", naive_checkout) == "6:answer_lost"


def test_one_that_must_last_is_as_short_as_it_can_be() -> None:
    """With a day and a night of silence a refusal is an old one; with less the bug does not show."""
    factory = MUTANTS["refused capture is the end"].factory

    assert cut_down("paid 12:responses_dropped/650000", factory) == "12:responses_dropped/90000"


def test_it_strikes_as_early_as_it_can() -> None:
    """At the first call of that method, among all at which it breaks a promise."""
    factory = MUTANTS["no lease"].factory

    assert cut_down("paid 12:crash_before", factory) == "6:crash_before"


def test_the_same_universe_is_always_cut_down_to_the_same() -> None:
    factory = MUTANTS["no lease"].factory
    ending = next(broken_storms("no lease"))

    assert shrunk(CheckoutTestbed(factory), ending) == shrunk(CheckoutTestbed(factory), ending)
