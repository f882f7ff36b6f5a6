"""Disputes at a marketplace: the platform pays first, the vendors once it is lost, and never twice for one thing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payflows.marketplace.accounts import DISPUTES, LOSSES, REVENUE, STRIPE_FEES, receivable
from payflows.marketplace.dispute_case import DISPUTE_TRANSITIONS, CaseStatus, case_status_of
from payflows.marketplace.movement import MovementStatus
from payflows.marketplace.policy import MarketplacePolicy
from payflows.payments.model import DisputeStatus
from simulations.marketplace.scripted_marketplace import ScriptedMarketplace
from tests.marketplace_sales import (
    ALONE,
    GOODS,
    POLICIES,
    TOGETHER,
    cart,
    closed,
    disputed,
    owed,
    sold,
    usd,
    with_vendors,
)
from tests.plugins.marketplace import OpenMarketplace

DISPUTE_FEE = 1_500


@pytest.fixture
def marketplace(marketplace: ScriptedMarketplace) -> ScriptedMarketplace:
    """Its balance does not run short, but where a test takes it away."""
    marketplace.top_up(usd(50_000))
    return marketplace


def test_an_inquiry_moves_no_money_and_may_become_a_dispute(marketplace: ScriptedMarketplace) -> None:
    sale = sold(marketplace, ALONE)

    marketplace.stripe.inquire(sale.charge.stored_payment_id())
    marketplace.notice(sale)
    [case] = marketplace.disputes(sale)
    assert (case.status, case.posted, marketplace.balance_minor(DISPUTES)) == (CaseStatus.OPEN, (), 0)

    case = disputed(marketplace, sale)
    assert (case.status, marketplace.balance_minor(DISPUTES)) == (CaseStatus.OPEN, 5_000)
    assert closed(marketplace, sale, won=True).status is CaseStatus.WON


def test_an_inquiry_that_is_over_has_cost_nothing(marketplace: ScriptedMarketplace) -> None:
    sale = sold(marketplace, ALONE)
    marketplace.stripe.inquire(sale.charge.stored_payment_id())
    marketplace.notice(sale)

    case = closed(marketplace, sale, won=True)

    assert (case.status, owed(marketplace)) == (CaseStatus.CLOSED, [4_500, 0])


@GOODS
def test_opened_the_platform_pays_and_the_vendors_keep_their_shares(
    marketplace: ScriptedMarketplace, goods: dict[str, int]
) -> None:
    """B58"""
    sale = sold(marketplace, goods)
    before = owed(marketplace), marketplace.balance_minor(STRIPE_FEES)

    case = disputed(marketplace, sale)

    assert case.due_by == marketplace.world.now() + timedelta(days=9)
    assert owed(marketplace) == before[0]
    assert marketplace.balance_minor(STRIPE_FEES) == before[1] + DISPUTE_FEE


@GOODS
def test_won_nothing_was_taken_from_anyone_but_stripes_fee(
    marketplace: ScriptedMarketplace, goods: dict[str, int]
) -> None:
    sale = sold(marketplace, goods)
    before = owed(marketplace)
    disputed(marketplace, sale)

    assert closed(marketplace, sale, won=True).status is CaseStatus.WON
    assert (owed(marketplace), marketplace.balance_minor(DISPUTES)) == (before, 0)


@GOODS
@POLICIES
def test_lost_the_vendors_bear_it_once(
    open_marketplace: OpenMarketplace, goods: dict[str, int], policy: MarketplacePolicy
) -> None:
    """alphagov/pay-connector#5139: the seller's share must be fetched, and only once."""
    marketplace = with_vendors(open_marketplace, policy=policy)
    sale = sold(marketplace, goods)
    disputed(marketplace, sale)

    closed(marketplace, sale, won=False)
    marketplace.notice(sale)
    marketplace.notice(sale)

    kept = 0 if policy.returns_fee else 500
    assert marketplace.balance_minor(REVENUE) == -kept
    assert sum(marketplace.balance_minor(receivable(vendor)) for vendor in goods) - sum(owed(marketplace)) == kept
    assert marketplace.balance_minor(DISPUTES) == 0
    assert [each.status for each in marketplace.movements(sale) if each.dispute_id] != []


@GOODS
@POLICIES
def test_won_late_all_is_as_if_it_had_not_been(
    open_marketplace: OpenMarketplace, goods: dict[str, int], policy: MarketplacePolicy
) -> None:
    """B59: a dispute that was lost may still become one that is won; and it may be lost once more."""
    marketplace = with_vendors(open_marketplace, policy=policy)
    sale = sold(marketplace, goods)
    before = owed(marketplace)
    disputed(marketplace, sale)
    closed(marketplace, sale, won=False)

    marketplace.stripe.reverse_loss(sale.charge.stored_payment_id())
    marketplace.notice(sale)
    marketplace.pass_time(hours=2)

    [case] = marketplace.disputes(sale)
    assert case.status is CaseStatus.WON
    assert (owed(marketplace), marketplace.balance_minor(REVENUE)) == (before, -500)
    assert [marketplace.balance_minor(receivable(vendor)) for vendor in goods] == [0] * len(goods)


@GOODS
@POLICIES
def test_lost_again_after_it_was_won_late_the_vendors_bear_it_again(
    open_marketplace: OpenMarketplace, goods: dict[str, int], policy: MarketplacePolicy
) -> None:
    marketplace = with_vendors(open_marketplace, policy=policy)
    sale = sold(marketplace, goods)
    disputed(marketplace, sale)
    closed(marketplace, sale, won=False)
    borne = worth(marketplace, goods)

    for decide, status in ((marketplace.stripe.reverse_loss, "won"), (marketplace.stripe.reverse_win, "lost")) * 2:
        decide(sale.charge.stored_payment_id())
        marketplace.notice(sale)
        marketplace.pass_time(hours=1)
        assert [case.status for case in marketplace.disputes(sale)] == [status]

    assert worth(marketplace, goods) == borne
    assert sum(part.returned_minor for part in marketplace.now(sale).parts) == 5_000


def worth(marketplace: ScriptedMarketplace, goods: dict[str, int]) -> list[int]:
    """Return what each vendor has, less what the vendor owes."""
    return [marketplace.owed_minor(vendor) - marketplace.balance_minor(receivable(vendor)) for vendor in goods]


def test_a_share_that_is_sent_again_waits_for_the_platforms_money(
    marketplace: ScriptedMarketplace,
) -> None:
    sale = sold(marketplace, ALONE)
    disputed(marketplace, sale)
    closed(marketplace, sale, won=False)
    marketplace.top_up(usd(1))
    held = marketplace.world.run(marketplace.stripe.retrieve_balance(None)).available["usd"]
    marketplace.withdraw(usd(held))
    marketplace.stripe.reverse_loss(sale.charge.stored_payment_id())
    marketplace.withdraw(usd(5_000))

    marketplace.notice(sale)
    [again] = [each for each in marketplace.movements(sale) if each.purpose.endswith("-again")]
    assert (again.status, again.review is not None) == (MovementStatus.MOVING, True)

    marketplace.top_up(usd(5_000))
    marketplace.pass_time(hours=2)
    assert owed(marketplace) == [4_500, 0]


@GOODS
def test_of_a_partial_loss_the_vendors_bear_a_part(marketplace: ScriptedMarketplace, goods: dict[str, int]) -> None:
    """B59: it is lost, and some came back."""
    sale = sold(marketplace, goods)
    disputed(marketplace, sale)

    marketplace.stripe.lose_part_of_dispute(sale.charge.stored_payment_id(), reinstated_minor=3_000)
    marketplace.notice(sale)
    marketplace.pass_time(minutes=5)

    assert sum(part.returned_minor for part in marketplace.now(sale).parts) == 2_000
    assert (sum(owed(marketplace)), marketplace.balance_minor(REVENUE)) == (2_700, -300)


@GOODS
def test_of_what_was_refunded_before_nothing_is_taken_twice(
    marketplace: ScriptedMarketplace, goods: dict[str, int]
) -> None:
    sale = sold(marketplace, goods)
    marketplace.refund(sale, amounts={"bob": usd(1_000)})
    case = disputed(marketplace, sale)

    closed(marketplace, sale, won=False)

    assert case.amount == usd(4_000)
    assert (owed(marketplace), marketplace.balance_minor(LOSSES)) == ([0, 0], 0)


def test_a_refund_under_way_fails_where_the_payment_is_disputed(open_marketplace: OpenMarketplace) -> None:
    """P3: the buyer is paid once, by the bank, and the vendor bears it once."""
    marketplace = with_vendors(open_marketplace)
    sale = marketplace.buy(cart(**ALONE), card="pm_card_pendingRefund")
    marketplace.pass_time(days=4)
    marketplace.refund(sale, amounts={"bob": usd(5_000)})

    disputed(marketplace, sale)
    closed(marketplace, sale, won=False)
    marketplace.pass_time(hours=2)

    assert marketplace.stripe.net_for(sale.id) == usd(0)
    assert (owed(marketplace), marketplace.balance_minor(LOSSES)) == ([0, 0], 0)
    assert marketplace.balance_minor(DISPUTES) == 0


def test_a_dispute_before_the_payment_is_booked_is_seen_once_it_is(marketplace: ScriptedMarketplace) -> None:
    marketplace.stripe.lose_request_of("retrieve_charge", times=10_000)
    sale = marketplace.buy(cart(**TOGETHER))
    assert sale.status.value == "paid"

    marketplace.stripe.dispute(sale.charge.stored_payment_id())
    marketplace.notice(sale)
    marketplace.stripe.calm()
    marketplace.pass_time(hours=1)

    assert [case.status for case in marketplace.disputes(sale)] == [CaseStatus.OPEN]


@pytest.mark.parametrize("status", list(DisputeStatus))
def test_each_status_of_stripes_can_come_after_each_of_ours(status: DisputeStatus) -> None:
    """What is appealed was lost, and stays so until it is won; between two looks much may have happened."""
    now = case_status_of(status)
    if now in (CaseStatus.WON, CaseStatus.LOST):
        for before in set(CaseStatus) - {now}:
            assert now in DISPUTE_TRANSITIONS[before]
