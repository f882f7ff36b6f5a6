"""Called and over HTTP, with the official SDK between, the simulated Stripe says the same of every call of billing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

import pytest

from payflows.errors import CallRejected, PaymentDeclined
from payflows.kernel.ports import methods_of
from payflows.payments.gateway import PaymentGateway
from payflows.subscriptions.gateway import BillingGateway
from payflows.testing.billing_contract import CHECKS_OF_EVERY_GATEWAY, CHECKS_OF_STATE, CHECKS_OF_TIME, BillingCheck
from payflows.testing.gateway_checks_of_billing import what_is_no_payment_method_is_not_taken
from simulations.stripe import HandClock
from tests.simulated_subscriber import awaited, simulated_subscriber

CHECKS = [
    check
    for check in (*CHECKS_OF_EVERY_GATEWAY, *CHECKS_OF_STATE, *CHECKS_OF_TIME)
    if check is not what_is_no_payment_method_is_not_taken  # over HTTP it is not sent, so that Stripe gives no code
]


class Answered(NamedTuple):
    """A call and what came of it: a value, or the kind of error with what a flow reads of it."""

    call: str
    answer: object


class Recorder:
    """A gateway that writes down what it answers."""

    def __init__(self, gateway: object, record: list[Answered]) -> None:
        self._gateway = gateway
        self._record = record

    def __getattr__(self, name: str) -> Callable[..., Awaitable[object]]:
        method = getattr(self._gateway, name)

        async def answered(*args: object, **kwargs: object) -> object:
            try:
                answer = await method(*args, **kwargs)
            except CallRejected as rejected:
                self._record.append(Answered(name, ("rejected", rejected.code)))
                raise
            except PaymentDeclined as declined:
                self._record.append(Answered(name, ("declined", *declined.args)))
                raise
            self._record.append(Answered(name, answer))
            return answer

        return answered


def answers_to(check: BillingCheck, *, over_http: bool) -> list[Answered]:
    """Whatever is answered while a promise of the contract is checked."""
    clock, record = HandClock(), list[Answered]()
    subscriber = simulated_subscriber(over_http=over_http, clock=clock, wrap=lambda gateway: Recorder(gateway, record))
    clock.run(awaited(check, subscriber))
    return record


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_both_say_the_same(check: BillingCheck) -> None:
    called, over_http = answers_to(check, over_http=False), answers_to(check, over_http=True)

    assert called == over_http
    assert called


def test_every_call_of_the_port_is_among_them() -> None:
    calls = {answered.call for check in CHECKS for answered in answers_to(check, over_http=False)}

    assert calls >= {*methods_of(BillingGateway)}
    assert calls & {*methods_of(PaymentGateway)}
