"""The known defects of marketplace code, one test each: what a careless program gets wrong, and what holds here."""

from __future__ import annotations

import ast
from decimal import Decimal
from inspect import getsource

import pytest

from payflows.errors import InvalidMoney, InvalidSale, InvalidState
from payflows.marketplace import ledger
from payflows.marketplace.accounts import REVENUE, STRIPE_FEES
from payflows.marketplace.connect import CapabilityStatus
from payflows.marketplace.fees import FeeSchedule
from payflows.marketplace.ledger import LedgerLine
from payflows.marketplace.sale import SaleReason, SaleStatus
from payflows.marketplace.vendor import VendorStatus
from simulations.marketplace.scripted_marketplace import PLATFORM, THREE_D_SECURE, ScriptedMarketplace
from simulations.stripe.connect.settings import ConnectSettings
from tests.marketplace_sales import GOODS, LOST_CALLS, cart, usd, with_vendors
from tests.plugins.marketplace import OpenMarketplace


def test_m1_a_fee_is_a_whole_number_and_the_rest_is_the_vendors(marketplace: ScriptedMarketplace) -> None:
    """Ten percent of 19.99 is 1.999."""
    [part] = marketplace.buy(cart(bob=1_999)).parts

    assert (part.application_fee, part.net) == (usd(200), usd(1_799))
    [asked] = [call.kwargs for call in marketplace.calls if call.method == "create_split_payment"]
    assert asked["split"].application_fee == usd(200)  # type: ignore[attr-defined]


def test_m2_stripe_gets_minor_units(marketplace: ScriptedMarketplace) -> None:
    sale = marketplace.buy(cart(bob=1_999))

    assert marketplace.stripe.intent(sale.charge.stored_payment_id()).amount == 1_999


@pytest.mark.parametrize("rate", [15_000, -1_000, float("nan"), "10", 10.0, Decimal("0.1"), True])
def test_m3_a_rate_is_basis_points_below_the_whole(rate: object) -> None:
    with pytest.raises(InvalidMoney, match="basis points"):
        FeeSchedule.flat("usd", rate)  # type: ignore[arg-type]


@LOST_CALLS
def test_m4_the_buyer_pays_once(marketplace: ScriptedMarketplace, lost: str) -> None:
    getattr(marketplace.stripe, lost)("confirm_payment")

    sale = marketplace.buy(cart(bob=5_000))
    marketplace.pass_time(minutes=10)
    marketplace.buy(cart(bob=5_000))

    assert marketplace.now(sale).status is SaleStatus.BOOKED
    assert [movement.amount_minor for movement in marketplace.stripe.movements] == [5_000]


def test_m5_what_is_expected_is_in_the_ledger_before_the_charge_and_posted_once(
    marketplace: ScriptedMarketplace,
) -> None:
    marketplace.stripe.lose_answer_of("confirm_payment")
    sale = marketplace.buy(cart(bob=3_000, carol=2_000))
    marketplace.pass_time(minutes=10)

    facts = [line.journal_entry for line in marketplace.lines]
    assert facts[0] == f"expected:{sale.id}"
    assert {fact for fact in facts if fact.startswith(("expected", "captured"))} == {
        f"expected:{sale.id}",
        f"captured:{sale.id}",
    }
    assert len({line.key for line in marketplace.lines}) == len(marketplace.lines)


@pytest.mark.parametrize("status", [CapabilityStatus.INACTIVE, CapabilityStatus.PENDING])
def test_m6_for_a_vendor_without_the_capability_nothing_is_charged(
    marketplace: ScriptedMarketplace, status: CapabilityStatus
) -> None:
    marketplace.stripe.set_capability(marketplace.vendor("bob").stored_account_id(), "transfers", status)

    sale = marketplace.buy(cart(bob=5_000))

    assert (sale.status, sale.reason) == (SaleStatus.FAILED, SaleReason.VENDOR_INACTIVE)
    assert marketplace.stripe.movements == []


def test_m7_who_has_filled_the_form_in_becomes_active_also_without_a_notice(
    open_marketplace: OpenMarketplace,
) -> None:
    marketplace = open_marketplace()
    onboarding = marketplace.begin_onboarding("bob")
    assert onboarding.status is VendorStatus.ONBOARDING
    with pytest.raises(InvalidState, match="may not sell"):
        marketplace.buy(cart(bob=5_000))

    marketplace.stripe.submit_requirements(onboarding.stored_account_id())
    marketplace.pass_time(days=2)

    assert marketplace.vendor("bob").status is VendorStatus.ACTIVE


@LOST_CALLS
def test_m8_with_calls_lost_one_account_is_made(open_marketplace: OpenMarketplace, lost: str) -> None:
    marketplace = open_marketplace()
    getattr(marketplace.stripe, lost)("create_account", times=4)

    marketplace.begin_onboarding("bob")
    marketplace.pass_time(hours=1)
    vendor = marketplace.begin_onboarding("bob")

    made = marketplace.world.run(marketplace.stripe.list_accounts(vendor_id=vendor.id, created_from=marketplace.start))
    assert [account.id for account in made] == [vendor.account_id]


def test_m8_a_link_is_made_anew_whenever_it_is_asked_for(marketplace: ScriptedMarketplace) -> None:
    calls = [call for call in marketplace.calls if call.method == "create_account_link"]
    marketplace.begin_onboarding("bob")

    assert len([call for call in marketplace.calls if call.method == "create_account_link"]) == len(calls) + 1


@GOODS
def test_m9_with_a_refund_the_share_comes_back(open_marketplace: OpenMarketplace, goods: dict[str, int]) -> None:
    marketplace = with_vendors(open_marketplace)
    sale = marketplace.buy(cart(**goods))
    marketplace.pass_time(days=4, minutes=5)

    marketplace.refund(sale)

    assert sum(marketplace.owed_minor(vendor) for vendor in goods) == 0
    assert marketplace.balance_minor(REVENUE) == 0


def test_m10_an_answer_that_asks_for_an_action_is_no_success(marketplace: ScriptedMarketplace) -> None:
    sale = marketplace.buy(cart(bob=5_000), card=THREE_D_SECURE)

    assert (sale.status, sale.status.is_paid) == (SaleStatus.CUSTOMER_ACTION, False)
    marketplace.cancel(sale)


def test_m11_stripes_fee_is_in_the_ledger_as_it_was_charged(open_marketplace: OpenMarketplace) -> None:
    """The estimate is 2.9 % and 30 cents; this platform has agreed on 2.5 %."""
    marketplace = with_vendors(open_marketplace, connect=ConnectSettings(fee_bps=250))

    marketplace.buy(cart(bob=10_000))

    assert marketplace.balance_minor(STRIPE_FEES) == 280


def test_m11_a_schedule_that_loses_money_says_so() -> None:
    assert "loses money on payments" in FeeSchedule.flat("usd", 1_000).text()


def test_m12_the_ledger_has_whole_numbers_only(marketplace: ScriptedMarketplace) -> None:
    marketplace.buy(cart(bob=3_333, carol=1_111))

    assert all(type(line.amount_minor) is int for line in marketplace.lines)
    assert "float" not in {node.id for node in ast.walk(ast.parse(getsource(ledger))) if isinstance(node, ast.Name)}
    assert LedgerLine.__annotations__["amount_minor"] == "int"


def test_m13_several_vendors_share_one_payment_each_in_its_currency(marketplace: ScriptedMarketplace) -> None:
    marketplace.onboard("dieter", country="DE")

    sale = marketplace.buy(cart(bob=3_000, carol=2_000))

    assert [each.amount for each in marketplace.movements(sale)] == [usd(2_700), usd(1_800)]
    with pytest.raises(InvalidSale, match="paid out in eur"):
        marketplace.buy({"dieter": usd(5_000)}, order_id="order-2")


def test_m14_an_order_is_paid_once_and_as_it_was_agreed(marketplace: ScriptedMarketplace) -> None:
    sale = marketplace.buy(cart(bob=5_000))

    assert marketplace.buy(cart(bob=5_000), card="pm_card_mastercard").charge == sale.charge
    assert marketplace.stripe.captured_for(sale.id) == usd(5_000) == sale.charge.amount


def test_m14_what_was_cancelled_elsewhere_is_not_paid(marketplace: ScriptedMarketplace) -> None:
    sale = marketplace.buy(cart(bob=5_000), card=THREE_D_SECURE)
    marketplace.stripe.cancel_in_dashboard(sale.charge.stored_payment_id())

    assert marketplace.notice(sale).reason is SaleReason.PAYMENT_CANCELLED


@pytest.mark.parametrize("page", ["javascript:alert(1)", "http://bazaar.example", "ftp://bazaar.example", "bazaar"])
def test_m15_pages_are_by_https(marketplace: ScriptedMarketplace, page: str) -> None:
    with pytest.raises(InvalidSale, match="https"):
        marketplace.begin_onboarding("dave", page=page)


def test_m15_countries_are_those_in_which_stripe_opens_accounts(marketplace: ScriptedMarketplace) -> None:
    with pytest.raises(InvalidSale, match="country"):
        marketplace.begin_onboarding("dave", country="KP")
    assert marketplace.app.merchant == PLATFORM
