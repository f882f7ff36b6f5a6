"""The HTTP endpoints of balances and payouts, which may be asked for as a vendor. What they do is in `api`."""

from __future__ import annotations

from collections.abc import Mapping

from simulations.stripe.connect.endpoints import (
    CREATED_BEFORE,
    CREATED_FROM,
    OF_A_LIST,
    find_account,
    list_of,
    window_of,
)
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.events import Json
from simulations.stripe.http.endpoints import ACCOUNT, Endpoint, Params, list_page, money_of
from simulations.stripe.simulated import SimulatedStripe

_BALANCE, _ENTRIES, _PAYOUTS = "/v1/balance", "/v1/balance_transactions", "/v1/payouts"
_PAYOUT = "metadata[payout_id]"


def _retrieve_balance(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    balance = stripe.connect.api.retrieve_balance(params.get(ACCOUNT))

    def shown(part: Mapping[str, int]) -> list[Json]:
        return [{"amount": minor, "currency": currency, "source_types": {}} for currency, minor in part.items()]

    return {
        "object": "balance",
        "available": shown(balance.available),
        "connect_reserved": shown(balance.connect_reserved),
        "livemode": False,
        "pending": shown(balance.pending),
    }


def _retrieve_entry(stripe: SimulatedStripe, entry_id: str, params: Params) -> Json:
    book = stripe.connect.api.book_of(params.get(ACCOUNT))
    return book.find(entry_id).to_stripe(stripe.account.seconds())


def _list_entries(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    newest_first = stripe.connect.api.entries(params.get(ACCOUNT), window_of(params), params.get("source"))
    now = stripe.account.seconds()
    return list_page(_ENTRIES, [entry.to_stripe(now) for entry in newest_first], params)


def _create_payout(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    account_id, amount = _account_of(params), money_of(params, "amount", params["currency"])
    stripe.connect.api.create_payout(account_id, params[_PAYOUT], amount)
    return find_account(stripe, account_id).payouts[-1].to_stripe()


def _retrieve_payout(stripe: SimulatedStripe, stripe_payout_id: str, params: Params) -> Json:
    account = find_account(stripe, _account_of(params))
    return stripe.connect.rules.payout(account, stripe_payout_id).to_stripe()


def _list_payouts(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    payouts, window = find_account(stripe, _account_of(params)).payouts, window_of(params)
    return list_of(_PAYOUTS, (each.to_stripe() for each in payouts if window.holds(each.created)), params)


def _account_of(params: Params) -> str:
    if ACCOUNT not in params:
        raise InvalidRequest("Payouts of the platform's own balance are made in the dashboard here.")
    return params[ACCOUNT]


ENDPOINTS: Mapping[str, Endpoint] = {
    "retrieve_balance": Endpoint("GET", _BALANCE, _retrieve_balance, may=(ACCOUNT,)),
    "retrieve_balance_transaction": Endpoint("GET", f"{_ENTRIES}/{{entry}}", _retrieve_entry, may=(ACCOUNT,)),
    "list_balance_transactions": Endpoint(
        "GET", _ENTRIES, _list_entries, may=(ACCOUNT, CREATED_FROM, CREATED_BEFORE, "source", *OF_A_LIST)
    ),
    "create_payout": Endpoint("POST", _PAYOUTS, _create_payout, needs=("amount", "currency", _PAYOUT), may=(ACCOUNT,)),
    "retrieve_payout": Endpoint("GET", f"{_PAYOUTS}/{{payout}}", _retrieve_payout, may=(ACCOUNT,)),
    "list_payouts": Endpoint("GET", _PAYOUTS, _list_payouts, may=(ACCOUNT, CREATED_FROM, *OF_A_LIST)),
}
