"""The HTTP endpoints of pauses and of usage. What they do is in `pauses_api`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from payflows.errors import CallRejected
from payflows.subscriptions.billing import ALREADY_REPORTED, PauseBehavior, PausedCollection

from simulations.stripe.billing.endpoints import find_subscription, shown_subscription
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.events import Json
from simulations.stripe.http.endpoints import EXPAND, Endpoint, Params, only, timestamp_of
from simulations.stripe.simulated import SimulatedStripe

_BEHAVIOUR = "pause_collection[behavior]"
_RESUMES_AT = "pause_collection[resumes_at]"
_NOT_PAUSED = "pause_collection"
_CUSTOMER, _VALUE = "payload[stripe_customer_id]", "payload[value]"


def _pause_collection(stripe: SimulatedStripe, stripe_subscription_id: str, params: Params) -> Json:
    behaviour = params[_BEHAVIOUR]
    if behaviour not in tuple(PauseBehavior):
        raise InvalidRequest(f"Invalid {_BEHAVIOUR}: must be one of {', '.join(PauseBehavior)}", None, _BEHAVIOUR)
    resumes_at = datetime.fromtimestamp(timestamp_of(params, _RESUMES_AT), UTC) if _RESUMES_AT in params else None
    stripe.billing.pauses.pause_collection(
        stripe_subscription_id, PausedCollection(PauseBehavior(behaviour), resumes_at)
    )
    return shown_subscription(find_subscription(stripe, stripe_subscription_id), params)


def _resume_collection(stripe: SimulatedStripe, stripe_subscription_id: str, params: Params) -> Json:
    only(params, _NOT_PAUSED, "")
    stripe.billing.pauses.resume_collection(stripe_subscription_id)
    return shown_subscription(find_subscription(stripe, stripe_subscription_id), params)


def _pause(stripe: SimulatedStripe, stripe_subscription_id: str, params: Params) -> Json:
    stripe.billing.pauses.pause_subscription(stripe_subscription_id)
    return shown_subscription(find_subscription(stripe, stripe_subscription_id), params)


def _resume(stripe: SimulatedStripe, stripe_subscription_id: str, params: Params) -> Json:
    stripe.billing.pauses.resume_subscription(stripe_subscription_id)
    return shown_subscription(find_subscription(stripe, stripe_subscription_id), params)


def _report_usage(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    try:
        usage = stripe.billing.pauses.take_usage(
            params["identifier"],
            params[_CUSTOMER],
            params["event_name"],
            _quantity_of(params[_VALUE]),
            timestamp_of(params, "timestamp"),
        )
    except CallRejected as error:
        if error.code == ALREADY_REPORTED:  # Stripe itself gives no code
            raise CallRejected(error.message) from error
        raise
    return usage.to_stripe()


def _quantity_of(text: str) -> int:
    """Read how much was used. Stripe takes decimals; here it is a whole number."""
    if not re.fullmatch("[0-9]{1,15}", text):
        message = f"Invalid {_VALUE}: the simulated Stripe takes whole numbers from 0 on, got {text}"
        raise InvalidRequest(message, None, _VALUE)
    return int(text)


_SUBSCRIPTION = "/v1/subscriptions/{subscription_exposed_id}"

ENDPOINTS: Mapping[str, Endpoint] = {
    "pause_collection": Endpoint(
        "POST",
        _SUBSCRIPTION,
        _pause_collection,
        find_subscription,
        (_BEHAVIOUR,),
        (_RESUMES_AT, EXPAND),
        when=_BEHAVIOUR,
    ),
    "resume_collection": Endpoint(
        "POST", _SUBSCRIPTION, _resume_collection, find_subscription, may=(_NOT_PAUSED, EXPAND), when=_NOT_PAUSED
    ),
    "pause_subscription": Endpoint(
        "POST", "/v1/subscriptions/{subscription}/pause", _pause, find_subscription, may=(EXPAND,)
    ),
    "resume_subscription": Endpoint(
        "POST", "/v1/subscriptions/{subscription}/resume", _resume, find_subscription, may=(EXPAND,)
    ),
    "report_usage": Endpoint(
        "POST",
        "/v1/billing/meter_events",
        _report_usage,
        needs=("event_name", "identifier", _CUSTOMER, _VALUE, "timestamp"),
    ),
}
"""By the call of the gateway that makes the request. stripe-mock has no endpoint that pauses a subscription."""
