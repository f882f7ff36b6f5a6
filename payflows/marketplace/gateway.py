"""Stripe as a marketplace sees it: the port to vendors' accounts, their shares of payments, and their payouts.

Buyers' money is collected through `payflows.payments`: what is charged here is a payment intent, which the
`PaymentGateway` confirms, captures, cancels and reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from payflows.kernel.ports import moves, reads, searches, writes
from payflows.marketplace.balances import Balance, BalanceTransaction, StripeDispute
from payflows.marketplace.connect import (
    AccountLink,
    ApplicationFee,
    ApplicationFeeRefund,
    BusinessType,
    Split,
    SplitRefund,
    StripeAccount,
    StripeCharge,
    StripePayout,
    Transfer,
    TransferReversal,
)
from payflows.money import Money
from payflows.payments.model import CaptureMode, Payment


class MarketplaceGateway(Protocol):
    """Stripe Connect, as far as a marketplace needs it.

    Besides `PortError` every call may raise `CallRejected`; of an account that is closed or not ours its code is
    `ACCOUNT_INVALID`. An answer classifies its call: how an object stands is read by its stored id. What moves money
    for an order names it and its purpose, in our words, in its metadata, so that it is found again after a doubt.
    """

    # Accounts

    @writes
    async def create_account(
        self, vendor_id: str, *, email: str, country: str, business_type: BusinessType, key: str
    ) -> StripeAccount:
        """Make an express account for a vendor, whom its metadata name.

        The capabilities `transfers` and `card_payments` are requested, and its balance is paid out only when we ask
        (a manual schedule). What it owes Stripe takes from the platform, and not from its owner's bank.
        """
        ...

    @reads
    async def retrieve_account(self, account_id: str) -> StripeAccount:
        """Read an account."""
        ...

    @searches
    async def list_accounts(self, *, vendor_id: str, created_from: datetime) -> tuple[StripeAccount, ...]:
        """Accounts made since that moment whose metadata name the vendor, newest first.

        Stripe has no search of accounts: all that were made since are read, page by page.
        """
        ...

    @writes
    async def create_account_link(self, account_id: str, *, refresh_url: str, return_url: str) -> AccountLink:
        """Make a link to Stripe's form, for one visit; a new one may be made at any time.

        Args:
            account_id: whose form it is.
            refresh_url: where Stripe sends the vendor whose link has ended: it is to make another one.
            return_url: where the vendor comes back to, done or not.
        """
        ...

    # Payments

    @writes
    async def create_split_payment(
        self,
        order_id: str,
        *,
        amount: Money,
        split: Split,
        capture: CaptureMode,
        stripe_customer_id: str | None,
        key: str,
    ) -> Payment:
        """Make the order's payment intent, unconfirmed, and say who it is for: it moves no money.

        The order is the `transfer_group` of a destination charge.
        Rejected with `TRANSFERS_INACTIVE` where the vendor of a destination charge may not be sent money.
        """
        ...

    @reads
    async def retrieve_charge(self, charge_id: str) -> StripeCharge:
        """Read a charge: what it did to the platform's balance, and of a destination charge its transfer and fee."""
        ...

    @moves
    async def refund_part(
        self,
        payment_id: str,
        *,
        order_id: str,
        purpose: str,
        amount: Money,
        reverse_transfer: bool,
        refund_application_fee: bool,
        key: str,
    ) -> SplitRefund:
        """Give the buyer a part back, or the whole, from the platform's balance.

        Args:
            payment_id: the payment.
            order_id: whose it is.
            purpose: what it is for, in our words, once in an order.
            amount: how much the buyer gets.
            reverse_transfer: of a destination charge, take the same share of the transfer back.
            refund_application_fee: give the same share of the fee back to the vendor; only with the former, and only
                where there was a fee: else it is rejected.
            key: the idempotency key.
        """
        ...

    @searches
    async def list_split_refunds(self, charge_id: str) -> tuple[SplitRefund, ...]:
        """All refunds of the charge, newest first, those of the dashboard too."""
        ...

    # Transfers

    @moves
    async def create_transfer(
        self,
        order_id: str,
        *,
        purpose: str,
        account_id: str,
        amount: Money,
        charge_id: str | None,
        transfer_group: str,
        key: str,
    ) -> Transfer:
        """Send a vendor a share.

        Rejected with `TRANSFERS_INACTIVE`, or with `BALANCE_INSUFFICIENT` where the platform's available balance is
        short.

        Args:
            order_id: for which order.
            purpose: what it is for, in our words, once in an order and account.
            account_id: the vendor's.
            amount: how much.
            charge_id: the charge whose money it is, as far as that goes; it waits for that money to be available. None:
                it is paid from what is available now.
            transfer_group: joins it with its charge; must be the charge's.
            key: the idempotency key.
        """
        ...

    @reads
    async def retrieve_transfer(self, transfer_id: str) -> Transfer:
        """Read a transfer."""
        ...

    @searches
    async def list_transfers(self, transfer_group: str) -> tuple[Transfer, ...]:
        """All transfers of a group, newest first."""
        ...

    @moves
    async def reverse_transfer(self, transfer_id: str, *, purpose: str, amount: Money, key: str) -> TransferReversal:
        """Take a part of a transfer back, from the vendor's available balance, or the platform's reserve for it.

        Rejected with `BALANCE_INSUFFICIENT` where both are short.
        """
        ...

    @searches
    async def list_reversals(self, transfer_id: str) -> tuple[TransferReversal, ...]:
        """All reversals of a transfer, newest first, those that refunds have made too."""
        ...

    # Application fees

    @reads
    async def retrieve_application_fee(self, fee_id: str) -> ApplicationFee:
        """Read a fee."""
        ...

    @moves
    async def refund_application_fee(
        self, fee_id: str, *, purpose: str, amount: Money, key: str
    ) -> ApplicationFeeRefund:
        """Give a part of a fee back to the vendor."""
        ...

    @searches
    async def list_application_fee_refunds(self, fee_id: str) -> tuple[ApplicationFeeRefund, ...]:
        """All refunds of a fee, newest first, those that refunds of the payment have made too."""
        ...

    # Balances. The account None is the platform.

    @reads
    async def retrieve_balance(self, account_id: str | None) -> Balance:
        """Read what an account holds."""
        ...

    @reads
    async def retrieve_balance_transaction(
        self, account_id: str | None, *, balance_transaction_id: str
    ) -> BalanceTransaction:
        """Read one entry of an account's balance: its fee, and when it is available."""
        ...

    @searches
    async def list_balance_transactions(
        self,
        account_id: str | None,
        *,
        created_from: datetime,
        created_before: datetime,
        source_id: str | None = None,
    ) -> tuple[BalanceTransaction, ...]:
        """All entries of an account's balance made in that time, newest first; those of one object, if given."""
        ...

    # Payouts

    @moves
    async def create_payout(self, account_id: str, *, payout_id: str, amount: Money, key: str) -> StripePayout:
        """Send a part of a vendor's available balance to the vendor's bank; our id is in its metadata.

        Rejected with `BALANCE_INSUFFICIENT`, or with `PAYOUTS_NOT_ALLOWED`.
        """
        ...

    @reads
    async def retrieve_payout(self, account_id: str, *, stripe_payout_id: str) -> StripePayout:
        """Read a payout."""
        ...

    @searches
    async def list_payouts(self, account_id: str, *, created_from: datetime) -> tuple[StripePayout, ...]:
        """All payouts of a vendor made since that moment, newest first, those of Stripe's schedule too."""
        ...

    # Disputes

    @reads
    async def retrieve_dispute(self, dispute_id: str) -> StripeDispute:
        """Read a dispute, with what it did to the platform's balance."""
        ...

    @writes
    async def submit_evidence(self, dispute_id: str, *, evidence: Mapping[str, str], key: str) -> StripeDispute:
        """Give the buyer's bank our evidence, by the names of Stripe's fields, and submit it: there is one try."""
        ...

    @moves
    async def accept_dispute(self, dispute_id: str, *, key: str) -> StripeDispute:
        """Accept that it is lost. Irreversible."""
        ...
