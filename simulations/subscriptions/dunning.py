"""How renewals that failed are collected: cards that refill, cards that do not, and customers who come or go."""

from __future__ import annotations

from contextlib import suppress

from payflows.errors import CallRejected, PaymentDeclined
from payflows.subscriptions.policy import CancelPolicy, OpenInvoices

from simulations.subscriptions.catalogue import MASTERCARD, PRO, THREE_D_SECURE, VISA
from simulations.subscriptions.signing_up import subscribed
from simulations.subscriptions.system import SubscriptionSystem
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
