"""Sales for the tests of a marketplace: what is sold, and what banks do about it."""

from __future__ import annotations

import pytest

from payflows.marketplace.dispute_case import DisputeCase
from payflows.marketplace.policy import MarketplacePolicy
from payflows.marketplace.sale import Sale
from payflows.money import Money
from simulations.marketplace.scripted_marketplace import ScriptedMarketplace
from tests.plugins.marketplace import OpenMarketplace

ALONE = {"bob": 5_000}
TOGETHER = {"bob": 3_000, "carol": 2_000}
KEEPS_FEE = MarketplacePolicy(returns_fee=False)
GOODS = pytest.mark.parametrize("goods", [ALONE, TOGETHER], ids=["destination", "separate"])
POLICIES = pytest.mark.parametrize("policy", [MarketplacePolicy(), KEEPS_FEE], ids=["fee returned", "fee kept"])
LOST_CALLS = pytest.mark.parametrize("lost", ["lose_answer_of", "lose_request_of", "answer_500_to"])


def usd(minor: int) -> Money:
    return Money(minor, "usd")


def cart(**goods: int) -> dict[str, Money]:
    return {vendor: usd(minor) for vendor, minor in goods.items()}


def with_vendors(open_marketplace: OpenMarketplace, **options: object) -> ScriptedMarketplace:
    """Open a marketplace where Bob and Carol sell, and whose balance does not run short."""
    marketplace = open_marketplace(**options)
    marketplace.onboard("bob")
    marketplace.onboard("carol")
    marketplace.top_up(usd(100_000))
    return marketplace


def sold(marketplace: ScriptedMarketplace, goods: dict[str, int], *, days: int = 4, order_id: str = "order-1") -> Sale:
    """Sell, and wait until the money may be used."""
    sale = marketplace.buy(cart(**goods), order_id=order_id)
    marketplace.pass_time(days=days, minutes=5)
    return sale


def disputed(marketplace: ScriptedMarketplace, sale: Sale, minor: int | None = None) -> DisputeCase:
    """Have the buyer dispute it."""
    marketplace.stripe.dispute(sale.charge.stored_payment_id(), minor)
    marketplace.notice(sale)
    return marketplace.disputes(sale)[-1]


def closed(marketplace: ScriptedMarketplace, sale: Sale, *, won: bool) -> DisputeCase:
    """Have the bank decide."""
    marketplace.stripe.close_dispute(sale.charge.stored_payment_id(), won=won)
    marketplace.notice(sale)
    marketplace.pass_time(minutes=5)
    return marketplace.disputes(sale)[-1]


def owed(marketplace: ScriptedMarketplace) -> list[int]:
    """What may be paid out to Bob and to Carol."""
    return [marketplace.owed_minor(vendor) for vendor in ("bob", "carol")]
