"""How people sign up: cards, trials, and buttons that are pressed twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from payflows.subscriptions.messages import EventType
from payflows.subscriptions.model import SubscriptionStatus

from simulations.subscriptions.catalogue import BANK_DEBIT, BOB, FAILING_DEBIT, NO_FUNDS, TEAM, THREE_D_SECURE, VISA
from simulations.subscriptions.expected import ACTIVE, ENDED, ExpectedEnd
from simulations.subscriptions.story import NEVER_PAID, PAUSES, RENEWED, TIMERS_ONLY, Story
from simulations.subscriptions.system import IMPATIENT, Settings, SubscriptionSystem
from simulations.subscriptions.user_actions import (
    answers_the_bank,
    at_the_bank,
    cancel,
    days_pass,
    subscribe,
    until_settled,
    update_card,
)

PATIENT = Settings(replace(IMPATIENT, pending_look_seconds=86_400))
TRIED = ACTIVE.saying(EventType.TRIAL_ENDING, EventType.RENEWED)


def subscribed(system: SubscriptionSystem) -> None:
    """A card that works."""
    subscribe(system)
    until_settled(system)


def seats(system: SubscriptionSystem) -> None:
    """A team buys three seats in another currency, and another customer one."""
    subscribe(system, plan=TEAM, seats=3)
    subscribe(system, plan=TEAM, customer=BOB)
    until_settled(system)
    days_pass(system, 31)


def trial_to_paid(system: SubscriptionSystem) -> None:
    """A trial with a card, and the first payment after it."""
    subscribe(system, trial_days=14)
    until_settled(system)
    days_pass(system, 15)


def trial_without_a_card(system: SubscriptionSystem) -> None:
    """A trial without a card ends by itself."""
    subscribe(system, None, trial_days=14)
    until_settled(system)
    days_pass(system, 15)


def trial_gets_a_card(system: SubscriptionSystem) -> None:
    """The card comes during the trial, and its bank asks the customer."""
    subscribe(system, None, trial_days=14)
    until_settled(system)
    days_pass(system, 5)
    update_card(system, THREE_D_SECURE)
    days_pass(system, 1)
    answers_the_bank(system)
    days_pass(system, 1)
    update_card(system, VISA)
    days_pass(system, 9)


def two_trials(system: SubscriptionSystem) -> None:
    """Cancel during the trial, and sign up for another one."""
    subscribe(system, trial_days=14)
    until_settled(system)
    cancel(system)
    until_settled(system)
    subscribe(system, trial_days=14, signup_id="signup-2")
    subscribe(system, signup_id="signup-3")
    until_settled(system)


def first_declined(system: SubscriptionSystem) -> None:
    """The first card has no funds, and another one works."""
    subscribe(system, NO_FUNDS)
    until_settled(system)
    days_pass(system, 0.1)
    update_card(system, VISA)
    until_settled(system)


def first_never_paid(system: SubscriptionSystem) -> None:
    """The first card has no funds, and the customer leaves."""
    subscribe(system, NO_FUNDS)
    until_settled(system)
    days_pass(system, 2)


def sign_up_with_three_d_secure(system: SubscriptionSystem) -> None:
    """The bank asks the customer, who answers."""
    subscribe(system, THREE_D_SECURE)
    until_settled(system)
    at_the_bank(system)
    until_settled(system)


def sign_up_by_debit(account: str) -> Callable[[SubscriptionSystem], None]:
    """A bank account that is debited days later; the subscription is active meanwhile, and stays so."""

    def tell(system: SubscriptionSystem) -> None:
        subscribe(system, account)
        until_settled(system)
        days_pass(system, 7)

    return tell


def signed_up_twice(system: SubscriptionSystem) -> None:
    """The button is pressed twice, and once in another tab."""
    subscribe(system)
    subscribe(system)
    subscribe(system, signup_id="signup-2")
    until_settled(system)


def card_refused(system: SubscriptionSystem) -> None:
    """Another card, which the bank refuses when the next renewal comes, and then the first one again."""
    subscribe(system, None, trial_days=7)
    until_settled(system)
    update_card(system, NO_FUNDS)
    days_pass(system, 1)
    update_card(system, VISA)
    days_pass(system, 7)


STORIES: Mapping[str, Story] = {
    "subscribed": Story(subscribed),
    "seats": Story(seats, ends=RENEWED),
    "trial_to_paid": Story(trial_to_paid, ends=TRIED),
    "trial_to_paid_without_webhooks": Story(trial_to_paid, TIMERS_ONLY, TRIED),
    "trial_without_a_card": Story(trial_without_a_card, ends=ENDED),
    "trial_paused": Story(trial_without_a_card, PAUSES, ExpectedEnd((SubscriptionStatus.PAUSED,), paid=0)),
    "trial_gets_a_card": Story(trial_gets_a_card, ends=ACTIVE.saying(EventType.CARD_UPDATED)),
    "two_trials": Story(two_trials),
    "first_declined": Story(first_declined, ends=ACTIVE.saying(EventType.PAYMENT_FAILED)),
    "first_never_paid": Story(first_never_paid, ends=NEVER_PAID),
    "sign_up_with_three_d_secure": Story(sign_up_with_three_d_secure),
    "sign_up_by_bank_debit": Story(sign_up_by_debit(BANK_DEBIT), PATIENT),
    "sign_up_by_failing_bank_debit": Story(sign_up_by_debit(FAILING_DEBIT), PATIENT, ACTIVE.saying(EventType.STARTED)),
    "signed_up_twice": Story(signed_up_twice),
    "card_refused": Story(card_refused, ends=ACTIVE.saying(EventType.CARD_DECLINED)),
}
