"""Refunds at a marketplace: whole, by vendor and in parts; who gives the fee back; and those that come back."""

from __future__ import annotations

import pytest

from payflows.errors import InvalidSale, InvalidState, NotFound, OrderIdReused
from payflows.marketplace.accounts import BUYERS, LOSSES, REVENUE, receivable
from payflows.marketplace.movement import MovementStatus
from payflows.marketplace.policy import MarketplacePolicy
from payflows.money import Money
from payflows.parties import Merchant
from simulations.marketplace.scripted_marketplace import PLATFORM, REFUND_FAILS, THREE_D_SECURE, ScriptedMarketplace
from tests.marketplace_books import concurrently, moved
from tests.marketplace_sales import GOODS, KEEPS_FEE, LOST_CALLS, POLICIES, cart, usd, with_vendors
from tests.plugins.marketplace import OpenMarketplace


@GOODS
@pytest.mark.parametrize("days", [0, 4], ids=["pending", "available"])
def test_all_goes_back_and_with_it_the_fee(open_marketplace: OpenMarketplace, goods: dict[str, int], days: int) -> None:
    """M9: the platform pays no vendor's share."""
    marketplace = with_vendors(open_marketplace)
    sale = marketplace.buy(cart(**goods))
    marketplace.pass_time(days=days)

    refund = marketplace.refund(sale)
    marketplace.pass_time(days=5)

    assert (refund.status, refund.amount) == (MovementStatus.DONE, usd(5_000))
    assert marketplace.stripe.net_for(sale.id) == usd(0)
    assert marketplace.balance_minor(REVENUE) == 0
    assert [marketplace.owed_minor(vendor) for vendor in goods] == [0] * len(goods)
    assert all(status == "done" for status, _ in moved(marketplace, sale).values())


@GOODS
def test_or_the_platform_keeps_its_fee_and_the_vendor_bears_it(
    open_marketplace: OpenMarketplace, goods: dict[str, int]
) -> None:
    """M9: by policy. Of a separate charge the share does not hold the fee: so much the vendor owes."""
    marketplace = with_vendors(open_marketplace, policy=KEEPS_FEE)
    sale = marketplace.buy(cart(**goods))
    marketplace.pass_time(days=4)

    marketplace.refund(sale)

    assert marketplace.balance_minor(REVENUE) == -500
    owed = [marketplace.balance_minor(receivable(vendor)) - marketplace.owed_minor(vendor) for vendor in goods]
    assert sum(owed) == 500
    assert marketplace.balance_minor(BUYERS) == 0


def test_of_one_vendors_goods_only_that_vendor_is_reversed(marketplace: ScriptedMarketplace) -> None:
    sale = marketplace.buy(cart(bob=3_000, carol=2_000))
    marketplace.pass_time(days=4)

    marketplace.refund(sale, amounts={"carol": usd(2_000)})

    assert (marketplace.owed_minor("bob"), marketplace.owed_minor("carol")) == (2_700, 0)
    assert moved(marketplace, sale)["refund-r1 carol"] == ("done", 1_800)
    assert "refund-r1 bob" not in moved(marketplace, sale)


@pytest.mark.parametrize("goods", [{"bob": 1_007}, {"bob": 1_007, "carol": 13}], ids=["destination", "separate"])
@POLICIES
def test_parts_sum_to_the_whole(
    open_marketplace: OpenMarketplace, goods: dict[str, int], policy: MarketplacePolicy
) -> None:
    """M1, I7: parts of the fee and the share telescope, down to a part that is all fee and moves nothing."""
    marketplace = with_vendors(open_marketplace, policy=policy)
    sale = marketplace.buy(cart(**goods))
    marketplace.pass_time(days=4)

    for number, part in enumerate((333, 333, 340, 1)):
        marketplace.refund(sale, f"r{number}", {"bob": usd(part)})

    kept = 0 if policy.returns_fee else 101
    assert marketplace.balance_minor(receivable("bob")) - marketplace.owed_minor("bob") == kept
    assert all(movement.status is MovementStatus.DONE for movement in marketplace.movements(sale))
    with pytest.raises(InvalidSale, match="at most"):
        marketplace.refund(sale, "r9", {"bob": usd(1)})


def test_one_unit_that_is_all_fee_moves_nothing_at_stripe(marketplace: ScriptedMarketplace) -> None:
    sale = marketplace.buy(cart(bob=1_000, carol=1_000))
    marketplace.pass_time(days=4)
    marketplace.refund(sale, "r1", {"bob": usd(9)})

    marketplace.refund(sale, "r2", {"bob": usd(1)})

    assert moved(marketplace, sale)["refund-r2 bob"] == ("done", 0)
    assert marketplace.balance_minor(REVENUE) == -199


def test_the_same_refund_again_is_the_same_refund(marketplace: ScriptedMarketplace) -> None:
    """I32"""
    sale = marketplace.buy(cart(bob=5_000))
    once = marketplace.refund(sale, amounts={"bob": usd(1_000)})

    again = marketplace.refund(sale, amounts={"bob": usd(1_000)})

    assert again.id == once.id
    assert marketplace.stripe.net_for(sale.id) == usd(4_000)
    with pytest.raises(OrderIdReused, match="other amounts"):
        marketplace.refund(sale, amounts={"bob": usd(1_001)})
    with pytest.raises(OrderIdReused, match="other amounts"):
        marketplace.refund(sale)
    rest = marketplace.refund(sale, "rest")
    assert marketplace.refund(sale, "rest") == marketplace.refund(sale, "rest", {"bob": usd(4_000)}) == rest


@pytest.mark.parametrize(
    ("amounts", "error"),
    [
        ({}, InvalidSale),
        ({"bob": usd(0)}, InvalidSale),
        ({"bob": usd(5_001)}, InvalidSale),
        ({"bob": Money(100, "eur")}, InvalidSale),
        ({"dave": usd(100)}, InvalidSale),
        ({"bob": 100}, InvalidSale),
        ([("bob", usd(100))], InvalidSale),
    ],
)
def test_what_cannot_be_refunded_is_refused_before_a_call(
    marketplace: ScriptedMarketplace, amounts: dict[str, Money], error: type[Exception]
) -> None:
    sale = marketplace.buy(cart(bob=5_000))
    stored, calls = marketplace.now(sale), len(marketplace.calls)

    with pytest.raises(error):
        marketplace.refund(sale, amounts=amounts)

    assert (marketplace.now(sale), len(marketplace.calls)) == (stored, calls)


def test_nothing_more_is_refunded_than_was_paid(marketplace: ScriptedMarketplace) -> None:
    """I4: two refunds at the same moment share what is left."""
    sale = marketplace.buy(cart(bob=5_000))
    flow = marketplace.flow

    outcomes = concurrently(
        marketplace, *(flow.refund(PLATFORM, sale.id, f"r{n}", amounts={"bob": usd(3_000)}) for n in (1, 2))
    )

    assert {type(each).__name__ for each in outcomes} == {"Movement", "InvalidSale"}
    assert marketplace.stripe.net_for(sale.id) == usd(2_000)


def test_only_the_platform_refunds_and_only_what_is_paid(marketplace: ScriptedMarketplace) -> None:
    waiting = marketplace.buy(cart(bob=5_000), card=THREE_D_SECURE)

    with pytest.raises(InvalidState, match="nothing to refund yet"):
        marketplace.refund(waiting)
    with pytest.raises(NotFound):
        marketplace.world.run(marketplace.flow.refund(Merchant(id="mer_other"), waiting.id, "r1"))
    marketplace.cancel(waiting)


@GOODS
@POLICIES
def test_a_refund_that_comes_back_days_later_gives_the_vendors_their_shares_again(
    open_marketplace: OpenMarketplace, goods: dict[str, int], policy: MarketplacePolicy
) -> None:
    """alphagov/pay-connector#1809, #3906: the buyer's bank had sent it back, and the sellers had not got theirs."""
    marketplace = with_vendors(open_marketplace, policy=policy)
    sale = marketplace.buy(cart(**goods), card=REFUND_FAILS)
    marketplace.pass_time(days=4)

    refund = marketplace.refund(sale)
    marketplace.pass_time(days=6)
    marketplace.notice(sale)
    marketplace.pass_time(hours=2)

    [again] = [each for each in marketplace.movements(sale) if each.id == refund.id]
    assert again.status is MovementStatus.FAILED
    assert marketplace.balance_minor(REVENUE) == -500
    assert {vendor: marketplace.owed_minor(vendor) for vendor in goods} == {
        vendor: part.net.minor for vendor, part in zip(goods, sale.parts, strict=True)
    }
    assert [marketplace.balance_minor(receivable(vendor)) for vendor in goods] == [0] * len(goods)
    assert [part.returned_minor for part in marketplace.now(sale).parts] == [0] * len(goods)


def test_what_failed_may_be_refunded_again(marketplace: ScriptedMarketplace) -> None:
    marketplace.top_up(usd(10_000))
    sale = marketplace.buy(cart(bob=5_000), card=REFUND_FAILS)
    marketplace.pass_time(days=4)
    marketplace.refund(sale)
    marketplace.pass_time(days=6)
    marketplace.notice(sale)

    second = marketplace.refund(sale, "r2", {"bob": usd(1_000)})

    assert second.status is MovementStatus.DONE


@GOODS
def test_a_refund_in_the_dashboard_is_borne_like_any_other(
    marketplace: ScriptedMarketplace, goods: dict[str, int]
) -> None:
    sale = marketplace.buy(cart(**goods))
    marketplace.pass_time(days=4)

    marketplace.stripe.refund_in_dashboard(sale.charge.stored_payment_id(), 1_000)
    marketplace.notice(sale)
    marketplace.notice(sale)

    assert sum(part.returned_minor for part in marketplace.now(sale).parts) == 1_000
    assert sum(marketplace.owed_minor(vendor) for vendor in goods) - marketplace.balance_minor(REVENUE) == 4_000
    assert (marketplace.balance_minor(BUYERS), marketplace.balance_minor(LOSSES)) == (0, 0)


def test_a_dispute_is_seen_beside_a_refund_in_the_dashboard(marketplace: ScriptedMarketplace) -> None:
    """One notice, two things to see: the first must not hide the second."""
    marketplace.top_up(usd(10_000))
    sale = marketplace.buy(cart(bob=5_000))
    marketplace.pass_time(days=4)

    marketplace.stripe.refund_in_dashboard(sale.charge.stored_payment_id(), 1_000)
    marketplace.stripe.dispute(sale.charge.stored_payment_id())
    marketplace.notice(sale)

    assert [case.amount for case in marketplace.disputes(sale)] == [usd(4_000)]


@LOST_CALLS
@pytest.mark.parametrize("call", ["refund_part", "reverse_transfer", "refund_application_fee"])
def test_with_calls_lost_each_moves_once(marketplace: ScriptedMarketplace, lost: str, call: str) -> None:
    sale = marketplace.buy(cart(bob=5_000))
    marketplace.pass_time(days=4)
    getattr(marketplace.stripe, lost)(call, times=2)

    marketplace.refund(sale)
    marketplace.pass_time(hours=1)

    assert moved(marketplace, sale) == {
        "refund-r1": ("done", 5_000),
        "refund-r1 bob": ("done", 5_000),
        "refund-r1-fee bob": ("done", 500),
    }
