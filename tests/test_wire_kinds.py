"""Each kind of fault on the wire does what it says, and `StripeGateway` makes of it what the flow must know."""

from __future__ import annotations

from typing import NamedTuple

import httpx
import pytest

from payflows.app import App
from payflows.errors import CallNotSent, MerchantMisconfigured, OutcomeUnknown
from payflows.kernel.ports import methods_of
from payflows.money import Money
from payflows.payments.gateway import PaymentGateway
from payflows.payments.model import CaptureMode, Payment
from payflows.stripe.gateway import StripeGateway
from simulations.checkout.subject import Ports, Settings, our_checkout
from simulations.checkout.testbed import CHECKOUT
from simulations.network.effects import CLIENT_TIMEOUT_SECONDS
from simulations.search.http_kinds import CONNECT_TIMEOUT_SECONDS, HTTP_KINDS, http_kinds_at
from simulations.search.http_transport import HttpTransport
from simulations.search.kinds import BEYOND_THE_DEADLINE
from simulations.search.plan import Fault
from simulations.stripe.payments.gateway import CALLS
from tests.corrupted_universe import checkout
from tests.gateway_calls import gateway_over, retrieve

ORDER, KEY = "ord_1", "ord_1:create:1"
READS = tuple(name for name, known in methods_of(PaymentGateway).items() if not known.changes)
IMMEDIATELY, AFTER_THE_TIME_OUT, AFTER_A_QUARTER = 0, 20, 5


class Counter:
    """A checkout's ports, where requests are made by hand."""

    def __init__(self, *plan: Fault) -> None:
        self.universe = checkout(plan, factory=self._open, transport=HttpTransport())

    def _open(self, ports: Ports, settings: Settings) -> App:
        self.ports = ports
        return our_checkout(ports, settings)

    def create(self) -> object:
        """Ask Stripe for a payment; return the answer or the error."""
        return self.universe.ask(
            self.ports.gateway.create_payment(
                ORDER, amount=Money(1_450, "usd"), capture=CaptureMode.MANUAL, stripe_customer_id=None, key=KEY
            )
        )

    def found(self) -> object:
        """Look for the order's payments; return them or the error."""
        return self.universe.ask(self.ports.gateway.search_payments(ORDER))

    @property
    def made(self) -> int:
        """How many payments there really are."""
        return len(self.universe.stripe.payments_of_order(ORDER))


class Seen(NamedTuple):
    """What becomes of a request that makes a payment.

    Attributes:
        hears: what its caller hears.
        words: what the error says of how it happened.
        made: how many payments there are then.
        after_seconds: when the caller hears it.
        again: what the same request under the same key hears once the trouble is over.
        in_the_end: how many payments there are after that.
    """

    hears: type
    words: str
    made: int
    after_seconds: int
    again: type = Payment
    in_the_end: int = 1


SILENCE = OutcomeUnknown

ON_THE_WIRE = {
    "connect_refused": Seen(CallNotSent, "(ConnectError)", 0, IMMEDIATELY),
    "connect_timeout": Seen(CallNotSent, "(ConnectTimeout)", 0, AFTER_A_QUARTER),
    "read_timeout": Seen(SILENCE, "(ReadTimeout)", 0, AFTER_THE_TIME_OUT),
    "read_timeout_done": Seen(SILENCE, "(ReadTimeout)", 1, AFTER_THE_TIME_OUT),
    "trickle": Seen(SILENCE, "(TimeoutError)", 1, AFTER_THE_TIME_OUT),
    "reset_mid_body": Seen(SILENCE, "(ReadError)", 1, IMMEDIATELY),
    "cut_off": Seen(SILENCE, "(status 200)", 1, IMMEDIATELY),
    "empty": Seen(SILENCE, "(status 200)", 0, IMMEDIATELY),
    "empty_done": Seen(SILENCE, "(status 200)", 1, IMMEDIATELY),
    "html_502": Seen(SILENCE, "(status 502)", 0, IMMEDIATELY),
    "html_502_done": Seen(SILENCE, "(status 502)", 1, IMMEDIATELY),
    "proxy_down": Seen(SILENCE, "(status 502)", 0, IMMEDIATELY),
    "proxy_deaf": Seen(SILENCE, "(status 502)", 1, IMMEDIATELY),
    "too_many_429": Seen(CallNotSent, "answered 429", 0, IMMEDIATELY),
    "in_use_409": Seen(SILENCE, "answered 409", 0, AFTER_THE_TIME_OUT),
    "duplicated": Seen(Payment, "", 1, IMMEDIATELY),
    "error_500": Seen(SILENCE, "answered 500", 0, IMMEDIATELY),
    "error_500_stored": Seen(SILENCE, "answered 500", 0, IMMEDIATELY, SILENCE, in_the_end=0),
    "error_500_done": Seen(SILENCE, "answered 500", 1, IMMEDIATELY, in_the_end=2),
    "error_500_done_stored": Seen(SILENCE, "answered 500", 1, IMMEDIATELY, SILENCE),
    "slow_response": Seen(SILENCE, "(ReadTimeout)", 0, AFTER_THE_TIME_OUT),
    "unauthorised": Seen(MerchantMisconfigured, "answered 401", 0, IMMEDIATELY),
    "key_revoked": Seen(MerchantMisconfigured, "answered 401", 0, IMMEDIATELY),
    "key_in_use": Seen(SILENCE, "(ReadTimeout)", 0, AFTER_THE_TIME_OUT),
}


def at_the_first(kind: str) -> Fault:
    return Fault(1, kind, HTTP_KINDS[kind].lengths_seconds[0])


@pytest.mark.parametrize("kind", ON_THE_WIRE)
def test_what_the_caller_hears_and_what_was_done(kind: str) -> None:
    seen = ON_THE_WIRE[kind]
    counter = Counter(at_the_first(kind))

    answer = counter.create()

    assert isinstance(answer, seen.hears)
    assert seen.words in str(answer)
    assert (counter.made, counter.universe.clock.now_us) == (seen.made, seen.after_seconds * 1_000_000)
    counter.universe.pass_time(2 * BEYOND_THE_DEADLINE)
    assert isinstance(counter.create(), seen.again)
    assert counter.made == seen.in_the_end


def test_every_kind_that_strikes_there_is_in_the_table() -> None:
    assert (
        set(ON_THE_WIRE)
        == {kind for kind, _ in http_kinds_at(CHECKOUT.site("stripe", "create_payment"))}
        == set(HTTP_KINDS)
    )


@pytest.mark.parametrize(
    "kind", [kind for kind in ON_THE_WIRE if HTTP_KINDS[kind].strikes(CHECKOUT.site("stripe", "search_payments"))]
)
def test_a_search_whose_answer_was_lost_is_not_an_empty_one(kind: str) -> None:
    counter = Counter(at_the_first(kind))

    assert isinstance(counter.found(), OutcomeUnknown | CallNotSent)


def test_a_key_is_in_use_until_the_first_request_has_ended() -> None:
    counter = Counter(Fault(1, "in_use_409", 60))
    counter.create()

    counter.universe.pass_time(39)
    assert "answered 409" in str(counter.create())
    counter.universe.pass_time(1)

    assert isinstance(counter.create(), Payment)
    assert counter.made == 1


@pytest.mark.parametrize("kind", ["proxy_down", "proxy_deaf"])
def test_what_lasts_strikes_every_request_until_it_is_over(kind: str) -> None:
    counter = Counter(Fault(1, kind, 60))
    answers = [counter.create(), counter.found()]
    counter.universe.pass_time(59)
    answers.append(counter.create())
    counter.universe.pass_time(1)

    assert [type(one) for one in answers] == [OutcomeUnknown] * 3
    assert isinstance(counter.create(), Payment)


# Where they strike.


@pytest.mark.parametrize("call", CALLS)
def test_every_request_can_be_struck(call: str) -> None:
    struck = {kind for kind, _ in http_kinds_at(CHECKOUT.site("stripe", call))}

    assert {"connect_refused", "read_timeout", "reset_mid_body", "cut_off", "html_502", "too_many_429"} <= struck
    assert (call in READS) is not bool(struck & {"read_timeout_done", "html_502_done", "in_use_409", "duplicated"})


@pytest.mark.parametrize(("port", "method"), [("store", "change"), ("carrier", "book"), ("mailer", "send")])
def test_nothing_but_stripe_is_asked_over_http(port: str, method: str) -> None:
    assert http_kinds_at(CHECKOUT.site(port, method)) == ()


@pytest.mark.anyio
async def test_the_time_outs_are_the_gateways_own() -> None:
    asked: list[httpx.Request] = []

    def hang_up(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        raise httpx.ReadError("")

    with pytest.raises(OutcomeUnknown):
        await retrieve(gateway_over(hang_up))

    waits = asked[0].extensions["timeout"]
    assert (waits["connect"], waits["read"]) == (CONNECT_TIMEOUT_SECONDS, CLIENT_TIMEOUT_SECONDS)


def test_the_gateway_of_the_universe_is_the_real_one() -> None:
    assert type(Counter().ports.gateway) is StripeGateway
