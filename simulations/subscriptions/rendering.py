"""What traces may show of subscriptions: their types, field by field."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.subscriptions.access import Access
from payflows.subscriptions.billing import (
    CreditNote,
    InvoicePreview,
    Items,
    ItemsChange,
    PausedCollection,
    PendingUpdate,
    PreviewLine,
    StripeInvoice,
    StripeSetup,
    StripeSubscription,
    SubscriptionTerms,
)
from payflows.subscriptions.episode import DunningAttempt, DunningEpisode
from payflows.subscriptions.invoice import Invoice
from payflows.subscriptions.model import LatestInvoice, Period, Subscription
from payflows.subscriptions.policy import CancelPolicy
from payflows.subscriptions.signup import SignUp, Terms
from payflows.subscriptions.usage import Usage, UsageTally
from payflows.subscriptions.wishes import Cancellation, CardUpdate, KeptTerms, PauseWish, PlanChange

from simulations.search.common_fields import AGGREGATE, COMMON_FIELDS
from simulations.search.rendering import Renderer

FIELDS: Mapping[type, str] = {
    **COMMON_FIELDS,
    Subscription: (
        f"{AGGREGATE} signup access stripe_id period trial_end cancel_at unpaid_since payment_method setup_id "
        "first_invoice_id latest_invoice look_at card_update card_updates card_decline end_wanted cancellation "
        "dunning_id unpaid_until terms kept change changes paused pause_wanted pause_requests end_requests "
        "usage_settles_at trial_notice_sent trial_notice_at was_asked_for orphan_possible orphan_checked_at "
        "key_generation"
    ),
    Invoice: (
        f"{AGGREGATE} merchant_id subscription_id stripe_subscription_id billing_reason total period_start "
        "period_end is_dunned made_at credited_to_balance_minor past_minor "
        "charge paid_at pay_asked close_asked last_try_asked action_required credit_asked_minor "
        "balance_asked_minor credited_minor key_generation"
    ),
    SignUp: (
        "merchant_id signup_id plan_id product price_id seats total trial_days payment_method signed_up_at "
        "metered_price_id"
    ),
    Terms: " ".join(Terms._fields),
    PlanChange: " ".join(PlanChange._fields),
    KeptTerms: "terms until",
    PauseWish: "paused resumes_at",
    PausedCollection: "behavior resumes_at",
    PendingUpdate: "to expires_at",
    DunningEpisode: (
        f"{AGGREGATE} subscription_id merchant_id amount failed_at ends_at attempts attempts_done notices_done "
        "attempt_at notice_at planned_by"
    ),
    DunningAttempt: " ".join(DunningAttempt._fields),
    Items: " ".join(Items._fields),
    ItemsChange: "item_id metered_item_id to",
    InvoicePreview: "total_minor amount_due lines",
    PreviewLine: "amount_minor period_start period_end",
    Usage: (
        f"{AGGREGATE} subscription_id merchant_id stripe_customer_id usage_id metric meter quantity used_at currency "
        "asked_at is_late key_generation"
    ),
    UsageTally: f"{AGGREGATE} subscription_id metric period_start quantity",
    Access: "is_granted until reason",
    Period: "start end",
    CardUpdate: "number payment_method attached is_waiting",
    Cancellation: "policy reason asked_at is_prorated",
    CancelPolicy: "open_invoices unused_time",
    LatestInvoice: "id status",
    StripeSubscription: " ".join(StripeSubscription._fields),
    StripeInvoice: " ".join(field for field in StripeInvoice._fields if field != "hosted_invoice_url"),
    StripeSetup: "id status payment_method",
    SubscriptionTerms: " ".join(SubscriptionTerms._fields),
    CreditNote: "id invoice_id owner_id amount",
}
"""The types that may be shown, and their fields."""

ARGUMENTS = frozenset(
    {
        "amount",
        "cancel",
        "change",
        "invoice_now",
        "key",
        "meter",
        "order_id",
        "paused",
        "payment_method",
        "prorate",
        "proration_at",
        "quantity",
        "stripe_customer_id",
        "subscription_id",
        "used_at",
    }
)
"""The keyword arguments of calls that may be shown."""

DIGESTED = frozenset({"payment_method", "attached", "detail", "fields", "reason", "stripe_customer_id"})
"""Fields and arguments of which only a digest is shown: ways to pay, customers, and free text."""

RENDERER = Renderer(FIELDS, arguments=ARGUMENTS, digested=DIGESTED)
