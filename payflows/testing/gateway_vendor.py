"""A vendor of a marketplace's gateway, any gateway, in short words. Every call has its own key unless given one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from payflows.errors import CallRejected
from payflows.marketplace.balances import BalanceTransaction
from payflows.marketplace.connect import (
    ApplicationFeeRefund,
    BusinessType,
    DestinationCharge,
    SeparateCharge,
    Split,
    SplitRefund,
    StripeAccount,
    StripeCharge,
    StripePayout,
    Transfer,
    TransferReversal,
)
from payflows.marketplace.gateway import MarketplaceGateway
from payflows.money import Money
from payflows.payments.gateway import PaymentGateway
from payflows.payments.model import CaptureMode, Payment
from payflows.testing.gateway_customer import VISA
from payflows.testing.gateway_subscriber import PassTime

LONG_AGO, FAR_AHEAD = datetime(2001, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """A new vendor of a platform, and orders of ours for them. Keys begin with its id.

    Attributes:
        payments: the gateway that confirms and reads what is charged.
        connect: the gateway that is checked.
        vendor_id: our vendor, whom this gateway has never seen.
        onboard: fills Stripe's form in, as the vendor does.
        pass_time: lets time pass.
        currency: the vendor's.
    """

    payments: PaymentGateway
    connect: MarketplaceGateway
    vendor_id: str
    onboard: Callable[[str], None] | None = None
    pass_time: PassTime | None = None
    currency: str = "usd"
    _numbers: count[int] = field(default_factory=lambda: count(1), repr=False)

    def new_key(self) -> str:
        """Return a key, or an order, that was not used before."""
        return f"{self.vendor_id}:{next(self._numbers)}"

    def money(self, minor: int) -> Money:
        """Return an amount in the vendor's currency."""
        return Money(minor, self.currency)

    async def join(self, *, key: str | None = None) -> StripeAccount:
        """Make the vendor's account."""
        return await self.connect.create_account(
            self.vendor_id,
            email="vendor@example.com",
            country="US",
            business_type=BusinessType.COMPANY,
            key=key or self.new_key(),
        )

    async def joined(self) -> StripeAccount:
        """Make the vendor's account, and have it enabled."""
        account = await self.join()
        assert self.onboard is not None, "this gateway cannot onboard"
        self.onboard(account.id)
        return await self.connect.retrieve_account(account.id)

    async def charge(self, split: Split, minor: int = 10_000, *, key: str | None = None) -> Payment:
        """Make a payment, unconfirmed."""
        return await self.connect.create_split_payment(
            self.new_key(),
            amount=self.money(minor),
            split=split,
            capture=CaptureMode.AUTOMATIC,
            stripe_customer_id=None,
            key=key or self.new_key(),
        )

    async def sold(self, split: Split, minor: int = 10_000, card: str = VISA) -> StripeCharge:
        """Make a payment, and pay it."""
        made = await self.charge(split, minor)
        paid = await self.payments.confirm_payment(made.id, payment_method=card, key=self.new_key())
        assert paid.charge_id is not None, "it was charged"
        return await self.connect.retrieve_charge(paid.charge_id)

    async def sold_for(self, account_id: str, minor: int = 10_000, fee_minor: int = 1_000) -> StripeCharge:
        """Sell something of the vendor's."""
        return await self.sold(DestinationCharge(account_id, self.money(fee_minor)), minor)

    async def sold_in_group(self, group: str = "group-1", minor: int = 10_000) -> StripeCharge:
        """Sell something whose money is to be transferred."""
        return await self.sold(SeparateCharge(group), minor)

    async def send(
        self,
        account_id: str,
        minor: int,
        charge_id: str | None,
        *,
        group: str = "group-1",
        key: str | None = None,
    ) -> Transfer:
        """Send the vendor a share."""
        return await self.connect.create_transfer(
            "order-1",
            purpose="sale",
            account_id=account_id,
            amount=self.money(minor),
            charge_id=charge_id,
            transfer_group=group,
            key=key or self.new_key(),
        )

    async def take_back(self, transfer_id: str, minor: int, *, key: str | None = None) -> TransferReversal:
        """Take a part of a transfer back."""
        return await self.connect.reverse_transfer(
            transfer_id, purpose="refund-1", amount=self.money(minor), key=key or self.new_key()
        )

    async def refund(
        self,
        payment_id: str,
        minor: int,
        *,
        reverse: bool = False,
        fee: bool = False,
        purpose: str = "refund-1",
        key: str | None = None,
    ) -> SplitRefund:
        """Give the buyer a part back."""
        return await self.connect.refund_part(
            payment_id,
            order_id="order-1",
            purpose=purpose,
            amount=self.money(minor),
            reverse_transfer=reverse,
            refund_application_fee=fee,
            key=key or self.new_key(),
        )

    async def refund_fee(self, fee_id: str, minor: int, *, key: str | None = None) -> ApplicationFeeRefund:
        """Give the vendor a part of the fee back."""
        return await self.connect.refund_application_fee(
            fee_id, purpose="goodwill", amount=self.money(minor), key=key or self.new_key()
        )

    async def pay_out(self, account_id: str, minor: int, *, key: str | None = None) -> StripePayout:
        """Send the vendor's money to the vendor's bank."""
        return await self.connect.create_payout(
            account_id, payout_id="payout-1", amount=self.money(minor), key=key or self.new_key()
        )

    async def held(self, account_id: str | None) -> tuple[int, int]:
        """Return what is available, and what is pending."""
        balance = await self.connect.retrieve_balance(account_id)
        return balance.available.get(self.currency, 0), balance.pending.get(self.currency, 0)

    async def entries(self, account_id: str | None, source_id: str | None = None) -> tuple[BalanceTransaction, ...]:
        """Return all entries of a balance, newest first."""
        return await self.connect.list_balance_transactions(
            account_id, created_from=LONG_AGO, created_before=FAR_AHEAD, source_id=source_id
        )

    async def pass_days(self, days: int) -> None:
        """Let days pass."""
        assert self.pass_time is not None, "time cannot pass here"
        await self.pass_time(timedelta(days=days))

    async def rejected(self, call: Awaitable[object]) -> CallRejected:
        """Return how a call is rejected."""
        try:
            await call
        except CallRejected as rejected:
            return rejected
        raise AssertionError("the call was not rejected")
