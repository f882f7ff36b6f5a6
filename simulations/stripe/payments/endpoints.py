"""The HTTP endpoints of payment intents, refunds and disputes. What they do is in `api`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from payflows.payments.model import CaptureMode

from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.events import Json
from simulations.stripe.http.endpoints import EXPAND, Endpoint, Params, check_expand, limit_of, list_page, money_of
from simulations.stripe.http.responses import search_page
from simulations.stripe.payments.objects import PaymentIntent
from simulations.stripe.simulated import SimulatedStripe

_OF_AN_ORDER = re.compile(r"metadata\['order_id'\]:'((?:[^'\\]|\\.)*)'")

_INTENTS = "/v1/payment_intents"
_REFUNDS = "/v1/refunds"
_DISPUTES = "/v1/disputes"
_SEARCH = f"{_INTENTS}/search"
_EXPANDED = (EXPAND,)
CREATED_WITH = (
    "capture_method",
    "customer",
    "automatic_payment_methods[enabled]",
    "automatic_payment_methods[allow_redirects]",
)


def _find(stripe: SimulatedStripe, payment_id: str) -> PaymentIntent:
    return stripe.payments.book.find(payment_id)


def _create(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    amount, capture = money_of(params, "amount", params["currency"]), capture_of(params)
    payment = stripe.payments.api.create(params["metadata[order_id]"], amount, capture, params.get("customer"))
    return shown_intent(_find(stripe, payment.id), params)


def _confirm(stripe: SimulatedStripe, payment_id: str, params: Params) -> Json:
    stripe.payments.api.confirm(payment_id, params["payment_method"], params.get("return_url"))
    return shown_intent(_find(stripe, payment_id), params)


def _capture(stripe: SimulatedStripe, payment_id: str, params: Params) -> Json:
    stripe.payments.api.capture(payment_id)
    return shown_intent(_find(stripe, payment_id), params)


def _cancel(stripe: SimulatedStripe, payment_id: str, params: Params) -> Json:
    stripe.payments.api.cancel(payment_id)
    return shown_intent(_find(stripe, payment_id), params)


def _retrieve(stripe: SimulatedStripe, payment_id: str, params: Params) -> Json:
    return shown_intent(_find(stripe, payment_id), params)


def _search(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    query = _OF_AN_ORDER.fullmatch(params["query"])
    if query is None:
        raise InvalidRequest("We were unable to parse your search query.", None, "query")
    order_id = re.sub(r"\\(.)", r"\1", query[1])
    found = [shown_intent(intent, params, "data.latest_charge") for intent in stripe.payments.book.indexed(order_id)]
    return search_page(_SEARCH, found, limit_of(params))


def _refund(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    intent = _find(stripe, params["payment_intent"])
    stripe.payments.api.refund(intent.id, params["metadata[order_id]"])
    return intent.refunds[-1].to_stripe()


def _list_refunds(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    newest_first = [refund.to_stripe() for refund in reversed(_find(stripe, params["payment_intent"]).refunds)]
    return list_page(_REFUNDS, newest_first, params)


def _list_disputes(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    newest_first = [dispute.to_stripe() for dispute in reversed(_find(stripe, params["payment_intent"]).disputes)]
    return list_page(_DISPUTES, newest_first, params)


ENDPOINTS: Mapping[str, Endpoint] = {
    "create_payment": Endpoint(
        "POST", _INTENTS, _create, needs=("amount", "currency", "metadata[order_id]"), may=(*CREATED_WITH, *_EXPANDED)
    ),
    "confirm_payment": Endpoint(
        "POST", f"{_INTENTS}/{{intent}}/confirm", _confirm, _find, ("payment_method",), ("return_url", *_EXPANDED)
    ),
    "capture_payment": Endpoint("POST", f"{_INTENTS}/{{intent}}/capture", _capture, _find, may=_EXPANDED),
    "cancel_payment": Endpoint("POST", f"{_INTENTS}/{{intent}}/cancel", _cancel, _find, may=_EXPANDED),
    "search_payments": Endpoint("GET", _SEARCH, _search, needs=("query",), may=("limit", *_EXPANDED)),
    "retrieve_payment": Endpoint("GET", f"{_INTENTS}/{{intent}}", _retrieve, _find, may=_EXPANDED, when=EXPAND),
    "retrieve_customer_action": Endpoint("GET", f"{_INTENTS}/{{intent}}", _retrieve, _find),
    "refund_payment": Endpoint("POST", _REFUNDS, _refund, needs=("payment_intent", "metadata[order_id]")),
    "list_refunds": Endpoint(
        "GET", _REFUNDS, _list_refunds, needs=("payment_intent",), may=("limit", "starting_after")
    ),
    "list_disputes": Endpoint(
        "GET", _DISPUTES, _list_disputes, needs=("payment_intent",), may=("limit", "starting_after")
    ),
}
"""By the call of the gateway that makes the request. A path that is a word comes before one that may be any."""


def shown_intent(intent: PaymentIntent, params: Params, expandable: str = "latest_charge") -> Json:
    """Return the payment intent, with its charge where it was asked for."""
    check_expand(params, expandable)
    charge = intent.latest_charge if EXPAND in params else None
    return intent.to_stripe() | ({"latest_charge": charge.to_stripe()} if charge is not None else {})


def capture_of(params: Params) -> CaptureMode:
    """Read when the money is to be taken."""
    method = params.get("capture_method", CaptureMode.AUTOMATIC.value)
    if method not in tuple(CaptureMode):
        raise InvalidRequest(f"Invalid capture_method: must be one of {', '.join(CaptureMode)}", None, "capture_method")
    return CaptureMode(method)
