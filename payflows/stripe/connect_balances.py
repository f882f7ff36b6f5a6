"""Balances and payouts on the official SDK. What is a vendor's is asked for as the vendor (`Stripe-Account`)."""

from __future__ import annotations

from datetime import datetime

import stripe

from payflows.marketplace.balances import Balance, BalanceTransaction
from payflows.marketplace.connect import StripePayout
from payflows.money import Money
from payflows.stripe.calls import MAX_ON_A_PAGE, all_of, ask
from payflows.stripe.connect_mapping import PAYOUT, balance_of, balance_transaction_of, payout_of
from payflows.stripe.errors import Asked

MOST_ENTRIES = 100_000
"""What a list of all that happened in some time may hold."""


class StripeBalances:
    """The part of a `MarketplaceGateway` that reads balances and pays vendors out.

    Args:
        client: the gateway's, with its connections and its key.
    """

    def __init__(self, client: stripe.StripeClient) -> None:
        self._balance = client.v1.balance
        self._balance_transactions = client.v1.balance_transactions
        self._payouts = client.v1.payouts

    async def retrieve_balance(self, account_id: str | None) -> Balance:
        """Read what an account holds."""
        call = self._balance.retrieve_async({}, _as(account_id))
        return await ask(Asked("retrieve_balance", account_id or "platform"), call, balance_of)

    async def retrieve_balance_transaction(
        self, account_id: str | None, *, balance_transaction_id: str
    ) -> BalanceTransaction:
        """Read one entry."""
        call = self._balance_transactions.retrieve_async(balance_transaction_id, {}, _as(account_id))
        return await ask(Asked("retrieve_balance_transaction", balance_transaction_id), call, balance_transaction_of)

    async def list_balance_transactions(
        self,
        account_id: str | None,
        *,
        created_from: datetime,
        created_before: datetime,
        source_id: str | None = None,
    ) -> tuple[BalanceTransaction, ...]:
        """All entries of that time, page by page."""
        wanted: stripe.params.BalanceTransactionListParams = {
            "created": {"gte": int(created_from.timestamp()), "lt": int(created_before.timestamp())},
            "limit": MAX_ON_A_PAGE,
        }
        if source_id is not None:
            wanted["source"] = source_id
        call = self._balance_transactions.list_async(wanted, _as(account_id))

        def read(found: list[stripe.BalanceTransaction]) -> tuple[BalanceTransaction, ...]:
            entries = (balance_transaction_of(one) for one in found)
            return tuple(entry for entry in entries if source_id in (None, entry.source_id))

        asked = Asked("list_balance_transactions", account_id or "platform")
        return await ask(asked, all_of(call, most=MOST_ENTRIES), read)

    async def create_payout(self, account_id: str, *, payout_id: str, amount: Money, key: str) -> StripePayout:
        """Send a part of a vendor's balance to the vendor's bank."""
        call = self._payouts.create_async(
            {"amount": amount.minor, "currency": amount.currency, "metadata": {PAYOUT: payout_id}},
            {"idempotency_key": key, "stripe_account": account_id},
        )
        return await ask(Asked("create_payout", account_id), call, payout_of)

    async def retrieve_payout(self, account_id: str, *, stripe_payout_id: str) -> StripePayout:
        """Read a payout."""
        call = self._payouts.retrieve_async(stripe_payout_id, {}, {"stripe_account": account_id})
        return await ask(Asked("retrieve_payout", stripe_payout_id), call, payout_of)

    async def list_payouts(self, account_id: str, *, created_from: datetime) -> tuple[StripePayout, ...]:
        """All payouts made since; what was taken from the vendor's bank is none."""
        wanted: stripe.params.PayoutListParams = {
            "created": {"gte": int(created_from.timestamp())},
            "limit": MAX_ON_A_PAGE,
        }
        call = self._payouts.list_async(wanted, {"stripe_account": account_id})

        def sent(found: list[stripe.Payout]) -> tuple[StripePayout, ...]:
            return tuple(payout_of(one) for one in found if one.amount > 0)

        return await ask(Asked("list_payouts", account_id), all_of(call, most=MOST_ENTRIES), sent)


def _as(account_id: str | None) -> stripe.RequestOptions:
    """Ask as a vendor, or as the platform (None)."""
    return {} if account_id is None else {"stripe_account": account_id}
