"""Every await of a port that stands in the flow's source is reached, and so is struck; what is not is listed here."""

from __future__ import annotations

from collections import Counter

import pytest

from simulations.checkout.stories import STORIES
from simulations.checkout.testbed import CHECKOUT
from simulations.search.coverage import Coverage, awaits, coverage_of, reached_in_calm
from simulations.search.kinds import kinds_at
from simulations.search.search import one_more, run, search

IN_NO_STORY = {
    "DurableQueue.dead_letters store.items",
    "DurableQueue.replay store.advance",
    "DurableQueue.replay store.item",
    "DurableQueue._put_off store.put_off_item",
    "DueAggregates._advance_one store.put_off",
    "EcommercePaymentFlow.transitions store.log",
    "Inbox.webhook store.entry",
    "PaymentEventBus._all_queues store.queues",
    "PaymentEventBus.items store.items",
    "PaymentEventBus.publish store.change",
}
"""Reads of the log and of queues, replays and timers set by hand: whoever gets no answer asks again. And what is done
about rows of other code, which are looked at again in an hour."""


FAR_REACHING = (
    "a_part_captured_and_refunded_by_hand",
    "cancelled_with_automatic_capture",
    "creation_refused",
    "disputed",
    "left_at_the_bank",
    "notified_by_webhook",
    "paid_while_no_mail_goes_out",
    "three_d_secure",
)
"""Stories that come to all that any story comes to."""


@pytest.fixture(scope="module")
def covered() -> Coverage:
    return coverage_of(CHECKOUT, FAR_REACHING, search(CHECKOUT, FAR_REACHING, depth=1, workers=1))


def test_every_await_is_struck_by_every_kind_or_listed(covered: Coverage) -> None:
    assert not covered.missed
    assert {str(found) for found in covered.unreached} == IN_NO_STORY
    assert covered.struck | set(covered.after_a_fault) | covered.unreached == awaits(CHECKOUT)
    assert len(covered.struck) > 30


def test_what_is_reached_only_after_a_fault_is_struck_by_every_kind_too(covered: Coverage) -> None:
    """As the second fault of a pair: the pairs of these stories are not all searched."""
    assert covered.after_a_fault
    for found, (story, plan) in covered.after_a_fault.items():
        after = run(CHECKOUT, story, plan)
        pairs = [
            pair
            for pair in one_more(CHECKOUT, after)
            if after.sites[pair[-1].call - 1][:2] == (found.port, found.method)
        ]

        assert [ending.line for pair in pairs if (ending := run(CHECKOUT, story, pair)).breaches] == [], found
        assert {pair[-1].kind for pair in pairs} == {
            kind for kind, _ in kinds_at(CHECKOUT.site(found.port, found.method))
        }, found


def test_no_other_story_comes_to_more() -> None:
    assert reached_in_calm(CHECKOUT, FAR_REACHING) == reached_in_calm(CHECKOUT, STORIES)


def test_what_is_not_struck_is_reported() -> None:
    """Without the crashes, no await is struck by every kind; a story alone does not come to all."""
    tally = search(CHECKOUT, ["out_of_stock"], depth=1, workers=1)
    hits = Counter({hit: times for hit, times in tally.hits.items() if not hit[2].startswith("crash")})

    covered = coverage_of(CHECKOUT, ["out_of_stock"], tally._replace(hits=hits))

    assert not covered.struck
    assert "not struck by every kind: PaymentSteps.hold inventory.hold" in str(covered).splitlines()
    assert "in none of these stories: IntentCollection.capture stripe.capture_payment" in str(covered)
