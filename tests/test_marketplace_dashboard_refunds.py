"""Refunds in Stripe's dashboard that take the vendor's share back themselves: the vendor pays once."""

from __future__ import annotations

import pytest

from payflows.marketplace.accounts import BUYERS, INCORRECT_SPLITS, LOSSES, REVENUE, receivable
from payflows.marketplace.adopting import BY_OTHER_HANDS
from payflows.marketplace.movement import MovementStatus, MovementType
from payflows.marketplace.policy import MarketplacePolicy
from payflows.marketplace.sale import Sale
from simulations.marketplace.scripted_marketplace import PLATFORM, REFUND_FAILS, ScriptedMarketplace
from simulations.stripe.webhooks.conditions import DeliveryConditions
from tests.marketplace_books import concurrently, moved
from tests.marketplace_sales import ALONE, POLICIES, cart, owed, sold, usd, with_vendors
from tests.plugins.marketplace import OpenMarketplace

AMOUNTS = pytest.mark.parametrize("minor", [5_000, 1_000, 3_333], ids=["whole", "part", "odd part"])
WITH_FEE = pytest.mark.parametrize("with_fee", [True, False], ids=["with the fee", "without the fee"])
NOTICES = pytest.mark.parametrize("webhooks", [DeliveryConditions(), None], ids=["webhooks", "no webhooks"])


def refunded_by_hand(
    marketplace: ScriptedMarketplace, sale: Sale, minor: int | None = None, *, with_fee: bool = False
) -> None:
    """Refund in the dashboard, with "reverse transfer" ticked."""
    marketplace.stripe.refund_in_dashboard(
        sale.charge.stored_payment_id(), minor, reverse_transfer=True, refund_application_fee=with_fee
    )


def seen(marketplace: ScriptedMarketplace, sale: Sale, *, transfers_first: bool = False) -> None:
    """Have notices of the payment and of the transfer come, each twice."""
    flow = marketplace.flow
    for is_of_transfer in (transfers_first, not transfers_first) * 2:
        if is_of_transfer:
            marketplace.world.run(flow.transfer_changed(PLATFORM, sale.id))
        else:
            marketplace.notice(sale)
    marketplace.pass_time(hours=1)


def at_stripe(marketplace: ScriptedMarketplace) -> tuple[int, int]:
    """What was taken back of all transfers, and given back of all fees, in cents."""
    book = marketplace.stripe.connect.rules.book
    return sum(each.amount_reversed for each in book.transfers), sum(each.amount_refunded for each in book.fees)


def borne(marketplace: ScriptedMarketplace) -> tuple[int, int]:
    """What Bob has or was paid out, less what he owes, and what the platform has earned, in cents."""
    assert [marketplace.balance_minor(account) for account in (BUYERS, LOSSES)] == [0, 0]
    paid_out = sum(each.amount.minor for each in marketplace.payouts("bob"))
    has = owed(marketplace)[0] + paid_out - marketplace.balance_minor(receivable("bob"))
    return has, -marketplace.balance_minor(REVENUE)


@AMOUNTS
@WITH_FEE
@POLICIES
@NOTICES
@pytest.mark.parametrize("transfers_first", [False, True], ids=["refund first", "transfer first"])
def test_the_vendor_pays_once(
    open_marketplace: OpenMarketplace,
    minor: int,
    with_fee: bool,
    policy: MarketplacePolicy,
    webhooks: DeliveryConditions | None,
    transfers_first: bool,
) -> None:
    """M9. The fee goes back once, by the dashboard's hand or by ours; or stays, where neither gives it."""
    marketplace = with_vendors(open_marketplace, policy=policy, webhooks=webhooks)
    sale = sold(marketplace, ALONE)

    refunded_by_hand(marketplace, sale, minor, with_fee=with_fee)
    seen(marketplace, sale, transfers_first=transfers_first)

    fee = minor // 10 if with_fee or policy.returns_fee else 0
    assert at_stripe(marketplace) == (minor, fee)
    assert borne(marketplace) == (4_500 - minor + fee, 500 - fee)
    assert marketplace.balance_minor(INCORRECT_SPLITS) == 0
    assert marketplace.now(sale).parts[0].left_minor == 4_500 - minor + fee
    assert all((each.status, each.review) == (MovementStatus.DONE, None) for each in marketplace.movements(sale))


@WITH_FEE
def test_while_the_money_is_pending_too(open_marketplace: OpenMarketplace, with_fee: bool) -> None:
    marketplace = with_vendors(open_marketplace)
    sale = marketplace.buy(cart(**ALONE))

    refunded_by_hand(marketplace, sale, 1_000, with_fee=with_fee)
    marketplace.pass_time(days=5)

    assert borne(marketplace) == (3_600, 400)


@pytest.mark.parametrize("with_fees", [(True, True), (True, False), (False, True)], ids=str)
@pytest.mark.parametrize("parts", [(333, 340), (666, 1), (5, 5), (9, 995)], ids=str)
def test_with_the_rest_by_us_all_goes_back_to_the_cent(
    open_marketplace: OpenMarketplace, with_fees: tuple[bool, bool], parts: tuple[int, int]
) -> None:
    """M1: Stripe rounds the fee of a part half up, and we round it down; the rest is what is left."""
    marketplace = with_vendors(open_marketplace)
    sale = sold(marketplace, {"bob": 1_007})
    for part, with_fee in zip(parts, with_fees, strict=True):
        refunded_by_hand(marketplace, sale, part, with_fee=with_fee)
        seen(marketplace, sale)

    marketplace.refund(sale)
    marketplace.pass_time(hours=1)

    assert borne(marketplace) == (0, 0)
    assert at_stripe(marketplace) == (1_007, 101)


@WITH_FEE
def test_two_that_are_seen_together_are_borne_each_once(open_marketplace: OpenMarketplace, with_fee: bool) -> None:
    marketplace = with_vendors(open_marketplace, webhooks=None)
    sale = sold(marketplace, ALONE)

    refunded_by_hand(marketplace, sale, 1_000, with_fee=True)
    refunded_by_hand(marketplace, sale, 2_000, with_fee=with_fee)
    seen(marketplace, sale)

    assert at_stripe(marketplace) == (3_000, 300)
    assert borne(marketplace) == (1_800, 200)


def test_seen_by_two_processes_it_is_adopted_once(open_marketplace: OpenMarketplace) -> None:
    marketplace = with_vendors(open_marketplace, webhooks=None)
    sale = sold(marketplace, ALONE)
    refunded_by_hand(marketplace, sale, 1_000, with_fee=True)
    flow, payment_id = marketplace.flow, sale.charge.stored_payment_id()

    concurrently(
        marketplace,
        flow.payment_changed(PLATFORM, payment_id),
        flow.transfer_changed(PLATFORM, sale.id),
        flow.payment_changed(PLATFORM, payment_id),
    )

    assert borne(marketplace) == (3_600, 400)
    assert len(marketplace.movements(sale)) == 3


@WITH_FEE
@POLICIES
def test_one_that_fails_gives_the_vendor_the_share_again(
    open_marketplace: OpenMarketplace, with_fee: bool, policy: MarketplacePolicy
) -> None:
    """alphagov/pay-connector#5139: what was reversed with it stays with the platform, unless it is sent."""
    marketplace = with_vendors(open_marketplace, policy=policy)
    sale = marketplace.buy(cart(**ALONE), card=REFUND_FAILS)
    marketplace.pass_time(days=4)

    refunded_by_hand(marketplace, sale, 1_000, with_fee=with_fee)
    seen(marketplace, sale)
    marketplace.pass_time(days=6)
    seen(marketplace, sale)

    assert borne(marketplace) == (4_500, 500)
    assert marketplace.now(sale).parts[0].returned_minor == 0


@pytest.mark.parametrize("is_known", [True, False], ids=["seen before", "not seen yet"])
def test_what_the_transfer_did_not_hold_is_taken_besides(open_marketplace: OpenMarketplace, is_known: bool) -> None:
    """Other hands had taken most of the transfer: the vendor owes the other 800, less the fee of those."""
    marketplace = with_vendors(open_marketplace, webhooks=None)
    sale = sold(marketplace, ALONE)
    transfer_id = marketplace.now(sale).parts[0].transfers[0].id
    assert transfer_id is not None
    marketplace.stripe.reverse_in_dashboard(transfer_id, 4_800)
    if is_known:
        marketplace.world.run(marketplace.flow.transfer_changed(PLATFORM, sale.id))

    refunded_by_hand(marketplace, sale, 1_000)
    seen(marketplace, sale)

    assert at_stripe(marketplace) == (5_000, 20 if is_known else 100)
    assert borne(marketplace) == (4_500 - 4_800 - 900, 400)
    assert marketplace.balance_minor(INCORRECT_SPLITS) == -4_800


@WITH_FEE
def test_what_was_taken_beyond_the_goods_is_put_before_a_person(
    open_marketplace: OpenMarketplace, with_fee: bool
) -> None:
    """A refund of ours is under way for a part, and the dashboard gives the whole back before it."""
    marketplace = with_vendors(open_marketplace, webhooks=None)
    sale = sold(marketplace, ALONE)
    marketplace.stripe.lose_request_of("refund_part", times=50)
    marketplace.refund(sale, amounts={"bob": usd(3_000)})

    refunded_by_hand(marketplace, sale, with_fee=with_fee)
    seen(marketplace, sale)
    marketplace.stripe.calm()
    marketplace.pass_time(hours=3)

    [beyond] = [each for each in marketplace.movements(sale) if each.against == INCORRECT_SPLITS]
    assert (beyond.type, beyond.status, beyond.amount) == (MovementType.REVERSAL, MovementStatus.DONE, usd(3_000))
    assert beyond.review is not None
    assert beyond.review.reason == BY_OTHER_HANDS
    assert marketplace.balance_minor(INCORRECT_SPLITS) == -3_000
    assert marketplace.balance_minor(BUYERS) == 0
    assert moved(marketplace, sale)["refund-r1"][0] == "failed"
    assert at_stripe(marketplace)[0] == 5_000


def test_a_fee_that_is_given_besides_is_not_taken_for_the_refunds(open_marketplace: OpenMarketplace) -> None:
    """Two things by hand that are seen together: the refund, and more of the fee than is its share."""
    marketplace = with_vendors(open_marketplace, webhooks=None)
    sale = sold(marketplace, ALONE)
    fee_id = marketplace.now(sale).application_fee_id
    assert fee_id is not None
    marketplace.refund_fee_in_dashboard(fee_id, usd(200))

    refunded_by_hand(marketplace, sale, 1_000)
    seen(marketplace, sale)
    assert borne(marketplace) == (3_800, 200)
    marketplace.refund(sale)

    assert borne(marketplace) == (0, 0)
    assert at_stripe(marketplace) == (5_000, 500)
