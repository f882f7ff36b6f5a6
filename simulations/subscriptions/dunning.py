"""How renewals that failed are collected: cards that refill, cards that do not, and customers who come or go."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from payflows.errors import CallRejected, PaymentDeclined
from payflows.subscriptions.dunning import SEED_AS_DAYS, DunningPolicy, LastStep
from payflows.subscriptions.messages import EventType
from payflows.subscriptions.policy import CancelPolicy, OpenInvoices

from simulations.subscriptions.catalogue import MASTERCARD, PRO, THREE_D_SECURE, VISA
from simulations.subscriptions.expected import ACTIVE, ENDED
from simulations.subscriptions.signing_up import subscribed
from simulations.subscriptions.story import LAPSED, Story
from simulations.subscriptions.system import IMPATIENT, Settings, SubscriptionSystem
from simulations.subscriptions.user_actions import (
    cancel,
    card_behaves,
    card_runs_empty,
    change_plan,
    days_pass,
    invoices_of,
    update_card,
)

ANOTHER_EMPTY = "pm_card_chargeCustomerFail"
LOST = "pm_card_visa_chargeDeclinedLostCard"

DUNNED = Settings(replace(IMPATIENT, dunning=SEED_AS_DAYS))
DUNNED_BY_TIMERS = Settings(replace(IMPATIENT, dunning=SEED_AS_DAYS), listens=False)
DUNNED_LONG = Settings(
    replace(IMPATIENT, dunning=DunningPolicy.from_days([3, 10, 24, 30], name="long", notices=(0, 10, 24)))
)
PAUSED_AT_LAST = Settings(replace(IMPATIENT, dunning=replace(SEED_AS_DAYS, last_step=LastStep.STAY_PAST_DUE)))
PAID_LATE = ACTIVE.saying(EventType.DUNNING_STARTED, EventType.DUNNING_RECOVERED, EventType.RENEWED)
LOST_AT_LAST = ENDED.saying(EventType.DUNNING_GIVEN_UP)


def _failed(system: SubscriptionSystem, *, days: float = 5) -> None:
    """The card that paid is empty at the renewal; some days after that."""
    subscribed(system)
    card_runs_empty(system)
    days_pass(system, 31 + days)


def recovered(system: SubscriptionSystem) -> None:
    """The card has money again before the second attempt."""
    _failed(system)
    card_behaves(system, VISA)
    days_pass(system, 4)


def given_up(system: SubscriptionSystem) -> None:
    """The card stays empty, and the last step comes."""
    _failed(system, days=15.4)  # no universe ends at the very moment of a renewal


def another_card(system: SubscriptionSystem) -> None:
    """Another card comes between two attempts."""
    _failed(system)
    update_card(system, MASTERCARD)
    days_pass(system, 3)


def twice(system: SubscriptionSystem) -> None:
    """Another card pays, and is empty itself a month later."""
    _failed(system)
    update_card(system, MASTERCARD)
    days_pass(system, 3)
    card_runs_empty(system)
    days_pass(system, 24)


def lost_card(system: SubscriptionSystem) -> None:
    """The card is lost: no attempt is made, reminders go on, and another card pays."""
    subscribed(system)
    card_behaves(system, LOST)
    days_pass(system, 31 + 8)
    update_card(system, MASTERCARD)
    days_pass(system, 2)


def leaves(system: SubscriptionSystem) -> None:
    """The customer cancels between two attempts, and is left alone."""
    _failed(system)
    cancel(system)
    days_pass(system, 5)


def leaves_a_debt(system: SubscriptionSystem) -> None:
    """The same where what is open stays owed: it is tried once more, and not on the policy's days."""
    _failed(system)
    cancel(system, policy=CancelPolicy(open_invoices=OpenInvoices.COLLECT))
    days_pass(system, 5)


def over_a_renewal(system: SubscriptionSystem) -> None:
    """The next renewal falls due while the first is open; then the card has money, and both are paid."""
    _failed(system, days=29)
    card_behaves(system, VISA)
    days_pass(system, 3)


def paid_by_hand(system: SubscriptionSystem) -> None:
    """The customer pays on Stripe's page between two attempts."""
    _failed(system)
    subscription = system.subscription
    if subscription is not None:
        for invoice in invoices_of(system, subscription)[-1:]:
            system.paid_by_hand += 1
            with suppress(CallRejected, PaymentDeclined):
                system.stripe.pay_on_hosted_page(invoice.id, MASTERCARD)
    days_pass(system, 4)


def asked_by_the_bank(system: SubscriptionSystem) -> None:
    """The bank asks the customer, who does not answer, and is not asked again by an attempt."""
    subscribed(system)
    card_behaves(system, THREE_D_SECURE)
    days_pass(system, 31 + 15.4)


def upgrade_refused(system: SubscriptionSystem) -> None:
    """While a renewal is open no plan is changed."""
    _failed(system)
    change_plan(system, PRO)
    days_pass(system, 1)


def another_empty_card(system: SubscriptionSystem) -> None:
    """Another card comes that is empty too: the days go on as they were."""
    _failed(system)
    update_card(system, ANOTHER_EMPTY)
    days_pass(system, 10.4)


STORIES: Mapping[str, Story] = {
    "dunned_and_recovered": Story(recovered, DUNNED, PAID_LATE),
    "dunned_without_webhooks": Story(recovered, DUNNED_BY_TIMERS, PAID_LATE),
    "dunned_and_given_up": Story(given_up, DUNNED, LOST_AT_LAST),
    "dunned_and_left_past_due": Story(given_up, PAUSED_AT_LAST, LAPSED.saying(EventType.DUNNING_GIVEN_UP)),
    "dunned_then_another_card": Story(another_card, DUNNED, PAID_LATE),
    "dunned_twice": Story(twice, DUNNED, LAPSED._replace(has_access=True).saying(EventType.DUNNING_RECOVERED)),
    "dunned_with_a_lost_card": Story(lost_card, DUNNED, PAID_LATE),
    "dunned_then_cancelled": Story(leaves, DUNNED, ENDED.saying(EventType.DUNNING_STOPPED)),
    "dunned_then_cancelled_with_a_debt": Story(leaves_a_debt, DUNNED, ENDED.saying(EventType.DUNNING_STOPPED)),
    "dunned_then_another_empty_card": Story(another_empty_card, DUNNED, LOST_AT_LAST),
    "dunned_over_a_renewal": Story(over_a_renewal, DUNNED_LONG, PAID_LATE),
    "dunned_and_paid_by_hand": Story(paid_by_hand, DUNNED, PAID_LATE),
    "dunned_and_asked_by_the_bank": Story(asked_by_the_bank, DUNNED, LOST_AT_LAST),
    "dunned_and_not_upgraded": Story(
        upgrade_refused, DUNNED, LAPSED._replace(has_access=True).saying(EventType.DUNNING_STARTED)
    ),
}
