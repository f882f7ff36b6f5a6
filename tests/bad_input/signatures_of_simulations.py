"""What users make and call of `simulations`; each parameter is given every wrong type."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from simulations.checkout.day.paired import paired
from simulations.checkout.day.run import run
from simulations.checkout.day.scenario import FlashSale, Patience, Product, ShopDay
from simulations.checkout.points_book import PointsBook
from simulations.checkout.scripted_shop import PRICES, STOCK, ScriptedShop
from simulations.checkout.shop import Shop
from simulations.checkout.webhook_permutations import Course
from simulations.checkout.webhook_shop import WebhookShop
from simulations.network.link import Latency, Outage
from simulations.stripe import (
    BillingSettings,
    ConnectSettings,
    CustomRetries,
    Disturbance,
    Fault,
    HandClock,
    SimulatedStripe,
    SmartRetries,
    StripeTimes,
)
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.time.draws import Draws
from simulations.time.world import World
from tests.bad_input.orders import order_of
from tests.bad_input.signatures import Signature, asked, made

OF_A_SHOP = {
    "policy": "none",
    "draws": "none",
    "gateway_latency": "none",
    "shelf_latency": "none",
    "outage": "none",
    "webhooks": "none",
    "poll_seconds": "none",
    "refuses": "list",
    "stock": "dict",
}
"""What a shop's settings may be."""

FAULTS = (
    "lose_answer_of",
    "lose_request_of",
    "reset_connection_of",
    "answer_500_to",
    "answer_429_to",
    "revoke_key",
    "refuse_connections",
    "slow_down",
)
"""How the simulated Stripe is disturbed."""

SETTINGS_AND_PARTS = [
    made(Product, {"price_minor": 1, "stock": 1}),
    made(FlashSale, product_id="text"),
    made(Patience),
    made(ShopDay, outage="none", flash_sale="none", webhooks="none"),
    made(Course),
    made(Latency),
    made(Outage, {"start": "14:00", "minutes": 1}),
    made(DeliveryConditions, patience_seconds="float", clock_ahead_seconds="negative", api_version="text"),
    made(StripeTimes, {}, **dict.fromkeys(StripeTimes.__slots__, "float")),
    made(Disturbance, {"fault": Fault.SLOW}, call="none text", times="none", until_us="none", slow_seconds="float"),
    made(SimulatedStripe, {"clock": HandClock()}, issuer="none", connect="none"),
    made(BillingSettings, retries="none"),
    made(ConnectSettings, returns_dispute_fee="bool", has_connected_reserves="bool"),
    made(CustomRetries, gaps_days="list"),
    made(SmartRetries),
    made(Draws),
    made(World),
    made(HandClock),
    made(Shop, {"prices": PRICES, "stock": STOCK}, **OF_A_SHOP),
]


def disturbing(fault: str) -> Signature:
    """A fault of the simulated Stripe, of one kind of call or of any."""
    right = {"call": "confirm_payment", **({"seconds": 1} if fault == "slow_down" else {})}
    return asked(
        fault,
        lambda shop: getattr(shop.stripe, fault),
        lambda _: right,
        call="none",
        times="none",
        until="none",
        seconds="float",
        with_effect="bool",
        stored="bool",
    )


def scripted_verb(name: str, _: Shop) -> Callable[..., object]:
    verb: Callable[..., object] = getattr(WebhookShop(), name)
    return verb


METHODS = [
    asked("run", lambda _: run, lambda _: {"scenario": ShopDay(), "seed": 1}, progress="bool"),
    asked("paired", lambda _: paired, lambda _: {"first": ShopDay(), "second": ShopDay(), "seeds": (1,)}),
    asked("World.run", lambda shop: shop.world.run),
    asked("World.run_for", lambda shop: shop.world.run_for, seconds="float"),
    asked("HandClock.pass_time", lambda _: HandClock().pass_time, seconds="float"),
    *map(disturbing, FAULTS),
    asked(
        "ScriptedShop",
        lambda _: ScriptedShop,
        prices="",
        stock="dict",
        settings="bool text float negative list dict object naive none",
    ),
    asked("ScriptedShop.buy", lambda _: ScriptedShop().buy, items="none", return_url="none"),
    *(
        asked(f"WebhookShop.{name}", partial(scripted_verb, name))
        for name in (
            "cancel",
            "refund",
            "come_back",
            "notice",
            "now",
            "path",
            "charged",
            "events",
            "mails",
            "timeline",
            "calls_of",
        )
    ),
    asked(
        "ScriptedShop.pay_again",
        lambda _: ScriptedShop().pay_again,
        lambda shop: {"order": order_of(shop)},
        expected_try="none",
    ),
    asked(
        "ScriptedShop.pass_time",
        lambda _: ScriptedShop().pass_time,
        seconds="float",
        minutes="float",
        hours="float",
        days="float",
    ),
    asked("WebhookShop.shut_door", lambda _: WebhookShop().shut_door, minutes="float"),
    asked(
        "WebhookShop.webhook",
        lambda _: WebhookShop().webhook,
        lambda _: {"event_type": "payment_intent.succeeded"},
        event_type="text",
    ),
    asked(
        "WebhookShop.listen",
        lambda _: WebhookShop().listen,
        lambda _: {"event_type": "order.placed", "book": PointsBook(), "name": "points"},
    ),
]
