"""Stories of disputes and inquiries: what is not shipped, what is given up, and what the business hears of it."""

from __future__ import annotations

import pytest

from payflows.checkout.messages import EventType, MailKind
from payflows.checkout.model import Order, OrderStatus, Reason
from payflows.payments.model import DisputeStatus
from simulations.checkout.scripted_shop import ScriptedShop


@pytest.fixture
def unshipped() -> ScriptedShop:
    """A shop whose parcels are fetched after four hours."""
    return ScriptedShop(pickup_seconds=4 * 3_600)


def dispute(shop: ScriptedShop, order: Order) -> Order:
    """The customer's bank takes the money back."""
    assert order.payment_id is not None
    shop.stripe.dispute(order.payment_id)
    return shop.notice(order)


def decide(shop: ScriptedShop, order: Order, *, won: bool) -> Order:
    """Twenty days later the customer's bank decides."""
    assert order.payment_id is not None
    shop.pass_time(days=20)
    shop.stripe.close_dispute(order.payment_id, won=won)
    return shop.notice(order)


class TestBeforeShipping:
    def test_what_is_lost_has_gone_back_and_the_goods_are_free_again(self, unshipped: ScriptedShop) -> None:
        order = unshipped.buy()
        unshipped.pass_time(hours=1)
        assert dispute(unshipped, order).status is OrderStatus.REFUNDING

        lost = decide(unshipped, order, won=False)

        assert (lost.status, lost.reason, lost.review) == (OrderStatus.CANCELLED, Reason.PAYMENT_DISPUTED, None)
        assert unshipped.inventory.available("mug") == 10
        assert unshipped.events(order)[-3:] == [
            EventType.PAYMENT_DISPUTE_LOST,
            EventType.PAYMENT_REFUNDED,
            EventType.ORDER_CANCELLED,
        ]
        unshipped.settle()

    def test_what_is_won_is_given_back(self, unshipped: ScriptedShop) -> None:
        order = unshipped.buy()
        dispute(unshipped, order)

        won = decide(unshipped, order, won=True)

        assert won.status is OrderStatus.CANCELLED
        assert EventType.PAYMENT_DISPUTE_WON in unshipped.events(order)
        assert len(unshipped.stripe.intent(order.payment_id or "").refunds) == 1
        unshipped.settle()

    def test_what_is_won_after_it_was_lost_is_given_back_too_and_the_customer_hears_so(
        self, unshipped: ScriptedShop
    ) -> None:
        order = unshipped.buy()
        dispute(unshipped, order)
        decide(unshipped, order, won=False)

        unshipped.stripe.reverse_loss(order.payment_id or "")
        now = unshipped.notice(order)

        assert now.refunded
        assert unshipped.charged(order).minor == 0
        assert unshipped.mails(order)[-3:] == [
            MailKind.ORDER_CANCELLED,
            MailKind.MONEY_NOT_RETURNED,
            MailKind.MONEY_RETURNED,
        ]
        unshipped.settle()

    def test_a_dispute_that_was_won_before_anyone_looked_does_not_stop_the_parcel(
        self, unshipped: ScriptedShop
    ) -> None:
        order = unshipped.buy()
        unshipped.stripe.dispute(order.payment_id or "")
        unshipped.stripe.close_dispute(order.payment_id or "", won=True)

        assert unshipped.notice(order).status is OrderStatus.PAID
        unshipped.settle()
        assert unshipped.now(order).status is OrderStatus.DELIVERED

    def test_an_inquiry_stops_the_parcel_and_the_money_goes_back_before_it_is_disputed(
        self, unshipped: ScriptedShop
    ) -> None:
        order = unshipped.buy()

        unshipped.stripe.inquire(order.payment_id or "")
        now = unshipped.notice(order)

        assert (now.status, now.review) == (OrderStatus.CANCELLED, None)
        unshipped.settle()


class TestAfterShipping:
    @pytest.mark.parametrize(
        ("won", "published"), [(True, EventType.PAYMENT_DISPUTE_WON), (False, EventType.PAYMENT_DISPUTE_LOST)]
    )
    def test_how_it_ends_is_noted_and_published_once(self, shop: ScriptedShop, won: bool, published: EventType) -> None:
        order = shop.buy()
        assert dispute(shop, order).charge.disputed

        ended, again = decide(shop, order, won=won), shop.notice(order)

        assert again == ended
        assert not ended.charge.disputed
        assert ended.charge.lost_minor == (0 if won else order.purchase.price.total.minor)
        assert shop.events(order).count(published) == 1
        shop.settle()

    def test_a_refund_that_was_refused_meanwhile_needs_no_person_once_all_is_lost(self, shop: ScriptedShop) -> None:
        order = shop.buy()
        dispute(shop, order)
        assert shop.refund(order).review is not None

        lost = decide(shop, order, won=False)

        assert lost.review is None
        assert lost.refunded
        shop.settle()

    def test_a_refund_that_was_refused_meanwhile_is_made_once_the_dispute_is_won(self, shop: ScriptedShop) -> None:
        order = shop.buy()
        dispute(shop, order)
        shop.refund(order)

        won = decide(shop, order, won=True)

        assert (won.review, won.refunded) == (None, True)
        assert shop.charged(order).minor == 0
        shop.settle()

    def test_what_was_lost_and_is_won_late_stays_with_the_shop(self, shop: ScriptedShop) -> None:
        order = shop.buy()
        dispute(shop, order)
        decide(shop, order, won=False)

        shop.stripe.reverse_loss(order.payment_id or "")
        now = shop.notice(order)

        assert now.charge.lost_minor == 0
        assert shop.events(order)[-1] is EventType.PAYMENT_DISPUTE_WON
        assert shop.charged(order) == order.purchase.price.total

    def test_of_one_that_is_lost_in_part_the_rest_is_still_the_customers(self, shop: ScriptedShop) -> None:
        order = dispute(shop, shop.buy())

        shop.stripe.lose_part_of_dispute(order.payment_id or "", reinstated_minor=1_000)
        lost = shop.notice(order)
        assert (lost.charge.lost_minor, lost.charge.disputed) == (2_622, False)

        wanted = shop.refund(order)
        assert wanted.review is not None  # Stripe refunds no charge that was charged back
        assert not wanted.refunded
        assert MailKind.MONEY_RETURNED not in shop.mails(order)

    @pytest.mark.parametrize("status", [DisputeStatus.APPEAL_NEEDS_RESPONSE, DisputeStatus.APPEAL_UNDER_REVIEW])
    def test_what_is_appealed_stays_lost_until_it_is_won(self, shop: ScriptedShop, status: DisputeStatus) -> None:
        order = decide(shop, dispute(shop, shop.buy()), won=False)
        lost = shop.refund(order)
        assert lost.refunded

        shop.stripe.intent(order.payment_id or "").disputes[0].status = status

        assert shop.notice(order).charge == lost.charge
        assert MailKind.MONEY_NOT_RETURNED not in shop.mails(order)

    def test_an_inquiry_moves_no_money_and_is_over_when_it_is_closed(self, shop: ScriptedShop) -> None:
        order = shop.buy()
        shop.stripe.inquire(order.payment_id or "")
        assert shop.notice(order).charge.disputed

        closed = decide(shop, order, won=True)

        assert not closed.charge.disputed
        assert shop.charged(order) == order.purchase.price.total
        shop.settle()

    def test_an_inquiry_may_become_a_dispute(self, shop: ScriptedShop) -> None:
        order = shop.buy()
        shop.stripe.inquire(order.payment_id or "")
        shop.notice(order)
        dispute(shop, order)

        lost = decide(shop, order, won=False)

        assert lost.charge.lost_minor == order.purchase.price.total.minor
        assert shop.events(order).count(EventType.PAYMENT_DISPUTED) == 1
