"""Which of Stripe's event types are of use, and what each is about. Names only, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class SubjectPlace(NamedTuple):
    """Where a Stripe object names what is to be read.

    Attributes:
        kind: of what is to be read.
        field: of the object that holds its id; None: it is the connected account that the event names.
    """

    kind: str
    field: str | None


PAYMENT = "payment"
SUBSCRIPTION = "subscription"
INVOICE = "invoice"
ACCOUNT = "account"
PAYOUT = "payout"
CHARGE = "charge"
TRANSFER_GROUP = "transfer_group"

SUBJECT_PLACES: Mapping[str, SubjectPlace] = {
    "payment_intent": SubjectPlace(PAYMENT, "id"),
    "charge": SubjectPlace(PAYMENT, "payment_intent"),
    "refund": SubjectPlace(PAYMENT, "payment_intent"),
    "dispute": SubjectPlace(PAYMENT, "payment_intent"),
    "subscription": SubjectPlace(SUBSCRIPTION, "id"),
    "invoice": SubjectPlace(INVOICE, "id"),
    "account": SubjectPlace(ACCOUNT, "id"),
    "capability": SubjectPlace(ACCOUNT, "account"),
    "application": SubjectPlace(ACCOUNT, None),
    "payout": SubjectPlace(PAYOUT, "id"),
    "transfer": SubjectPlace(TRANSFER_GROUP, "transfer_group"),
    "application_fee": SubjectPlace(CHARGE, "originating_transaction"),
}
"""By the kind of Stripe object that a webhook carries."""

OBJECT_OF: Mapping[str, str] = {
    "payment_intent.processing": "payment_intent",
    "payment_intent.requires_action": "payment_intent",
    "payment_intent.amount_capturable_updated": "payment_intent",
    "payment_intent.succeeded": "payment_intent",
    "payment_intent.payment_failed": "payment_intent",
    "payment_intent.canceled": "payment_intent",
    "charge.refunded": "charge",
    "refund.created": "refund",
    "refund.updated": "refund",
    "refund.failed": "refund",
    "charge.dispute.created": "dispute",
    "charge.dispute.updated": "dispute",
    "charge.dispute.funds_withdrawn": "dispute",
    "charge.dispute.funds_reinstated": "dispute",
    "charge.dispute.closed": "dispute",
    "customer.subscription.created": "subscription",
    "customer.subscription.updated": "subscription",
    "customer.subscription.deleted": "subscription",
    "customer.subscription.paused": "subscription",
    "customer.subscription.resumed": "subscription",
    "customer.subscription.trial_will_end": "subscription",
    "customer.subscription.pending_update_applied": "subscription",
    "customer.subscription.pending_update_expired": "subscription",
    "invoice.finalized": "invoice",
    "invoice.paid": "invoice",
    "invoice.payment_failed": "invoice",
    "invoice.payment_action_required": "invoice",
    "invoice.updated": "invoice",
    "invoice.voided": "invoice",
    "invoice.marked_uncollectible": "invoice",
    "invoice.overdue": "invoice",
    "transfer.reversed": "transfer",
    "application_fee.refunded": "application_fee",
    "account.updated": "account",
    "capability.updated": "capability",
    "account.application.deauthorized": "application",
    "payout.paid": "payout",
    "payout.failed": "payout",
}
"""The kind of Stripe object that each event type carries, spelt as Stripe spells them. Any other type is ignored.

Of an invoice that is new Stripe says nothing that its subscription does not: `invoice.created` is left out, and so is
`invoice.payment_succeeded`, which says what `invoice.paid` says.
"""
