"""Every fault at every HTTP request of a subscription breaks no promise, and comes to what a struck call comes to."""

from __future__ import annotations

import pytest

from simulations.search.breach import in_words
from simulations.subscriptions.stories import STORIES
from simulations.subscriptions.testbed import SUBSCRIPTIONS
from tests.http_equivalence import struck_once
from tests.plugins.on_demand import often

EVERY_DAY = "subscribed"
ALL = often(STORIES, [EVERY_DAY])


@pytest.mark.parametrize("story", ALL)
def test_no_single_fault_of_the_wire_breaks_a_promise(story: str) -> None:
    struck = struck_once(story, SUBSCRIPTIONS)

    assert [f"{each.line}: {in_words(each.breaches)}" for each in struck if each.breaches] == []
    assert len(struck) > 50


@pytest.mark.parametrize("story", ALL)
def test_a_struck_request_comes_to_what_a_struck_call_comes_to(story: str) -> None:
    assert [f"{each.line}, but {each.like}" for each in struck_once(story, SUBSCRIPTIONS) if not each.agrees] == []


def test_a_cancellation_is_a_request_of_which_stripe_keeps_no_key() -> None:
    """A DELETE: where its answer is lost, the next one is rejected, and the subscription itself says how it stands."""
    struck = struck_once("cancelled_now", SUBSCRIPTIONS, call="cancel_subscription")

    assert [f"{each.line}: {in_words(each.breaches)}" for each in struck if each.breaches] == []
    assert all(each.agrees for each in struck)
    assert len(struck) > 20
