"""A trace is the same in every process, another one when anything in it is another, and holds no personal data."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from payflows.checkout.goods import Address, Hold, HoldStatus
from payflows.checkout.model import Order, OrderStatus
from payflows.errors import CallRejected
from payflows.kernel.evolve import evolve
from payflows.money import Money
from payflows.parties import Customer
from simulations.checkout.naive import naive_checkout
from simulations.checkout.rendering import FIELDS, RENDERER
from simulations.checkout.scripted_shop import cart
from simulations.checkout.stories import LISTENING
from simulations.checkout.testbed import CHECKOUT, CheckoutTestbed
from simulations.checkout.user_actions import end
from simulations.checkout.verdict import JudgedCheckout
from simulations.commands.main import main
from simulations.commands.testbeds import TESTBEDS
from simulations.search.plan import read
from simulations.search.traces import Tracer, digests_of_storms, trace_of, trace_of_storm
from simulations.search.verdict import SafetyMonitor
from simulations.search.waiting import work
from simulations.subscriptions.rendering import FIELDS as OF_SUBSCRIPTIONS
from simulations.subscriptions.testbed import SUBSCRIPTIONS
from tests.sample_orders import with_charge

ROOT = Path(__file__).parents[1]
SEEDS = 100


# The same everywhere.


def started(seeds: int, hash_seed: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "simulations", "trace-hashes", "--seeds", str(seeds), "--workers", "1"]
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def test_two_processes_that_hash_differently_tell_the_same() -> None:
    """I30; ten thousand by `payflows trace-hashes`."""
    said = [process.communicate()[0] for process in (started(SEEDS, "1"), started(SEEDS, "2"))]

    assert said[0] == said[1]
    assert said[0].startswith(f"{SEEDS * len(TESTBEDS):,} traces: ")


def test_any_number_of_processes_tells_the_same() -> None:
    assert list(digests_of_storms(CHECKOUT, range(80), workers=2)) == list(digests_of_storms(CHECKOUT, range(80)))


def test_different_storms_have_different_traces() -> None:
    traces = [trace_of_storm(CHECKOUT, seed) for seed in range(80)]

    different = {(trace.story, trace.plan) for trace in traces}
    assert len({trace.digest for trace in traces}) == len(different) > 70


def test_each_digest_is_printed_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace-hashes", "--seed", "7", "--seeds", "2", "--workers", "1", "--each"]) == 0

    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.split() == ["7", trace_of_storm(CHECKOUT, 7).digest]
    assert second.split() == ["8", trace_of_storm(CHECKOUT, 8).digest]


def test_a_storm_is_traced_like_the_universe_of_its_plan() -> None:
    for seed in range(30):
        stormy = trace_of_storm(CHECKOUT, seed)

        assert trace_of(CHECKOUT, stormy.story, stormy.plan) == stormy


# What is in it.


def test_a_call_is_traced_with_time_arguments_fault_and_answer() -> None:
    lines = trace_of(CHECKOUT, "paid", read("2:answer_lost")).lines

    second = [line for line in lines if line.split()[1] == "2"]
    assert second[0].startswith("0 2 inventory.hold('ord_")
    assert "[Quantity(product_id='mug' quantity=2)], expires_at=2026-01-01T00:" in second[0]
    assert second[1].startswith("20000000 2 2:answer_lost raised OutcomeUnknown #")
    assert [line for line in lines if "Replace(" in line and "status=paid" in line]


def test_a_crash_is_traced() -> None:
    lines = trace_of(CHECKOUT, "paid", read("7:crash_before")).lines

    assert [line for line in lines if line.endswith(" 7:crash_before the process is gone")]
    assert not [line for line in lines if line.split()[1:3] == ["7", "answered"]]


def test_how_it_ended_is_traced() -> None:
    lines = trace_of(CheckoutTestbed(naive_checkout), "paid", read("6:answer_lost")).lines

    assert lines[-1].startswith("broken: I")
    assert "36.22 usd was kept" in lines[-1]
    assert [line for line in lines if line.startswith("Movement(") and "kind=captured" in line]
    assert trace_of(CHECKOUT, "paid").lines[-1] == "broken: None"


def traced(product: str = "mug", quantity: int = 2, *, after_us: int = 0, plan: str = "calm") -> tuple[str, ...]:
    """What a trace shows of a customer who buys."""
    lines, _ = bought(product, quantity, after_us=after_us, plan=plan)
    return lines


def bought(
    product: str = "mug", quantity: int = 2, *, after_us: int = 0, plan: str = "calm"
) -> tuple[tuple[str, ...], Order]:
    """What a trace shows, and the order."""
    tracer = Tracer(RENDERER)
    shop = JudgedCheckout(tracer.universe(read(plan), monitor=SafetyMonitor()), LISTENING)
    shop.clock.now_us += after_us
    shop.ask(
        shop.app.checkout.process_checkout(
            CANARY, "checkout-1", cart=cart(product, quantity), payment_method=CARD, shipping_address=NEST
        )
    )
    work(shop)
    end(shop)
    assert shop.order is not None
    return tuple(tracer.lines), shop.order


def test_it_changes_with_anything_in_it() -> None:
    plain = traced()

    others = [
        traced(),
        traced(quantity=1),
        traced("lamp"),
        traced(after_us=1),
        traced(plan="3:version_conflict"),
    ]

    assert [other == plain for other in others] == [True, False, False, False, False]


def test_values_are_rendered_by_their_listed_fields() -> None:
    order = bought()[1]
    hold = Hold("ord_1", HoldStatus.HELD)

    assert RENDERER.value(hold) == "Hold(id='ord_1' status=held)"
    assert RENDERER.value([Money(3_622, "usd"), None, True, 3, "three"]) == "[36.22 usd, None, True, 3, 'three']"
    assert RENDERER.value(hold) != RENDERER.value(hold._replace(status=HoldStatus.COMMITTED))
    assert RENDERER.value(order) == RENDERER.value(evolve(order))
    for other in (
        evolve(order, status=OrderStatus.PAID),
        evolve(order, failures=order.failures + 1),
        evolve(order, cancel_asked=True),
        evolve(order, changed_at=order.changed_at + timedelta(microseconds=1)),
        with_charge(order, attempt=order.attempt._replace(payment_method="pm_another")),
    ):
        assert RENDERER.value(other) != RENDERER.value(order)


def test_a_call_is_rendered_by_its_listed_arguments() -> None:
    asking = {"payment_method": CARD, "key": "ord_1:confirm", "address": NEST, "to": CANARY.email}

    said = RENDERER.arguments(("ord_1",), asking)

    assert said.startswith("'ord_1', address=..., key='ord_1:confirm', payment_method=#")
    assert said.endswith(", to=...")
    assert RENDERER.arguments(("ord_1",), asking | {"payment_method": "pm_another"}) != said
    assert RENDERER.arguments(("ord_1",), {}) == "'ord_1'"


def test_what_is_not_listed_is_rendered_by_its_name_alone() -> None:
    assert RENDERER.value(CANARY) == "Customer"
    assert RENDERER.value(object()) == "object"


def test_an_error_is_rendered_without_its_text() -> None:
    said = RENDERER.error(CallRejected(f"No such PaymentMethod: '{CARD}'", "resource_missing"))

    assert said.startswith("CallRejected #")
    assert said != RENDERER.error(CallRejected("No such PaymentMethod: 'pm_another'", "resource_missing"))


# Personal data is not in it.

CARD = "pm_canary_of_the_customer"
CANARY = Customer(id="canary", email="canary.bird@example.com")
NEST = Address(name="Canary Bird", line1="7 Canary Row", city="Monterey", postal_code="93940", country="US")
PERSONAL = ("canary", "7 Canary", "Monterey", "93940", "pm_", "@", "Ada Example", "1 Example Street")

WITHHELD = {"customer", "address", "hosted_invoice_url", "return_url"}
"""The only fields of stored values that are not rendered."""

CODE = {"aggregate_type", "entry_type", "transitions", "announce", "check", "schema", "upgrades"}
"""What a kind is made of: it is rendered by its name."""


ALL_FIELDS = {**FIELDS, **OF_SUBSCRIPTIONS}


@pytest.mark.parametrize("kind", ALL_FIELDS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_of_every_field_it_is_decided_whether_it_is_rendered(kind: type) -> None:
    rendered = set(ALL_FIELDS[kind].split())

    fields = {name for base in kind.__mro__ for name in getattr(base, "__annotations__", {})}
    assert rendered <= fields
    assert fields - rendered <= WITHHELD | CODE


SHOWN = ("renewed", "card_refused", "used", "upgraded")


def test_a_subscriber_leaves_no_card_and_no_name_in_a_trace() -> None:
    """I31."""
    lines = "\n".join(line for story in SHOWN for line in trace_of(SUBSCRIPTIONS, story).lines)

    assert "subs_" in lines
    assert [word for word in ("pm_", "cus_", "@", "ada'", "invoice.stripe.example") if word in lines] == []


def test_a_customer_leaves_no_canary_in_a_trace() -> None:
    """I31; a card that Stripe does not know comes back in its refusal, and in the order's review."""
    traces = traced(), traced(plan="6:reset+8:outage/1200")
    lines = "\n".join(line for trace in traces for line in trace)

    assert "confirm_payment" in lines
    assert "webhook.receive" in lines
    assert "mailer.send" in lines
    assert not [canary for canary in PERSONAL if canary.lower() in lines.lower()]


def test_no_storm_leaves_anything_personal_in_a_trace() -> None:
    lines = "\n".join(line for seed in range(60) for line in trace_of_storm(CHECKOUT, seed).lines)

    assert not [canary for canary in PERSONAL if canary in lines]
