"""What the hand-written year is made of: a subscriber and an invoice as dicts. What happens to them is elsewhere."""

from __future__ import annotations

from typing import Any

from simulations.stripe.billing.calendar import boundary
from simulations.stripe.payments.methods import Issuer
from simulations.subscriptions.year.models import DAY_SECONDS, Behaviour
from simulations.subscriptions.year.sign_ups import SignUp

Row = dict[str, Any]
"""A subscriber, or an invoice; moments in Unix seconds."""


def a_subscriber(sign_up: SignUp, behaviour: Behaviour, issuer: Issuer, now: int) -> Row:
    """Return a subscriber who signs up now."""
    anchor, months = now + sign_up.trial_days * DAY_SECONDS, sign_up.plan.interval.months
    return {
        "number": sign_up.number,
        "total": sign_up.plan.total(sign_up.seats).minor,
        "months": months,
        "anchor": anchor,
        "periods": 0 if sign_up.trial_days else months,
        "start": now,
        "end": anchor if sign_up.trial_days else boundary(anchor, months),
        "status": "incomplete",
        "statuses": [],
        "invoices": [],
        "has_card": False,
        "cancels_with_period": False,
        "mails": {},
        "events": 0,
        "behaviour": behaviour,
        "issuer": issuer,
    }


def an_invoice(ours: Row, now: int, total: int, *, status: str) -> Row:
    """Return an invoice of the current period; one for nothing is paid."""
    return {
        "start": ours["start"],
        "made": now,
        "total": total,
        "status": status if total else "paid",
        "cards": 1 if total else 0,
        "charges": 0,
        "asks": False,
        "is_asked": False,
        "failures": 0,
        "known_failures": 0,
    }


def has_ended(ours: Row, *, known: bool = False) -> bool:
    """Say whether a subscription has ended at Stripe, or as far as the merchant knows."""
    status = ours["statuses"][-1] if known else ours["status"]
    return status in ("canceled", "cancelled", "incomplete_expired")
