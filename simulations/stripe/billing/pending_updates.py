"""Pending updates: changes that wait for their invoice to be paid. When they are made or dropped is in `invoicing`.

Source: docs.stripe.com/billing/subscriptions/pending-updates.
"""

from __future__ import annotations

from dataclasses import dataclass

from payflows.subscriptions import billing

from simulations.stripe.billing.invoices import Invoice, InvoiceLine, moment
from simulations.stripe.billing.prices import Price
from simulations.stripe.core.events import Json


@dataclass(eq=False)
class PendingUpdate:
    """A change of a subscription's item that waits.

    Attributes:
        expires_at: when it is dropped.
        invoice: the one that it waits for.
        billed: the items that waited for an invoice before, and are on this one.
        is_announced: whether its payment failed, so that it is seen; before that it is being tried.
    """

    price: Price
    quantity: int
    metered_price: Price | None
    expires_at: int
    invoice: Invoice
    billed: tuple[InvoiceLine, ...]
    is_announced: bool = False

    def as_pending_update(self) -> billing.PendingUpdate:
        """Return it as the port answers it."""
        metered_price_id = None if self.metered_price is None else self.metered_price.id
        items = billing.Items(self.price.id, self.quantity, metered_price_id)
        return billing.PendingUpdate(items, moment(self.expires_at))

    def to_stripe(self, item: Json) -> Json:
        """Return the part of the subscription as the API would answer it, with the licensed item as it is to be."""
        return {
            "billing_cycle_anchor": None,
            "expires_at": self.expires_at,
            "subscription_items": [item | {"price": self.price.to_stripe(), "quantity": self.quantity}],
            "trial_end": None,
            "trial_from_plan": None,
        }
