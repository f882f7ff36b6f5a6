"""What people do in a universe: one story a way through the checkout. Faults are none of their business.

A story is a list of steps that people take whatever has happened before: who gets no answer presses the button again,
who is asked for another card tries one. After each story comes a calm in which everything settles (`end`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from payflows.checkout.pricing import CartItem
from payflows.payments.model import CaptureMode

from simulations.checkout import money_elsewhere as elsewhere
from simulations.checkout import refusals
from simulations.checkout.expected import CANCELLED, SOLD, TAKEN_BACK, UNPAID, ExpectedEnd
from simulations.checkout.scripted_shop import BANK_DEBIT, BOB, FAILING_DEBIT, NO_FUNDS, THREE_D_SECURE, VISA
from simulations.checkout.shop import HOME
from simulations.checkout.subject import IMPATIENT, Settings
from simulations.checkout.system import CheckoutSystem
from simulations.checkout.user_actions import (
    at_the_bank,
    authenticates_and_leaves,
    buy,
    cancel,
    pay_again,
    refund,
    until_asked,
)
from simulations.search.kinds import BEYOND_THE_HOLD, connection_refused
from simulations.search.plan import Fault
from simulations.search.waiting import DAY, MINUTE, hours_pass, minutes_pass
from simulations.stripe.core.times import StripeTimes
from simulations.stripe.webhooks.conditions import DeliveryConditions

AUTOMATIC_CAPTURE = Settings(replace(IMPATIENT, capture=CaptureMode.AUTOMATIC, pending_look_seconds=DAY // 4))
PATIENT = Settings(replace(IMPATIENT, pending_look_seconds=DAY // 4))
LONG_HOLD = Settings(replace(IMPATIENT, hold_seconds=DAY), away_seconds=DAY // 3)
"""The goods are still set aside after an outage of a day, in which Stripe has forgotten every key."""
LISTENING = Settings(listens=True)
OTHER_VERSION = replace(
    LISTENING, conditions=DeliveryConditions(api_version="2020-08-27", clock_ahead_seconds=4 * MINUTE)
)
"""Its endpoint is set to an old API version at Stripe, whose clock is ahead of ours."""
SLOW_CARRIER = Settings(pickup_seconds=7_200)
PATIENT_SLOW_CARRIER = replace(PATIENT, pickup_seconds=7_200)
IMPATIENT_WITH_BANKS = Settings(
    replace(AUTOMATIC_CAPTURE.policy, pending_look_seconds=DAY, processing_review_seconds=10 * DAY)
)
ONE_CARD = Settings(replace(IMPATIENT, max_tries=1), times=StripeTimes(search_lag_seconds=5_400))
"""Stripe's search has a bad day: what is left over is found by the second look only."""

NO_MAILS, NO_STORE = Fault(1, "outage", BEYOND_THE_HOLD), Fault(1, "outage", 60)
"""Troubles that a story brings."""


SOLD_FOR_LESS = SOLD._replace(returned_minor=elsewhere.A_PART_MINOR)
CANCELLED_BY_A_PERSON = CANCELLED._replace(reviews=1)
"""A person was asked, and what they did, or the bank, has ended it."""


class Story(NamedTuple):
    """One way through the checkout.

    Attributes:
        tell: what people do.
        settings: the shop that they do it in.
        ends: how it ends where nothing goes wrong.
        may_need_a_person: whether it may end in review: what people did is not ours to put right.
    """

    tell: Callable[[CheckoutSystem], None]
    settings: Settings = Settings()
    ends: ExpectedEnd = SOLD
    may_need_a_person: bool = False


def paid(shop: CheckoutSystem) -> None:
    """A card that works."""
    buy(shop)


def two_customers(shop: CheckoutSystem) -> None:
    """Two customers, who live elsewhere, buy several products each."""
    buy(shop, items=(CartItem("lamp", 1), CartItem("mug", 2)))
    buy(shop, customer=BOB, items=(CartItem("mug", 3), CartItem("lamp", 1)))


def pressed_twice(shop: CheckoutSystem) -> None:
    """The button is pressed once more, for the same checkout."""
    buy(shop)
    buy(shop)


def answer_lost(shop: CheckoutSystem) -> None:
    """The bank says yes, and the shop never hears it: what one fault does is what the others meet here."""
    shop.stripe.lose_answer_of("confirm_payment")
    buy(shop)


def declined_then_another_card(shop: CheckoutSystem) -> None:
    """A card that does not work, and one that does."""
    buy(shop, NO_FUNDS)
    until_asked(shop)
    pay_again(shop, VISA)


def three_d_secure(shop: CheckoutSystem) -> None:
    """The bank wants to know who is there."""
    buy(shop, THREE_D_SECURE)
    until_asked(shop)
    at_the_bank(shop, passes=True)


def failed_three_d_secure_then_another_card(shop: CheckoutSystem) -> None:
    """The bank does not believe it; another card works."""
    buy(shop, THREE_D_SECURE)
    until_asked(shop)
    at_the_bank(shop, passes=False)
    pay_again(shop, VISA)


def left_at_the_bank(shop: CheckoutSystem) -> None:
    """The customer never comes back, and the deadline passes."""
    buy(shop, THREE_D_SECURE)


def bank_debit(shop: CheckoutSystem) -> None:
    """Money that is under way for days."""
    buy(shop, BANK_DEBIT)


def failing_bank_debit(shop: CheckoutSystem) -> None:
    """Money that was under way for days, and then is not there."""
    buy(shop, FAILING_DEBIT)


def cancelled_before_pickup(shop: CheckoutSystem) -> None:
    """Bought, and cancelled before the parcel is fetched."""
    buy(shop)
    cancel(shop)


def cancelled_at_the_bank(shop: CheckoutSystem) -> None:
    """Cancelled while the bank waits for an answer, which then comes."""
    buy(shop, THREE_D_SECURE)
    cancel(shop)
    at_the_bank(shop, passes=True)


def cancelled_after_a_decline(shop: CheckoutSystem) -> None:
    """A card that does not work, and the customer has enough of it."""
    buy(shop, NO_FUNDS)
    until_asked(shop)
    cancel(shop)


def cancelled_too_late(shop: CheckoutSystem) -> None:
    """Cancelled when the parcel is gone."""
    buy(shop)
    until_asked(shop)
    cancel(shop)


def cancelled_while_money_goes_back(shop: CheckoutSystem) -> None:
    """Cancelled; the refund is under way for days, and the customer presses once more."""
    buy(shop, "pm_card_pendingRefund")
    cancel(shop)
    hours_pass(shop, 2)
    cancel(shop)


def paid_while_no_mail_goes_out(shop: CheckoutSystem) -> None:
    """A card that works, and a mail server that does not, for as long as a hold lasts."""
    shop.universe.begin_ongoing("mailer", connection_refused, NO_MAILS)
    buy(shop)


def store_away(shop: CheckoutSystem) -> None:
    """When the customer comes back from the bank, the store cannot be reached for a minute."""
    buy(shop, THREE_D_SECURE)
    until_asked(shop)
    shop.universe.begin_ongoing("store", connection_refused, NO_STORE)
    at_the_bank(shop, passes=True)


def refunded(shop: CheckoutSystem) -> None:
    """Bought, shipped, and given back."""
    buy(shop)
    until_asked(shop)
    refund(shop)


def refunded_slowly(shop: CheckoutSystem) -> None:
    """A refund that is under way for days."""
    buy(shop, "pm_card_pendingRefund")
    until_asked(shop)
    refund(shop)


def notified_by_webhook(shop: CheckoutSystem) -> None:
    """The bank says yes and the customer never comes back: only a webhook can tell."""
    buy(shop, THREE_D_SECURE)
    until_asked(shop)
    authenticates_and_leaves(shop)
    minutes_pass(shop)


STORIES: Mapping[str, Story] = {
    "paid": Story(paid),
    "paid_on_a_long_hold": Story(paid, LONG_HOLD),
    "paid_with_automatic_capture": Story(paid, AUTOMATIC_CAPTURE),
    "two_customers": Story(two_customers),
    "pressed_twice": Story(pressed_twice),
    "answer_lost": Story(answer_lost),
    "declined_then_another_card": Story(declined_then_another_card),
    "three_cards_declined": Story(refusals.three_cards_declined, ends=UNPAID),
    "out_of_stock": Story(refusals.out_of_stock, ends=CANCELLED),
    "out_of_stock_with_handlers": Story(refusals.out_of_stock, LISTENING, CANCELLED),
    "three_d_secure": Story(three_d_secure),
    "failed_three_d_secure": Story(failed_three_d_secure_then_another_card),
    "left_at_the_bank": Story(left_at_the_bank, ends=UNPAID),
    "bank_debit": Story(bank_debit, AUTOMATIC_CAPTURE),
    "failing_bank_debit": Story(failing_bank_debit, AUTOMATIC_CAPTURE, UNPAID),
    "cancelled": Story(cancelled_before_pickup, SLOW_CARRIER, CANCELLED),
    "cancelled_with_automatic_capture": Story(
        cancelled_before_pickup, replace(AUTOMATIC_CAPTURE, pickup_seconds=7_200), CANCELLED
    ),
    "cancelled_at_the_bank": Story(cancelled_at_the_bank, ends=CANCELLED),
    "cancelled_after_a_decline": Story(cancelled_after_a_decline, ends=CANCELLED),
    "cancelled_in_processing": Story(refusals.cancelled_in_processing, AUTOMATIC_CAPTURE, CANCELLED),
    "not_served": Story(refusals.not_served, Settings(refuses=(HOME.country,)), CANCELLED),
    "creation_refused": Story(refusals.creation_refused, ends=UNPAID),
    "customer_deleted": Story(refusals.customer_deleted),
    "cancelled_too_late": Story(cancelled_too_late),
    "cancelled_while_money_goes_back": Story(cancelled_while_money_goes_back, PATIENT_SLOW_CARRIER, CANCELLED),
    "one_card_declined": Story(refusals.one_card_declined, ONE_CARD, UNPAID),
    "paid_while_no_mail_goes_out": Story(paid_while_no_mail_goes_out),
    "store_away": Story(store_away),
    "refunded": Story(refunded, ends=TAKEN_BACK),
    "refunded_slowly": Story(refunded_slowly, PATIENT, TAKEN_BACK),
    "refund_comes_back": Story(elsewhere.refund_comes_back, may_need_a_person=True),
    "refund_settled": Story(elsewhere.refund_settled, ends=SOLD._replace(reviews=1), may_need_a_person=True),
    "disputed": Story(elsewhere.disputed, ends=TAKEN_BACK, may_need_a_person=True),
    "notified_by_webhook": Story(notified_by_webhook, LISTENING),
    "disputed_by_webhook": Story(elsewhere.disputed_after_delivery, LISTENING, TAKEN_BACK, may_need_a_person=True),
    "disputed_by_webhook_of_another_version": Story(
        elsewhere.disputed_after_delivery, OTHER_VERSION, TAKEN_BACK, may_need_a_person=True
    ),
    "refunded_in_the_dashboard": Story(elsewhere.refunded_in_the_dashboard, SLOW_CARRIER, CANCELLED),
    "a_part_refunded": Story(elsewhere.a_part_refunded, SLOW_CARRIER, SOLD_FOR_LESS),
    "a_part_refunded_after_shipping": Story(elsewhere.a_part_refunded, ends=SOLD_FOR_LESS),
    "a_part_refunded_then_cancelled": Story(elsewhere.a_part_refunded_then_cancelled, SLOW_CARRIER, CANCELLED),
    "a_part_refunded_then_the_rest": Story(elsewhere.a_part_refunded_then_the_rest, ends=TAKEN_BACK),
    "a_part_captured_then_refunded": Story(elsewhere.a_part_captured_then_refunded, ends=CANCELLED_BY_A_PERSON),
    "a_part_captured_then_cancelled": Story(elsewhere.a_part_captured_then_cancelled, ends=CANCELLED_BY_A_PERSON),
    "a_part_captured_and_refunded_by_hand": Story(
        elsewhere.a_part_captured_and_refunded_by_hand, ends=CANCELLED_BY_A_PERSON
    ),
    "dispute_lost": Story(elsewhere.dispute_lost, SLOW_CARRIER, CANCELLED_BY_A_PERSON),
    "dispute_won": Story(elsewhere.dispute_won, SLOW_CARRIER, CANCELLED_BY_A_PERSON),
    "dispute_lost_then_won": Story(elsewhere.dispute_lost_then_won, SLOW_CARRIER, CANCELLED_BY_A_PERSON),
    "dispute_lost_after_a_refused_refund": Story(
        elsewhere.dispute_lost_after_a_refused_refund, ends=TAKEN_BACK._replace(reviews=1)
    ),
    "dispute_lost_by_webhook": Story(elsewhere.dispute_lost_after_delivery, LISTENING, TAKEN_BACK),
    "dispute_lost_in_part_by_webhook": Story(
        elsewhere.dispute_lost_in_part_after_delivery, LISTENING, SOLD_FOR_LESS, may_need_a_person=True
    ),
    "dispute_lost_in_part_and_settled": Story(
        elsewhere.dispute_lost_in_part_and_settled,
        SLOW_CARRIER,
        CANCELLED._replace(keeps_the_money=True, returned_minor=elsewhere.A_PART_MINOR, reviews=2),
        may_need_a_person=True,
    ),
    "inquiry": Story(elsewhere.inquiry_closed, SLOW_CARRIER, CANCELLED),
    "inquiry_after_shipping": Story(elsewhere.inquiry_closed),
    "debit_settled_late": Story(elsewhere.debit_settled_late, IMPATIENT_WITH_BANKS, SOLD._replace(reviews=1)),
}
"""Every story, by its name."""
