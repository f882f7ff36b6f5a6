"""Sales whose payment takes its time: cancelled meanwhile, or with a bank, or our key, that lets it wait."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payflows.marketplace.messages import EventType
from payflows.marketplace.movement import MovementType
from payflows.marketplace.sale import SaleReason, SaleStatus
from payflows.payments.collection import PROCESSING_TOO_LONG
from simulations.marketplace.scripted_marketplace import PLATFORM, ScriptedMarketplace
from tests.marketplace_sales import GOODS, cart, usd

THREE_D_SECURE = "pm_card_threeDSecure2Required"


@GOODS
@pytest.mark.parametrize("card", [THREE_D_SECURE, "pm_usBankAccount_success"])
def test_cancelled_while_it_is_being_paid_the_buyer_gets_all_back(
    marketplace: ScriptedMarketplace, card: str, goods: dict[str, int]
) -> None:
    paying = marketplace.buy(cart(**goods), card=card)
    if card == THREE_D_SECURE:
        marketplace.stripe.authenticate(paying.charge.stored_payment_id())

    assert marketplace.cancel(paying).cancel_asked
    marketplace.pass_time(days=15)

    assert marketplace.stripe.net_for(paying.id) == usd(0)
    assert marketplace.events(paying.id)[-2:] == [EventType.SALE_PAID, EventType.SALE_REFUNDED]
    assert [each.type for each in marketplace.movements(paying)].count(MovementType.REFUND) == 1


def test_of_a_cancelled_sale_that_went_back_by_hand_nothing_more_goes_back(marketplace: ScriptedMarketplace) -> None:
    paying = marketplace.buy(cart(bob=5_000), card=THREE_D_SECURE)
    marketplace.stripe.authenticate(paying.charge.stored_payment_id())
    marketplace.stripe.refund_in_dashboard(paying.charge.stored_payment_id())

    marketplace.cancel(paying)
    marketplace.pass_time(days=1)

    assert marketplace.now(paying).status is SaleStatus.BOOKED
    assert marketplace.stripe.net_for(paying.id) == usd(0)


def test_while_stripe_refuses_us_sales_wait_and_the_platform_hears_it_once(marketplace: ScriptedMarketplace) -> None:
    """Our mistake, and not the buyers'."""
    marketplace.stripe.revoke_key(until=marketplace.world.now() + timedelta(hours=2))
    sales = [marketplace.buy(cart(bob=5_000), order_id=f"order-{number}") for number in range(3)]
    assert {sale.status for sale in sales} == {SaleStatus.PENDING}

    marketplace.pass_time(hours=3)

    ended = [marketplace.now(sale) for sale in sales]
    assert {(sale.status, sale.reason) for sale in ended} == {(SaleStatus.FAILED, SaleReason.MERCHANT_MISCONFIGURED)}
    assert marketplace.events(PLATFORM.id) == [EventType.MERCHANT_MISCONFIGURED]
    assert marketplace.events(sales[0].id) == [EventType.SALE_FAILED]


def test_a_sale_goes_on_once_the_key_is_right(marketplace: ScriptedMarketplace) -> None:
    marketplace.stripe.revoke_key(until=marketplace.world.now() + timedelta(minutes=20))
    sale = marketplace.buy(cart(bob=5_000))

    marketplace.pass_time(minutes=40)

    assert marketplace.now(sale).status is SaleStatus.BOOKED


@pytest.mark.parametrize("gives_up", [False, True])
def test_about_a_bank_that_is_at_work_for_weeks_a_person_is_asked_once(
    marketplace: ScriptedMarketplace, gives_up: bool
) -> None:
    sale = marketplace.buy(cart(bob=5_000), card="pm_usBankAccount_processing")
    if gives_up:
        marketplace.cancel(sale)
    marketplace.pass_time(days=20)
    assert marketplace.now(sale).review is None

    marketplace.pass_time(days=2)
    review = marketplace.now(sale).review
    marketplace.pass_time(days=8)

    assert review is not None
    assert review.reason == PROCESSING_TOO_LONG
    assert marketplace.now(sale).review == review

    marketplace.stripe.settle_debit(sale.charge.stored_payment_id())
    marketplace.pass_time(days=5)
    assert marketplace.now(sale).review is None
    assert marketplace.stripe.net_for(sale.id) == usd(0 if gives_up else 5_000)
