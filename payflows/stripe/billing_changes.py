"""Plan changes and their previews at Stripe, on the official SDK."""

from __future__ import annotations

from datetime import datetime

import stripe

from payflows.stripe.billing_mapping import preview_of, subscription_of
from payflows.stripe.calls import ask
from payflows.stripe.errors import Asked
from payflows.subscriptions.billing import InvoicePreview, ItemsChange, StripeSubscription

SUBSCRIPTION = ["latest_invoice.payments"]
"""What is expanded of a subscription."""


class StripeBillingChanges:
    """The part of a `BillingGateway` that changes what subscriptions bill.

    Args:
        client: the gateway's, with its connections and its key.
    """

    def __init__(self, client: stripe.StripeClient) -> None:
        self._subscriptions = client.v1.subscriptions
        self._invoices = client.v1.invoices

    async def preview_change(
        self, stripe_subscription_id: str, *, change: ItemsChange, proration_at: datetime
    ) -> InvoicePreview:
        """Read what a change would cost now, by the same parameters as those of the change."""
        call = self._invoices.create_preview_async(
            {
                "subscription": stripe_subscription_id,
                "subscription_details": {
                    "items": _previewed_items(change),
                    "proration_behavior": "always_invoice",
                    "proration_date": int(proration_at.timestamp()),
                },
            }
        )
        return await ask(Asked("preview_change", stripe_subscription_id), call, preview_of)

    async def change_items(
        self, stripe_subscription_id: str, *, change: ItemsChange, proration_at: datetime | None, key: str
    ) -> StripeSubscription:
        """Have it bill something else: invoiced now, and made once that is paid; None: from the next renewal on."""
        wanted: stripe.params.SubscriptionUpdateParams = {
            "items": _items(change),
            "proration_behavior": "none",
            "expand": SUBSCRIPTION,
        }
        if proration_at is not None:
            wanted["proration_behavior"] = "always_invoice"
            wanted["proration_date"] = int(proration_at.timestamp())
            wanted["payment_behavior"] = "pending_if_incomplete"
        call = self._subscriptions.update_async(stripe_subscription_id, wanted, {"idempotency_key": key})
        return await ask(Asked("change_items", stripe_subscription_id), call, subscription_of)


def _items(change: ItemsChange) -> list[stripe.params.SubscriptionUpdateParamsItem]:
    """Return the licensed item, then what becomes of the metered one."""
    licensed: stripe.params.SubscriptionUpdateParamsItem = {
        "id": change.item_id,
        "price": change.to.price_id,
        "quantity": change.to.quantity,
    }
    metered: stripe.params.SubscriptionUpdateParamsItem = {}
    if change.metered_item_id is not None:
        metered["id"] = change.metered_item_id
    if change.to.metered_price_id is not None:
        metered["price"] = change.to.metered_price_id
    elif change.metered_item_id is not None:
        metered["deleted"] = True
    return [licensed, metered] if metered else [licensed]


def _previewed_items(change: ItemsChange) -> list[stripe.params.InvoiceCreatePreviewParamsSubscriptionDetailsItem]:
    """Return the same items, as a preview names their type."""
    return [{**item} for item in _items(change)]
