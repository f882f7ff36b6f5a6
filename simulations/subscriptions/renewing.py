"""How subscriptions go on: renewals, cards that run empty, money that goes back."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from payflows.errors import CallRejected
from payflows.subscriptions.messages import EventType

from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.subscriptions.catalogue import MASTERCARD, PRO_YEARLY, THREE_D_SECURE
from simulations.subscriptions.expected import ACTIVE
from simulations.subscriptions.signing_up import subscribed
from simulations.subscriptions.story import LAPSED, RENEWED, TIMERS_ONLY, Story
from simulations.subscriptions.system import IMPATIENT, Settings, SubscriptionSystem
from simulations.subscriptions.user_actions import (
    answers_the_bank,
    at_the_bank,
    card_runs_empty,
    days_pass,
    refund_latest,
    subscribe,
    until_settled,
    update_card,
)

OTHER_VERSION = Settings(conditions=DeliveryConditions(api_version="2020-08-27"))
STRICT = Settings(replace(IMPATIENT, past_due_access_days=7))
RECOVERED = ACTIVE.saying(EventType.PAYMENT_FAILED, EventType.RENEWED, EventType.CARD_UPDATED)
ASKED = ACTIVE.saying(EventType.PAYMENT_FAILED, EventType.PAYMENT_ACTION_REQUIRED, EventType.RENEWED)


def renewed(system: SubscriptionSystem) -> None:
    """Subscribed on a 31st, and renewed."""
    subscribed(system)
    days_pass(system, 32)


def yearly(system: SubscriptionSystem) -> None:
    """A plan that is billed once a year."""
    subscribe(system, plan=PRO_YEARLY)
    until_settled(system)
    days_pass(system, 366)


def renewal_declined_then_another_card(system: SubscriptionSystem) -> None:
    """The card that paid is empty at the renewal; another one pays what is open."""
    subscribed(system)
    card_runs_empty(system)
    days_pass(system, 33)
    update_card(system, MASTERCARD)
    days_pass(system, 1)


def renewal_declined_then_a_card_that_asks(system: SubscriptionSystem) -> None:
    """The card that paid is empty at the renewal; another one pays what is open, after its bank has asked."""
    subscribed(system)
    card_runs_empty(system)
    days_pass(system, 33)
    update_card(system, THREE_D_SECURE)
    until_settled(system)
    at_the_bank(system)
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


def card_in_trouble(system: SubscriptionSystem) -> None:
    """Another card for an unpaid renewal, which Stripe fails to take for an hour."""
    subscribed(system)
    card_runs_empty(system)
    days_pass(system, 33)
    system.stripe.answer_500_to("attach_payment_method", until=system.clock.now() + timedelta(hours=1))
    update_card(system, MASTERCARD)
    days_pass(system, 1)


def card_updated(system: SubscriptionSystem) -> None:
    """Another card for the next renewal."""
    subscribed(system)
    days_pass(system, 5)
    update_card(system, MASTERCARD)
    days_pass(system, 28)


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
    "renewed": Story(renewed, ends=RENEWED),
    "renewed_without_webhooks": Story(renewed, TIMERS_ONLY, RENEWED),
    "renewed_by_old_webhooks": Story(renewed, OTHER_VERSION, RENEWED),
    "yearly": Story(yearly, ends=RENEWED),
    "renewal_declined": Story(renewal_declined, STRICT, LAPSED),
    "renewal_in_grace": Story(renewal_in_grace, ends=LAPSED._replace(has_access=True)),
    "renewal_declined_then_another_card": Story(renewal_declined_then_another_card, ends=RECOVERED),
    "renewal_declined_then_a_card_that_asks": Story(renewal_declined_then_a_card_that_asks, ends=ASKED),
    "renewal_declined_without_webhooks": Story(renewal_declined_then_another_card, TIMERS_ONLY, RECOVERED),
    "renewal_needs_three_d_secure": Story(
        renewal_needs_three_d_secure, ends=ACTIVE.saying(EventType.PAYMENT_ACTION_REQUIRED)
    ),
    "card_in_trouble": Story(card_in_trouble, ends=RECOVERED),
    "card_updated": Story(card_updated, ends=RENEWED),
    "renewal_refunded": Story(renewal_refunded, ends=ACTIVE.saying(EventType.PAYMENT_REFUNDED)),
    "renewal_disputed": Story(
        renewal_disputed, ends=ACTIVE.saying(EventType.PAYMENT_DISPUTED, EventType.PAYMENT_DISPUTE_LOST)
    ),
}
