"""What a marketplace is asked, and by whom: all that is wrong is refused before anything is stored or called."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import pytest

from payflows.errors import InvalidInput, InvalidMoney, InvalidSale, NotFound, OrderIdReused
from payflows.kernel.aggregate import Kind
from payflows.marketplace.connect import BusinessType
from payflows.marketplace.input import CartPart
from payflows.marketplace.messages import DISPUTES, MOVEMENTS, PAYOUTS, SALES, VENDORS
from payflows.marketplace.volume import VOLUMES
from payflows.money import Money
from payflows.parties import Customer, Merchant
from simulations.marketplace.scripted_marketplace import ADA, PLATFORM, ScriptedMarketplace
from tests.marketplace_sales import cart, usd

EVE = Customer(id="eve", email="eve@example.com")
OTHER = Merchant(id="mer_other")
KINDS: tuple[Kind[Any], ...] = (VENDORS, SALES, MOVEMENTS, DISPUTES, PAYOUTS, VOLUMES)
PAGE = "https://bazaar.example/vendors"
GOODS = [CartPart("bob", usd(5_000))]
Asked = Callable[[ScriptedMarketplace], Coroutine[Any, Any, object]]


def assert_refused(marketplace: ScriptedMarketplace, ask: Asked, error: type[Exception]) -> str:
    """Ask for something wrong: an error that says so, and nothing else."""
    before = [list(marketplace.store.all(kind)) for kind in KINDS], marketplace.lines, len(marketplace.calls)
    with pytest.raises(error) as refusal:
        marketplace.world.run(ask(marketplace))
    after = [list(marketplace.store.all(kind)) for kind in KINDS], marketplace.lines, len(marketplace.calls)
    assert after == before
    assert len(str(refusal.value)) > 8
    return str(refusal.value)


def sale_of(**wrong: Any) -> Asked:
    right: dict[str, Any] = {"customer": ADA, "order_id": "order-1", "cart": GOODS, "payment_method": "pm_card_visa"}
    return lambda marketplace: marketplace.flow.process_marketplace_payment(**{**right, **wrong})


def vendor_with(**wrong: Any) -> Asked:
    right: dict[str, Any] = {
        "vendor_id": "dave",
        "email": "dave@example.com",
        "country": "US",
        "business_type": BusinessType.INDIVIDUAL,
        "refresh_url": PAGE,
        "return_url": PAGE,
    }
    return lambda marketplace: marketplace.flow.onboard_vendor(**{**right, **wrong})


@pytest.mark.parametrize(
    "wrong",
    [
        {"customer": "ada"},
        {"customer": PLATFORM},
        {"order_id": ""},
        {"order_id": "x" * 256},
        {"order_id": 7},
        {"cart": []},
        {"cart": "bob"},
        {"cart": [("bob", usd(100))]},
        {"cart": [CartPart("bob", usd(0))]},
        {"cart": [CartPart("bob", 10.0)]},  # type: ignore[arg-type]
        {"cart": [CartPart("", usd(100))]},
        {"cart": [CartPart("bob", usd(100)), CartPart("bob", usd(100))]},
        {"cart": [CartPart("bob", usd(100)), CartPart("carol", Money(100, "eur"))]},
        {"cart": [CartPart(f"v{n}", usd(100)) for n in range(21)]},
        {"cart": [CartPart("bob", usd(100), None)]},  # type: ignore[arg-type]
        {"payment_method": "4242424242424242"},
        {"payment_method": "pm_4242424242424242"},
        {"payment_method": None},
        {"return_url": "javascript:alert(1)"},
    ],
)
def test_a_sale_that_cannot_be(marketplace: ScriptedMarketplace, wrong: dict[str, Any]) -> None:
    said = assert_refused(marketplace, sale_of(**wrong), InvalidSale)

    assert "4242" not in said


@pytest.mark.parametrize(
    ("goods", "error"),
    [
        ([CartPart("bob", usd(49))], InvalidMoney),
        ([CartPart("bob", Money(5_000, "eur"))], InvalidSale),
        ([CartPart("dave", usd(5_000))], NotFound),
        ([CartPart("bob", usd(5_000)), CartPart("dave", usd(5_000))], NotFound),
    ],
)
def test_a_sale_that_is_not_possible_here(
    marketplace: ScriptedMarketplace, goods: list[CartPart], error: type[InvalidInput]
) -> None:
    """M13: below Stripe's least charge, in another currency than the vendor's, of an unknown vendor."""
    assert_refused(marketplace, sale_of(cart=goods), error)


@pytest.mark.parametrize(
    "wrong",
    [
        {"vendor_id": ""},
        {"vendor_id": None},
        {"email": "dave"},
        {"email": "dave@example.com\r\nBcc: eve@example.com"},
        {"email": None},
        {"country": "us"},
        {"country": "XX"},
        {"country": None},
        {"country": ["US"]},
        {"business_type": "individual"},
        {"refresh_url": "http://bazaar.example"},
        {"return_url": "javascript:alert(1)"},
        {"return_url": "https://user@bazaar.example"},
        {"refresh_url": None},
        {"refresh_url": ""},
    ],
)
def test_a_vendor_who_cannot_be_onboarded(marketplace: ScriptedMarketplace, wrong: dict[str, Any]) -> None:
    """M8, M15: checked before the account is made."""
    assert_refused(marketplace, vendor_with(**wrong), InvalidSale)


def test_the_same_ids_with_other_content(marketplace: ScriptedMarketplace) -> None:
    """I32"""
    marketplace.buy(cart(bob=5_000))

    assert_refused(marketplace, sale_of(cart=[CartPart("bob", usd(5_001))]), OrderIdReused)
    assert_refused(marketplace, sale_of(cart=[CartPart("carol", usd(5_000))]), OrderIdReused)
    assert_refused(marketplace, sale_of(cart=[CartPart("bob", usd(5_000), "art")]), OrderIdReused)
    assert_refused(marketplace, vendor_with(vendor_id="bob", email="robert@example.com"), OrderIdReused)
    assert_refused(marketplace, vendor_with(vendor_id="bob", email="bob@example.com", country="DE"), OrderIdReused)


def test_the_same_again_is_the_same(marketplace: ScriptedMarketplace) -> None:
    """I32: no second charge, no second account."""
    once = marketplace.buy(cart(bob=5_000))
    vendor = marketplace.vendor("bob")

    again = marketplace.buy(cart(bob=5_000))
    marketplace.onboard("bob")

    assert again.id == once.id
    assert marketplace.stripe.net_for(once.id) == usd(5_000)
    assert marketplace.vendor("bob").account_id == vendor.account_id
    assert [call.method for call in marketplace.calls].count("create_split_payment") == 1
    assert [call.method for call in marketplace.calls].count("create_account") == 2


def test_the_same_parts_in_another_order_are_the_same_cart(marketplace: ScriptedMarketplace) -> None:
    once = marketplace.buy(cart(bob=5_000, carol=700))

    assert marketplace.buy(cart(carol=700, bob=5_000)).id == once.id
    assert marketplace.stripe.net_for(once.id) == usd(5_700)


def test_two_buyers_may_use_the_same_order_id(marketplace: ScriptedMarketplace) -> None:
    mine = marketplace.buy(cart(bob=5_000))

    theirs = marketplace.buy(cart(bob=7_000), customer=EVE)

    assert theirs.id != mine.id


def test_a_sale_is_shown_to_its_buyer_and_its_platform_only(marketplace: ScriptedMarketplace) -> None:
    """Rule 11: to each request about another's sale the answer is that there is none."""
    sale = marketplace.buy(cart(bob=5_000), card="pm_card_threeDSecure2Required")
    flow = marketplace.flow
    payment_id, account_id = sale.charge.stored_payment_id(), marketplace.vendor("bob").stored_account_id()
    asked: list[Asked] = [
        lambda _: flow.sale(EVE, sale.id),
        lambda _: flow.sale(OTHER, sale.id),
        lambda _: flow.pay_again(EVE, sale.id, expected_try=1, payment_method="pm_card_visa"),
        lambda _: flow.customer_action(EVE, sale.id),
        lambda _: flow.cancel(EVE, sale.id),
        lambda _: flow.cancel(OTHER, sale.id),
        lambda _: flow.refund(OTHER, sale.id, "r1"),
        lambda _: flow.payment_changed(OTHER, payment_id),
        lambda _: flow.account_changed(OTHER, account_id),
        lambda _: flow.write_off(OTHER, "bob"),
        lambda _: flow.sale(ADA, "sale_unknown"),
        lambda _: flow.account_changed(PLATFORM, "acct_unknown"),
        lambda _: flow.vendor("unknown"),
    ]

    for ask in asked:
        assert_refused(marketplace, ask, NotFound)

    assert marketplace.world.run(flow.sale(PLATFORM, sale.id)).id == sale.id
    marketplace.cancel(sale)


def _try_again(given: dict[str, Any], marketplace: ScriptedMarketplace) -> Coroutine[Any, Any, object]:
    return marketplace.flow.pay_again(**given)


@pytest.mark.parametrize("name", ["expected_try", "payment_method", "sale_id", "actor"])
def test_another_try_that_cannot_be(marketplace: ScriptedMarketplace, name: str) -> None:
    sale = marketplace.buy(cart(bob=5_000), card="pm_card_visa_chargeDeclined")
    right: dict[str, Any] = {
        "actor": ADA,
        "sale_id": sale.id,
        "expected_try": 1,
        "payment_method": "pm_card_visa",
    }

    wrong: tuple[Any, ...] = (None, 1.5, [], -1)
    for value in wrong:
        assert_refused(marketplace, partial(_try_again, {**right, name: value}), InvalidSale)
    marketplace.cancel(sale)
