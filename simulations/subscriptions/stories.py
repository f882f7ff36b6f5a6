"""What people do in a universe: one story a way through a subscription. Faults are none of their business.

A story is a list of steps that people take whatever has happened before. After each comes a calm of some days in which
everything settles (`end`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from payflows.errors import CallRejected
from payflows.subscriptions.billing import TrialEnd
from payflows.subscriptions.messages import EventType
from payflows.subscriptions.model import SubscriptionStatus
from payflows.subscriptions.policy import CancelPolicy, OpenInvoices, UnusedTime

from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.subscriptions.catalogue import (
    BANK_DEBIT,
    BOB,
    FAILING_DEBIT,
    MASTERCARD,
    NO_FUNDS,
    PRO_YEARLY,
    TEAM,
    THREE_D_SECURE,
    VISA,
)
from simulations.subscriptions.expected import ACTIVE, ENDED, ExpectedEnd
from simulations.subscriptions.system import IMPATIENT, Settings, SubscriptionSystem
from simulations.subscriptions.user_actions import (
    answers_the_bank,
    at_the_bank,
    cancel,
    card_runs_empty,
    days_pass,
    keep,
    refund_latest,
    subscribe,
    until_settled,
    update_card,
)

_S = SubscriptionStatus
TIMERS_ONLY = Settings(listens=False)
OTHER_VERSION = Settings(conditions=DeliveryConditions(api_version="2020-08-27"))
STRICT = Settings(replace(IMPATIENT, past_due_access_days=7))
PATIENT = Settings(replace(IMPATIENT, pending_look_seconds=86_400))
PAUSES = Settings(replace(IMPATIENT, trial_end=TrialEnd.PAUSE))
COLLECTS = CancelPolicy(open_invoices=OpenInvoices.COLLECT)
REFUNDS = CancelPolicy(unused_time=UnusedTime.REFUND)
CREDITS = CancelPolicy(unused_time=UnusedTime.CREDIT)


LAPSED = ExpectedEnd((_S.PAST_DUE,)).saying(EventType.PAYMENT_FAILED)
RECOVERED = ACTIVE.saying(EventType.PAYMENT_FAILED, EventType.RENEWED, EventType.CARD_UPDATED)
TRIED = ACTIVE.saying(EventType.TRIAL_ENDING, EventType.RENEWED)
NEVER_PAID = ExpectedEnd((_S.INCOMPLETE_EXPIRED,), paid=0)
RENEWED = ACTIVE.saying(EventType.RENEWED)


class Story(NamedTuple):
    """One way through a subscription.

    Attributes:
        tell: what people do.
        settings: the merchant with whom they do it.
        ends: how it ends where nothing goes wrong.
        may_need_a_person: whether it may end in review.
    """

    tell: Callable[[SubscriptionSystem], None]
    settings: Settings = Settings()
    ends: ExpectedEnd = ACTIVE
    may_need_a_person: bool = False


def subscribed(system: SubscriptionSystem) -> None:
    """A card that works."""
    subscribe(system)
    until_settled(system)


def renewed(system: SubscriptionSystem) -> None:
    """Subscribed on a 31st, and renewed."""
    subscribed(system)
    days_pass(system, 32)


def yearly(system: SubscriptionSystem) -> None:
    """A plan that is billed once a year."""
    subscribe(system, plan=PRO_YEARLY)
    until_settled(system)
    days_pass(system, 366)


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


def renewal_declined_then_another_card(system: SubscriptionSystem) -> None:
    """The card that paid is empty at the renewal; another one pays what is open."""
    subscribed(system)
    card_runs_empty(system)
    days_pass(system, 33)
    update_card(system, MASTERCARD)
    days_pass(system, 1)


def renewal_declined(system: SubscriptionSystem) -> None:
    """The card that paid is empty at the renewal, and no one does anything."""
    subscribed(system)
    card_runs_empty(system)
    days_pass(system, 40)


def renewal_in_grace(system: SubscriptionSystem) -> None:
    """The card that paid is empty at the renewal, which was some days ago."""
    subscribed(system)
    card_runs_empty(system)
    days_pass(system, 33)


def renewal_needs_three_d_secure(system: SubscriptionSystem) -> None:
    """The bank asks at the renewal, and the customer answers on Stripe's page."""
    subscribe(system, THREE_D_SECURE)
    until_settled(system)
    at_the_bank(system)
    until_settled(system)
    days_pass(system, 33)
    answers_the_bank(system)
    days_pass(system, 1)


def card_updated(system: SubscriptionSystem) -> None:
    """Another card for the next renewal."""
    subscribed(system)
    days_pass(system, 5)
    update_card(system, MASTERCARD)
    days_pass(system, 28)


def card_refused(system: SubscriptionSystem) -> None:
    """Another card, which the bank refuses when the next renewal comes, and then the first one again."""
    subscribe(system, None, trial_days=7)
    until_settled(system)
    update_card(system, NO_FUNDS)
    days_pass(system, 1)
    update_card(system, VISA)
    days_pass(system, 7)


def cancelled_now(system: SubscriptionSystem) -> None:
    """Cancelled in the middle of a period."""
    subscribed(system)
    days_pass(system, 10)
    cancel(system)
    until_settled(system)


def cancelled_right_away(system: SubscriptionSystem) -> None:
    """Cancelled as soon as the button was pressed, whatever has come of that."""
    subscribe(system)
    cancel(system)
    until_settled(system)


def cancelled_now_with(policy: CancelPolicy) -> Callable[[SubscriptionSystem], None]:
    """Cancelled in the middle of a period; what is left of it comes back in some way."""

    def tell(system: SubscriptionSystem) -> None:
        subscribed(system)
        days_pass(system, 10)
        cancel(system, policy=policy)
        until_settled(system)

    return tell


def cancelled_while_unpaid(policy: CancelPolicy) -> Callable[[SubscriptionSystem], None]:
    """Cancelled while a renewal is not paid."""

    def tell(system: SubscriptionSystem) -> None:
        renewal_declined(system)
        cancel(system, policy=policy)
        until_settled(system)

    return tell


def cancelled_in_the_draft_hour(system: SubscriptionSystem) -> None:
    """Cancelled just after the renewal's invoice was made, and before it is final."""
    subscribed(system)
    days_pass(system, 31.02)
    cancel(system)
    until_settled(system)


def cancelled_incomplete(system: SubscriptionSystem) -> None:
    """Cancelled before the bank was answered; the customer answers nevertheless."""
    subscribe(system, THREE_D_SECURE)
    until_settled(system)
    cancel(system)
    answers_the_bank(system)
    until_settled(system)


def cancelled_at_period_end(system: SubscriptionSystem) -> None:
    """Cancelled for the end of the period, and over then."""
    subscribed(system)
    days_pass(system, 10)
    cancel(system, at_period_end=True)
    days_pass(system, 23)


def cancelled_for_later(system: SubscriptionSystem) -> None:
    """Cancelled for the end of a period that is still running."""
    subscribed(system)
    days_pass(system, 10)
    cancel(system, at_period_end=True)


def cancelled_and_taken_back(system: SubscriptionSystem) -> None:
    """Cancelled for the end of the period, and kept after all."""
    subscribed(system)
    days_pass(system, 10)
    cancel(system, at_period_end=True)
    days_pass(system, 5)
    keep(system)
    days_pass(system, 18)


def cancelled_in_the_dashboard(system: SubscriptionSystem) -> None:
    """The merchant ends it in the dashboard, and the customer subscribes anew."""
    subscribed(system)
    days_pass(system, 10)
    subscription = system.subscription
    if subscription is not None and subscription.stripe_id is not None:
        system.end_was_asked = True
        system.stripe.cancel_subscription_in_dashboard(subscription.stripe_id)
    days_pass(system, 1)
    subscribe(system, signup_id="signup-2")
    until_settled(system)


def renewal_refunded(system: SubscriptionSystem) -> None:
    """A renewal is given back, and the subscription goes on."""
    renewed(system)
    refund_latest(system)
    days_pass(system, 1)


def renewal_disputed(system: SubscriptionSystem) -> None:
    """The customer's bank takes a renewal back, for good."""
    renewed(system)
    subscription = system.subscription
    latest = subscription.latest_invoice if subscription is not None else None
    payment_id = system.stripe.invoice(latest.id).as_invoice().payment_id if latest is not None else None
    if payment_id is not None:
        with suppress(CallRejected):  # it is not paid
            system.stripe.dispute(payment_id)
            days_pass(system, 2)
            system.stripe.close_dispute(payment_id, won=False)
    days_pass(system, 1)


STORIES: Mapping[str, Story] = {
    "subscribed": Story(subscribed),
    "renewed": Story(renewed, ends=RENEWED),
    "renewed_without_webhooks": Story(renewed, TIMERS_ONLY, RENEWED),
    "renewed_by_old_webhooks": Story(renewed, OTHER_VERSION, RENEWED),
    "yearly": Story(yearly, ends=RENEWED),
    "seats": Story(seats, ends=RENEWED),
    "trial_to_paid": Story(trial_to_paid, ends=TRIED),
    "trial_to_paid_without_webhooks": Story(trial_to_paid, TIMERS_ONLY, TRIED),
    "trial_without_a_card": Story(trial_without_a_card, ends=ENDED),
    "trial_paused": Story(trial_without_a_card, PAUSES, ExpectedEnd((_S.PAUSED,), paid=0)),
    "trial_gets_a_card": Story(trial_gets_a_card, ends=ACTIVE.saying(EventType.CARD_UPDATED)),
    "two_trials": Story(two_trials),
    "first_declined": Story(first_declined, ends=ACTIVE.saying(EventType.PAYMENT_FAILED)),
    "first_never_paid": Story(first_never_paid, ends=NEVER_PAID),
    "sign_up_with_three_d_secure": Story(sign_up_with_three_d_secure),
    "sign_up_by_bank_debit": Story(sign_up_by_debit(BANK_DEBIT), PATIENT),
    "sign_up_by_failing_bank_debit": Story(sign_up_by_debit(FAILING_DEBIT), PATIENT, ACTIVE.saying(EventType.STARTED)),
    "signed_up_twice": Story(signed_up_twice),
    "renewal_declined": Story(renewal_declined, STRICT, LAPSED),
    "renewal_in_grace": Story(renewal_in_grace, ends=LAPSED._replace(has_access=True)),
    "renewal_declined_then_another_card": Story(renewal_declined_then_another_card, ends=RECOVERED),
    "renewal_declined_without_webhooks": Story(renewal_declined_then_another_card, TIMERS_ONLY, RECOVERED),
    "renewal_needs_three_d_secure": Story(
        renewal_needs_three_d_secure, ends=ACTIVE.saying(EventType.PAYMENT_ACTION_REQUIRED)
    ),
    "card_updated": Story(card_updated, ends=RENEWED),
    "card_refused": Story(card_refused, ends=ACTIVE.saying(EventType.CARD_DECLINED)),
    "cancelled_now": Story(cancelled_now, ends=ENDED),
    "cancelled_right_away": Story(cancelled_right_away, ends=ENDED),
    "cancelled_now_and_refunded": Story(cancelled_now_with(REFUNDS), ends=ENDED.saying(EventType.UNUSED_TIME_REFUNDED)),
    "cancelled_now_and_credited": Story(cancelled_now_with(CREDITS), ends=ENDED),
    "cancelled_while_unpaid": Story(cancelled_while_unpaid(CancelPolicy()), ends=ENDED),
    "cancelled_while_unpaid_and_collected": Story(cancelled_while_unpaid(COLLECTS), ends=ENDED),
    "cancelled_while_unpaid_and_credited": Story(cancelled_while_unpaid(CREDITS), ends=ENDED),
    "cancelled_in_the_draft_hour": Story(cancelled_in_the_draft_hour, ends=ENDED),
    "cancelled_incomplete": Story(cancelled_incomplete, ends=NEVER_PAID),
    "cancelled_at_period_end": Story(cancelled_at_period_end, ends=ENDED),
    "cancelled_for_later": Story(cancelled_for_later, ends=ACTIVE.saying(EventType.CANCELLATION_SCHEDULED)),
    "cancelled_and_taken_back": Story(cancelled_and_taken_back, ends=RENEWED),
    "cancelled_in_the_dashboard": Story(cancelled_in_the_dashboard),
    "renewal_refunded": Story(renewal_refunded, ends=ACTIVE.saying(EventType.PAYMENT_REFUNDED)),
    "renewal_disputed": Story(
        renewal_disputed, ends=ACTIVE.saying(EventType.PAYMENT_DISPUTED, EventType.PAYMENT_DISPUTE_LOST)
    ),
}
"""Every story, by its name."""
