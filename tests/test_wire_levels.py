"""A story played over HTTP is the story played by calls; and every body on the way is one that OpenAPI allows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order
from payflows.kernel.evolve import evolve
from payflows.stripe.gateway import StripeGateway
from payflows.stripe.http import HttpCall
from simulations.checkout.stories import STORIES
from simulations.checkout.user_actions import end
from simulations.checkout.verdict import JudgedCheckout
from simulations.search.http_transport import HttpTransport
from simulations.search.transports import PORT_CALLS, Transport
from simulations.stripe.http.transport import gateway_over
from tests.corrupted_universe import checkout
from tests.stripe_openapi import names_of, validator_of_answer

SILENT = {"out_of_stock", "out_of_stock_with_handlers"}
"""Stories in which Stripe is asked nothing."""


class RecordingHttp(HttpTransport):
    """HTTP of which every call is written down."""

    def __init__(self) -> None:
        self.calls: list[HttpCall] = []

    def gateway(self, link: object) -> StripeGateway:
        return gateway_over(link, on_call=self.calls.append)


def lived(story: str, transport: Transport = PORT_CALLS) -> JudgedCheckout:
    universe = checkout(settings=STORIES[story].settings, transport=transport)
    STORIES[story].tell(universe)
    end(universe)
    return universe


def truth_of(universe: JudgedCheckout) -> Iterator[object]:
    """Yield all that is known of a universe."""
    yield universe.sites
    yield [_without_detail(answer) for answer in universe.answers]
    yield universe.clock.now()
    yield universe.mailer.sent
    yield universe.carrier.shipments(), universe.inventory.movements
    yield universe.stripe.movements
    for order in universe.store.all(ORDERS):
        yield order
        yield universe.store.transitions(ORDERS, order.id)
        payments = universe.stripe.payments_of_order(order.id)
        yield [universe.stripe.intent(payment.id).to_stripe() for payment in payments]


def _without_detail(order: Order) -> Order:
    """An answer as a customer sees it: the text for a person names the request, where there was one."""
    return order if order.review is None else evolve(order, review=replace(order.review, detail=""))


@pytest.mark.parametrize("story", STORIES)
def test_a_calm_story_is_the_same_at_both_levels(story: str) -> None:
    """The same calls at the same moments, the same orders with the same log, the same money."""
    by_calls, over_http = lived(story), lived(story, HttpTransport())

    assert list(truth_of(over_http)) == list(truth_of(by_calls))


@pytest.mark.parametrize("story", STORIES)
def test_a_request_is_a_call(story: str) -> None:
    universe = lived(story, http := RecordingHttp())

    assert len(http.calls) == sum(site.port == "stripe" for site in universe.sites)
    assert (story in SILENT) is (http.calls == [])


UNANSWERED = {"answer_lost": 1}
"""Calls to which no body comes, even where nothing strikes."""


@pytest.mark.parametrize("story", [story for story in STORIES if story not in SILENT])
def test_stripes_openapi_accepts_every_body(story: str) -> None:
    lived(story, http := RecordingHttp())

    for call in http.calls:
        if call.status is not None:
            path = re.sub(r"pi_\w+", "{intent}", call.path)
            validator_of_answer(call.method, path, call.status).validate(call.answer)
            assert_every_name_is_stripes(call.answer)

    assert [call.status for call in http.calls].count(None) == UNANSWERED.get(story, 0)


def assert_every_name_is_stripes(answer: object) -> None:
    """Down to the last object; what OpenAPI does not forbid could be misspelt."""
    if isinstance(answer, Mapping):
        kind = "api_errors" if "message" in answer else answer.get("object")
        if kind in ("payment_intent", "charge", "refund", "api_errors"):
            assert answer.keys() <= names_of(str(kind))
    for part in answer.values() if isinstance(answer, Mapping) else answer if isinstance(answer, list) else ():
        assert_every_name_is_stripes(part)
