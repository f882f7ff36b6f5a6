"""What users make and call of a marketplace; each parameter is given every wrong type."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from payflows import (
    BusinessType,
    CartPart,
    FeeSchedule,
    FeeTerms,
    FeeTier,
    MarketplacePaymentFlow,
    MarketplacePolicy,
    MarketplaceSetup,
    Money,
    PayoutPolicy,
    Rate,
    StripeFee,
)
from simulations.checkout.shop import Shop
from simulations.marketplace.scripted_marketplace import ADA, PLATFORM, TEN_PERCENT, ScriptedMarketplace
from simulations.stripe import ConnectSettings, SimulatedStripe
from tests.bad_input.signatures import Right, app_with, asked, made, right

PAGE = "https://bazaar.example/vendors"
TERMS = FeeTerms(tiers=(FeeTier(Rate(1_000)),))
OF_ADA = {"actor": ADA, "sale_id": "sale_1"}
OF_THE_PLATFORM = {"merchant": PLATFORM}
SALE = {
    "customer": ADA,
    "order_id": "order-1",
    "cart": [CartPart("bob", Money(5_000, "usd"))],
    "payment_method": "pm_card_visa",
}
VENDOR = {
    "vendor_id": "bob",
    "email": "bob@example.com",
    "country": "US",
    "business_type": BusinessType.INDIVIDUAL,
    "refresh_url": PAGE,
    "return_url": PAGE,
}


def stripe_of(shop: Shop) -> SimulatedStripe:
    return SimulatedStripe(shop.world, connect=ConnectSettings())


def parts(shop: Shop) -> Right:
    """What the flow is joined from."""
    stripe = stripe_of(shop)
    return {
        "merchant": PLATFORM,
        "fees": TEN_PERCENT,
        "policy": MarketplacePolicy(),
        "store": shop.store,
        "payments": stripe,
        "connect": stripe,
        "clock": shop.world,
    }


def of(name: str) -> Callable[[Shop], Callable[..., object]]:
    """Find a method of the flow."""
    return lambda shop: getattr(MarketplacePaymentFlow(**parts(shop)), name)  # type: ignore[arg-type]  # each is right


def scripted(name: str, _: Shop) -> Callable[..., object]:
    verb: Callable[..., object] = getattr(ScriptedMarketplace(), name)
    return verb


SETTINGS_AND_PARTS = [
    made(FeeTerms, {"tiers": (FeeTier(Rate(1_000)),)}, cap_minor="none"),
    made(FeeSchedule, {"currency": "usd", "terms": TERMS}),
    made(StripeFee, {"rate": Rate(290), "fixed_minor": 30}),
    made(PayoutPolicy),
    made(MarketplacePolicy, returns_fee="bool", payouts="none"),
    asked(
        "MarketplaceSetup",
        lambda _: MarketplaceSetup,
        lambda shop: {"fees": TEN_PERCENT, "connect": stripe_of(shop)},
    ),
    asked("MarketplacePaymentFlow", lambda _: MarketplacePaymentFlow, parts, engine="none"),
    app_with("marketplace", lambda shop: MarketplaceSetup(fees=TEN_PERCENT, connect=stripe_of(shop))),
    asked("ScriptedMarketplace", lambda _: ScriptedMarketplace, policy="none", webhooks="none"),
]

METHODS = [
    asked("onboard_vendor", of("onboard_vendor"), right(**VENDOR)),
    asked("process_marketplace_payment", of("process_marketplace_payment"), right(**SALE), return_url="none"),
    asked(
        "marketplace.pay_again",
        of("pay_again"),
        right(**OF_ADA, expected_try=1, payment_method="pm_card_visa"),
        return_url="none",
    ),
    *(asked(f"marketplace.{name}", of(name), right(**OF_ADA)) for name in ("customer_action", "cancel", "sale")),
    asked("marketplace.vendor", of("vendor"), right(vendor_id="bob")),
    asked(
        "marketplace.refund", of("refund"), right(**OF_THE_PLATFORM, sale_id="sale_1", refund_id="r1"), amounts="none"
    ),
    asked("write_off", of("write_off"), right(**OF_THE_PLATFORM, vendor_id="bob")),
    asked(
        "submit_evidence",
        of("submit_evidence"),
        right(**OF_THE_PLATFORM, dispute_id="dp_1", evidence={"text": "A mug."}),
    ),
    asked("account_changed", of("account_changed"), right(**OF_THE_PLATFORM, account_id="acct_1")),
    asked("marketplace.payment_changed", of("payment_changed"), right(**OF_THE_PLATFORM, payment_id="pi_1")),
    asked(
        "ScriptedMarketplace.pass_time",
        partial(scripted, "pass_time"),
        seconds="float",
        minutes="float",
        hours="float",
        days="float",
    ),
]
