"""What users make and call of subscriptions; each parameter is given every wrong type."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from payflows import (
    CancelPolicy,
    ChangeTiming,
    DunningPolicy,
    Metered,
    Money,
    PausePolicy,
    Plan,
    PlanCatalogue,
    PlanPreview,
    SaaSSubscriptionFlow,
    SubscriptionPolicy,
    SubscriptionSetup,
)
from payflows.subscriptions.flow import SaaSSubscriptionFlow as Flow
from simulations.checkout.shop import Shop
from simulations.stripe import BillingSettings
from simulations.subscriptions.catalogue import ADA, MERCHANT, PLANS, PRO, VISA
from simulations.subscriptions.scripted_merchant import ScriptedMerchant
from simulations.time.world import START
from tests.bad_input.signatures import Right, app_with, asked, made, right

PLAN = {"id": "pro", "product": "pro", "price_id": "price_pro", "amount": Money(1, "usd")}

METERED = {"metric": "api_calls", "meter": "api_call", "price_id": "price_calls"}
PREVIEW = {
    "subscription_id": "subs_1",
    "expected_change": 0,
    "plan_id": "pro",
    "seats": 1,
    "timing": ChangeTiming.NOW,
    "amount_due": Money(1, "usd"),
    "credit": Money(0, "usd"),
    "lines": (),
    "renewal": Money(1, "usd"),
    "previewed_at": START,
    "takes_effect_at": START,
}

OF_ONE = (
    "keep_plan",
    "resume",
    "usage",
    "keep",
    "card_runs_empty",
    "now",
    "invoices",
    "access",
    "path",
    "events",
    "mails",
    "timeline",
    "calls_of",
)
"""Verbs of a scripted merchant that take a subscription alone."""


def parts(shop: Shop) -> Right:
    """What the flow is joined from; a shop's Stripe bills too."""
    return {
        "merchant": MERCHANT,
        "plans": PLANS,
        "policy": SubscriptionPolicy(),
        "store": shop.store,
        "payments": shop.stripe,
        "billing": shop.stripe,
        "clock": shop.world,
    }


def flow_of(shop: Shop) -> Flow:
    return SaaSSubscriptionFlow(**parts(shop))  # type: ignore[arg-type]  # each is what it must be


def of(name: str) -> Callable[[Shop], Callable[..., object]]:
    """Find a method of the flow."""
    return lambda shop: getattr(flow_of(shop), name)


def scripted(name: str, _: Shop) -> Callable[..., object]:
    verb: Callable[..., object] = getattr(ScriptedMerchant(), name)
    return verb


SETTINGS_AND_PARTS = [
    made(Plan, PLAN, metered="none"),
    made(Metered, METERED, cap="none"),
    made(PausePolicy, keeps_access="bool"),
    made(PlanPreview, PREVIEW, lines="list"),
    made(PlanCatalogue, {"plans": [PRO]}),
    made(CancelPolicy),
    made(SubscriptionPolicy, dunning="none"),
    made(
        DunningPolicy,
        {"name": "days"},
        attempts="list",
        notices="list",
        limits="list",
        last_day="none",
        access_days="none",
        hour="none",
        allow_uncalibrated="bool",
    ),
    asked("SubscriptionSetup", lambda _: SubscriptionSetup, lambda shop: {"plans": PLANS, "billing": shop.stripe}),
    asked("SaaSSubscriptionFlow", lambda _: SaaSSubscriptionFlow, parts, engine="none"),
    app_with("subscriptions", lambda shop: SubscriptionSetup(plans=PLANS, billing=shop.stripe)),
    asked(
        "ScriptedMerchant",
        lambda _: ScriptedMerchant,
        right(billing=BillingSettings()),
        policy="none",
        webhooks="none",
        mailer="none",
    ),
]

OF_ADA = {"actor": ADA, "subscription_id": "subs_1"}
OF_THE_MERCHANT = {"merchant": MERCHANT}

METHODS = [
    asked("plan", lambda _: PLANS.plan),
    asked(
        "create_subscription",
        of("create_subscription"),
        right(customer=ADA, signup_id="signup-1", plan_id="pro", payment_method=VISA),
        return_url="none",
    ),
    asked("update_card", of("update_card"), right(**OF_ADA, expected_update=0, payment_method=VISA)),
    asked(
        "cancel_subscription",
        of("cancel_subscription"),
        right(**OF_ADA),
        at_period_end="bool",
        reason="none",
        policy="none",
    ),
    asked(
        "preview_plan_change",
        of("preview_plan_change"),
        right(**OF_ADA, plan_id="pro"),
        seats="none",
        timing="none",
    ),
    asked("change_plan", of("change_plan"), lambda _: {**OF_ADA, "confirmed": PlanPreview(**PREVIEW)}),  # type: ignore[arg-type]  # each is right
    asked("pause_subscription", of("pause_subscription"), right(**OF_ADA), resumes_at="none"),
    asked(
        "track_usage",
        of("track_usage"),
        right(**OF_THE_MERCHANT, subscription_id="subs_1", usage_id="usage-1", metric="api_calls", quantity=1),
        used_at="none",
    ),
    asked("advance_usage", of("advance_usage"), right(**OF_THE_MERCHANT, usage_record_id="usage_1")),
    asked(
        "resolve_usage",
        of("resolve_usage"),
        right(**OF_THE_MERCHANT, usage_record_id="usage_1", was_counted=True),
        was_counted="bool",
    ),
    *(
        asked(f"subscriptions.{name}", of(name), right(**OF_ADA))
        for name in (
            "keep_plan",
            "resume_subscription",
            "usage",
            "keep_subscription",
            "customer_action",
            "advance",
            "subscription",
            "invoices",
            "transitions",
        )
    ),
    *(
        asked(f"subscriptions.{name}", of(name), right(**OF_THE_MERCHANT, invoice_id="in_1"))
        for name in ("refund_invoice", "invoice_changed", "advance_invoice")
    ),
    asked("subscription_changed", of("subscription_changed"), right(**OF_THE_MERCHANT, stripe_subscription_id="sub_1")),
    asked("subscriptions.payment_changed", of("payment_changed"), right(**OF_THE_MERCHANT, payment_id="pi_1")),
    *(asked(f"ScriptedMerchant.{name}", partial(scripted, name)) for name in OF_ONE),
    asked("ScriptedMerchant.subscribe", partial(scripted, "subscribe")),
    asked("ScriptedMerchant.refund", partial(scripted, "refund")),
    asked(
        "ScriptedMerchant.pass_time",
        partial(scripted, "pass_time"),
        seconds="float",
        minutes="float",
        hours="float",
        days="float",
    ),
]
