"""What traces may show of every business: the kernel's types and the payments core's, field by field."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.kernel.aggregate import EntryKind, Kind, Review, Transition
from payflows.kernel.changes import Append, Arrive, Emit, Enqueue, Insert, Put, Replace
from payflows.kernel.inbox import Webhook
from payflows.kernel.messages import BusinessEvent, Mail
from payflows.kernel.queue_item import HandlerRecord, QueueItem, WebhookSubject
from payflows.payments.charge import Attempt, Charge
from payflows.payments.model import Decline, Dispute, Payment, Refund
from payflows.stripe.webhooks.response import WebhookResponse

from simulations.stripe.core import ledger

AGGREGATE = "id status version changed_at updated_at failures back_off_until lease_until check_at review"
"""The fields that every aggregate has."""

COMMON_FIELDS: Mapping[type, str] = {
    Charge: (
        "owner_id amount attempt payment_id key_generation is_processing refund_asked refund_id failed_refund_id "
        "refunded settled_elsewhere refunded_minor disputed lost_minor recheck_due orphan_possible orphan_checked_at"
    ),
    Attempt: "number payment_method previous_charge_id charge_id decline",
    Review: "reason detail since blocks",
    Transition: "subject version before after at cause",
    Payment: "id order_id status amount received returned disputed charge_id decline",
    Decline: "code decline_code",
    Refund: "id payment_id amount status",
    Dispute: "id payment_id amount status reinstated_minor",
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
    ledger.Movement: "at_us kind source_id amount_minor",
}
"""The types that every business has, and their fields."""
