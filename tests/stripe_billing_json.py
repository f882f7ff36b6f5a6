"""Subscriptions, invoices, set-ups and credit notes as Stripe lays them out, full of people made up."""

from __future__ import annotations

from tests.stripe_json import ADDRESS, EMAIL, NAME, PHONE, Json, error, payment_intent

START, END = 1_700_000_000, 1_702_592_000
HOSTED = "https://invoice.stripe.com/i/acct_1/test_1"


def subscription(**fields: object) -> Json:
    """An active subscription, with its latest invoice and that one's payments expanded."""
    return {
        "id": "sub_1",
        "object": "subscription",
        "billing_cycle_anchor": START,
        "billing_mode": {"type": "flexible"},
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "collection_method": "charge_automatically",
        "created": START,
        "currency": "usd",
        "customer": "cus_1",
        "default_payment_method": "pm_1",
        "description": f"subscription of {NAME}",
        "ended_at": None,
        "items": {"object": "list", "data": [item()], "has_more": False, "url": "/v1/subscription_items"},
        "latest_invoice": invoice(),
        "livemode": False,
        "metadata": {"subscription_id": "subs-1"},
        "pause_collection": None,
        "pending_setup_intent": None,
        "status": "active",
        "trial_end": None,
        "trial_start": None,
        **fields,
    }


def item(**fields: object) -> Json:
    return {
        "id": "si_1",
        "object": "subscription_item",
        "current_period_end": END,
        "current_period_start": START,
        "metadata": {},
        "price": {"id": "price_pro", "object": "price", "currency": "usd", "unit_amount": 2000},
        "quantity": 3,
        "subscription": "sub_1",
        **fields,
    }


def invoice(**fields: object) -> Json:
    """An open invoice of a renewal, with its payments expanded."""
    return {
        "id": "in_1",
        "object": "invoice",
        "amount_due": 5500,
        "amount_paid": 0,
        "amount_remaining": 5500,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "billing_reason": "subscription_cycle",
        "collection_method": "charge_automatically",
        "created": START + 60,
        "currency": "usd",
        "customer": "cus_1",
        "customer_address": ADDRESS,
        "customer_email": EMAIL,
        "customer_name": NAME,
        "customer_phone": PHONE,
        "hosted_invoice_url": HOSTED,
        "lines": {"object": "list", "data": [line()], "has_more": False, "url": "/v1/invoices/in_1/lines"},
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "parent": {
            "type": "subscription_details",
            "quote_details": None,
            "subscription_details": {"metadata": {"subscription_id": "subs-1"}, "subscription": "sub_1"},
        },
        "payments": {"object": "list", "data": [payment()], "has_more": False, "url": "/v1/invoice_payments"},
        "period_end": START,
        "period_start": START - 2_592_000,
        "post_payment_credit_notes_amount": 0,
        "status": "open",
        "subtotal": 6000,
        "total": 6000,
        **fields,
    }


def paid_invoice(**fields: object) -> Json:
    return invoice(**({"status": "paid", "amount_paid": 5500, "amount_remaining": 0, "attempted": True} | fields))


def line(*, proration: bool = False, start: int = START, end: int = END) -> Json:
    """A line of an invoice."""
    return {
        "id": "il_1",
        "object": "line_item",
        "amount": 6000,
        "currency": "usd",
        "parent": {
            "type": "subscription_item_details",
            "invoice_item_details": None,
            "subscription_item_details": {"proration": proration, "subscription": "sub_1", "subscription_item": "si_1"},
        },
        "period": {"start": start, "end": end},
    }


def payment(**fields: object) -> Json:
    """How an invoice is paid."""
    return {
        "id": "inpay_1",
        "object": "invoice_payment",
        "amount_requested": 5500,
        "invoice": "in_1",
        "is_default": True,
        "livemode": False,
        "payment": {"type": "payment_intent", "payment_intent": "pi_1"},
        "status": "open",
        **fields,
    }


def listed(*found: Json) -> Json:
    """A list within an object."""
    return {"object": "list", "data": list(found), "has_more": False, "url": "/v1/canary"}


def setup_intent(**fields: object) -> Json:
    return {
        "id": "seti_1",
        "object": "setup_intent",
        "client_secret": "seti_1_secret_canaryOfTheKey",
        "created": START,
        "customer": "cus_1",
        "description": f"card of {NAME}",
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "payment_method": "pm_1",
        "status": "succeeded",
        "usage": "off_session",
        **fields,
    }


def credit_note(**fields: object) -> Json:
    return {
        "id": "cn_1",
        "object": "credit_note",
        "amount": 1500,
        "created": START,
        "currency": "usd",
        "customer": "cus_1",
        "invoice": "in_1",
        "livemode": False,
        "metadata": {"subscription_id": "subs-1"},
        "status": "issued",
        "total": 1500,
        "type": "post_payment",
        **fields,
    }


def meter_event(**fields: object) -> Json:
    return {
        "object": "billing.meter_event",
        "created": START,
        "event_name": "calls",
        "identifier": "usage-1",
        "livemode": False,
        "payload": {"stripe_customer_id": "cus_1", "value": "7"},
        "timestamp": START,
        **fields,
    }


def payment_method(**fields: object) -> Json:
    return {
        "id": "pm_1",
        "object": "payment_method",
        "billing_details": {"address": ADDRESS, "email": EMAIL, "name": NAME, "phone": PHONE},
        "card": {"brand": "visa", "last4": "4242"},
        "created": START,
        "customer": "cus_1",
        "livemode": False,
        "metadata": {},
        "type": "card",
        **fields,
    }


ACTION_REQUIRED = error(
    "card_error",
    "This payment requires additional user action before it can be completed successfully. Payment can be completed "
    "using the PaymentIntent associated with the invoice.",
    code="invoice_payment_intent_requires_action",
    payment_intent=payment_intent(status="requires_action"),
)
SETUP_DECLINED = error(
    "card_error",
    "Your card was declined.",
    code="card_declined",
    decline_code="generic_decline",
    setup_intent=setup_intent(status="requires_payment_method"),
)
ALREADY_CANCELED = error("invalid_request_error", "No such subscription: 'sub_1'", code="resource_missing", param="id")
USAGE_EXISTS = error("invalid_request_error", "An event already exists with identifier usage-1.")
NO_SUCH_CALL = error("invalid_request_error", "Unrecognized request URL (POST: /v1/subscriptions/sub_1/pause).")
