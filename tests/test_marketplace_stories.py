"""Stories of a marketplace keep all promises, on every store, and with any single call going wrong."""

from __future__ import annotations

import pytest

from simulations.marketplace.checkers.state import KINDS
from simulations.marketplace.races import RACES
from simulations.marketplace.stories import STORIES
from simulations.marketplace.testbed import MARKETPLACE, MarketplaceStory
from simulations.search.app_system import ReadableStore
from simulations.search.plan import Fault
from simulations.search.search import run
from tests.on_stores import OnAStore, assert_ends_alike
from tests.plugins.on_demand import often
from tests.searches import (
    assert_no_fault_breaks_a_promise,
    assert_no_fault_breaks_a_race,
    assert_no_interleaving_breaks_a_promise,
    assert_no_related_pair_breaks_a_promise,
)

SEARCHED = ("vendor_onboarded", "sold_without_webhooks")
"""Stories of which each call is struck in every run; all others on demand."""

IN_PAIRS = ("sold", "sale_refunded_for_two")
"""Stories of payment and refund that are searched with related pairs of faults, on demand."""

MADE_IN = {
    "create_account": "vendor_onboarded",
    "create_transfer": "sold_for_two",
    "refund_part": "sale_refunded",
    "reverse_transfer": "sale_refunded",
    "create_payout": "vendor_paid_out",
}
"""Stories in which Stripe is asked to make something, by what makes it."""

STRUCK_RACES = ("one_vendor_onboarded_twice",)
"""Races that are struck in every run; all others on demand."""


class StoryOnAStore(OnAStore, MarketplaceStory):
    """A story whose marketplace is kept in a store of ours."""

    kinds = KINDS


@pytest.mark.parametrize("story", STORIES)
def test_a_story_ends_as_it_must(story: str, store: ReadableStore) -> None:
    assert_ends_alike(lambda on: StoryOnAStore(on, STORIES[story]), store)


@pytest.mark.parametrize("story", often(STORIES, SEARCHED))
def test_no_single_fault_breaks_a_promise(story: str) -> None:
    assert_no_fault_breaks_a_promise(MARKETPLACE, story, more_than=200)


@pytest.mark.on_demand
@pytest.mark.parametrize("story", IN_PAIRS)
def test_no_related_pair_of_faults_breaks_a_promise(story: str) -> None:
    assert_no_related_pair_breaks_a_promise(MARKETPLACE, story)


@pytest.mark.parametrize("method", MADE_IN)
@pytest.mark.parametrize(
    "kinds",
    [
        *[(kind,) for kind in ("connection_refused", "request_lost", "answer_lost", "version_conflict")],
        *[(kind,) for kind in ("crash_before", "crash_after", "task_cancelled")],
        ("request_lost", "connection_refused"),
    ],
    ids="-".join,
)
def test_what_a_5xx_has_made_is_found_though_that_could_not_be_noted(method: str, kinds: tuple[str, ...]) -> None:
    story, first = MADE_IN[method], _failed_though_done(method)
    unnoted = [Fault(first.call + later, kind) for later, kind in enumerate(kinds, start=1)]

    assert run(MARKETPLACE, story, (first, *unnoted)).breaches == ()


@pytest.mark.parametrize("method", MADE_IN)
def test_what_a_5xx_has_made_is_found_though_a_list_does_not_show_it_yet(method: str) -> None:
    story, first = MADE_IN[method], _failed_though_done(method)
    sites = run(MARKETPLACE, story, (first,)).sites
    listed = next(number for number in range(first.call, len(sites)) if sites[number].method.startswith("list_")) + 1

    assert run(MARKETPLACE, story, (first, Fault(listed, "stale_read"))).breaches == ()


def _failed_though_done(method: str) -> Fault:
    sites = run(MARKETPLACE, MADE_IN[method]).sites
    return Fault([site.method for site in sites].index(method) + 1, "error_500_done")


@pytest.mark.parametrize("race", RACES)
def test_no_interleaving_breaks_a_promise(race: str) -> None:
    assert_no_interleaving_breaks_a_promise(MARKETPLACE, race, switches=1, more_than=5)


@pytest.mark.parametrize("race", often(RACES, STRUCK_RACES))
def test_no_fault_in_the_middle_of_a_race_breaks_a_promise(race: str) -> None:
    assert_no_fault_breaks_a_race(MARKETPLACE, race, orders=1)
