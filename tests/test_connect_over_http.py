"""Called and over HTTP, with the official SDK between, the simulated Stripe says the same of every call of Connect."""

from __future__ import annotations

import pytest

from payflows.kernel.ports import methods_of
from payflows.marketplace.gateway import MarketplaceGateway
from payflows.stripe.http import HttpCall
from payflows.testing.connect_contract import CHECKS_OF_EVERY_GATEWAY, CHECKS_OF_STATE, MarketplaceCheck
from simulations.stripe import HandClock
from simulations.stripe.connect import endpoints, endpoints_of_balances
from tests.plugins.stripe_mock import StripeMocks
from tests.simulated_vendor import awaited, simulated_vendor
from tests.test_billing_on_stripe_mock import distinct, endpoint_of, sent_to, shape
from tests.test_billing_over_http import Answered, Recorder

CHECKS = (*CHECKS_OF_EVERY_GATEWAY, *CHECKS_OF_STATE)


def answers_to(check: MarketplaceCheck, *, over_http: bool) -> list[Answered]:
    """All that is answered while a promise of the contract is checked."""
    clock, record = HandClock(), list[Answered]()
    vendor = simulated_vendor(over_http=over_http, clock=clock, wrap=lambda gateway: Recorder(gateway, record))
    clock.run(awaited(check, vendor))
    return record


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_both_say_the_same(check: MarketplaceCheck) -> None:
    called, over_http = answers_to(check, over_http=False), answers_to(check, over_http=True)

    assert called == over_http
    assert called


def test_every_call_of_the_port_is_among_them() -> None:
    calls = {answered.call for check in CHECKS for answered in answers_to(check, over_http=False)}

    assert calls >= {*methods_of(MarketplaceGateway)}


def test_every_distinct_request_of_the_contract_is_accepted_by_stripe_mock(stripe_mock: StripeMocks) -> None:
    calls = list[HttpCall]()
    for check in CHECKS:
        clock = HandClock()
        clock.run(awaited(check, simulated_vendor(over_http=True, clock=clock, on_call=calls.append)))
    url = stripe_mock().url

    refused = [call for call in distinct(calls) if sent_to(url, call).status_code != 200]

    ours = (endpoints.OF_SPLIT_PAYMENTS, endpoints.ENDPOINTS, endpoints_of_balances.ENDPOINTS)
    assert {endpoint_of(call) for call in calls} >= {
        (each.verb, shape(each.path)) for part in ours for each in part.values()
    }
    assert refused == []
