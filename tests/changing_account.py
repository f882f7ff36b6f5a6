"""A simulated Stripe that also sells a dearer price, and a subscription in the middle of its period."""

from __future__ import annotations

from datetime import datetime, timedelta

from payflows.money import Money
from simulations.stripe import BillingSettings
from simulations.stripe.billing.subscriptions import Subscription
from tests.billing_fixture import ADA, START, BillingFixture, latest_of

HALF = timedelta(days=15.5)
"""Of the period of 31 days."""

MAX = "price_max"
"""Twice the usual price."""


def account_with(settings: BillingSettings | None = None) -> BillingFixture:
    account = BillingFixture(settings=settings or BillingSettings())
    account.stripe.add_price(MAX, product="max", amount=Money(6000, "usd"), interval="month")
    return account


def halfway(account: BillingFixture, subscription: Subscription) -> datetime:
    moment = START + HALF
    account.pass_until(moment)
    return moment


def amounts(subscription: Subscription) -> list[int]:
    return [line.amount for line in latest_of(subscription).lines]


def balance(account: BillingFixture) -> int:
    return account.stripe.customer(ADA).balance
