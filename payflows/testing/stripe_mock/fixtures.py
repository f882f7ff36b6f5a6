"""The worlds a stripe-mock can stand for: what its fixed answers say about a payment, or about a subscription.

What the answers hold is decided here; `binary` finds or builds stripe-mock, `mock` starts it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from payflows.errors import InvalidInput
from payflows.testing.stripe_mock.billing_fixtures import (
    Fixtures,
    JsonObject,
    SubscriptionFixture,
    subscription_changes,
)


class BadWorld(InvalidInput):
    """A world that is not there, or an amount that no payment can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What became of the payment, the same in every answer: stripe-mock keeps no state.

    Attributes:
        name: as it is asked for.
        sentence: what a reader of a notebook should know about it.
        status: the payment intent's status; None leaves stripe-mock's own, contradictory intent alone.
        charged: the issuer agreed, so that there is a charge.
        captured: the money was taken.
        next_action: what the customer's browser must do before it goes on.
        last_payment_error: why the last try of a card failed.
        subscription: the subscription whose invoice the payment pays; None leaves stripe-mock's own.
    """

    name: str
    sentence: str
    status: str | None = None
    charged: bool = False
    captured: bool = False
    next_action: Mapping[str, object] | None = None
    last_payment_error: Mapping[str, object] | None = None
    subscription: SubscriptionFixture | None = None


_THREE_D_SECURE = {
    "type": "redirect_to_url",
    "redirect_to_url": {"url": "https://bank.example.com/3ds", "return_url": "https://shop.example.com/paid"},
}

_NO_FUNDS = {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"}

_ALL = (
    World(
        name="default",
        sentence="stripe-mock as it comes: the intent wants a card, yet shows an error and an action.",
    ),
    World(
        name="authorised",
        sentence="The issuer agreed and nothing is captured yet.",
        status="requires_capture",
        charged=True,
    ),
    World(
        name="paid",
        sentence="The whole amount is received; the charge is neither refunded nor disputed.",
        status="succeeded",
        charged=True,
        captured=True,
    ),
    World(
        name="requires_action",
        sentence="The issuer wants 3-D Secure: nothing goes on until the customer has answered the bank.",
        status="requires_action",
        next_action=MappingProxyType(_THREE_D_SECURE),
    ),
    World(
        name="subscription_incomplete",
        sentence="A new subscription waits for its first payment: its invoice is open and the intent wants a card.",
        status="requires_payment_method",
        subscription=SubscriptionFixture(status="incomplete", invoice="open"),
    ),
    World(
        name="subscription_trialing",
        sentence="A trial has begun: its invoice is for nothing and paid, and a card is to be set up.",
        status="requires_payment_method",
        subscription=SubscriptionFixture(status="trialing", invoice="paid", is_trial=True),
    ),
    World(
        name="subscription_active",
        sentence="A subscription whose first invoice is paid.",
        status="succeeded",
        charged=True,
        captured=True,
        subscription=SubscriptionFixture(status="active", invoice="paid", attempted=True),
    ),
    World(
        name="subscription_past_due",
        sentence="A renewal could not be collected: its invoice is open, and the card had too little on it.",
        status="requires_payment_method",
        last_payment_error=MappingProxyType(_NO_FUNDS),
        subscription=SubscriptionFixture(
            status="past_due", invoice="open", billing_reason="subscription_cycle", attempted=True
        ),
    ),
    World(
        name="subscription_canceled",
        sentence="A subscription that was paid has ended.",
        status="succeeded",
        charged=True,
        captured=True,
        subscription=SubscriptionFixture(status="canceled", invoice="paid", attempted=True, canceled=True),
    ),
)
WORLDS: Mapping[str, World] = MappingProxyType({world.name: world for world in _ALL})


def world_named(name: str) -> World:
    """The world of that name.

    Raises:
        BadWorld: there is none.
    """
    if name not in WORLDS:
        raise BadWorld(f"stripe-mock's world must be one of {', '.join(WORLDS)}; got {name!r}")
    return WORLDS[name]


def in_world(
    fixtures: Fixtures, world: World, *, amount_minor: int | None = None, currency: str | None = None
) -> Fixtures:
    """Stripe-mock's own fixtures, changed so that all of them tell the world's one story.

    Args:
        fixtures: as stripe-mock carries them; left as they are.
        world: the story.
        amount_minor: the payment's amount instead of the fixture's, so that an order of any total fits.
        currency: its currency instead of the fixture's, in lower case as Stripe writes it.

    Raises:
        BadWorld: the amount is not a positive integer, or the currency not three lower-case letters.
    """
    if world.status is None and amount_minor is None and currency is None:
        return fixtures
    intent = fixtures["payment_intent"]
    amount = _amount(intent["amount"] if amount_minor is None else amount_minor)
    code = _currency(intent["currency"] if currency is None else currency)
    money: JsonObject = {"amount": amount, "currency": code}
    changes: Fixtures = {"payment_intent": {}, "charge": {}, "refund": {}}
    if world.status:
        changes["payment_intent"] = _intent(world, amount, fixtures)
        changes["charge"] = _charge(world, amount, fixtures)
        changes["refund"] = {"charge": fixtures["charge"]["id"], "payment_intent": intent["id"]}
    changed = {kind: fixtures[kind] | money | fields for kind, fields in changes.items()}
    if world.subscription is not None:
        billed = subscription_changes(world.subscription, fixtures, amount, code)
        changed |= {kind: fixtures[kind] | fields for kind, fields in billed.items()}
    return fixtures | changed


def _intent(world: World, amount_minor: int, fixtures: Fixtures) -> JsonObject:
    """The intent's fields in this world; also clears what the fixture holds of other stories."""
    held = world.charged and not world.captured
    return {
        "status": world.status,
        "amount_capturable": amount_minor if held else 0,
        "amount_received": amount_minor if world.captured else 0,
        "capture_method": "manual" if held else "automatic",
        "latest_charge": fixtures["charge"]["id"] if world.charged else None,
        "payment_method": fixtures["payment_method"]["id"],
        "next_action": dict(world.next_action) if world.next_action else None,
        "last_payment_error": dict(world.last_payment_error) if world.last_payment_error else None,
        "canceled_at": None,
        "processing": None,
        "transfer_data": None,
    }


def _charge(world: World, amount_minor: int, fixtures: Fixtures) -> JsonObject:
    """The charge's fields in this world: Stripe calls an authorised one paid, too.

    Expanding `latest_charge` shows it also where the intent has none, so it must not look like money then.
    And its list of refunds always holds the one refund, as every list of stripe-mock holds one object.
    """
    return {
        "payment_intent": fixtures["payment_intent"]["id"],
        "payment_method": fixtures["payment_method"]["id"],
        "status": "succeeded" if world.charged else "pending",
        "paid": world.charged,
        "captured": world.captured,
        "amount_captured": amount_minor if world.captured else 0,
        "amount_refunded": 0,
        "refunded": False,
        "disputed": False,
        "transfer_data": None,
    }


def _amount(amount_minor: object) -> int:
    if type(amount_minor) is not int or amount_minor <= 0:
        raise BadWorld(f"amount_minor must be a positive integer of minor units, got {amount_minor!r}")
    return amount_minor


def _currency(currency: object) -> str:
    if not isinstance(currency, str) or not re.fullmatch("[a-z]{3}", currency):
        raise BadWorld(f"currency must be three lower-case letters such as 'usd', got {currency!r}")
    return currency
