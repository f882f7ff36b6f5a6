"""Sales at a marketplace until they are paid: cards, banks, deadlines, and vendors who change between two sales."""

from __future__ import annotations

import pytest

from payflows.errors import InvalidState
from payflows.marketplace.connect import CapabilityStatus
from payflows.marketplace.fee_terms import FeeTerms, FeeTier
from payflows.marketplace.fees import FeeSchedule
from payflows.marketplace.input import CartPart
from payflows.marketplace.messages import EventType, MailKind
from payflows.marketplace.policy import MarketplacePolicy
from payflows.marketplace.sale import SaleReason, SaleStatus
from payflows.marketplace.vendor import VendorStatus
from payflows.marketplace.volume import VOLUMES
from payflows.money import Rate
from payflows.payments.model import CustomerAction, PaymentStatus
from simulations.marketplace.scripted_marketplace import ADA, PLATFORM, ScriptedMarketplace
from tests.marketplace_books import concurrently
from tests.marketplace_sales import GOODS, LOST_CALLS, cart, usd, with_vendors
from tests.plugins.marketplace import OpenMarketplace

S = SaleStatus
DECLINED = "pm_card_visa_chargeDeclined"
THREE_D_SECURE = "pm_card_threeDSecure2Required"
TIERS = FeeSchedule(
    currency="usd", terms=FeeTerms(tiers=(FeeTier(Rate(1_000), 10_000), FeeTier(Rate(500))), fixed_minor=0)
)


def volumes(marketplace: ScriptedMarketplace) -> dict[str, int]:
    return {volume.vendor_id: volume.amount_minor for volume in marketplace.store.all(VOLUMES)}


@GOODS
def test_a_declined_card_and_then_another_one(marketplace: ScriptedMarketplace, goods: dict[str, int]) -> None:
    declined = marketplace.buy(cart(**goods), card=DECLINED)
    assert (declined.status, declined.charge.attempt.decline is not None) == (S.CUSTOMER_ACTION, True)

    paid = marketplace.pay_again(declined)

    assert paid.status is S.BOOKED
    assert marketplace.stripe.net_for(paid.id) == usd(5_000)
    assert marketplace.mails(ADA.email) == [MailKind.CARD_NEEDED, MailKind.SALE_PAID]


def test_an_old_page_tries_no_card_twice(marketplace: ScriptedMarketplace) -> None:
    declined = marketplace.buy(cart(bob=5_000), card=DECLINED)
    again = marketplace.pay_again(declined, DECLINED)

    same = marketplace.pay_again(declined, expected_try=1)

    assert (same.charge.attempt.number, same.status) == (again.charge.attempt.number, S.CUSTOMER_ACTION)
    marketplace.cancel(same)


def test_cards_are_tried_so_often_and_no_more(marketplace: ScriptedMarketplace) -> None:
    sale = marketplace.buy(cart(bob=5_000), card=DECLINED)
    for _ in range(2):
        sale = marketplace.pay_again(sale, DECLINED)

    assert (sale.status, sale.reason) == (S.FAILED, SaleReason.CARDS_DECLINED)
    assert marketplace.stripe.intent(sale.charge.stored_payment_id()).as_payment().status is PaymentStatus.CANCELED


def test_a_payment_method_that_stripe_does_not_know_ends_the_sale(marketplace: ScriptedMarketplace) -> None:
    """It is no decline: such an id is the caller's mistake, and no bank was asked."""
    sale = marketplace.buy(cart(bob=5_000), card="pm_unknown")

    assert (sale.status, sale.reason) == (S.FAILED, SaleReason.PAYMENT_REFUSED)


@pytest.mark.parametrize("passes", [True, False])
def test_a_bank_that_asks_its_customer(marketplace: ScriptedMarketplace, passes: bool) -> None:
    """M10: an answer that asks for an action is no success."""
    asked = marketplace.buy(cart(bob=5_000), card=THREE_D_SECURE)
    assert asked.status is S.CUSTOMER_ACTION
    assert isinstance(marketplace.world.run(marketplace.flow.customer_action(ADA, asked.id)), CustomerAction)

    came_back = marketplace.at_the_bank(asked, passes=passes)

    assert came_back.status is (S.BOOKED if passes else S.CUSTOMER_ACTION)
    if not passes:
        assert marketplace.pay_again(came_back).status is S.BOOKED
    with pytest.raises(InvalidState, match="no bank asks"):
        marketplace.world.run(marketplace.flow.customer_action(ADA, asked.id))


def test_at_its_deadline_a_sale_is_given_up(marketplace: ScriptedMarketplace) -> None:
    waiting = marketplace.buy(cart(bob=5_000), card=THREE_D_SECURE)

    marketplace.pass_time(hours=2)

    failed = marketplace.now(waiting)
    assert (failed.status, failed.reason) == (S.FAILED, SaleReason.DEADLINE_PASSED)
    assert marketplace.events(failed.id) == [EventType.SALE_ACTION_REQUIRED, EventType.SALE_FAILED]
    assert volumes(marketplace) == {"bob": 0}


def test_cancelled_it_takes_no_money_any_more(marketplace: ScriptedMarketplace) -> None:
    waiting = marketplace.buy(cart(bob=3_000, carol=2_000), card=THREE_D_SECURE)

    cancelled = marketplace.cancel(waiting)

    assert (cancelled.status, cancelled.reason) == (S.FAILED, SaleReason.CANCEL_ASKED)
    assert marketplace.cancel(waiting) == cancelled
    assert volumes(marketplace) == {"bob": 0, "carol": 0}


def test_paid_it_is_not_cancelled_but_refunded(marketplace: ScriptedMarketplace) -> None:
    sale = marketplace.buy(cart(bob=5_000))

    with pytest.raises(InvalidState, match="can be refunded"):
        marketplace.cancel(sale)


@pytest.mark.parametrize("debit", ["pm_usBankAccount_success", "pm_usBankAccount_insufficientFunds"])
@GOODS
def test_a_bank_debit_settles_days_later(marketplace: ScriptedMarketplace, debit: str, goods: dict[str, int]) -> None:
    pending = marketplace.buy(cart(**goods), card=debit)
    assert pending.status is S.PAYMENT_PROCESSING

    marketplace.pass_time(days=15)

    settles = debit.endswith("success")
    assert marketplace.now(pending).status is (S.AVAILABLE if settles else S.FAILED)
    assert marketplace.stripe.net_for(pending.id) == usd(5_000 if settles else 0)


@pytest.mark.parametrize("happens", ["inactive", "past due", "rejected", "left"])
@GOODS
def test_a_vendor_who_changed_meanwhile_is_not_sold_for(
    open_marketplace: OpenMarketplace, happens: str, goods: dict[str, int]
) -> None:
    """M6: the vendors are read before each charge; the stored row does not say it yet, for no webhooks come."""
    marketplace = with_vendors(open_marketplace, webhooks=None)
    stripe, account_id = marketplace.stripe, marketplace.vendor("bob").stored_account_id()
    marketplace.buy(cart(**goods))
    if happens == "inactive":
        stripe.set_capability(account_id, "transfers", CapabilityStatus.INACTIVE)
    elif happens == "past due":
        stripe.require(account_id, "individual.id_number", within_seconds=60)
        marketplace.pass_time(minutes=2)
    elif happens == "rejected":
        stripe.reject_account(account_id)
    else:
        stripe.close_account(account_id)

    refused = marketplace.buy(cart(**goods), order_id="order-2")

    assert (refused.status, refused.reason) == (S.FAILED, SaleReason.VENDOR_INACTIVE)
    assert marketplace.stripe.net_for(refused.id) == usd(0)


def test_once_known_a_restricted_vendor_is_refused_before_anything_is_stored(marketplace: ScriptedMarketplace) -> None:
    account_id = marketplace.vendor("bob").stored_account_id()
    marketplace.stripe.require(account_id, "individual.id_number", within_seconds=60)
    marketplace.pass_time(minutes=2)
    restricted = marketplace.world.run(marketplace.flow.account_changed(PLATFORM, account_id))
    calls = len(marketplace.calls)

    assert (restricted.status, restricted.requirements.past_due) == (VendorStatus.RESTRICTED, ("individual.id_number",))
    with pytest.raises(InvalidState, match="may not sell"):
        marketplace.buy(cart(bob=5_000))
    assert len(marketplace.calls) == calls
    assert marketplace.mails("bob@example.com") == [MailKind.VENDOR_RESTRICTED]
    marketplace.stripe.submit_requirements(account_id)
    marketplace.world.run(marketplace.flow.account_changed(PLATFORM, account_id))
    assert marketplace.buy(cart(bob=5_000)).status is S.BOOKED


@LOST_CALLS
@pytest.mark.parametrize("call", ["create_split_payment", "confirm_payment", "create_transfer", "retrieve_charge"])
def test_with_calls_lost_the_buyer_pays_once_and_each_share_is_sent_once(
    marketplace: ScriptedMarketplace, call: str, lost: str
) -> None:
    """M4, M5"""
    getattr(marketplace.stripe, lost)(call, times=3)

    sale = marketplace.buy(cart(bob=3_000, carol=2_000))
    marketplace.pass_time(days=5)

    assert marketplace.now(sale).status is S.AVAILABLE
    assert marketplace.stripe.net_for(sale.id) == usd(5_000)
    assert [each.amount.minor for each in marketplace.movements(sale)] == [2_700, 1_800]


def test_two_sales_concurrently_count_each_others_volume(open_marketplace: OpenMarketplace) -> None:
    """Fee and tier are frozen with the payment: of two made together, one is worked out after the other."""
    marketplace = open_marketplace(fees=TIERS)
    marketplace.onboard("bob")
    flow = marketplace.flow
    goods = [CartPart("bob", usd(8_000))]

    sold = concurrently(
        marketplace,
        *(
            flow.process_marketplace_payment(ADA, f"order-{n}", cart=goods, payment_method="pm_card_visa")
            for n in (1, 2)
        ),
    )

    fees = sorted(sale.parts[0].application_fee.minor for sale in sold)  # type: ignore[attr-defined]
    assert fees == [500, 800]
    assert volumes(marketplace) == {"bob": 16_000}


def test_a_sale_that_fails_gives_its_volume_back_and_keeps_no_tier(open_marketplace: OpenMarketplace) -> None:
    marketplace = open_marketplace(fees=TIERS)
    marketplace.onboard("bob")
    marketplace.cancel(marketplace.buy(cart(bob=10_000), card=THREE_D_SECURE))

    sale = marketplace.buy(cart(bob=10_000), order_id="order-2")
    later = marketplace.buy(cart(bob=10_000), order_id="order-3")

    assert [each.parts[0].application_fee.minor for each in (sale, later)] == [1_000, 500]


def test_a_refund_changes_no_tier(open_marketplace: OpenMarketplace) -> None:
    marketplace = open_marketplace(fees=TIERS)
    marketplace.onboard("bob")
    marketplace.refund(marketplace.buy(cart(bob=10_000)))

    assert volumes(marketplace) == {"bob": 10_000}
    assert marketplace.buy(cart(bob=1_000), order_id="order-2").parts[0].application_fee == usd(50)


def test_a_share_of_nothing_is_not_sent_and_keeps_no_one_waiting(open_marketplace: OpenMarketplace) -> None:
    """All of Carol's part is fee."""
    marketplace = open_marketplace(fees=FeeSchedule.flat("usd", 1_000, fixed_minor=100))
    marketplace.onboard("bob")
    marketplace.onboard("carol")

    sale = marketplace.buy(cart(bob=5_000, carol=100))
    marketplace.pass_time(days=5)
    assert marketplace.now(sale).status is S.AVAILABLE
    marketplace.refund(sale, amounts={"carol": usd(100)})


def test_tried_for_long_a_sale_is_put_before_a_person(open_marketplace: OpenMarketplace) -> None:
    marketplace = open_marketplace(policy=MarketplacePolicy(review_after_seconds=3_600))
    marketplace.onboard("bob")
    marketplace.stripe.lose_request_of("retrieve_charge", times=10_000)

    sale = marketplace.buy(cart(bob=5_000))
    marketplace.pass_time(hours=3)

    assert marketplace.now(sale).review is not None
    assert EventType.NEEDS_REVIEW in marketplace.events(sale.id)
