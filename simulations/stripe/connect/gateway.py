"""The `MarketplaceGateway` port of the simulated Stripe: each method is a call with its key and its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from payflows.kernel.ports import methods_of
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
from payflows.marketplace.gateway import MarketplaceGateway
from payflows.money import Money
from payflows.payments.model import CaptureMode, Payment

from simulations.stripe.connect.answers import Window
from simulations.stripe.connect.api import ConnectApi
from simulations.stripe.core.calls import Calls
from simulations.stripe.payments.settlement import RefundShares

CALLS = tuple(methods_of(MarketplaceGateway))
"""The calls of the port."""


class SimulatedMarketplaceGateway:
    """The port's methods, which only name what each call does.

    Args:
        calls: answers them.
        api: does their work.
    """

    def __init__(self, calls: Calls, api: ConnectApi) -> None:
        self._calls = calls
        self._make = calls.make
        self._api = api

    async def create_account(
        self, vendor_id: str, *, email: str, country: str, business_type: BusinessType, key: str
    ) -> StripeAccount:
        """POST /v1/accounts, express, with the vendor in the metadata."""
        params = (vendor_id, email, country, business_type)
        return await self._make("create_account", key, params, self._api.create_account)

    async def retrieve_account(self, account_id: str) -> StripeAccount:
        """GET /v1/accounts/:id."""
        return await self._make("retrieve_account", None, (account_id,), self._api.retrieve_account)

    async def list_accounts(self, *, vendor_id: str, created_from: datetime) -> tuple[StripeAccount, ...]:
        """GET /v1/accounts, by when they were made."""
        params = (vendor_id, _window(created_from))
        return await self._make("list_accounts", None, params, self._api.list_accounts)

    async def create_account_link(self, account_id: str, *, refresh_url: str, return_url: str) -> AccountLink:
        """POST /v1/account_links, without a key: each is another link."""
        params = (account_id, refresh_url, return_url)
        return await self._calls.make_without_key("create_account_link", params, self._api.create_account_link)

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
        """POST /v1/payment_intents, with `transfer_data`, or `transfer_group`."""
        params = (order_id, amount, split, capture, stripe_customer_id)
        return await self._make("create_split_payment", key, params, self._api.create_split_payment)

    async def retrieve_charge(self, charge_id: str) -> StripeCharge:
        """GET /v1/charges/:id."""
        return await self._make("retrieve_charge", None, (charge_id,), self._api.retrieve_charge)

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
        """POST /v1/refunds with `amount`, and who bears it."""
        params = (payment_id, order_id, purpose, amount, RefundShares(reverse_transfer, refund_application_fee))
        return await self._make("refund_part", key, params, self._api.refund_part)

    async def list_split_refunds(self, charge_id: str) -> tuple[SplitRefund, ...]:
        """GET /v1/refunds of the charge."""
        return await self._make("list_split_refunds", None, (charge_id,), self._api.list_split_refunds)

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
        """POST /v1/transfers."""
        params = (order_id, purpose, account_id, amount, charge_id, transfer_group)
        return await self._make("create_transfer", key, params, self._api.create_transfer)

    async def retrieve_transfer(self, transfer_id: str) -> Transfer:
        """GET /v1/transfers/:id."""
        return await self._make("retrieve_transfer", None, (transfer_id,), self._api.retrieve_transfer)

    async def list_transfers(self, transfer_group: str) -> tuple[Transfer, ...]:
        """GET /v1/transfers of a group."""
        return await self._make("list_transfers", None, (transfer_group,), self._api.list_transfers)

    async def reverse_transfer(self, transfer_id: str, *, purpose: str, amount: Money, key: str) -> TransferReversal:
        """POST /v1/transfers/:id/reversals."""
        return await self._make("reverse_transfer", key, (transfer_id, purpose, amount), self._api.reverse_transfer)

    async def list_reversals(self, transfer_id: str) -> tuple[TransferReversal, ...]:
        """GET /v1/transfers/:id/reversals."""
        return await self._make("list_reversals", None, (transfer_id,), self._api.list_reversals)

    async def retrieve_application_fee(self, fee_id: str) -> ApplicationFee:
        """GET /v1/application_fees/:id."""
        return await self._make("retrieve_application_fee", None, (fee_id,), self._api.retrieve_application_fee)

    async def refund_application_fee(
        self, fee_id: str, *, purpose: str, amount: Money, key: str
    ) -> ApplicationFeeRefund:
        """POST /v1/application_fees/:id/refunds."""
        params = (fee_id, purpose, amount)
        return await self._make("refund_application_fee", key, params, self._api.refund_application_fee)

    async def list_application_fee_refunds(self, fee_id: str) -> tuple[ApplicationFeeRefund, ...]:
        """GET /v1/application_fees/:id/refunds."""
        return await self._make("list_application_fee_refunds", None, (fee_id,), self._api.list_application_fee_refunds)

    async def retrieve_balance(self, account_id: str | None) -> Balance:
        """GET /v1/balance."""
        return await self._make("retrieve_balance", None, (account_id,), self._api.retrieve_balance)

    async def retrieve_balance_transaction(
        self, account_id: str | None, *, balance_transaction_id: str
    ) -> BalanceTransaction:
        """GET /v1/balance_transactions/:id."""
        params = (account_id, balance_transaction_id)
        return await self._make("retrieve_balance_transaction", None, params, self._api.retrieve_balance_transaction)

    async def list_balance_transactions(
        self,
        account_id: str | None,
        *,
        created_from: datetime,
        created_before: datetime,
        source_id: str | None = None,
    ) -> tuple[BalanceTransaction, ...]:
        """GET /v1/balance_transactions, by when they were made."""
        params = (account_id, _window(created_from, created_before), source_id)
        return await self._make("list_balance_transactions", None, params, self._api.list_balance_transactions)

    async def create_payout(self, account_id: str, *, payout_id: str, amount: Money, key: str) -> StripePayout:
        """POST /v1/payouts, as the account."""
        params = (account_id, payout_id, amount)
        return await self._make("create_payout", scoped_key(account_id, key), params, self._api.create_payout)

    async def retrieve_payout(self, account_id: str, *, stripe_payout_id: str) -> StripePayout:
        """GET /v1/payouts/:id, as the account."""
        return await self._make("retrieve_payout", None, (account_id, stripe_payout_id), self._api.retrieve_payout)

    async def list_payouts(self, account_id: str, *, created_from: datetime) -> tuple[StripePayout, ...]:
        """GET /v1/payouts, as the account."""
        return await self._make("list_payouts", None, (account_id, _window(created_from)), self._api.list_payouts)

    async def retrieve_dispute(self, dispute_id: str) -> StripeDispute:
        """GET /v1/disputes/:id."""
        return await self._make("retrieve_dispute", None, (dispute_id,), self._api.retrieve_dispute)

    async def submit_evidence(self, dispute_id: str, *, evidence: Mapping[str, str], key: str) -> StripeDispute:
        """POST /v1/disputes/:id with `evidence` and `submit`."""
        return await self._make("submit_evidence", key, (dispute_id, dict(evidence)), self._api.submit_evidence)

    async def accept_dispute(self, dispute_id: str, *, key: str) -> StripeDispute:
        """POST /v1/disputes/:id/close."""
        return await self._make("accept_dispute", key, (dispute_id,), self._api.accept_dispute)


def scoped_key(account_id: str, key: str) -> str:
    """Return a key as it is kept for a call that is made as a vendor: each account has its keys to itself."""
    return f"{account_id}/{key}"


def _window(begins: datetime, ends: datetime | None = None) -> Window:
    return Window(int(begins.timestamp()), None if ends is None else int(ends.timestamp()))
