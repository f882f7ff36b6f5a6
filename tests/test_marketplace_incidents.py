"""Public incidents about marketplaces: one test for each thread, which it names."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payflows.marketplace.accounts import BUYERS, LOSSES, REVENUE, receivable
from payflows.marketplace.fees import FeeSchedule
from payflows.marketplace.messages import EventType
from payflows.marketplace.movement import MovementStatus, MovementType
from payflows.marketplace.payout import PAYOUT_TRANSITIONS, PayoutState
from payflows.marketplace.sale import SaleStatus
from simulations.marketplace.scripted_marketplace import REFUND_FAILS, ScriptedMarketplace
from tests.marketplace_sales import (
    ALONE,
    GOODS,
    LOST_CALLS,
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


@pytest.fixture
def marketplace(open_marketplace: OpenMarketplace) -> ScriptedMarketplace:
    return with_vendors(open_marketplace)


@GOODS
def test_the_buyer_is_refunded_first_and_what_fails_after_that_is_finished(
    marketplace: ScriptedMarketplace, goods: dict[str, int]
) -> None:
    """alphagov/pay-connector#1809, #1249: the transfer came back first, and when the refund failed all was stuck."""
    sale = sold(marketplace, goods)
    marketplace.stripe.lose_request_of("reverse_transfer", times=20)

    refund = marketplace.refund(sale)
    assert refund.status is MovementStatus.DONE
    assert marketplace.stripe.net_for(sale.id) == usd(0)
    marketplace.stripe.calm()
    marketplace.pass_time(hours=1)

    assert (owed(marketplace), marketplace.balance_minor(BUYERS)) == ([0, 0], 0)


def test_a_lost_dispute_is_fetched_from_the_seller_once(marketplace: ScriptedMarketplace) -> None:
    """alphagov/pay-connector#3902, #3906, #5139: keyed by the dispute."""
    sale = sold(marketplace, ALONE)
    disputed(marketplace, sale)
    marketplace.stripe.lose_answer_of("reverse_transfer", times=3)

    closed(marketplace, sale, won=False)
    for _ in range(3):
        marketplace.notice(sale)
    marketplace.pass_time(hours=1)

    reversals = [each for each in marketplace.movements(sale) if each.type is MovementType.REVERSAL]
    assert [(each.amount, each.status) for each in reversals] == [(usd(5_000), MovementStatus.DONE)]


def test_a_failed_refund_needs_a_new_transfer(marketplace: ScriptedMarketplace) -> None:
    """alphagov/pay-connector#3906"""
    sale = marketplace.buy(cart(**TOGETHER), card=REFUND_FAILS)
    marketplace.pass_time(days=4, minutes=5)
    marketplace.refund(sale)
    marketplace.pass_time(days=6)
    marketplace.notice(sale)
    marketplace.pass_time(minutes=5)

    again = [each.amount for each in marketplace.movements(sale) if each.type is MovementType.SHARE_AGAIN]
    assert again == [usd(2_700), usd(1_800)]
    assert EventType.SALE_REFUND_FAILED in marketplace.events(sale.id)


def test_a_refund_after_the_payout_is_paid_by_the_seller_and_that_is_shown(marketplace: ScriptedMarketplace) -> None:
    """BanchanArt/banchan#332: who pays?"""
    sale = sold(marketplace, TOGETHER, days=8)

    marketplace.refund(sale)

    assert marketplace.balance_minor(receivable("bob")) == 2_700
    assert marketplace.balance_minor(LOSSES) == 0
    assert marketplace.events(sale.id).count(EventType.SHARE_OWED) == 2


def test_a_charge_without_a_fee_can_be_refunded(open_marketplace: OpenMarketplace) -> None:
    """alfio-event/alf.io#739: the fee is asked back only where there is one."""
    marketplace = with_vendors(open_marketplace, fees=FeeSchedule.flat("usd", 0))
    sale = sold(marketplace, ALONE)

    marketplace.refund(sale)

    assert "refund_application_fee" not in [call.method for call in marketplace.calls]
    assert (owed(marketplace), marketplace.balance_minor(REVENUE)) == ([0, 0], 0)


def test_a_debit_that_was_undone_leaves_nothing_behind(marketplace: ScriptedMarketplace) -> None:
    """elizaOS/eliza#11022: the compensation was deduplicated away, and the balance stayed wrong."""
    sale = sold(marketplace, TOGETHER)
    disputed(marketplace, sale)
    closed(marketplace, sale, won=False)
    assert owed(marketplace) == [0, 0]
    marketplace.stripe.reverse_loss(sale.charge.stored_payment_id())
    marketplace.notice(sale)
    marketplace.pass_time(minutes=10)

    assert owed(marketplace) == [2_700, 1_800]
    marketplace.pass_time(days=8)
    assert [payout.amount for payout in marketplace.payouts("bob")] == [usd(2_700)]


@GOODS
def test_what_is_paid_out_is_never_more_than_the_balance(
    marketplace: ScriptedMarketplace, goods: dict[str, int]
) -> None:
    """spree/spree#14622: payouts above the balance; split orders that were never paid."""
    first = sold(marketplace, goods, days=6)
    marketplace.buy(cart(**goods), order_id="order-2")
    marketplace.refund(first, amounts={"bob": usd(1_000)})

    marketplace.pass_time(days=16)

    for vendor_id, minor in goods.items():
        paid = sum(payout.amount.minor for payout in marketplace.payouts(vendor_id))
        assert paid == 2 * minor * 9 // 10 - (900 if vendor_id == "bob" else 0)
        assert marketplace.owed_minor(vendor_id) == 0


def test_a_returned_payout_does_not_read_settled(marketplace: ScriptedMarketplace) -> None:
    """spree/spree#14622, stripe/stripe-mirakl-connector#146: failed after paid is a real transition."""
    assert PayoutState.FAILED in PAYOUT_TRANSITIONS[PayoutState.PAID]
    marketplace.stripe.refuse_payouts(marketplace.vendor("bob").stored_account_id())

    sold(marketplace, ALONE, days=16)

    assert [payout.status for payout in marketplace.payouts("bob")] == [PayoutState.FAILED]
    assert EventType.PAYOUT_FAILED in marketplace.events(marketplace.vendor("bob").id)


@LOST_CALLS
def test_the_next_run_does_not_move_the_same_money_again(marketplace: ScriptedMarketplace, lost: str) -> None:
    """antiwork/gumroad#6620: it is held until it is known where the money is."""
    getattr(marketplace.stripe, lost)("create_payout", times=3)
    sold(marketplace, ALONE, days=30)

    account_id = marketplace.vendor("bob").stored_account_id()
    since = marketplace.world.now() - timedelta(days=60)
    made = marketplace.world.run(marketplace.stripe.list_payouts(account_id, created_from=since))
    assert sum(each.amount.minor for each in made) == 4_500


def test_a_transfer_right_after_the_charge_is_tied_to_it(marketplace: ScriptedMarketplace) -> None:
    """stripe/stripe-node#936: the money is pending, and a transfer of the available balance fails."""
    held = marketplace.world.run(marketplace.stripe.retrieve_balance(None)).available["usd"]
    marketplace.withdraw(usd(held))

    sale = marketplace.buy(cart(**TOGETHER))

    assert sale.status is SaleStatus.BOOKED
    assert [each.status for each in marketplace.movements(sale)] == [MovementStatus.DONE] * 2
    made = [call.kwargs["charge_id"] for call in marketplace.calls if call.method == "create_transfer"]
    assert set(made) == {sale.charge_id}


def test_shares_and_fees_are_whole_and_sum_to_the_whole(marketplace: ScriptedMarketplace) -> None:
    """l4nos/laravel-cashier-stripe-connect#29: a percentage with decimals was sent."""
    sale = marketplace.buy(cart(bob=3_333, carol=1_669))

    assert sum(part.net.minor + part.application_fee.minor for part in sale.parts) == 5_002
    assert [part.application_fee for part in sale.parts] == [usd(333), usd(167)]


def test_what_the_platform_cannot_send_yet_is_queued_until_it_can(marketplace: ScriptedMarketplace) -> None:
    """coopcycle/coopcycle-web#1672: the transfer failed when the platform's own balance was short."""
    sale = sold(marketplace, TOGETHER)
    disputed(marketplace, sale)
    closed(marketplace, sale, won=False)
    marketplace.stripe.reverse_loss(sale.charge.stored_payment_id())
    held = marketplace.world.run(marketplace.stripe.retrieve_balance(None)).available["usd"]
    marketplace.withdraw(usd(held))

    marketplace.notice(sale)
    marketplace.pass_time(days=2)
    waiting = [each for each in marketplace.movements(sale) if each.status is MovementStatus.MOVING]
    assert [each.review is not None for each in waiting] == [True, True]

    marketplace.top_up(usd(10_000))
    marketplace.pass_time(hours=2)
    assert owed(marketplace) == [2_700, 1_800]
