"""What traces may show of a checkout: its types, field by field. How a value becomes text is in `search.rendering`."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.checkout.goods import Hold, Quantity, Shipment
from payflows.checkout.inmemory import inventory
from payflows.checkout.model import Order, Purchase
from payflows.checkout.pricing import Price
from payflows.kernel.aggregate import EntryKind, Kind, Review, Transition
from payflows.kernel.changes import Append, Arrive, Emit, Enqueue, Insert, Put, Replace
from payflows.kernel.inbox import Webhook
from payflows.kernel.messages import BusinessEvent, Mail
from payflows.kernel.queue_item import HandlerRecord, QueueItem, WebhookSubject
from payflows.payments.charge import Attempt, Charge
from payflows.payments.model import Decline, Dispute, Payment, Refund
from payflows.stripe.webhooks.response import WebhookResponse

from simulations.search.rendering import Renderer
from simulations.stripe.core import ledger

_AGGREGATE = "id status version changed_at updated_at failures back_off_until lease_until check_at review"
_ORDER = f"{_AGGREGATE} purchase charge hold_until renew_hold_at reason cancel_asked tracking_number"
_CHARGE = (
    "owner_id amount attempt payment_id key_generation is_processing refund_asked refund_id failed_refund_id refunded "
    "refunded_minor disputed lost_minor recheck_due orphan_possible orphan_checked_at"
)

FIELDS: Mapping[type, str] = {
    Order: _ORDER,
    Charge: _CHARGE,
    Purchase: "merchant_id checkout_id price placed_at deadline_at",
    Price: "lines goods subtotal tax shipping total",
    Attempt: "number payment_method previous_charge_id charge_id decline",
    Review: "reason detail since blocks",
    Transition: "subject version before after at cause",
    Payment: "id order_id status amount received returned disputed charge_id decline",
    Decline: "code decline_code",
    Refund: "id payment_id amount status",
    Dispute: "id payment_id amount status",
    Quantity: "product_id quantity",
    Hold: "id status expires_at",
    Shipment: "order_id status tracking_number reason",
    BusinessEvent: "key type subject at amount reason",
    Mail: "key kind subject at about reason",
    QueueItem: "queue key content came_at due_at status failures last_error finished_at arrivals version",
    WebhookSubject: "source kind id",
    Webhook: "key owner at type created_at subject ignored",
    HandlerRecord: "name fields version",
    Kind: "name",
    EntryKind: "name",
    Insert: "kind after",
    Replace: "kind before after",
    Append: "kind entries",
    Emit: "messages",
    Enqueue: "item",
    Arrive: "item",
    Put: "before after",
    WebhookResponse: "code ignored",
    inventory.Movement: "at hold_id product_id quantity status",
    ledger.Movement: "at_us kind source_id amount_minor",
}
"""The types that may be shown, and their fields."""

ARGUMENTS = frozenset({"amount", "capture", "key", "order_id", "expires_at", "goods", "payment_method"})
"""The keyword arguments of calls that may be shown."""

DIGESTED = frozenset({"payment_method", "detail", "fields", "lines"})
"""Fields and arguments of which only a digest is shown: ways to pay, free text, and what is long."""

RENDERER = Renderer(FIELDS, arguments=ARGUMENTS, digested=DIGESTED)
