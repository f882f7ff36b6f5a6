"""Every await of a port that stands in the flow's source is reached, and so is struck; what is not is listed here."""

from __future__ import annotations

import pytest

from simulations.faults.coverage import awaits, reached, reached_in_calm
from simulations.faults.plan import read
from simulations.faults.stories import STORIES

AFTER_A_FAULT = {
    "CheckoutSteps._put_off store.order": ("disputed", "24:answer_lost"),
    "CheckoutSteps.look_at_money store.order": ("disputed", "24:conflict"),
    "EcommercePaymentFlow._wish store.order": ("cancelled", "19:conflict"),
    "GoodsSteps._cancel_strays stripe.search_payments": ("paid", "3:answer_lost"),
    "GoodsSteps._cancelled stripe.cancel_payment": ("paid", "4:black_hole/700"),
    "GoodsSteps._cancelled stripe.retrieve_payment": ("paid", "4:black_hole/700"),
    "HandlerLane._fail store.save_delivery": ("told_by_webhook", "45:refused"),
    "Outbox._carry_or_put_off store.put_off_message": ("paid", "19:refused"),
}
"""Reached only once something has gone wrong: these are struck by the second fault of a pair."""

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


def test_every_await_is_reached_by_a_story_or_listed() -> None:
    calm = {str(found) for found in reached_in_calm(STORIES)}

    assert {str(found) for found in awaits()} == calm | set(AFTER_A_FAULT) | ASKED_BY_PEOPLE
    assert not calm & (set(AFTER_A_FAULT) | ASKED_BY_PEOPLE)
    assert len(calm) > 30


@pytest.mark.parametrize("place", AFTER_A_FAULT)
def test_what_only_recovery_comes_to_is_reached_after_a_fault(place: str) -> None:
    story, plan = AFTER_A_FAULT[place]

    assert place in {str(found) for found in reached([(story, read(plan))])}
