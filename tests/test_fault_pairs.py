"""Related pairs of faults break no promise, and kill what needs two. All pairs are searched by `make search`."""

from __future__ import annotations

import pytest

from simulations.checkout.testbed import CHECKOUT, CheckoutTestbed
from simulations.search.kinds import KINDS, kinds_at
from simulations.search.pairs import FIRST_CALLS, related
from simulations.search.plan import NO_FAULTS, read
from simulations.search.search import explore, run
from tests.broken_donations import OURS
from tests.mutants.killers import killers
from tests.mutants.table import MUTANTS
from tests.plugins.on_demand import seldom
from tests.searches import assert_no_related_pair_breaks_a_promise

LEAST = {
    "notified_by_webhook": 17_000,
    "paid": 7_000,
    "out_of_stock": 800,
    "a_part_captured_and_refunded_by_hand": 10_000,
}
"""How many there are at least: a search that finds fewer has lost its way."""

NEEDS_TWO = {name: killer for name, killer in killers().items() if killer.faults > 1}


OF_WEBHOOKS = "notified_by_webhook"
"""Costs as much as all others, and is searched on demand."""


@pytest.mark.parametrize("story", seldom(LEAST, [OF_WEBHOOKS]))
def test_no_related_pair_of_faults_breaks_a_promise(story: str) -> None:
    assert_no_related_pair_breaks_a_promise(CHECKOUT, story, more_than=LEAST[story], workers=1)


@pytest.mark.parametrize("name", NEEDS_TWO)
def test_a_bug_that_needs_two_faults_is_killed_by_a_related_pair(name: str) -> None:
    killer, testbed = NEEDS_TWO[name], CheckoutTestbed(MUTANTS[name].factory)
    calm = run(testbed, killer.story)
    first, _ = read(killer.plan)
    method = calm.sites[first.call - 1].method

    begun = [plan for plan in related(testbed, calm) if plan[0].kind == first.kind]
    alike = [plan for plan in begun if calm.sites[plan[0].call - 1].method == method]
    endings = (ending for plan in alike for ending in explore(testbed, calm.story, plan, depth=1, further=related))

    assert any(ending.breaches for ending in endings)
    assert killer.story in LEAST


def test_both_strike_one_port_and_the_second_soon() -> None:
    plans = [ending.plan for ending in explore(OURS, "once", NO_FAULTS, depth=2, further=related)]

    pairs = [plan for plan in plans if len(plan) > 1]
    for first, second in pairs:
        sites = run(OURS, "once", (first,)).sites
        between = [site.method for site in sites[first.call : second.call]]
        assert sites[first.call - 1].port == sites[second.call - 1].port
        assert between.count(sites[second.call - 1].method) <= FIRST_CALLS
    assert len(set(pairs)) == len(pairs) > 100


def test_each_kind_is_tried_in_one_length() -> None:
    calm = run(OURS, "once")

    plans = list(related(OURS, calm))

    assert len(plans) == sum(len({kind for kind, _ in kinds_at(site) if not KINDS[kind].like}) for site in calm.sites)


def test_a_kind_that_is_like_another_is_left_to_that_one() -> None:
    for kind in KINDS.values():
        assert not kind.like or not KINDS[kind.like].like
