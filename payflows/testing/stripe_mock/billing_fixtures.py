"""What stripe-mock's fixed answers say about a subscription, its latest invoice and its set-up of a card."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

JsonObject = dict[str, object]
Fixtures = dict[str, JsonObject]
"""One object of each of Stripe's kinds, by the kind's name: what stripe-mock answers with."""

PERIOD_START = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
PERIOD_END = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp())


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionFixture:
    """What became of a subscription of one seat and one month.

    Attributes:
        status: its own.
        invoice: the status of its latest invoice.
        billing_reason: why that was made.
        attempted: whether the payment of that was tried.
        is_trial: it has just begun with a trial: that invoice is for nothing, and a card is to be set up.
        canceled: it has ended.
    """

    status: str
    invoice: str
    billing_reason: str = "subscription_create"
    attempted: bool = False
    is_trial: bool = False
    canceled: bool = False


def subscription_changes(world: SubscriptionFixture, fixtures: Fixtures, amount_minor: int, currency: str) -> Fixtures:
    """The fields of each kind of object in this world; they also clear what the fixtures hold of other stories.

    Items, lines and payments are objects of their own: a list within an object always holds the one fixture.
    """
    return {
        "subscription": _subscription(world, fixtures, currency),
        "subscription_item": _item(fixtures, amount_minor, currency),
        "invoice": _invoice(world, fixtures, amount_minor, currency),
        "line_item": _line(world, fixtures, amount_minor, currency),
        "invoice_payment": _invoice_payment(world, fixtures, amount_minor, currency),
        "setup_intent": _setup(world, fixtures),
        "credit_note": {"amount": amount_minor, "total": amount_minor, "currency": currency, "type": "post_payment"},
    }


def _subscription(world: SubscriptionFixture, fixtures: Fixtures, currency: str) -> JsonObject:
    return {
        "status": world.status,
        "billing_cycle_anchor": PERIOD_START,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": PERIOD_START if world.canceled else None,
        "created": PERIOD_START,
        "currency": currency,
        "default_payment_method": fixtures["payment_method"]["id"] if world.attempted else None,
        "ended_at": PERIOD_START if world.canceled else None,
        "latest_invoice": fixtures["invoice"]["id"],
        "pause_collection": None,
        "pending_setup_intent": fixtures["setup_intent"]["id"] if world.is_trial else None,
        "pending_update": None,
        "start_date": PERIOD_START,
        "trial_end": PERIOD_END if world.is_trial else None,
        "trial_start": PERIOD_START if world.is_trial else None,
    }


def _item(fixtures: Fixtures, amount_minor: int, currency: str) -> JsonObject:
    price = fixtures["price"] | {"currency": currency, "unit_amount": amount_minor, "type": "recurring"}
    return {
        "current_period_start": PERIOD_START,
        "current_period_end": PERIOD_END,
        "price": price,
        "quantity": 1,
        "subscription": fixtures["subscription"]["id"],
    }


def _invoice(world: SubscriptionFixture, fixtures: Fixtures, amount_minor: int, currency: str) -> JsonObject:
    due, is_paid = 0 if world.is_trial else amount_minor, world.invoice == "paid"
    details = {"metadata": {}, "subscription": fixtures["subscription"]["id"]}
    return {
        "status": world.invoice,
        "amount_due": due,
        "amount_overpaid": 0,
        "amount_paid": due if is_paid else 0,
        "amount_remaining": 0 if is_paid else due,
        "attempted": world.attempted or is_paid,
        "attempt_count": int(world.attempted),
        "billing_reason": world.billing_reason,
        "created": PERIOD_START,
        "currency": currency,
        "hosted_invoice_url": "https://invoice.stripe.com/i/acct_123/test_123",
        "last_finalization_error": None,
        "next_payment_attempt": None,
        "parent": {"type": "subscription_details", "quote_details": None, "subscription_details": details},
        "period_start": PERIOD_START,
        "period_end": PERIOD_START,
        "subtotal": due,
        "total": due,
    }


def _line(world: SubscriptionFixture, fixtures: Fixtures, amount_minor: int, currency: str) -> JsonObject:
    details = {
        "invoice_item": None,
        "proration": False,
        "proration_details": {"credited_items": None},
        "subscription": fixtures["subscription"]["id"],
        "subscription_item": fixtures["subscription_item"]["id"],
    }
    due_minor = 0 if world.is_trial else amount_minor
    return {
        "amount": due_minor,
        "currency": currency,
        "description": None,
        "parent": {
            "type": "subscription_item_details",
            "invoice_item_details": None,
            "subscription_item_details": details,
        },
        "period": {"start": PERIOD_START, "end": PERIOD_END},
        "subtotal": due_minor,
    }


def _invoice_payment(world: SubscriptionFixture, fixtures: Fixtures, amount_minor: int, currency: str) -> JsonObject:
    """How the invoice is paid. Its list of payments always holds this one: that of a trial names no intent."""
    is_paid = world.invoice == "paid"
    intent = {} if world.is_trial else {"payment_intent": fixtures["payment_intent"]["id"]}
    return {
        "amount_paid": amount_minor if is_paid else None,
        "amount_requested": amount_minor,
        "currency": currency,
        "invoice": fixtures["invoice"]["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"type": "payment_intent", **intent},
        "status": "paid" if is_paid else "open",
    }


def _setup(world: SubscriptionFixture, fixtures: Fixtures) -> JsonObject:
    """A set-up that waits for a card in a trial, and has one else."""
    none_yet: JsonObject = {"last_setup_error": None, "next_action": None}
    if world.is_trial:
        return none_yet | {"status": "requires_payment_method", "payment_method": None}
    return none_yet | {"status": "succeeded", "payment_method": fixtures["payment_method"]["id"]}
