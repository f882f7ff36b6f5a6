"""Stories of subscriptions keep all promises, on every store, and with any single call going wrong."""

from __future__ import annotations

from itertools import islice

import pytest

from payflows.store.memory import InMemoryStore
from payflows.subscriptions.messages import INVOICES
from payflows.subscriptions.messages import SUBSCRIPTIONS as KIND
from simulations.search.app_system import ReadableStore
from simulations.search.interleavings import interleavings, struck
from simulations.search.kinds import kinds_at
from simulations.search.pairs import related
from simulations.search.search import one_more, run, search, tally_of
from simulations.search.universe import Universe
from simulations.subscriptions.races import RACES
from simulations.subscriptions.stories import STORIES
from simulations.subscriptions.testbed import SUBSCRIPTIONS, SubscriptionStory
from tests.on_stores import OnAStore

SEARCHED = (
    "subscribed",
    "renewed_without_webhooks",
    "trial_to_paid_without_webhooks",
    "renewal_declined_without_webhooks",
)
"""Stories of which each call is struck in every run; all others on demand."""

IN_PAIRS = ("subscribed", "first_declined", "trial_gets_a_card", "renewal_declined_without_webhooks", "cancelled_now")
"""Stories that are searched with related pairs of faults, on demand."""

STRUCK_RACES = ("a_double_sign_up", "cancel_and_renewal")
"""Races that are struck in every run; all others on demand."""


class StoryOnAStore(OnAStore, SubscriptionStory):
    """A story whose subscriptions are kept in a store of ours."""

    kinds = (KIND, INVOICES)

    def __init__(self, story: str, store: ReadableStore) -> None:
        self._given = store
        super().__init__(Universe(), STORIES[story])
        self.tell()
        self.settle()


@pytest.mark.parametrize("story", STORIES)
def test_a_story_ends_as_it_must(story: str, store: ReadableStore) -> None:
    subscriptions = StoryOnAStore(story, store)

    assert not [*subscriptions.breaches(), *subscriptions.expected()]
    if not isinstance(store, InMemoryStore):
        assert subscriptions.recorded() == StoryOnAStore(story, InMemoryStore()).recorded()


@pytest.mark.parametrize(
    "story", [story if story in SEARCHED else pytest.param(story, marks=pytest.mark.on_demand) for story in STORIES]
)
def test_no_single_fault_breaks_a_promise(story: str) -> None:
    calm = run(SUBSCRIPTIONS, story)

    tally = tally_of(run(SUBSCRIPTIONS, story, plan) for plan in one_more(SUBSCRIPTIONS, calm))

    assert not tally.broken, "\n".join(map(str, tally.broken))
    assert tally.universes == sum(len(kinds_at(site)) for site in calm.sites) > 300


@pytest.mark.on_demand
@pytest.mark.parametrize("story", IN_PAIRS)
def test_no_related_pair_of_faults_breaks_a_promise(story: str) -> None:
    tally = search(SUBSCRIPTIONS, [story], depth=2, further=related)

    assert not tally.broken, "\n".join(map(str, tally.broken))


@pytest.mark.parametrize("race", RACES)
def test_no_interleaving_breaks_a_promise(race: str) -> None:
    endings = list(interleavings(SUBSCRIPTIONS, race, at_most=0, switches=1))

    assert [str(ending) for ending in endings if ending.breaches] == []
    assert len({ending.schedule for ending in endings}) == len(endings) > 5


@pytest.mark.parametrize(
    "race", [race if race in STRUCK_RACES else pytest.param(race, marks=pytest.mark.on_demand) for race in RACES]
)
def test_no_fault_in_the_middle_of_a_race_breaks_a_promise(race: str) -> None:
    orders = interleavings(SUBSCRIPTIONS, race, at_most=0, switches=0)

    endings = [ending for order in islice(orders, 1) for ending in struck(SUBSCRIPTIONS, order)]

    assert [str(ending) for ending in endings if ending.breaches] == []
    assert {"crash_before", "answer_lost", "connection_refused"} < {ending.plan[0].kind for ending in endings}
