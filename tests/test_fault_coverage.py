"""Every await of a port that stands in the flow's source is reached, and so is struck; what is not is listed here."""

from __future__ import annotations

from collections import Counter

from simulations.faults.coverage import awaits, coverage_of
from simulations.faults.search import search
from simulations.faults.stories import STORIES

ASKED_BY_PEOPLE = {
    "EcommercePaymentFlow.transitions store.transitions",
    "Inbox.dead store.webhooks",
    "Inbox.entry store.webhook",
    "Inbox.replay store.save_webhook",
    "Inbox.replay store.webhook",
    "PaymentEventBus.dead_letters store.deliveries",
    "PaymentEventBus.deliveries store.deliveries",
    "PaymentEventBus.replay store.delivery",
    "PaymentEventBus.replay store.save_delivery",
}
"""Looks at the log and at dead letters, and replays, in no story: a person who hears nothing asks again."""


def test_every_await_is_struck_by_every_kind_or_listed() -> None:
    tally = search(STORIES, depth=1, workers=1)

    covered = coverage_of(tuple(STORIES), tally)

    assert not covered.missed
    assert {str(found) for found in covered.unreached} == ASKED_BY_PEOPLE
    assert covered.struck | set(covered.after_a_fault) | covered.unreached == awaits()
    assert len(covered.struck) > 30


def test_what_is_not_struck_is_told() -> None:
    """Without the crashes, no await is struck by every kind; a story alone does not come to all."""
    tally = search(["out_of_stock"], depth=1, workers=1)
    hits = Counter({hit: times for hit, times in tally.hits.items() if not hit[2].startswith("crash")})

    covered = coverage_of(["out_of_stock"], tally._replace(hits=hits))

    assert not covered.struck
    assert "not struck by every kind: PaymentSteps.hold inventory.hold" in str(covered).splitlines()
    assert "in none of these stories: PaymentSteps.capture stripe.capture_payment" in str(covered)
