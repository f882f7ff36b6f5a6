"""What traces may show of a checkout: its types, field by field. How a value becomes text is in `search.rendering`."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.checkout.goods import Hold, Quantity, Shipment
from payflows.checkout.inmemory import inventory
from payflows.checkout.model import Order, Purchase
from payflows.checkout.pricing import Price

from simulations.search.common_fields import AGGREGATE, COMMON_FIELDS
from simulations.search.rendering import Renderer

_ORDER = f"{AGGREGATE} purchase charge hold_until renew_hold_at reason cancel_asked tracking_number"

FIELDS: Mapping[type, str] = {
    **COMMON_FIELDS,
    Order: _ORDER,
    Purchase: "merchant_id checkout_id price placed_at deadline_at",
    Price: "lines goods subtotal tax shipping total",
    Quantity: "product_id quantity",
    Hold: "id status expires_at",
    Shipment: "order_id status tracking_number reason",
    inventory.Movement: "at hold_id product_id quantity status",
}
"""The types that may be shown, and their fields."""

ARGUMENTS = frozenset({"amount", "capture", "key", "order_id", "expires_at", "goods", "payment_method"})
"""The keyword arguments of calls that may be shown."""

DIGESTED = frozenset({"payment_method", "detail", "fields", "lines"})
"""Fields and arguments of which only a digest is shown: ways to pay, free text, and what is long."""

RENDERER = Renderer(FIELDS, arguments=ARGUMENTS, digested=DIGESTED)
