"""Pauses: how the API shows them, and how one ends once an invoice is paid. When that happens is in `pausing`.

Source: docs.stripe.com/billing/subscriptions/pause.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from payflows.subscriptions.billing import PausedCollection

from simulations.stripe.billing.invoices import Invoice, InvoiceLine
from simulations.stripe.core.events import Json


@dataclass(eq=False)
class Resumption:
    """A subscription's beginning again.

    Attributes:
        invoice: the one that it waits for, of the new period.
        billed: the items that waited for an invoice before, and are on this one.
        starts_at: when the new period begins.
        follow: does what follows from how the invoice stands.
    """

    invoice: Invoice
    billed: tuple[InvoiceLine, ...]
    starts_at: int
    follow: Callable[[], None]


def words_of_pause(collection: PausedCollection | None, paused_at: int | None, trial_end: int | None) -> Json:
    """Return the parts of a subscription that say how its collection is paused, and since when and why it is itself."""
    words: Json = {"pause_collection": None}
    if collection is not None:
        resumes_at = None if collection.resumes_at is None else int(collection.resumes_at.timestamp())
        words["pause_collection"] = {"behavior": collection.behavior.value, "resumes_at": resumes_at}
    if paused_at is not None:
        reason = "trial_end_without_payment_method" if paused_at == trial_end else "pause_requested"
        paused: Json = {"subscription": {"type": reason}, "transitioned_at": paused_at, "type": "subscription"}
        words["status_details"] = {"paused": paused}
    return words
