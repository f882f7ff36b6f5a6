"""A simulated Stripe that bills calls by use, and what it has made of reports."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.money import Money
from simulations.stripe.billing.metering import UsageStanding
from simulations.stripe.billing.settings import BillingMode, BillingSettings
from tests.billing_fixture import ADA, BillingFixture

USAGE, OTHER = "price_usage", "price_other"
COUNTED = 10
"""After how many seconds a report is counted."""

WAITING, BILLED = UsageStanding.WAITING, UsageStanding.BILLED
LATE, UNBILLED = UsageStanding.LATE, UsageStanding.UNBILLED


def account_in(mode: BillingMode = BillingMode.FLEXIBLE) -> BillingFixture:
    """An account that bills calls at 0.25 USD, or at 0.75."""
    account = BillingFixture(settings=BillingSettings(billing_mode=mode))
    account.stripe.add_meter("calls")
    for price_id, minor in ((USAGE, 25), (OTHER, 75)):
        account.stripe.add_price(price_id, product="pro", amount=Money(minor, "usd"), interval="month", meter="calls")
    return account


def standings(account: BillingFixture) -> Mapping[str, str]:
    return {record.usage.id: record.standing for record in account.stripe.usage_of(ADA, "calls")}


def used(account: BillingFixture, quantity: int, usage_id: str = "u") -> None:
    """Use something, and wait until it is counted."""
    account.use(quantity, usage_id=usage_id)
    account.pass_time(COUNTED)
