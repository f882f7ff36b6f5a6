"""Every kind of call that a simulated day makes is one that Stripe's own validator accepts."""

from __future__ import annotations

import asyncio
from enum import StrEnum

from payflows.checkout.policy import CheckoutPolicy
from payflows.errors import CallRejected
from payflows.money import Money
from payflows.payments.model import CaptureMode
from payflows.stripe.gateway import StripeGateway
from simulations.checkout.day.run import run
from simulations.checkout.scripted_shop import BANK_DEBIT, NO_FUNDS, THREE_D_SECURE, ScriptedShop, cart
from simulations.network.link import Call
from tests.plugins.stripe_mock import StripeMocks
from tests.test_day import QUIET


def test_every_distinct_call_of_a_day_is_accepted_by_stripe_mock(stripe_mock: StripeMocks) -> None:
    calls = _distinct([*run(QUIET, seed=7).shop.calls, *_what_a_day_seldom_has()])

    refused = asyncio.run(_replay(calls, stripe_mock("default").url))

    methods = {call.method for call in calls}
    assert methods == {
        "create_payment",
        "confirm_payment",
        "capture_payment",
        "cancel_payment",
        "retrieve_payment",
        "search_payments",
        "refund_payment",
        "list_refunds",
        "list_disputes",
    }
    assert refused == []


def test_what_stripe_does_not_know_is_noticed(stripe_mock: StripeMocks) -> None:
    creation = {"amount": Money(2_000, "usd"), "stripe_customer_id": None, "key": "ord_1:create:1"}
    wrong = Call(0, 0, "stripe", "create_payment", ("ord_1",), {**creation, "capture": _Never.SOME_DAY}, "ok")

    refused = asyncio.run(_replay([wrong], stripe_mock("default").url))

    assert len(refused) == 1
    assert "capture_method" in refused[0]


class _Never(StrEnum):
    """A capture method that Stripe does not have."""

    SOME_DAY = "some_day"


def _what_a_day_seldom_has() -> list[Call]:
    """Cancelled, refunded and disputed orders, automatic capture, euros, a lost creation that leaves a stray behind."""
    shop = ScriptedShop(pickup_seconds=1_800)
    shop.cancel(shop.buy(checkout_id="paid"))
    disputed = shop.buy(checkout_id="disputed")
    shop.stripe.inquire(disputed.payment_id or "")
    shop.notice(disputed)
    shop.cancel(shop.buy(checkout_id="declined", card=NO_FUNDS))
    shop.buy(cart("tray", 1), checkout_id="euros", card=THREE_D_SECURE)
    shop.stripe.answer_500_to("create_payment", with_effect=True, stored=True, times=3)
    shop.buy(checkout_id="lost")
    shop.settle()
    automatic = ScriptedShop(policy=CheckoutPolicy(capture=CaptureMode.AUTOMATIC))
    automatic.buy(card=BANK_DEBIT)
    return [*shop.calls, *automatic.calls]


def _distinct(calls: list[Call]) -> list[Call]:
    """One of each kind: same method, same arguments but for ids, keys and the exact amount."""
    kinds = {_kind(call): call for call in calls if call.port == "stripe"}
    return list(kinds.values())


def _kind(call: Call) -> tuple[object, ...]:
    shapes = {name: _shape(name, value) for name, value in call.kwargs.items()}
    return (call.method, *sorted(shapes.items()))


def _shape(name: str, value: object) -> str:
    if isinstance(value, Money):
        return value.currency
    return str(type(value)) if name in ("key", "order_id", "stripe_customer_id") else str(value)


async def _replay(calls: list[Call], url: str) -> list[str]:
    """The calls that the mock refused, each as one line."""
    refused = []
    async with StripeGateway.on_mock(url) as gateway:
        for call in calls:
            try:
                await getattr(gateway, call.method)(*call.args, **call.kwargs)
            except CallRejected as refusal:
                refused.append(f"{call.method} {dict(call.kwargs)}: {refusal}")
    return refused
