"""Each call of the billing port about one subscription, and the object that Stripe answers it with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

from payflows.money import Money
from payflows.subscriptions.billing import Items, ItemsChange, PauseBehavior, PausedCollection, SubscriptionTerms
from payflows.subscriptions.gateway import BillingGateway
from tests import stripe_billing_json as shown
from tests.stripe_json import Json, page

TERMS = SubscriptionTerms("cus_1", "price_pro", quantity=3)
CHANGE = ItemsChange("si_1", None, Items("price_max", 5))
PAUSED = PausedCollection(PauseBehavior.VOID, datetime.fromtimestamp(1_702_000_000, UTC))
PRORATED_AT = datetime.fromtimestamp(1_701_000_000, UTC)

Call = Callable[[BillingGateway], Awaitable[object]]

CALLS: Mapping[str, Call] = {
    "create_subscription": lambda billing: billing.create_subscription("subs-1", TERMS, key="k"),
    "retrieve_subscription": lambda billing: billing.retrieve_subscription("sub_1"),
    "list_subscriptions": lambda billing: billing.list_subscriptions("cus_1", subscription_id="subs-1"),
    "set_default_payment_method": lambda billing: billing.set_default_payment_method(
        "sub_1", payment_method="pm_1", key="k"
    ),
    "set_cancel_at_period_end": lambda billing: billing.set_cancel_at_period_end("sub_1", cancel=True, key="k"),
    "cancel_subscription": lambda billing: billing.cancel_subscription(
        "sub_1", prorate=True, invoice_now=True, key="k"
    ),
    "preview_change": lambda billing: billing.preview_change("sub_1", change=CHANGE, proration_at=PRORATED_AT),
    "change_items": lambda billing: billing.change_items("sub_1", change=CHANGE, proration_at=PRORATED_AT, key="k"),
    "pause_collection": lambda billing: billing.pause_collection("sub_1", paused=PAUSED, key="k"),
    "resume_collection": lambda billing: billing.resume_collection("sub_1", key="k"),
    "pause_subscription": lambda billing: billing.pause_subscription("sub_1", key="k"),
    "resume_subscription": lambda billing: billing.resume_subscription("sub_1", key="k"),
    "report_usage": lambda billing: billing.report_usage(
        "usage-1", stripe_customer_id="cus_1", meter="calls", quantity=7, used_at=PRORATED_AT, key="k"
    ),
    "attach_payment_method": lambda billing: billing.attach_payment_method(
        "pm_card_visa", stripe_customer_id="cus_1", key="k"
    ),
    "confirm_setup": lambda billing: billing.confirm_setup("seti_1", payment_method="pm_1", key="k"),
    "retrieve_setup": lambda billing: billing.retrieve_setup("seti_1"),
    "retrieve_setup_action": lambda billing: billing.retrieve_setup_action("seti_1"),
    "retrieve_invoice": lambda billing: billing.retrieve_invoice("in_1"),
    "list_invoices": lambda billing: billing.list_invoices("sub_1"),
    "finalize_invoice": lambda billing: billing.finalize_invoice("in_1", key="k"),
    "pay_invoice": lambda billing: billing.pay_invoice("in_1", payment_method="pm_1", key="k"),
    "void_invoice": lambda billing: billing.void_invoice("in_1", key="k"),
    "credit_invoice": lambda billing: billing.credit_invoice(
        "in_1", subscription_id="subs-1", amount=Money(1500, "usd"), key="k"
    ),
    "list_credit_notes": lambda billing: billing.list_credit_notes("in_1"),
}
"""By the port's method."""


def answer_to(call: str) -> Json:
    """The object that Stripe answers with."""
    single = {
        "attach_payment_method": shown.payment_method(),
        "confirm_setup": shown.setup_intent(),
        "retrieve_setup": shown.setup_intent(),
        "retrieve_setup_action": shown.setup_intent(status="requires_action", next_action={"type": "use_stripe_sdk"}),
        "credit_invoice": shown.credit_note(),
        "report_usage": shown.meter_event(),
        "preview_change": shown.invoice(id="upcoming_in_1", status="draft", payments=None),
        "list_subscriptions": page(shown.subscription()),
        "list_invoices": page(shown.invoice()),
        "list_credit_notes": page(shown.credit_note()),
    }
    return single.get(call) or (shown.invoice() if call.endswith("invoice") else shown.subscription())
