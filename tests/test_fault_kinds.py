"""Each kind of fault strikes where it says, does what it says, and the caller hears what it says."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from payflows.app import App
from payflows.checkout.goods import ShipmentStatus
from payflows.errors import CallNotSent, MerchantMisconfigured, OutcomeUnknown, VersionConflict
from payflows.kernel.guard import CALL_TIMEOUT_SECONDS, answer_of
from payflows.kernel.ports import methods_of
from payflows.kernel.store import Store
from payflows.money import Money
from payflows.payments.gateway import PaymentGateway
from payflows.payments.model import CaptureMode, Payment
from simulations.checkout.shop import HOME
from simulations.checkout.subject import Ports, Settings, our_checkout
from simulations.checkout.testbed import CHECKOUT
from simulations.network.effects import CLIENT_TIMEOUT_SECONDS
from simulations.search.kinds import KINDS, LENGTHS_SECONDS, kinds_at
from simulations.search.plan import Fault
from simulations.search.process import Crash
from simulations.stripe.payments.gateway import CALLS
from tests.corrupted_universe import checkout

ORDER, KEY = "ord_1", "ord_1:create:1"
NEVER = 0
IMMEDIATELY, AFTER_THE_TIME_OUT = 0, int(CLIENT_TIMEOUT_SECONDS)
READS = tuple(name for name, known in methods_of(PaymentGateway).items() if not known.changes)
COMPARING = tuple(name for name, known in methods_of(Store).items() if known.compares)
SHORT = LENGTHS_SECONDS[0]


class Counter:
    """A checkout's ports, where calls are made by hand."""

    def __init__(self, *plan: Fault) -> None:
        self.universe = checkout(plan, factory=self._open)

    def _open(self, ports: Ports, settings: Settings) -> App:
        self.ports = ports
        return our_checkout(ports, settings)

    def create(self, key: str = KEY) -> object:
        """Ask Stripe for a payment; return the answer or the error."""
        asked = self.ports.gateway.create_payment(
            ORDER, amount=Money(1_450, "usd"), capture=CaptureMode.MANUAL, stripe_customer_id=None, key=key
        )
        return self.universe.ask(answer_of(self.universe.clock, CALL_TIMEOUT_SECONDS, asked))

    def book(self) -> object:
        """Ask the carrier for a parcel; return the answer or the error."""
        return self.universe.ask(self.ports.carrier.book(ORDER, goods=(), address=HOME))

    @property
    def made(self) -> int:
        """How many payments there really are."""
        return len(self.universe.stripe.payments_of_order(ORDER))

    @property
    def passed_seconds(self) -> int:
        """How long it took."""
        return self.universe.clock.now_us // 1_000_000


class Seen(NamedTuple):
    """What becomes of a call that makes a payment.

    Attributes:
        hears: what its caller hears.
        made: how many payments there are then.
        after_seconds: when the caller hears it.
        again: what the same call under the same key hears once the trouble is over.
        in_the_end: how many payments there are after that.
    """

    hears: type
    made: int
    after_seconds: int
    again: type
    in_the_end: int = 1


SILENCE = OutcomeUnknown

AT_STRIPES_DOOR = {
    "connection_refused": Seen(CallNotSent, 0, IMMEDIATELY, Payment),
    "request_lost": Seen(SILENCE, 0, AFTER_THE_TIME_OUT, Payment),
    "answer_lost": Seen(SILENCE, 1, AFTER_THE_TIME_OUT, Payment),
    "reset": Seen(SILENCE, 1, IMMEDIATELY, Payment),
    "duplicated": Seen(Payment, 1, IMMEDIATELY, Payment),
    "outage": Seen(CallNotSent, 0, IMMEDIATELY, Payment),
    "responses_dropped": Seen(SILENCE, 1, AFTER_THE_TIME_OUT, Payment),
    "requests_dropped": Seen(SILENCE, 0, AFTER_THE_TIME_OUT, Payment),
    "error_500": Seen(SILENCE, 0, IMMEDIATELY, Payment),
    "error_500_stored": Seen(SILENCE, 0, IMMEDIATELY, SILENCE, in_the_end=0),
    "error_500_done": Seen(SILENCE, 1, IMMEDIATELY, Payment, in_the_end=2),
    "error_500_done_stored": Seen(SILENCE, 1, IMMEDIATELY, SILENCE),
    "slow_response": Seen(SILENCE, 0, AFTER_THE_TIME_OUT, Payment),
    "key_in_use": Seen(SILENCE, 0, AFTER_THE_TIME_OUT, Payment),
    "unauthorised": Seen(MerchantMisconfigured, 0, IMMEDIATELY, Payment),
    "key_revoked": Seen(MerchantMisconfigured, 0, IMMEDIATELY, Payment),
    "answer_of_another": Seen(Payment, 1, IMMEDIATELY, Payment),
    "crash_before": Seen(Crash, 0, IMMEDIATELY, Payment),
    "crash_after": Seen(Crash, 1, IMMEDIATELY, Payment),
    "task_cancelled": Seen(Crash, 1, IMMEDIATELY, Payment),
    "unknown_error": Seen(SILENCE, 1, IMMEDIATELY, Payment),
    "call_hangs": Seen(SILENCE, 1, CALL_TIMEOUT_SECONDS, Payment),
}


@pytest.mark.parametrize("kind", AT_STRIPES_DOOR)
def test_what_the_caller_hears_and_what_was_done(kind: str) -> None:
    seen = AT_STRIPES_DOOR[kind]
    counter = Counter(Fault(1, kind, KINDS[kind].lengths_seconds[0]))

    answer = counter.create()

    assert isinstance(answer, seen.hears)
    assert (counter.made, counter.passed_seconds) == (seen.made, seen.after_seconds)
    counter.universe.pass_time(2 * SHORT)
    assert isinstance(counter.create(), seen.again)
    assert counter.made == seen.in_the_end


def test_every_kind_that_strikes_there_is_in_the_table() -> None:
    assert set(AT_STRIPES_DOOR) == {kind for kind, _ in kinds_at(CHECKOUT.site("stripe", "create_payment"))}
    assert set(KINDS) - set(AT_STRIPES_DOOR) == {
        "stale_read",
        "version_conflict",
        "effect_delayed",
        "clock_forward",
        "clock_back",
    }


def test_what_is_late_is_done_when_its_caller_has_stopped_waiting() -> None:
    counter = Counter(Fault(1, "effect_delayed", SHORT))

    assert isinstance(counter.book(), OutcomeUnknown)
    assert counter.universe.carrier.shipments() == {}

    counter.universe.pass_time(SHORT)
    assert list(counter.universe.carrier.shipments()) == [ORDER]


@pytest.mark.parametrize("kind", ["slow_response", "key_in_use"])
def test_a_key_is_in_use_while_its_first_call_runs(kind: str) -> None:
    counter = Counter(Fault(1, kind))
    counter.create()

    assert "409" in str(counter.create())
    assert counter.made == 0

    counter.universe.pass_time(2 * SHORT)
    assert counter.made == 1


@pytest.mark.parametrize("kind", ["outage", "responses_dropped", "requests_dropped"])
@pytest.mark.parametrize("seconds", LENGTHS_SECONDS)
def test_what_lasts_strikes_every_call_of_its_port_and_no_other(kind: str, seconds: int) -> None:
    counter = Counter(Fault(1, kind, seconds))

    first, parcel = counter.create(), counter.book()
    counter.universe.pass_time(seconds - 2 * CLIENT_TIMEOUT_SECONDS)
    shortly_before_its_end = counter.create()
    counter.universe.pass_time(2 * CLIENT_TIMEOUT_SECONDS)
    after_it = counter.create()

    assert type(first) is type(shortly_before_its_end) is AT_STRIPES_DOOR[kind].hears
    assert isinstance(after_it, Payment)
    assert getattr(parcel, "status", None) is ShipmentStatus.TAKEN


def test_a_request_that_is_delivered_twice_is_made_twice() -> None:
    """Keys make one payment of it; what has none is done again."""
    made = []

    async def make() -> int:
        made.append(1)
        return len(made)

    counter = Counter(Fault(1, "duplicated"))

    assert counter.universe.ask(counter.universe.universe.send(CHECKOUT.site("carrier", "book"), make)) == 2


def test_a_stale_list_does_not_show_the_newest() -> None:
    counter = Counter(Fault(3, "stale_read"))
    older = counter.create("a")
    counter.create("b")
    counter.universe.pass_time(120)

    def found() -> object:
        return counter.universe.ask(counter.ports.gateway.search_payments(ORDER))

    assert found() == (older,)
    assert len(found()) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize("save", COMPARING)
def test_a_conflict_stores_nothing(save: str) -> None:
    async def make() -> object:
        raise AssertionError("nothing is stored")

    universe = checkout((Fault(1, "version_conflict"),))

    assert isinstance(universe.ask(universe.universe.send(CHECKOUT.site("store", save), make)), VersionConflict)


def test_a_crash_begins_a_new_process_which_makes_the_next_call() -> None:
    counter = Counter(Fault(1, "crash_before"))
    before = counter.universe.app, counter.ports

    assert counter.create() is Crash.OF_THE_PROCESS

    assert counter.universe.app is not before[0]
    assert counter.ports is not before[1]
    assert counter.universe.sites == [CHECKOUT.site("stripe", "create_payment")]


# Where they strike.


@pytest.mark.parametrize("read", [*(("stripe", call) for call in READS), ("carrier", "shipment"), ("store", "get")])
def test_nothing_can_be_half_done_by_a_call_that_does_nothing(read: tuple[str, str]) -> None:
    struck = {kind for kind, _ in kinds_at(CHECKOUT.site(*read))}

    assert {"connection_refused", "request_lost", "crash_before"} <= struck
    assert not struck & {
        "answer_lost",
        "reset",
        "duplicated",
        "crash_after",
        "error_500_done",
        "slow_response",
        "version_conflict",
        "call_hangs",
        "task_cancelled",
    }


@pytest.mark.parametrize("call", [call for call in CALLS if call not in READS])
def test_every_trouble_inside_stripe_strikes_each_call_that_moves_money(call: str) -> None:
    assert {kind for kind, _ in kinds_at(CHECKOUT.site("stripe", call))} == set(AT_STRIPES_DOOR)


@pytest.mark.parametrize(
    ("port", "method", "kinds"),
    [
        (
            "inventory",
            "commit",
            {"connection_refused", "request_lost", "answer_lost", "reset", "duplicated", "crash_after"},
        ),
        ("carrier", "book", {"outage", "responses_dropped", "requests_dropped", "duplicated"}),
        (
            "mailer",
            "send",
            {"connection_refused", "request_lost", "answer_lost", "reset", "duplicated", "crash_before"},
        ),
        (
            "store",
            "change",
            {"connection_refused", "answer_lost", "reset", "crash_before", "crash_after", "version_conflict"},
        ),
        ("stripe", "list_refunds", {"stale_read", "error_500", "outage"}),
    ],
)
def test_each_port_has_its_own_troubles(port: str, method: str, kinds: set[str]) -> None:
    assert kinds <= {kind for kind, _ in kinds_at(CHECKOUT.site(port, method))}


@pytest.mark.parametrize(("port", "method"), [("mailer", "send"), ("store", "change"), ("inventory", "commit")])
def test_stripes_own_troubles_stay_at_stripe(port: str, method: str) -> None:
    assert not {
        kind
        for kind, _ in kinds_at(CHECKOUT.site(port, method))
        if kind.startswith("error") or kind in ("slow_response", "stale_read")
    }


def test_a_lasting_kind_has_every_length_and_another_none() -> None:
    lengths = {
        kind: [seconds for name, seconds in kinds_at(CHECKOUT.site("stripe", "confirm_payment")) if name == kind]
        for kind in KINDS
    }

    assert lengths["outage"] == lengths["responses_dropped"] == lengths["requests_dropped"] == list(LENGTHS_SECONDS)
    assert lengths["reset"] == [NEVER]
