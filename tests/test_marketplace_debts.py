"""What vendors owe: how it comes, how it is kept from later sales, collected by Stripe, given up, or was none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payflows.errors import InvalidSale, NotFound
from payflows.marketplace.accounts import LOSSES, receivable
from payflows.marketplace.movement import MovementStatus
from payflows.marketplace.vendor import VendorStatus
from payflows.parties import Merchant
from simulations.marketplace.scripted_marketplace import ScriptedMarketplace
from simulations.stripe.connect.settings import ConnectSettings
from tests.marketplace_books import concurrently, moved
from tests.marketplace_sales import ALONE, GOODS, TOGETHER, cart, closed, disputed, owed, sold, usd, with_vendors
from tests.plugins.marketplace import OpenMarketplace


@pytest.fixture
def marketplace(marketplace: ScriptedMarketplace) -> ScriptedMarketplace:
    """Its balance does not run short."""
    marketplace.top_up(usd(100_000))
    return marketplace


def debt(marketplace: ScriptedMarketplace, vendor_id: str = "bob") -> int:
    return marketplace.balance_minor(receivable(vendor_id))


def test_after_a_payout_the_vendor_owes_what_the_balance_does_not_hold(marketplace: ScriptedMarketplace) -> None:
    """BanchanArt/banchan#332: who pays for a refund after the seller was paid out?"""
    sale = sold(marketplace, TOGETHER, days=8)
    assert [payout.amount for payout in marketplace.payouts("bob")] == [usd(2_700)]

    marketplace.refund(sale)

    assert (debt(marketplace, "bob"), debt(marketplace, "carol")) == (2_700, 1_800)
    assert marketplace.stripe.net_for(sale.id) == usd(0)


def test_or_is_below_zero_at_stripe_where_it_was_a_destination_charge(marketplace: ScriptedMarketplace) -> None:
    sale = sold(marketplace, ALONE, days=8)

    marketplace.refund(sale)

    assert (owed(marketplace)[0], debt(marketplace)) == (-4_500, 0)
    later = sold(marketplace, {"bob": 8_000}, order_id="order-2")
    assert later.status.is_paid
    assert owed(marketplace)[0] == 2_700


def test_later_sales_pay_it_first(marketplace: ScriptedMarketplace) -> None:
    marketplace.refund(sold(marketplace, TOGETHER, days=8))

    sold(marketplace, {"bob": 2_000}, order_id="order-2")
    assert (owed(marketplace)[0], debt(marketplace)) == (0, 900)
    sold(marketplace, {"bob": 2_000}, order_id="order-3")
    assert (owed(marketplace)[0], debt(marketplace)) == (900, 0)
    marketplace.pass_time(days=8)
    assert [payout.amount.minor for payout in marketplace.payouts("bob")] == [2_700, 900]


def test_of_two_sales_that_become_available_together_the_debt_is_taken_once(marketplace: ScriptedMarketplace) -> None:
    marketplace.refund(sold(marketplace, TOGETHER, days=8))
    for number in (2, 3):
        marketplace.buy(cart(bob=4_000), order_id=f"order-{number}")

    marketplace.pass_time(days=6)

    assert debt(marketplace) == 0
    assert sum(payout.amount.minor for payout in marketplace.payouts("bob")) == 2_700 + 4_500


def test_a_refund_of_the_sale_that_has_paid_a_debt_takes_what_is_left_of_it(marketplace: ScriptedMarketplace) -> None:
    """The transfer holds only a part still: the rest is owed once more, and nothing is stuck."""
    marketplace.refund(sold(marketplace, TOGETHER, days=8))
    later = sold(marketplace, {"bob": 3_500, "carol": 500}, order_id="order-2")
    assert (owed(marketplace)[0], debt(marketplace)) == (450, 0)

    marketplace.refund(later, "r2", {"bob": usd(3_500)})

    assert (owed(marketplace)[0], debt(marketplace)) == (0, 2_700)
    assert moved(marketplace, later)["refund-r2 bob"] == ("done", 450)


def test_what_was_kept_for_a_debt_that_was_none_is_returned(marketplace: ScriptedMarketplace) -> None:
    """elizaOS/eliza#11022: the debit was undone, and what had followed from it was not."""
    sale = sold(marketplace, TOGETHER, days=8)
    disputed(marketplace, sale)
    closed(marketplace, sale, won=False)
    assert debt(marketplace) == 2_700
    sold(marketplace, {"bob": 2_000}, order_id="order-2")
    assert debt(marketplace) == 900

    marketplace.stripe.reverse_loss(sale.charge.stored_payment_id())
    marketplace.notice(sale)
    marketplace.pass_time(hours=2)

    assert (owed(marketplace)[0], debt(marketplace), debt(marketplace, "carol")) == (1_800, 0, 0)
    [returned] = [each for each in marketplace.movements(sale) if each.type.value == "debt_return"]
    assert (returned.status, returned.amount) == (MovementStatus.DONE, usd(1_800))


def test_what_is_not_paid_is_written_off_once(marketplace: ScriptedMarketplace) -> None:
    marketplace.refund(sold(marketplace, TOGETHER, days=8))

    assert marketplace.write_off("bob") == usd(2_700)
    assert marketplace.write_off("bob") == usd(0)

    assert (debt(marketplace), marketplace.balance_minor(LOSSES)) == (0, 2_700)


def test_asked_twice_at_the_same_moment_it_is_written_off_once(marketplace: ScriptedMarketplace) -> None:
    marketplace.refund(sold(marketplace, TOGETHER, days=8))
    flow, platform = marketplace.flow, marketplace.app.merchant

    given_up = concurrently(marketplace, flow.write_off(platform, "bob"), flow.write_off(platform, "bob"))

    assert sorted(map(str, given_up)) == sorted(map(str, [usd(0), usd(2_700)]))
    assert marketplace.balance_minor(LOSSES) == 2_700


def test_only_the_platform_writes_off(marketplace: ScriptedMarketplace) -> None:
    flow, calls = marketplace.flow, len(marketplace.calls)

    for merchant, vendor_id, error in (
        (Merchant(id="mer_other"), "bob", NotFound),
        (marketplace.app.merchant, "unknown", NotFound),
        (marketplace.app.merchant, "", InvalidSale),
    ):
        with pytest.raises(error):
            marketplace.world.run(flow.write_off(merchant, vendor_id))

    assert len(marketplace.calls) == calls


def test_what_stripe_collects_from_the_platform_the_vendor_owes_to_us(open_marketplace: OpenMarketplace) -> None:
    """B60: a balance that was below zero for 180 days is made good by the platform."""
    marketplace = with_vendors(open_marketplace, connect=ConnectSettings(collects_after_days=30))
    marketplace.refund(sold(marketplace, ALONE, days=8))

    marketplace.pass_time(days=45)
    assert (owed(marketplace)[0], debt(marketplace)) == (0, 4_500)
    marketplace.pass_time(days=20)
    assert marketplace.write_off("bob") == usd(4_500)


def test_of_a_vendor_who_was_rejected_it_is_seen_when_it_is_given_up(open_marketplace: OpenMarketplace) -> None:
    marketplace = with_vendors(open_marketplace, connect=ConnectSettings(collects_after_days=30))
    marketplace.refund(sold(marketplace, ALONE, days=8))
    account_id = marketplace.vendor("bob").stored_account_id()
    marketplace.stripe.reject_account(account_id)
    marketplace.world.run(marketplace.flow.account_changed(marketplace.app.merchant, account_id))
    assert marketplace.vendor("bob").status is VendorStatus.CLOSED
    marketplace.pass_time(days=31)

    assert marketplace.write_off("bob") == usd(4_500)
    assert marketplace.balance_minor(LOSSES) == 4_500


@GOODS
def test_of_an_account_that_has_left_all_of_it_is_owed_but_the_fee(
    open_marketplace: OpenMarketplace, goods: dict[str, int]
) -> None:
    """Its balance is gone: nothing can be taken back, and no fee returned; neither is tried for ever."""
    marketplace = with_vendors(open_marketplace)
    sale = sold(marketplace, goods)
    for vendor_id in goods:
        marketplace.stripe.close_account(marketplace.vendor(vendor_id).stored_account_id())

    marketplace.refund(sale)
    marketplace.pass_time(hours=2)

    assert sum(debt(marketplace, vendor_id) for vendor_id in goods) == 4_500
    assert all(each.status.is_over and each.review is None for each in marketplace.movements(sale))


def test_a_debt_is_no_reason_to_pay_out(marketplace: ScriptedMarketplace) -> None:
    """Available, but owed: what would be paid out is kept until it is recovered."""
    sale = sold(marketplace, TOGETHER, days=8)
    marketplace.buy(cart(bob=2_000), order_id="order-2")
    marketplace.refund(sale)
    before = len(marketplace.payouts("bob"))

    marketplace.pass_time(days=15)

    assert len(marketplace.payouts("bob")) == before
    assert marketplace.world.now() - marketplace.vendor("bob").changed_at > timedelta(days=20)
