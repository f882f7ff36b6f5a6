"""Payouts to vendors: by a schedule, above a minimum, less a reserve; refused, failed, and sent back after all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payflows.errors import InvalidPolicy
from payflows.marketplace.accounts import VendorPot, payouts_in_transit
from payflows.marketplace.connect import PayoutStatus
from payflows.marketplace.fees import FeeSchedule
from payflows.marketplace.messages import EventType, MailKind
from payflows.marketplace.payout import PayoutState
from payflows.marketplace.payout_steps import UNKNOWN_OF_A_CLOSED_ACCOUNT
from payflows.marketplace.policy import MarketplacePolicy, PayoutPolicy
from payflows.money import Money
from simulations.marketplace.scripted_marketplace import ScriptedMarketplace
from tests.marketplace_sales import ALONE, LOST_CALLS, TOGETHER, cart, owed, sold, usd, with_vendors
from tests.plugins.marketplace import OpenMarketplace


def paying(open_marketplace: OpenMarketplace, **payouts: int) -> ScriptedMarketplace:
    return with_vendors(open_marketplace, policy=MarketplacePolicy(payouts=PayoutPolicy(**payouts)))


def states(marketplace: ScriptedMarketplace, vendor_id: str = "bob") -> list[tuple[str, int]]:
    return [(payout.status.value, payout.amount.minor) for payout in marketplace.payouts(vendor_id)]


def test_each_vendor_is_paid_on_the_days_of_the_schedule(open_marketplace: OpenMarketplace) -> None:
    marketplace = paying(open_marketplace, every_days=7)
    sold(marketplace, TOGETHER, days=8)

    assert (states(marketplace), states(marketplace, "carol")) == ([("sent", 2_700)], [("sent", 1_800)])
    assert marketplace.owed_minor("bob", VendorPot.PAYING) == 2_700
    marketplace.pass_time(days=5)
    assert states(marketplace) == [("paid", 2_700)]
    assert marketplace.owed_minor("bob", VendorPot.PAYING) == marketplace.balance_minor(payouts_in_transit("bob")) == 0


def test_what_is_pending_waits_for_the_next_day(open_marketplace: OpenMarketplace) -> None:
    marketplace = paying(open_marketplace, every_days=3)

    sold(marketplace, ALONE, days=4)
    assert (states(marketplace), owed(marketplace)[0]) == ([], 4_500)
    marketplace.pass_time(days=3)
    assert [amount for _, amount in states(marketplace)] == [4_500]


def test_less_than_the_minimum_waits(open_marketplace: OpenMarketplace) -> None:
    marketplace = paying(open_marketplace, every_days=1, minimum_minor=5_000)
    sold(marketplace, ALONE, days=10)
    assert states(marketplace) == []

    sold(marketplace, {"bob": 1_000}, days=10, order_id="order-2")

    assert states(marketplace) == [("paid", 5_400)]


def test_no_minimum_holds_money_longer_than_stripe_lets(open_marketplace: OpenMarketplace) -> None:
    policy = MarketplacePolicy(payouts=PayoutPolicy(every_days=7, minimum_minor=10**6))
    marketplace = open_marketplace(policy=policy, fees=FeeSchedule.flat("thb", 1_000))
    marketplace.onboard("bob", country="TH")
    sale = marketplace.buy({"bob": Money(100_000, "thb")})
    marketplace.pass_time(days=9)
    assert marketplace.vendor("bob").below_minimum_since is not None

    marketplace.pass_time(days=8)

    assert states(marketplace) == [("sent", marketplace.now(sale).parts[0].net.minor)]
    assert marketplace.vendor("bob").below_minimum_since is None


def test_forints_are_paid_out_whole_and_what_is_left_goes_with_a_later_payout(
    open_marketplace: OpenMarketplace,
) -> None:
    """Stripe charges them with two decimals, and pays them out with none."""
    marketplace = open_marketplace(fees=FeeSchedule.flat("huf", 1_000))
    marketplace.onboard("bob", country="HU")
    marketplace.buy({"bob": Money(1_234_567, "huf")})
    marketplace.pass_time(days=15)
    assert (states(marketplace), owed(marketplace)[0]) == ([("paid", 1_111_100)], 10)

    marketplace.buy({"bob": Money(1_234_567, "huf")}, order_id="order-2")
    marketplace.pass_time(days=15)

    assert (states(marketplace)[-1], owed(marketplace)[0]) == (("paid", 1_111_100), 20)


def test_a_vendor_is_paid_out_more_than_any_one_charge(open_marketplace: OpenMarketplace) -> None:
    """A million forints, some 2,500 euros, have nine digits in all; a charge has eight at most."""
    marketplace = open_marketplace(fees=FeeSchedule.flat("huf", 1_000))
    marketplace.onboard("bob", country="HU")
    for number in range(3):
        marketplace.buy({"bob": Money(60_000_000, "huf")}, order_id=f"order-{number}")

    marketplace.pass_time(days=15)

    assert states(marketplace) == [("paid", 162_000_000)]


def test_a_reserve_is_held_back_and_let_go(open_marketplace: OpenMarketplace) -> None:
    marketplace = paying(open_marketplace, every_days=1, reserve_bps=2_000, reserve_days=20)

    sold(marketplace, TOGETHER, days=10)
    assert (states(marketplace), marketplace.owed_minor("bob", VendorPot.RESERVED)) == ([("paid", 2_160)], 540)
    marketplace.pass_time(days=20)

    assert [amount for _, amount in states(marketplace)] == [2_160, 540]
    assert marketplace.owed_minor("bob", VendorPot.RESERVED) == 0


def test_a_reserve_meets_a_refund_after_the_payout(open_marketplace: OpenMarketplace) -> None:
    """What is held back is still on the vendor's balance, and so can be taken back."""
    marketplace = paying(open_marketplace, every_days=1, reserve_bps=5_000, reserve_days=20)
    sale = sold(marketplace, TOGETHER, days=10)

    marketplace.refund(sale, amounts={"bob": usd(1_500)})
    marketplace.pass_time(days=25)

    assert sum(amount for _, amount in states(marketplace)) == 1_350


def test_of_a_sale_that_went_back_no_reserve_is_held_of_another(open_marketplace: OpenMarketplace) -> None:
    marketplace = paying(open_marketplace, every_days=12, reserve_bps=2_000, reserve_days=60)
    sale = sold(marketplace, ALONE)
    assert marketplace.owed_minor("bob", VendorPot.RESERVED) == 900

    marketplace.refund(sale)
    marketplace.pass_time(hours=1)

    assert (owed(marketplace)[0], marketplace.owed_minor("bob", VendorPot.RESERVED)) == (0, 0)
    sold(marketplace, ALONE, days=10, order_id="order-2")
    assert [amount for _, amount in states(marketplace)] == [3_600]


def test_of_a_part_that_went_back_no_more_is_held_than_is_left(open_marketplace: OpenMarketplace) -> None:
    marketplace = paying(open_marketplace, every_days=28, reserve_bps=5_000, reserve_days=20)
    sale = sold(marketplace, TOGETHER)
    for number, (minor, held) in enumerate([(500, 1_350), (2_000, 450), (500, 0)]):
        marketplace.refund(sale, f"r{number}", amounts={"bob": usd(minor)})
        marketplace.pass_time(hours=1)
        assert marketplace.owed_minor("bob", VendorPot.RESERVED) == held
    assert owed(marketplace)[0] == 0


def test_a_payout_that_is_refused_is_tried_with_the_next(open_marketplace: OpenMarketplace) -> None:
    """Its bank account went between our look at the account and the payout."""
    marketplace = paying(open_marketplace, every_days=7)
    account_id = marketplace.vendor("bob").stored_account_id()
    marketplace.stripe.lose_request_of("create_payout", times=10)
    sold(marketplace, ALONE, days=7)
    marketplace.stripe.require(account_id, "individual.id_number", within_seconds=1)
    marketplace.pass_time(hours=1)
    assert (states(marketplace), owed(marketplace)[0]) == ([("failed", 4_500)], 4_500)

    marketplace.stripe.submit_requirements(account_id)
    marketplace.pass_time(days=12)

    assert states(marketplace) == [("failed", 4_500), ("paid", 4_500)]


@pytest.fixture
def marketplace(marketplace: ScriptedMarketplace) -> ScriptedMarketplace:
    """Its balance does not run short."""
    marketplace.top_up(usd(100_000))
    return marketplace


def test_a_bank_that_sends_it_back_is_seen_and_nothing_more_is_sent_until_it_is_mended(
    marketplace: ScriptedMarketplace,
) -> None:
    """spree/spree#14622, stripe/stripe-mirakl-connector#146: a returned payout still read settled."""
    account_id = marketplace.vendor("bob").stored_account_id()
    marketplace.stripe.refuse_payouts(account_id)
    sold(marketplace, ALONE, days=16)

    [payout] = marketplace.payouts("bob")
    assert (payout.status, payout.failure_code) == (PayoutState.FAILED, "account_closed")
    assert owed(marketplace)[0] == 4_500
    marketplace.stripe.submit_requirements(account_id)
    marketplace.pass_time(days=14)
    assert states(marketplace) == [("failed", 4_500), ("paid", 4_500)]


@pytest.mark.parametrize("status", ["sent", "paid"])
def test_of_a_closed_account_no_payout_is_looked_at_any_more(marketplace: ScriptedMarketplace, status: str) -> None:
    """Stripe shows nothing of it: one that was paid is done, and what became of another a person must find out."""
    sold(marketplace, ALONE, days=8 if status == "sent" else 11)
    assert states(marketplace) == [(status, 4_500)]

    marketplace.stripe.close_account(marketplace.vendor("bob").stored_account_id())
    marketplace.pass_time(days=30)

    [payout] = marketplace.payouts("bob")
    refused = [call for call in marketplace.calls if call.method == "retrieve_payout" and call.outcome != "ok"]
    assert (payout.status.value, payout.due_at, len(refused) <= 2) == (status, None, True)
    assert (payout.review is not None and payout.review.reason == UNKNOWN_OF_A_CLOSED_ACCOUNT) is (status == "sent")


@pytest.mark.parametrize(("trouble", "status"), [("answer_429_to", "failed"), ("lose_request_of", "creating")])
def test_a_payout_that_is_asked_for_after_its_account_was_closed_was_not_made(
    marketplace: ScriptedMarketplace, trouble: str, status: str
) -> None:
    """Unless an earlier call was left without an answer: then no one knows, and a person must find out."""
    getattr(marketplace.stripe, trouble)("create_payout", times=10**6)
    sold(marketplace, ALONE, days=8)
    assert states(marketplace) == [("creating", 4_500)]

    marketplace.stripe.close_account(marketplace.vendor("bob").stored_account_id())
    marketplace.stripe.calm()
    marketplace.pass_time(days=1)

    [payout] = marketplace.payouts("bob")
    assert (payout.status.value, payout.due_at, owed(marketplace)[0]) == (status, None, 4_500)
    assert payout.is_blocked is (status == "creating")


def test_a_payout_that_fails_before_it_is_paid_is_the_vendors_again(marketplace: ScriptedMarketplace) -> None:
    sold(marketplace, ALONE, days=8)
    [payout] = marketplace.payouts("bob")
    assert payout.stripe_payout_id is not None

    marketplace.stripe.fail_payout(payout.account_id, payout.stripe_payout_id)
    marketplace.pass_time(days=5)

    assert (states(marketplace), owed(marketplace)[0]) == ([("failed", 4_500)], 4_500)


@LOST_CALLS
def test_with_calls_lost_it_is_sent_once(marketplace: ScriptedMarketplace, lost: str) -> None:
    """antiwork/gumroad#6620: the next run moved the same money again."""
    getattr(marketplace.stripe, lost)("create_payout", times=4)

    sold(marketplace, ALONE, days=12)

    account_id = marketplace.vendor("bob").stored_account_id()
    made = marketplace.world.run(
        marketplace.stripe.list_payouts(account_id, created_from=marketplace.world.now() - timedelta(days=30))
    )
    assert [(each.amount, each.status) for each in made] == [(usd(4_500), PayoutStatus.PAID)]


def test_a_vendor_whose_payouts_are_off_is_paid_once_they_are_on(marketplace: ScriptedMarketplace) -> None:
    account_id = marketplace.vendor("bob").stored_account_id()
    marketplace.stripe.require(account_id, "individual.id_number", within_seconds=60)
    marketplace.pass_time(minutes=5)

    assert marketplace.world.run(marketplace.stripe.retrieve_account(account_id)).payouts_enabled is False
    marketplace.stripe.submit_requirements(account_id)
    marketplace.pass_time(minutes=1)
    sold(marketplace, ALONE, days=12)
    assert states(marketplace) == [("paid", 4_500)]


def test_nothing_is_paid_out_where_that_is_not_ours_to_do(open_marketplace: OpenMarketplace) -> None:
    marketplace = with_vendors(open_marketplace, policy=MarketplacePolicy(payouts=None))

    sold(marketplace, ALONE, days=30)

    assert (states(marketplace), owed(marketplace)[0]) == ([], 4_500)


def test_money_is_held_no_longer_than_stripe_lets(open_marketplace: OpenMarketplace) -> None:
    """90 days, in the US two years, in Thailand ten days."""
    marketplace = open_marketplace(policy=MarketplacePolicy(payouts=PayoutPolicy(reserve_bps=1_000, reserve_days=120)))

    for country in ("DE", "TH"):
        with pytest.raises(InvalidPolicy, match="held for"):
            marketplace.onboard("bob", country=country)
    assert not marketplace.calls
    marketplace.onboard("bob", country="US")


def test_the_vendor_gets_a_mail_about_a_payout_that_failed(marketplace: ScriptedMarketplace) -> None:
    marketplace.stripe.refuse_payouts(marketplace.vendor("bob").stored_account_id())

    sold(marketplace, ALONE, days=16)

    assert marketplace.mails("bob@example.com") == [MailKind.PAYOUT_FAILED]
    events = marketplace.events(marketplace.vendor("bob").id)
    assert [event for event in events if "payout" in event] == [
        EventType.PAYOUT_SENT,
        EventType.PAYOUT_PAID,
        EventType.PAYOUT_FAILED,
    ]


def test_nothing_is_paid_out_twice(marketplace: ScriptedMarketplace) -> None:
    marketplace.buy(cart(bob=5_000))

    marketplace.pass_time(days=60)

    assert states(marketplace) == [("paid", 4_500)]
