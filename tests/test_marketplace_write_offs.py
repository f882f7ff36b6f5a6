"""What was written off and proves to be no debt: it was no loss, and only what the vendor has paid is returned."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from payflows.marketplace.accounts import LOSSES, receivable
from payflows.marketplace.movement import MovementStatus, MovementType
from payflows.marketplace.sale import Sale
from simulations.marketplace.scripted_marketplace import PLATFORM, ScriptedMarketplace
from tests.marketplace_books import check_books, concurrently
from tests.marketplace_sales import TOGETHER, cart, closed, disputed, owed, sold, usd, with_vendors
from tests.plugins.marketplace import OpenMarketplace

SHARE = 2_700
"""Bob's of `TOGETHER`, in cents."""


def debt(marketplace: ScriptedMarketplace, vendor_id: str = "bob") -> int:
    return marketplace.balance_minor(receivable(vendor_id))


def returned(marketplace: ScriptedMarketplace, sale: Sale) -> list[int]:
    """What was sent to vendors because they had paid a debt that was none, in cents."""
    moved = [each for each in marketplace.movements(sale) if each.type is MovementType.DEBT_RETURN]
    assert all(each.status is MovementStatus.DONE for each in moved)
    return [each.amount.minor for each in moved]


def lost_after_the_payout(marketplace: ScriptedMarketplace) -> Sale:
    """Have a dispute lost whose vendors were paid out: they owe it."""
    sale = sold(marketplace, TOGETHER, days=8)
    disputed(marketplace, sale)
    closed(marketplace, sale, won=False)
    assert (debt(marketplace), debt(marketplace, "carol")) == (SHARE, 1_800)
    return sale


def won_late(marketplace: ScriptedMarketplace, sale: Sale) -> None:
    marketplace.stripe.reverse_loss(sale.charge.stored_payment_id())
    marketplace.notice(sale)
    marketplace.pass_time(hours=2)


def test_a_dispute_that_is_won_after_the_write_off_sends_nothing(open_marketplace: OpenMarketplace) -> None:
    """The vendor has paid nothing of it: the loss was none, and that is all."""
    marketplace = with_vendors(open_marketplace)
    sale = lost_after_the_payout(marketplace)
    assert marketplace.write_off("bob") == usd(SHARE)

    won_late(marketplace, sale)

    assert returned(marketplace, sale) == []
    assert (owed(marketplace), debt(marketplace), debt(marketplace, "carol")) == ([0, 0], 0, 0)
    assert marketplace.balance_minor(LOSSES) == 0


def test_a_refund_that_fails_after_the_write_off_sends_nothing(open_marketplace: OpenMarketplace) -> None:
    marketplace = with_vendors(open_marketplace)
    sale = marketplace.buy(cart(**TOGETHER), card="pm_card_refundFail")
    marketplace.pass_time(days=8, minutes=5)
    marketplace.refund(sale)
    assert marketplace.write_off("bob") == usd(SHARE)

    marketplace.pass_time(days=6)
    marketplace.notice(sale)
    marketplace.pass_time(hours=2)

    assert returned(marketplace, sale) == []
    assert (owed(marketplace), debt(marketplace), marketplace.balance_minor(LOSSES)) == ([0, 0], 0, 0)


def test_of_what_was_paid_in_part_and_written_off_only_the_part_is_returned(open_marketplace: OpenMarketplace) -> None:
    marketplace = with_vendors(open_marketplace)
    sale = lost_after_the_payout(marketplace)
    sold(marketplace, {"bob": 2_000}, order_id="order-2")
    assert marketplace.write_off("bob") == usd(900)

    won_late(marketplace, sale)

    assert returned(marketplace, sale) == [1_800]
    assert (owed(marketplace)[0], debt(marketplace), marketplace.balance_minor(LOSSES)) == (1_800, 0, 0)


def test_what_was_written_off_of_another_debt_stays_a_loss(open_marketplace: OpenMarketplace) -> None:
    marketplace = with_vendors(open_marketplace)
    other = sold(marketplace, {"bob": 1_000, "carol": 1_000}, order_id="order-0", days=8)
    sale = lost_after_the_payout(marketplace)
    marketplace.refund(other)
    assert marketplace.write_off("bob") == usd(SHARE + 900)

    won_late(marketplace, sale)

    assert returned(marketplace, sale) == []
    assert (debt(marketplace), marketplace.balance_minor(LOSSES)) == (0, 900)


def test_what_is_owed_after_the_write_off_is_owed_no_more_before_the_loss_is_undone(
    open_marketplace: OpenMarketplace,
) -> None:
    """A debt that still stands is nearer than one that was given up."""
    marketplace = with_vendors(open_marketplace)
    other = sold(marketplace, {"bob": 1_000, "carol": 1_000}, order_id="order-0", days=8)
    sale = lost_after_the_payout(marketplace)
    marketplace.write_off("bob")
    marketplace.refund(other)
    assert debt(marketplace) == 900

    won_late(marketplace, sale)

    assert returned(marketplace, sale) == []
    assert (debt(marketplace), marketplace.balance_minor(LOSSES)) == (0, 900)


def test_written_off_and_won_at_the_same_moment_nothing_is_sent(open_marketplace: OpenMarketplace) -> None:
    """Whoever is first: the debt is given up and that undone, or there is none to give up."""
    marketplace = with_vendors(open_marketplace)
    sale = lost_after_the_payout(marketplace)
    payment_id = sale.charge.stored_payment_id()
    marketplace.stripe.reverse_loss(payment_id)
    flow = marketplace.flow

    concurrently(marketplace, flow.write_off(PLATFORM, "bob"), flow.payment_changed(PLATFORM, payment_id))
    marketplace.pass_time(hours=2)

    assert returned(marketplace, sale) == []
    assert (owed(marketplace)[0], debt(marketplace), marketplace.balance_minor(LOSSES)) == (0, 0, 0)


@settings(max_examples=15, deadline=None)
@given(later=st.lists(st.integers(min_value=100, max_value=2_500), max_size=3), written_off_after=st.integers(0, 3))
def test_won_late_a_vendor_has_what_was_sold_and_the_platform_no_loss(later: list[int], written_off_after: int) -> None:
    """However much later sales have paid of it, and however much was written off in between."""
    marketplace = with_vendors(ScriptedMarketplace)
    sale = lost_after_the_payout(marketplace)
    nets = 0
    for number, minor in enumerate(later):
        if number == written_off_after:
            marketplace.write_off("bob")
        nets += sold(marketplace, {"bob": minor}, order_id=f"later-{number}").part_of("bob").net.minor
    if written_off_after >= len(later):
        marketplace.write_off("bob")

    won_late(marketplace, sale)

    paid_out = sum(payout.amount.minor for payout in marketplace.payouts("bob")) - SHARE
    assert owed(marketplace)[0] + paid_out == nets
    assert (debt(marketplace), marketplace.balance_minor(LOSSES)) == (0, 0)
    check_books(marketplace)
