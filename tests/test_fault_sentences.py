"""Sentences of checkers that no other test needs: each is said where that alone, or that too, is wrong.

A promise may be looked at from several sides, and the number of one that is broken does not say by which it was seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from payflows.checkout.messages import ORDERS, EventType, MailKind
from payflows.checkout.model import OrderStatus, Reason
from payflows.kernel.aggregate import Review
from payflows.kernel.evolve import evolve
from payflows.kernel.handler_queue import PREFIX
from payflows.kernel.messages import Mail
from payflows.payments.model import CaptureMode
from payflows.payments.refunds import REFUND_FAILED
from simulations.checkout.verdict import JudgedCheckout, final_breaches
from simulations.time.world import START
from tests.corrupted_universe import (
    calm,
    charge_once_more,
    event_key,
    kept_in_memory,
    lose,
    more_arrive,
    order_of,
    payment_of,
    put,
)

Corrupt = Callable[[JudgedCheckout], object]


def stored(**changes: Any) -> Corrupt:
    """Store the order with other fields."""
    return lambda universe: put(universe, evolve(order_of(universe), **changes))


def charge_it_again(universe: JudgedCheckout) -> None:
    charge_once_more(universe, order_of(universe))


def return_more_than_was_taken(universe: JudgedCheckout) -> None:
    intent = universe.stripe.intent(payment_of(universe))
    intent.charges[-1].amount_refunded *= 2
    intent.changed()


def record_the_capture_again(universe: JudgedCheckout) -> None:
    ledger = universe.stripe.account.ledger
    ledger.record(ledger.movements[0])


def leave_another_payment(universe: JudgedCheckout) -> None:
    order, create = order_of(universe), universe.stripe.create_payment
    total, capture = order.charge.amount, CaptureMode.MANUAL
    universe.world.run(create(order.id, amount=total, capture=capture, stripe_customer_id=None, key="another"))


def hold_for_an_order_that_is_over(universe: JudgedCheckout) -> None:
    order, until = order_of(universe), universe.clock.now() + timedelta(days=1)
    more_arrive(universe, "lamp", 5)
    universe.world.run(universe.inventory.hold(order.id, order.purchase.price.goods, expires_at=until))


def empty_the_shelf(universe: JudgedCheckout) -> None:
    universe.inventory.initial["mug"] = 1


def find_one_more(universe: JudgedCheckout) -> None:
    universe.inventory._available["mug"] += 1


def ship_it_again(universe: JudgedCheckout) -> None:
    universe.inventory.movements.append(universe.inventory.movements[-1])


def forget_the_review(universe: JudgedCheckout) -> None:
    lose(universe, event_key(universe, EventType.ORDER_NEEDS_REVIEW))


def lose_a_mail(universe: JudgedCheckout) -> None:
    sent = universe.mailer.sent
    del sent[next(key for key, mail in sent.items() if mail.kind is MailKind.MONEY_RETURNED)]


def correct_a_true_mail(universe: JudgedCheckout) -> None:
    order, key = order_of(universe), "another"
    universe.mailer.sent[key] = Mail(key, MailKind.MONEY_NOT_RETURNED, order.id, universe.clock.now(), ORDERS.name)
    universe.mailer.recipients[key] = order.purchase.customer.email


def leave_an_event_with_a_handler(universe: JudgedCheckout) -> None:
    queues = kept_in_memory(universe)._queues
    queue = next(queues[name] for name in queues if name.startswith(PREFIX))
    queue.keep(next(queue.all()).again(universe.clock.now()))


def ask_for_what_is_gone(universe: JudgedCheckout) -> None:
    review = Review(REFUND_FAILED, "it could not be made", universe.clock.now(), blocks=True)
    put(universe, evolve(order_of(universe), review=review))


def give_a_webhook_up(universe: JudgedCheckout) -> None:
    assert universe.sender is not None
    event = universe.sender.events[0]
    universe.sender._delivered.discard(event.id)
    universe.sender._given_up[event.id] = event


SENTENCES: Mapping[str, tuple[str, Corrupt]] = {
    "I1 .* is payment_failed and 36.22 usd was kept": ("three_cards_declined", charge_it_again),
    "I1 Stripe holds 3622 for us, and orders .* account for 0": ("three_cards_declined", charge_it_again),
    "I1 only a part of the money .* was given up for it": ("cancelled", stored(reason=Reason.MONEY_RETURNED)),
    "I2 72.44 usd of 36.22 usd was taken as paid": ("paid", charge_it_again),
    "I3 .* was captured 2 times": ("paid", record_the_capture_again),
    "I4 .* gave back more than it took": ("refunded", return_more_than_was_taken),
    "I9 .* is cancelled and its hold is shipped": ("paid", stored(status=OrderStatus.CANCELLED)),
    "I9 the hold of .* on mug ended 2 times": ("paid", ship_it_again),
    "I10 more mug was held or sold than there was": ("paid", empty_the_shelf),
    "I10 mug: 10 at first, 2 shipped, the rest does not add up": ("paid", find_one_more),
    "I11 .* is cancelled and still holds stock": ("out_of_stock", hold_for_an_order_that_is_over),
    "I12 .* is cancelled and its parcel is delivered": ("paid", stored(status=OrderStatus.CANCELLED)),
    "I13 .* is shipped and its log ends with delivered": ("paid", stored(status=OrderStatus.SHIPPED)),
    "I14 .* rests in refunding and is not up for review": ("cancelled", stored(status=OrderStatus.REFUNDING)),
    "I14 .* is delivered and still due": ("paid", stored(lease_until=START)),
    "I14 .* was payment_processing until .*, and no person was asked": ("debit_settled_late", forget_the_review),
    "I14 .* waits for a person to give back money that is gone": ("dispute_lost_by_webhook", ask_for_what_is_gone),
    "I15 .* is left requires_payment_method": ("three_cards_declined", leave_another_payment),
    "I16 .* given up as refused, and Stripe has refused nothing": (
        "three_cards_declined",
        stored(reason=Reason.PAYMENT_REFUSED),
    ),
    "I24 handler .* has not processed": ("notified_by_webhook", leave_an_event_with_a_handler),
    "I24 Stripe gave up .*, though nothing was in its way": ("notified_by_webhook", give_a_webhook_up),
    "I27 the mail .* was never sent": ("refunded", lose_a_mail),
    "I27 .* that the money is back was mailed 0 times, and not 1": ("refunded", lose_a_mail),
    "I27 .* that the money is not back was mailed 1 times, and not 0": ("refunded", correct_a_true_mail),
}
"""What is said, in which story, and what was done to it."""


@pytest.mark.parametrize("sentence", SENTENCES)
def test_it_is_said_where_it_is_so(sentence: str) -> None:
    story, corrupt = SENTENCES[sentence]
    universe = calm(story)
    assert not said(universe, sentence)

    corrupt(universe)

    assert said(universe, sentence)


def said(universe: JudgedCheckout, sentence: str) -> bool:
    """Say whether the judge says it."""
    return any(re.match(sentence, str(breach)) for breach in final_breaches(universe, may_need_a_person=False))
