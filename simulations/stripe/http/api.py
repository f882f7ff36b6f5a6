"""The simulated Stripe behind its HTTP API. What the road does to requests and answers is in `kinds`."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import httpx
from payflows.errors import CallRejected, InvalidMoney, PayflowsError, PaymentDeclined
from payflows.money import Money
from payflows.payments.model import CaptureMode

from simulations.stripe.clock import USUAL_TIMES, StripeTimes, VirtualClock
from simulations.stripe.http.answers import Answer, answer, missing, page, refusal, search_page
from simulations.stripe.http.endpoints import ENDPOINTS, Asked, Params
from simulations.stripe.objects import PaymentIntent
from simulations.stripe.payments import SimulatedStripe
from simulations.stripe.returns import Json
from simulations.stripe.troubles import ConnectionBroken, InvalidRequest, NoAnswer, NoConnection

Work = Callable[[str, Params], Json]
"""What a request does, by the id in its path and its parameters."""

_OF_AN_ORDER = re.compile(r"metadata\['order_id'\]:'((?:[^'\\]|\\.)*)'")
_MOST_ON_A_PAGE = 100
_USUAL_PAGE = 10


class HttpStripe(SimulatedStripe):
    """A `SimulatedStripe` that is asked in HTTP and answers in Stripe's own JSON.

    What is stored under an idempotency key is what Stripe stores: the first answer's status and body, word for word.

    Args:
        clock: whose time passes.
        times: how long Stripe and the banks take.
        currency: the account's own.
    """

    def __init__(self, clock: VirtualClock, *, times: StripeTimes = USUAL_TIMES, currency: str = "usd") -> None:
        super().__init__(clock, times=times, currency=currency)
        self._requests = 0
        self._works: dict[str, Work] = {
            "create_payment": self._post_payment,
            "confirm_payment": self._post_confirmation,
            "capture_payment": self._post_capture,
            "cancel_payment": self._post_cancellation,
            "retrieve_payment": self._get_payment,
            "search_payments": self._get_found,
            "refund_payment": self._post_refund,
            "list_refunds": self._get_refunds,
        }

    @property
    def door(self) -> object:
        """Where each call is served under its own name."""
        return SimpleNamespace(**dict.fromkeys(ENDPOINTS, self.serve))

    async def serve(self, asked: Asked) -> httpx.Response:
        """Do what is asked. Where the simulated Stripe is disturbed there may be no answer, as httpx would say it."""
        self._requests += 1
        executed = partial(self._executed, asked.call)
        try:
            told = await self._call(asked.call, asked.key, (asked.object_id, asked.params), executed)
        except _NotThere as error:
            told = missing(error.message, error.code)
        except NoConnection as error:
            raise httpx.ConnectError(str(error)) from error
        except NoAnswer as error:
            raise httpx.ReadTimeout(str(error)) from error
        except ConnectionBroken as error:
            raise httpx.ReadError(str(error)) from error
        except PayflowsError as error:
            told = refusal(error)
        headers = {"Content-Type": "application/json", "Request-Id": f"req_{self._requests:014d}"}
        return httpx.Response(told.status, content=told.body, headers=headers)

    def _executed(self, call: str, object_id: str, params: Params) -> Answer:
        """The answer that is kept under the key."""
        ENDPOINTS[call].check(params)
        if object_id and object_id not in self._intents:
            raise _NotThere(f"No such payment_intent: '{object_id}'", "resource_missing")
        try:
            return answer(self._works[call](object_id, params))
        except InvalidRequest:
            raise
        except (CallRejected, PaymentDeclined) as error:
            return refusal(error, self._intents.get(object_id))

    def _post_payment(self, _: str, params: Params) -> Json:
        amount, capture = _amount_of(params), _capture_of(params)
        made = self._create(params["metadata[order_id]"], amount, capture, params.get("customer"))
        return _shown(self._find(made.id), params)

    def _post_confirmation(self, payment_id: str, params: Params) -> Json:
        self._confirm(payment_id, params["payment_method"])
        return _shown(self._find(payment_id), params)

    def _post_capture(self, payment_id: str, params: Params) -> Json:
        self._capture(payment_id)
        return _shown(self._find(payment_id), params)

    def _post_cancellation(self, payment_id: str, params: Params) -> Json:
        self._cancel(payment_id)
        return _shown(self._find(payment_id), params)

    def _get_payment(self, payment_id: str, params: Params) -> Json:
        return _shown(self._find(payment_id), params)

    def _get_found(self, _: str, params: Params) -> Json:
        asked_for = _OF_AN_ORDER.fullmatch(params["query"])
        if asked_for is None:
            raise InvalidRequest("We were unable to parse your search query.")
        order_id = re.sub(r"\\(.)", r"\1", asked_for[1])
        found = [_shown(intent, params, "data.latest_charge") for intent in self._indexed(order_id)]
        return search_page(ENDPOINTS["search_payments"].path, found, _limit_of(params))

    def _post_refund(self, _: str, params: Params) -> Json:
        intent = self._find(params["payment_intent"])
        self._refund(intent.id, params["metadata[order_id]"])
        return intent.refunds[-1].to_stripe()

    def _get_refunds(self, _: str, params: Params) -> Json:
        newest_first = [refund.to_stripe() for refund in reversed(self._find(params["payment_intent"]).refunds)]
        return page(ENDPOINTS["list_refunds"].path, newest_first, _limit_of(params))


class _NotThere(InvalidRequest):
    """There is no object with the id in the path."""


def _shown(intent: PaymentIntent, params: Params, expandable: str = "latest_charge") -> Json:
    """The payment intent, with its charge where it was asked for."""
    expand = params.get("expand[0]", expandable)
    if expand != expandable:
        raise InvalidRequest(f"This property cannot be expanded ({expand}).")
    charge = intent.latest_charge if "expand[0]" in params else None
    return intent.to_stripe() | ({"latest_charge": charge.to_stripe()} if charge is not None else {})


def _amount_of(params: Params) -> Money:
    try:
        return Money(_whole(params["amount"]), params["currency"])
    except InvalidMoney as error:
        raise InvalidRequest(str(error)) from error


def _capture_of(params: Params) -> CaptureMode:
    method = params.get("capture_method", CaptureMode.AUTOMATIC.value)
    if method not in tuple(CaptureMode):
        raise InvalidRequest(f"Invalid capture_method: must be one of {', '.join(CaptureMode)}")
    return CaptureMode(method)


def _limit_of(params: Params) -> int:
    limit = _whole(params.get("limit", str(_USUAL_PAGE)))
    if not 1 <= limit <= _MOST_ON_A_PAGE:
        raise InvalidRequest(f"Limits are from 1 to {_MOST_ON_A_PAGE}, got {limit}.")
    return limit


def _whole(text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text):
        raise InvalidRequest(f"Invalid integer: {text}", "parameter_invalid_integer")
    return int(text)
