"""The HTTP endpoints of accounts, split payments, transfers, fees and disputes. What they do is in `api`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from payflows.marketplace.connect import BusinessType

from simulations.stripe.connect.accounts import ConnectedAccount
from simulations.stripe.connect.answers import Window
from simulations.stripe.connect.transfers import ApplicationFee, Transfer
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.events import Json
from simulations.stripe.http.endpoints import (
    EXPAND,
    Endpoint,
    Params,
    list_page,
    money_of,
    only,
    timestamp_of,
    truth_of,
)
from simulations.stripe.payments.endpoints import CREATED_WITH, capture_of, shown_intent
from simulations.stripe.payments.objects import Charge
from simulations.stripe.payments.refunds_and_disputes import Dispute
from simulations.stripe.payments.settlement import RefundShares
from simulations.stripe.payments.splits import IntentSplit
from simulations.stripe.simulated import SimulatedStripe

_ACCOUNTS, _TRANSFERS, _FEES = "/v1/accounts", "/v1/transfers", "/v1/application_fees"
_INTENTS, _REFUNDS, _DISPUTES = "/v1/payment_intents", "/v1/refunds", "/v1/disputes"
_REVERSALS, _FEE_REFUNDS = f"{_TRANSFERS}/{{transfer}}/reversals", f"{_FEES}/{{fee}}/refunds"
_VENDOR, _ORDER, _PURPOSE = "metadata[vendor_id]", "metadata[order_id]", "metadata[purpose]"
_DESTINATION, _GROUP, _FEE = "transfer_data[destination]", "transfer_group", "application_fee_amount"
_EXPRESS = {
    "type": "express",
    "capabilities[transfers][requested]": "true",
    "capabilities[card_payments][requested]": "true",
    "settings[payouts][debit_negative_balances]": "false",
    "settings[payouts][schedule][interval]": "manual",
}
OF_A_LIST = ("limit", "starting_after")
CREATED_FROM, CREATED_BEFORE = "created[gte]", "created[lt]"
EVIDENCE = (
    "access_activity_log",
    "customer_communication",
    "customer_name",
    "product_description",
    "refund_policy",
    "service_date",
    "shipping_date",
    "shipping_tracking_number",
    "uncategorized_text",
)
"""Fields of evidence that are understood."""


def window_of(params: Params) -> Window:
    """Read when what is listed was made."""
    until = timestamp_of(params, CREATED_BEFORE) if CREATED_BEFORE in params else None
    return Window(timestamp_of(params, CREATED_FROM, "0"), until)


def list_of(url: str, oldest_first: Iterable[Json], params: Params) -> Json:
    """Return the page of a list that is asked for, newest first."""
    return list_page(url, list(oldest_first)[::-1], params)


def find_account(stripe: SimulatedStripe, account_id: str) -> ConnectedAccount:
    """Return an account. Raises `AccountInvalid`."""
    return stripe.connect.book.account(account_id)


def _find_transfer(stripe: SimulatedStripe, transfer_id: str) -> Transfer:
    return stripe.connect.book.transfers.find(transfer_id)


def _find_fee(stripe: SimulatedStripe, fee_id: str) -> ApplicationFee:
    return stripe.connect.book.fees.find(fee_id)


def _find_charge(stripe: SimulatedStripe, charge_id: str) -> Charge:
    return stripe.connect.book.charges.find(charge_id).charge


def _find_dispute(stripe: SimulatedStripe, dispute_id: str) -> Dispute:
    return stripe.connect.book.disputes.find(dispute_id).dispute


# Accounts


def _create_account(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    for name, value in _EXPRESS.items():
        only(params, name, value)
    kind = params["business_type"]
    if kind not in tuple(BusinessType):
        raise InvalidRequest(f"Invalid business_type: must be one of {', '.join(BusinessType)}", None, "business_type")
    made = stripe.connect.api.create_account(params[_VENDOR], params["email"], params["country"], BusinessType(kind))
    return find_account(stripe, made.id).to_stripe()


def _retrieve_account(stripe: SimulatedStripe, account_id: str, params: Params) -> Json:
    return find_account(stripe, account_id).to_stripe()


def _list_accounts(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    window = window_of(params)
    found = (each for each in stripe.connect.book.accounts if not each.is_closed and window.holds(each.created))
    return list_of(_ACCOUNTS, (each.to_stripe() for each in found), params)


def _create_account_link(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    only(params, "type", "account_onboarding")
    link = stripe.connect.api.create_account_link(params["account"], params["refresh_url"], params["return_url"])
    expires = int(link.expires_at.timestamp())
    return {"object": "account_link", "created": stripe.account.seconds(), "expires_at": expires, "url": link.url}


# Payments


def _create_payment(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    amount = money_of(params, "amount", params["currency"])
    fee_minor = money_of(params, _FEE, amount.currency).minor if _FEE in params else None
    split = IntentSplit(params.get(_DESTINATION), fee_minor, params[_GROUP])
    made = stripe.connect.api.create_intent(params[_ORDER], amount, split, capture_of(params), params.get("customer"))
    return shown_intent(stripe.payments.book.find(made.id), params)


def _retrieve_charge(stripe: SimulatedStripe, charge_id: str, params: Params) -> Json:
    return _find_charge(stripe, charge_id).to_stripe()


def _refund(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    intent = stripe.payments.book.find(params["payment_intent"])
    amount = money_of(params, "amount", intent.currency)
    shares = RefundShares(*(truth_of(params, name, "false") for name in RefundShares._fields))
    stripe.connect.api.refund_part(intent.id, params[_ORDER], params[_PURPOSE], amount, shares)
    return intent.refunds[-1].to_stripe()


def _list_refunds(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    intent = stripe.connect.book.charges.find(params["charge"]).intent
    return list_of(_REFUNDS, (refund.to_stripe() for refund in intent.refunds), params)


# Transfers and fees


def _create_transfer(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    amount = money_of(params, "amount", params["currency"])
    made = stripe.connect.api.create_transfer(
        params[_ORDER],
        params[_PURPOSE],
        params["destination"],
        amount,
        params.get("source_transaction"),
        params[_GROUP],
    )
    return _find_transfer(stripe, made.id).to_stripe()


def _retrieve_transfer(stripe: SimulatedStripe, transfer_id: str, params: Params) -> Json:
    return _find_transfer(stripe, transfer_id).to_stripe()


def _list_transfers(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    newest_first = stripe.connect.book.transfers_of_group(params[_GROUP])
    return list_page(_TRANSFERS, [transfer.to_stripe() for transfer in newest_first], params)


def _reverse(stripe: SimulatedStripe, transfer_id: str, params: Params) -> Json:
    transfer = _find_transfer(stripe, transfer_id)
    amount = money_of(params, "amount", transfer.currency)
    stripe.connect.api.reverse_transfer(transfer_id, params[_PURPOSE], amount)
    return transfer.reversals[-1].to_stripe()


def _list_reversals(stripe: SimulatedStripe, transfer_id: str, params: Params) -> Json:
    reversals = _find_transfer(stripe, transfer_id).reversals
    return list_of(_REVERSALS, (reversal.to_stripe() for reversal in reversals), params)


def _retrieve_fee(stripe: SimulatedStripe, fee_id: str, params: Params) -> Json:
    return _find_fee(stripe, fee_id).to_stripe()


def _refund_fee(stripe: SimulatedStripe, fee_id: str, params: Params) -> Json:
    fee = _find_fee(stripe, fee_id)
    amount = money_of(params, "amount", fee.transfer.currency)
    stripe.connect.api.refund_application_fee(fee_id, params[_PURPOSE], amount)
    return fee.refunds[-1].to_stripe()


def _list_fee_refunds(stripe: SimulatedStripe, fee_id: str, params: Params) -> Json:
    return list_of(_FEE_REFUNDS, (refund.to_stripe() for refund in _find_fee(stripe, fee_id).refunds), params)


# Disputes


def _retrieve_dispute(stripe: SimulatedStripe, dispute_id: str, params: Params) -> Json:
    return _find_dispute(stripe, dispute_id).to_stripe()


def _submit_evidence(stripe: SimulatedStripe, dispute_id: str, params: Params) -> Json:
    only(params, "submit", "true")
    given = {name: params[f"evidence[{name}]"] for name in EVIDENCE if f"evidence[{name}]" in params}
    stripe.connect.api.submit_evidence(dispute_id, given)
    return _find_dispute(stripe, dispute_id).to_stripe()


def _accept_dispute(stripe: SimulatedStripe, dispute_id: str, params: Params) -> Json:
    stripe.connect.api.accept_dispute(dispute_id)
    return _find_dispute(stripe, dispute_id).to_stripe()


OF_SPLIT_PAYMENTS: Mapping[str, Endpoint] = {
    "create_split_payment": Endpoint(
        "POST",
        _INTENTS,
        _create_payment,
        needs=("amount", "currency", _ORDER, _GROUP),
        may=(*CREATED_WITH, _DESTINATION, _FEE, EXPAND),
        when=_GROUP,
    ),
    "refund_part": Endpoint(
        "POST",
        _REFUNDS,
        _refund,
        needs=("payment_intent", "amount", _ORDER, _PURPOSE),
        may=RefundShares._fields,
        when=_PURPOSE,
    ),
    "list_split_refunds": Endpoint("GET", _REFUNDS, _list_refunds, needs=("charge",), may=OF_A_LIST, when="charge"),
}
"""What a parameter distinguishes from the requests of payments, and so comes before them."""

ENDPOINTS: Mapping[str, Endpoint] = {
    "create_account": Endpoint(
        "POST", _ACCOUNTS, _create_account, needs=("email", "country", "business_type", _VENDOR, *_EXPRESS)
    ),
    "retrieve_account": Endpoint("GET", f"{_ACCOUNTS}/{{account}}", _retrieve_account, find_account),
    "list_accounts": Endpoint("GET", _ACCOUNTS, _list_accounts, may=(CREATED_FROM, *OF_A_LIST)),
    "create_account_link": Endpoint(
        "POST", "/v1/account_links", _create_account_link, needs=("account", "refresh_url", "return_url", "type")
    ),
    "retrieve_charge": Endpoint("GET", "/v1/charges/{charge}", _retrieve_charge, _find_charge),
    "create_transfer": Endpoint(
        "POST",
        _TRANSFERS,
        _create_transfer,
        needs=("amount", "currency", "destination", _GROUP, _ORDER, _PURPOSE),
        may=("source_transaction",),
    ),
    "retrieve_transfer": Endpoint("GET", f"{_TRANSFERS}/{{transfer}}", _retrieve_transfer, _find_transfer),
    "list_transfers": Endpoint("GET", _TRANSFERS, _list_transfers, needs=(_GROUP,), may=OF_A_LIST),
    "reverse_transfer": Endpoint("POST", _REVERSALS, _reverse, _find_transfer, needs=("amount", _PURPOSE)),
    "list_reversals": Endpoint("GET", _REVERSALS, _list_reversals, _find_transfer, may=OF_A_LIST),
    "retrieve_application_fee": Endpoint("GET", f"{_FEES}/{{fee}}", _retrieve_fee, _find_fee),
    "refund_application_fee": Endpoint("POST", _FEE_REFUNDS, _refund_fee, _find_fee, needs=("amount", _PURPOSE)),
    "list_application_fee_refunds": Endpoint("GET", _FEE_REFUNDS, _list_fee_refunds, _find_fee, may=OF_A_LIST),
    "retrieve_dispute": Endpoint("GET", f"{_DISPUTES}/{{dispute}}", _retrieve_dispute, _find_dispute),
    "submit_evidence": Endpoint(
        "POST",
        f"{_DISPUTES}/{{dispute}}",
        _submit_evidence,
        _find_dispute,
        needs=("submit",),
        may=tuple(f"evidence[{name}]" for name in EVIDENCE),
    ),
    "accept_dispute": Endpoint("POST", f"{_DISPUTES}/{{dispute}}/close", _accept_dispute, _find_dispute),
}
