"""Storms of several faults break no promise; and a storm is one: many kinds, in places that only a fault leads to."""

from __future__ import annotations

import pytest

from payflows.errors import InvalidPolicy
from simulations.checkout.naive import naive_checkout
from simulations.checkout.stories import STORIES
from simulations.checkout.testbed import CHECKOUT, CheckoutTestbed
from simulations.commands.main import main
from simulations.search.http_kinds import HTTP_KINDS
from simulations.search.kinds import KINDS
from simulations.search.search import Ending, run
from simulations.search.storms import MOST, storm, storms
from simulations.search.transports import HTTP
from tests.mutants.killers import killers
from tests.mutants.table import MUTANTS

SEEDS = range(1_200)
NAIVE = "simulations.checkout.naive:naive_checkout"


@pytest.fixture(scope="module")
def endings() -> list[Ending]:
    return [storm(CHECKOUT, seed) for seed in SEEDS]


def test_no_storm_breaks_a_promise(endings: list[Ending]) -> None:
    broken = [ending for ending in endings if ending.breaches]

    assert not broken, "\n".join(map(str, broken))


def test_a_storm_finds_what_needs_several_faults() -> None:
    """Of the mutants that no single fault finds."""
    for name in ("handled though it failed twice", "gives up a message"):
        killer = killers()[name]

        assert killer.faults > 1
        assert storms(CheckoutTestbed(MUTANTS[name].factory), range(400), [killer.story]).broken, name


def test_no_storm_over_http_breaks_a_promise() -> None:
    """Where Stripe is asked by HTTP requests, which the storm strikes as such; our own side is struck as ever."""
    wired = [HTTP + story for story in STORIES]
    endings = [storm(CHECKOUT, seed, wired) for seed in range(400)]

    assert [str(ending) for ending in endings if ending.breaches] == []
    assert {fault.kind for ending in endings for fault in ending.plan} > {
        *HTTP_KINDS,
        "crash_after",
        "version_conflict",
    }
    assert run(CHECKOUT, endings[0].story, endings[0].plan) == endings[0]


# That it is one.


def test_most_have_several_faults_and_none_has_more_than_the_most(endings: list[Ending]) -> None:
    several = [ending for ending in endings if len(ending.plan) >= 2]

    assert len(several) > 0.8 * len(endings)
    assert max(len(ending.plan) for ending in endings) == MOST


def test_every_kind_strikes_and_every_story_is_played(endings: list[Ending]) -> None:
    assert {fault.kind for ending in endings for fault in ending.plan} == set(KINDS)
    assert {ending.story for ending in endings} == set(STORIES)


def test_some_strike_where_only_an_earlier_fault_leads(endings: list[Ending]) -> None:
    calls = {story: len(run(CHECKOUT, story).sites) for story in STORIES}

    beyond = [ending for ending in endings if ending.plan and ending.plan[-1].call > calls[ending.story]]

    assert len(beyond) > 0.1 * len(endings)


def test_its_line_shows_it_again_without_any_draw(endings: list[Ending]) -> None:
    for ending in endings[:100]:
        assert run(CHECKOUT, ending.story, ending.plan) == ending


def test_the_same_seed_is_the_same_storm_however_many_processes_there_are() -> None:
    alone, together = (storms(CheckoutTestbed(naive_checkout), range(120), workers=workers) for workers in (1, 2))

    assert alone == together
    assert alone.broken
    assert storm(CHECKOUT, 1) == storm(CHECKOUT, 1) != storm(CHECKOUT, 2)


def test_a_storm_breaks_out_in_a_story() -> None:
    with pytest.raises(InvalidPolicy):
        storms(CHECKOUT, SEEDS, [])


# From the command line.


def test_a_calm_end_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["storm", "out_of_stock", "paid", "--seeds", "20", "--workers", "1"]) == 0

    assert "20 universes, 0 broken" in capsys.readouterr().out


def test_what_is_broken_is_cut_down_and_reported_with_its_checkout(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["storm", "paid", "--seeds", "30", "--workers", "1", "--checkout", NAIVE]) == 1

    said = capsys.readouterr().out
    line = next(line for line in said.splitlines() if "replay 'paid " in line)
    assert line.endswith(f"--checkout {NAIVE}")
    assert line.count(":") == 2  # one fault, and the checkout's own
    assert main(["replay", line.split("'")[1], "--checkout", NAIVE]) == 1


def test_no_seed_is_no_storm(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["storm", "--seeds", "0"]) == 2
    assert "payflows:" in capsys.readouterr().err
