"""Stories of a marketplace keep all promises, on every store, and with any single call going wrong."""

from __future__ import annotations

from itertools import islice

import pytest

from payflows.store.memory import InMemoryStore
from simulations.marketplace.checkers.state import KINDS
from simulations.marketplace.races import RACES
from simulations.marketplace.stories import STORIES
from simulations.marketplace.testbed import MARKETPLACE, MarketplaceStory
from simulations.search.app_system import ReadableStore
from simulations.search.interleavings import interleavings, struck
from simulations.search.kinds import kinds_at
from simulations.search.pairs import related
from simulations.search.plan import Fault
from simulations.search.search import one_more, run, search, tally_of
from simulations.search.universe import Universe
from tests.on_stores import OnAStore

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

    def __init__(self, story: str, store: ReadableStore) -> None:
        self._given = store
        super().__init__(Universe(), STORIES[story])
        self.tell()
        self.settle()


@pytest.mark.parametrize("story", STORIES)
def test_a_story_ends_as_it_must(story: str, store: ReadableStore) -> None:
    marketplace = StoryOnAStore(story, store)

    assert not [*marketplace.breaches(), *marketplace.expected()]
    if not isinstance(store, InMemoryStore):
        assert marketplace.recorded() == StoryOnAStore(story, InMemoryStore()).recorded()


@pytest.mark.parametrize(
    "story", [story if story in SEARCHED else pytest.param(story, marks=pytest.mark.on_demand) for story in STORIES]
)
def test_no_single_fault_breaks_a_promise(story: str) -> None:
    calm = run(MARKETPLACE, story)

    tally = tally_of(run(MARKETPLACE, story, plan) for plan in one_more(MARKETPLACE, calm))

    assert not tally.broken, "\n".join(map(str, tally.broken))
    assert tally.universes == sum(len(kinds_at(site)) for site in calm.sites) > 200


@pytest.mark.on_demand
@pytest.mark.parametrize("story", IN_PAIRS)
def test_no_related_pair_of_faults_breaks_a_promise(story: str) -> None:
    tally = search(MARKETPLACE, [story], depth=2, further=related)

    assert not tally.broken, "\n".join(map(str, tally.broken))


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
    endings = list(interleavings(MARKETPLACE, race, at_most=0, switches=1))

    assert [str(ending) for ending in endings if ending.breaches] == []
    assert len({ending.schedule for ending in endings}) == len(endings) > 5


@pytest.mark.parametrize(
    "race", [race if race in STRUCK_RACES else pytest.param(race, marks=pytest.mark.on_demand) for race in RACES]
)
def test_no_fault_in_the_middle_of_a_race_breaks_a_promise(race: str) -> None:
    orders = interleavings(MARKETPLACE, race, at_most=0, switches=0)

    endings = [ending for order in islice(orders, 1) for ending in struck(MARKETPLACE, order)]

    assert [str(ending) for ending in endings if ending.breaches] == []
    assert {"crash_before", "answer_lost", "connection_refused"} < {ending.plan[0].kind for ending in endings}
