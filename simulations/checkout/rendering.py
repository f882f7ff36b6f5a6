"""What traces may show of a checkout: its types, field by field. How a value becomes text is in `search.rendering`."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.checkout.goods import Hold, Quantity, Shipment
from payflows.checkout.inmemory import inventory
from payflows.checkout.model import Attempt, Order, Purchase, Review, Transition
from payflows.checkout.pricing import Price
from payflows.kernel.delivery import ChangeSet, Delivery, HandlerRecord, OrderWrite, RecordWrite
from payflows.kernel.inbox_entry import Answer, WebhookEntry
from payflows.kernel.messages import BusinessEvent, Mail
from payflows.payments.model import Decline, Payment, Refund

from simulations.search.rendering import Renderer
from simulations.stripe.core import ledger

_ORDER = (
    "id purchase status version changed_at due_at waits attempt payment_id key_generation hold_until reason "
    "cancel_asked refund_asked refund_id failed_refund_id refunded in_processing refunded_minor disputed "
    "tracking_number review orphan_possible orphan_checked_at payment_recheck_due"
)

FIELDS: Mapping[type, str] = {
    Order: _ORDER,
    Purchase: "merchant_id checkout_id price placed_at deadline_at",
    Price: "lines goods subtotal tax shipping total",
    Attempt: "number payment_method previous_charge_id charge_id decline",
    Review: "reason detail since",
    Transition: "order_id version before after at reason",
    Payment: "id order_id status amount received returned disputed charge_id decline",
    Decline: "code decline_code",
    Refund: "id payment_id amount status",
    Quantity: "product_id quantity",
    Hold: "id status expires_at",
    Shipment: "order_id status tracking_number reason",
    BusinessEvent: "key type order_id at amount reason",
    Mail: "key kind order_id reason",
    Delivery: "key event handler status due_at waits reason delivered_at version",
    HandlerRecord: "name fields version",
    ChangeSet: "orders records messages",
    OrderWrite: "before after messages",
    RecordWrite: "before after",
    WebhookEntry: "event_id type object_id payment_id created_at received_at status due_at waits reason version",
    Answer: "code",
    inventory.Movement: "at hold_id product_id quantity status",
    ledger.Movement: "at_us kind payment_id amount_minor",
}
"""The types that may be shown, and their fields."""

ARGUMENTS = frozenset({"amount", "capture", "key", "order_id", "expires_at", "goods", "payment_method"})
"""The keyword arguments of calls that may be shown."""

DIGESTED = frozenset({"payment_method", "detail", "fields", "lines"})
"""Fields and arguments of which only a digest is shown: ways to pay, free text, and what is long."""

RENDERER = Renderer(FIELDS, arguments=ARGUMENTS, digested=DIGESTED)
