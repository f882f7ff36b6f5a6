"""A simulated platform on a clock moved by hand, and its vendors; every call returns its result."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

from payflows.errors import CallRejected
from payflows.marketplace.balances import Balance, StripeDispute
from payflows.marketplace.connect import StripeAccount, StripeCharge, Transfer
from payflows.testing.gateway_vendor import Vendor
from simulations.stripe import ConnectSettings, HandClock, SimulatedStripe
from simulations.stripe.core.times import DAY

T = TypeVar("T")

MONDAY = datetime(2026, 1, 5, 12, tzinfo=UTC)


class ConnectFixture:
    """A platform's simulated Stripe, and ours who ask it."""

    def __init__(self, *, start: datetime = MONDAY, **settings: Any) -> None:  # ConnectSettings' own
        self.clock = HandClock(start)
        self.stripe = SimulatedStripe(self.clock, connect=ConnectSettings(**settings))
        self.vendor = self.new_vendor("vendor-1")

    def new_vendor(self, vendor_id: str, currency: str = "usd") -> Vendor:
        return Vendor(
            payments=self.stripe,
            connect=self.stripe,
            vendor_id=vendor_id,
            onboard=self.stripe.submit_requirements,
            currency=currency,
        )

    def run(self, call: Coroutine[Any, Any, T]) -> T:
        return self.clock.run(call)

    def pass_days(self, days: float) -> None:
        self.clock.pass_time(days * DAY)

    def joined(self, vendor: Vendor | None = None) -> StripeAccount:
        return self.run((vendor or self.vendor).joined())

    def sold_for(self, account: StripeAccount, minor: int = 10_000, fee_minor: int = 1_000) -> StripeCharge:
        return self.run(self.vendor.sold_for(account.id, minor, fee_minor))

    def sold_in_group(self, minor: int = 10_000) -> StripeCharge:
        return self.run(self.vendor.sold_in_group(minor=minor))

    def sent(self, account: StripeAccount, minor: int = 6_000) -> Transfer:
        """A share of a new separate charge."""
        return self.run(self.vendor.send(account.id, minor, self.sold_in_group().id))

    def held(self, account: StripeAccount | None) -> tuple[int, int]:
        return self.run(self.vendor.held(account.id if account else None))

    def balance(self, account: StripeAccount | None = None) -> Balance:
        return self.run(self.stripe.retrieve_balance(account.id if account else None))

    def account(self, account: StripeAccount) -> StripeAccount:
        return self.run(self.stripe.retrieve_account(account.id))

    def dispute_of(self, charge: StripeCharge) -> StripeDispute:
        [dispute] = self.run(self.stripe.list_disputes(charge.payment_id))
        return self.run(self.stripe.retrieve_dispute(dispute.id))

    def rejected(self, call: Coroutine[Any, Any, object]) -> CallRejected:
        return self.run(self.vendor.rejected(call))
