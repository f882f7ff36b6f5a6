"""What a subscription is given, checked before anything is stored or called; and the id that is derived from it."""

from __future__ import annotations

from hashlib import blake2b

from payflows.checks import instance_of, whole_number
from payflows.errors import InvalidSubscription
from payflows.parties import Actor, Customer, Merchant
from payflows.payments.input import check_payment_method, check_return_url
from payflows.subscriptions.plans import Plan

MAX_TRIAL_DAYS = 730
"""Stripe's limit: a trial ends at most two years after the anchor of the billing cycle."""


def subscription_id_of(merchant: Merchant, customer: Customer, signup_id: str) -> str:
    """Return the id of a sign-up's subscription: derived, so that a repeat finds the same one."""
    # Lengths keep the parts apart: no two sign-ups share a name.
    name = "".join(f"{len(part)}:{part}" for part in (merchant.id, customer.id, signup_id))
    return "subs_" + blake2b(name.encode(), digest_size=10).hexdigest()


def check_subscriber(customer: Customer) -> None:
    """Raise `InvalidSubscription` unless it is a customer whom Stripe knows."""
    instance_of("the customer of a subscription", customer, Customer, error=InvalidSubscription)
    if customer.stripe_customer_id is None:
        raise InvalidSubscription("a subscriber needs a stripe_customer_id: Stripe keeps cards and invoices by it")


def check_terms(plan: Plan, *, seats: int, trial_days: int, payment_method: str | None) -> None:
    """Raise `InvalidSubscription` unless a plan can be had so."""
    whole_number("seats", seats, least=1, most=plan.max_seats, error=InvalidSubscription)
    whole_number("trial_days", trial_days, most=MAX_TRIAL_DAYS, error=InvalidSubscription)
    if payment_method is None and not trial_days:
        raise InvalidSubscription("a payment_method is needed, unless the subscription begins with a trial")


def check_card(payment_method: str | None, return_url: str | None) -> None:
    """Raise `InvalidSubscription` unless it is Stripe's id of a card, or none, and a page to come back to."""
    if payment_method is not None:
        check_payment_method(payment_method, error=InvalidSubscription)
    check_return_url(return_url, error=InvalidSubscription)


def check_request(actor: Actor, subscription_id: str) -> None:
    """Raise `InvalidSubscription` unless a customer or a merchant asks about a subscription."""
    instance_of("actor", actor, Customer, Merchant, error=InvalidSubscription)
    instance_of("subscription_id", subscription_id, str, error=InvalidSubscription)
