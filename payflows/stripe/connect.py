"""Stripe Connect as a marketplace sees it, on the official SDK: accounts, split payments and disputes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast

import stripe

from payflows.marketplace.balances import StripeDispute
from payflows.marketplace.connect import (
    AccountLink,
    BusinessType,
    DestinationCharge,
    Split,
    SplitRefund,
    StripeAccount,
    StripeCharge,
)
from payflows.money import Money
from payflows.payments.model import CaptureMode, Payment
from payflows.stripe.calls import MAX_ON_A_PAGE, all_of, ask
from payflows.stripe.connect_balances import MOST_ENTRIES, StripeBalances
from payflows.stripe.connect_mapping import (
    ORDER,
    PURPOSE,
    VENDOR,
    account_of,
    charge_of,
    link_of,
    split_refund_of,
    stripe_dispute_of,
)
from payflows.stripe.connect_transfers import StripeTransfers
from payflows.stripe.errors import Asked
from payflows.stripe.mapping import payment_of, text_in


class StripeConnect(StripeTransfers, StripeBalances):
    """A `MarketplaceGateway` on Stripe's test mode or on stripe-mock; `StripeGateway.connect` is one.

    Like the gateway it repeats nothing.

    Args:
        client: the gateway's, with its connections and its key.
    """

    def __init__(self, client: stripe.StripeClient) -> None:
        StripeTransfers.__init__(self, client)
        StripeBalances.__init__(self, client)
        self._accounts = client.v1.accounts
        self._account_links = client.v1.account_links
        self._payments = client.v1.payment_intents
        self._charges = client.v1.charges
        self._refunds = client.v1.refunds
        self._disputes = client.v1.disputes

    # Accounts

    async def create_account(
        self, vendor_id: str, *, email: str, country: str, business_type: BusinessType, key: str
    ) -> StripeAccount:
        """Make an express account, which is paid out when we ask and whose owner's bank is never debited."""
        call = self._accounts.create_async(
            {
                "type": "express",
                "email": email,
                "country": country,
                "business_type": business_type.value,
                "capabilities": {"transfers": {"requested": True}, "card_payments": {"requested": True}},
                "settings": {"payouts": {"debit_negative_balances": False, "schedule": {"interval": "manual"}}},
                "metadata": {VENDOR: vendor_id},
            },
            {"idempotency_key": key},
        )
        return await ask(Asked("create_account", vendor_id), call, account_of)

    async def retrieve_account(self, account_id: str) -> StripeAccount:
        """Read an account."""
        call = self._accounts.retrieve_async(account_id)
        return await ask(Asked("retrieve_account", account_id), call, account_of)

    async def list_accounts(self, *, vendor_id: str, created_from: datetime) -> tuple[StripeAccount, ...]:
        """Accounts whose metadata name the vendor, among all that were made since."""
        created = int(created_from.timestamp())
        call = self._accounts.list_async({"created": {"gte": created}, "limit": MAX_ON_A_PAGE})

        def ours(found: list[stripe.Account]) -> tuple[StripeAccount, ...]:
            named = [account_of(one) for one in found if text_in(one.metadata, VENDOR) == vendor_id]
            return tuple(sorted(named, key=lambda account: account.created_at, reverse=True))

        return await ask(Asked("list_accounts", vendor_id), all_of(call, most=MOST_ENTRIES), ours)

    async def create_account_link(self, account_id: str, *, refresh_url: str, return_url: str) -> AccountLink:
        """Make a link to Stripe's form; without a key, for each is another one."""
        call = self._account_links.create_async(
            {
                "account": account_id,
                "refresh_url": refresh_url,
                "return_url": return_url,
                "type": "account_onboarding",
            }
        )
        return await ask(Asked("create_account_link", account_id), call, link_of)

    # Payments

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
        """Make the order's payment intent, unconfirmed, and say who it is for."""
        wanted: stripe.params.PaymentIntentCreateParams = {
            "amount": amount.minor,
            "currency": amount.currency,
            "capture_method": capture.value,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": {ORDER: order_id},
            "expand": ["latest_charge"],
        }
        if isinstance(split, DestinationCharge):
            wanted |= {"transfer_data": {"destination": split.account_id}, "transfer_group": order_id}
            if split.application_fee.minor:
                wanted["application_fee_amount"] = split.application_fee.minor
        else:
            wanted["transfer_group"] = split.transfer_group
        if stripe_customer_id is not None:
            wanted["customer"] = stripe_customer_id
        call = self._payments.create_async(wanted, {"idempotency_key": key})
        return await ask(Asked("create_split_payment", order_id), call, payment_of)

    async def retrieve_charge(self, charge_id: str) -> StripeCharge:
        """Read a charge."""
        return await ask(Asked("retrieve_charge", charge_id), self._charges.retrieve_async(charge_id), charge_of)

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
        """Give the buyer a part back, and say who bears it."""
        wanted: stripe.params.RefundCreateParams = {
            "payment_intent": payment_id,
            "amount": amount.minor,
            "metadata": {ORDER: order_id, PURPOSE: purpose},
        }
        if reverse_transfer:
            wanted["reverse_transfer"] = True
        if refund_application_fee:
            wanted["refund_application_fee"] = True
        call = self._refunds.create_async(wanted, {"idempotency_key": key})
        return await ask(Asked("refund_part", payment_id), call, split_refund_of)

    async def list_split_refunds(self, charge_id: str) -> tuple[SplitRefund, ...]:
        """All refunds of the charge; what is of another one is not believed."""
        call = self._refunds.list_async({"charge": charge_id, "limit": MAX_ON_A_PAGE})

        def of_the_charge(found: list[stripe.Refund]) -> tuple[SplitRefund, ...]:
            its_own = [one for one in found if one.charge == charge_id]
            return tuple(split_refund_of(one) for one in its_own)

        return await ask(Asked("list_split_refunds", charge_id), all_of(call), of_the_charge)

    # Disputes

    async def retrieve_dispute(self, dispute_id: str) -> StripeDispute:
        """Read a dispute."""
        call = self._disputes.retrieve_async(dispute_id)
        return await ask(Asked("retrieve_dispute", dispute_id), call, stripe_dispute_of)

    async def submit_evidence(self, dispute_id: str, *, evidence: Mapping[str, str], key: str) -> StripeDispute:
        """Submit evidence, by the names of Stripe's fields."""
        named = cast("stripe.params.DisputeUpdateParamsEvidence", dict(evidence))
        call = self._disputes.update_async(dispute_id, {"evidence": named, "submit": True}, {"idempotency_key": key})
        return await ask(Asked("submit_evidence", dispute_id), call, stripe_dispute_of)

    async def accept_dispute(self, dispute_id: str, *, key: str) -> StripeDispute:
        """Accept that it is lost."""
        call = self._disputes.close_async(dispute_id, {}, {"idempotency_key": key})
        return await ask(Asked("accept_dispute", dispute_id), call, stripe_dispute_of)
