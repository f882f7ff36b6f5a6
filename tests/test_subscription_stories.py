"""Stories of subscriptions keep all promises, on every store, and with any single call going wrong."""

from __future__ import annotations

import pytest

from payflows.subscriptions.messages import INVOICES
from payflows.subscriptions.messages import SUBSCRIPTIONS as KIND
from simulations.search.app_system import ReadableStore
from simulations.subscriptions.races import RACES
from simulations.subscriptions.stories import STORIES
from simulations.subscriptions.testbed import SUBSCRIPTIONS, SubscriptionStory
from tests.on_stores import OnAStore, assert_ends_alike
from tests.plugins.on_demand import often
from tests.searches import (
    assert_no_fault_breaks_a_promise,
    assert_no_fault_breaks_a_race,
    assert_no_interleaving_breaks_a_promise,
    assert_no_related_pair_breaks_a_promise,
)

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


@pytest.mark.parametrize("story", STORIES)
def test_a_story_ends_as_it_must(story: str, store: ReadableStore) -> None:
    assert_ends_alike(lambda on: StoryOnAStore(on, STORIES[story]), store)


@pytest.mark.parametrize("story", often(STORIES, SEARCHED))
def test_no_single_fault_breaks_a_promise(story: str) -> None:
    assert_no_fault_breaks_a_promise(SUBSCRIPTIONS, story, more_than=300)


@pytest.mark.on_demand
@pytest.mark.parametrize("story", IN_PAIRS)
def test_no_related_pair_of_faults_breaks_a_promise(story: str) -> None:
    assert_no_related_pair_breaks_a_promise(SUBSCRIPTIONS, story)


@pytest.mark.parametrize("race", RACES)
def test_no_interleaving_breaks_a_promise(race: str) -> None:
    assert_no_interleaving_breaks_a_promise(SUBSCRIPTIONS, race, switches=1, more_than=5)


@pytest.mark.parametrize("race", often(RACES, STRUCK_RACES))
def test_no_fault_in_the_middle_of_a_race_breaks_a_promise(race: str) -> None:
    assert_no_fault_breaks_a_race(SUBSCRIPTIONS, race, orders=1)
