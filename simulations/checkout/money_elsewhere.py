"""Stories of money that moves without us: refunds, captures and disputes in the dashboard, by customers and banks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from payflows.errors import CallRejected

from simulations.checkout.scripted_shop import THREE_D_SECURE
from simulations.checkout.shop import MERCHANT
from simulations.checkout.system import CheckoutSystem
from simulations.checkout.user_actions import (
    authenticates_and_leaves,
    buy,
    cancel,
    in_the_dashboard,
    insist,
    notice,
    refund,
    settle_refund,
    until_asked,
    until_sent_back,
)
from simulations.search.waiting import hours_pass, minutes_pass

A_PART_MINOR = 500
"""What is refunded or captured by hand."""
DAYS_OF_A_DISPUTE = 20


# Refunds.


def refund_comes_back(shop: CheckoutSystem) -> None:
    """A refund that had succeeded, and days later the customer's bank sends it back: only a webhook tells."""
    buy(shop, "pm_card_refundFail")
    until_asked(shop)
    refund(shop)
    until_sent_back(shop)
    notice(shop)


def refund_settled(shop: CheckoutSystem) -> None:
    """A refund that had succeeded is sent back by the customer's bank; the merchant pays them another way."""
    refund_comes_back(shop)
    settle_refund(shop)


def refunded_in_the_dashboard(shop: CheckoutSystem) -> None:
    """The merchant refunds in the dashboard before the parcel is fetched."""
    buy(shop)
    until_asked(shop)
    in_the_dashboard(shop, shop.stripe.refund_in_dashboard)


def a_part_refunded(shop: CheckoutSystem) -> None:
    """The merchant refunds a part in the dashboard: before the parcel is fetched, or after, as the shop is set."""
    buy(shop)
    until_asked(shop)
    in_the_dashboard(shop, partial(shop.stripe.refund_in_dashboard, amount_minor=A_PART_MINOR))


def a_part_refunded_then_cancelled(shop: CheckoutSystem) -> None:
    """A part is refunded in the dashboard; then the customer cancels, and the rest goes back."""
    a_part_refunded(shop)
    cancel(shop)


def a_part_refunded_then_the_rest(shop: CheckoutSystem) -> None:
    """A part is refunded in the dashboard, and later the merchant gives back the rest."""
    a_part_refunded(shop)
    hours_pass(shop, 24)
    insist(shop, lambda order_id: shop.app.checkout.refund_order(MERCHANT, order_id))


# Captures.


def a_part_captured(shop: CheckoutSystem) -> None:
    """The customer authenticates, and before the shop looks a part is captured in the dashboard."""
    buy(shop, THREE_D_SECURE)
    until_asked(shop)
    authenticates_and_leaves(shop)
    in_the_dashboard(shop, partial(shop.stripe.capture_in_dashboard, amount_minor=A_PART_MINOR))


def a_part_captured_then_refunded(shop: CheckoutSystem) -> None:
    """The merchant gives the part back that was captured by hand."""
    a_part_captured(shop)
    insist(shop, lambda order_id: shop.app.checkout.refund_order(MERCHANT, order_id))


def a_part_captured_then_cancelled(shop: CheckoutSystem) -> None:
    """The merchant cancels an order of which a part was captured by hand."""
    a_part_captured(shop)
    insist(shop, lambda order_id: shop.app.checkout.cancel_order(MERCHANT, order_id))


def a_part_captured_and_refunded_by_hand(shop: CheckoutSystem) -> None:
    """A part is captured in the dashboard, and goes back there."""
    a_part_captured(shop)
    in_the_dashboard(shop, shop.stripe.refund_in_dashboard)


# Disputes.


def disputed(shop: CheckoutSystem) -> None:
    """The customer's bank takes the money back."""
    buy(shop)
    until_asked(shop)
    in_the_dashboard(shop, shop.stripe.dispute)


def dispute_lost(shop: CheckoutSystem) -> None:
    """The customer's bank takes the money back, and weeks later decides to keep it."""
    disputed(shop)
    hours_pass(shop, 24 * DAYS_OF_A_DISPUTE)
    in_the_dashboard(shop, partial(shop.stripe.close_dispute, won=False))


def dispute_won(shop: CheckoutSystem) -> None:
    """The customer's bank takes the money back, and weeks later decides for us."""
    disputed(shop)
    hours_pass(shop, 24 * DAYS_OF_A_DISPUTE)
    in_the_dashboard(shop, partial(shop.stripe.close_dispute, won=True))


def dispute_lost_then_won(shop: CheckoutSystem) -> None:
    """A dispute that was lost is decided for us after all: the money comes back, and the order was given up."""
    dispute_lost(shop)
    hours_pass(shop, 24)
    in_the_dashboard(shop, shop.stripe.reverse_loss)


def dispute_lost_after_a_refused_refund(shop: CheckoutSystem) -> None:
    """The merchant wants to refund while the bank has the money, which Stripe refuses; then the dispute is lost."""
    disputed(shop)
    insist(shop, lambda order_id: shop.app.checkout.refund_order(MERCHANT, order_id))
    hours_pass(shop, 24 * DAYS_OF_A_DISPUTE)
    in_the_dashboard(shop, partial(shop.stripe.close_dispute, won=False))


def dispute_lost_in_part_and_settled(shop: CheckoutSystem) -> None:
    """The bank takes an unshipped order's money and keeps a part; the merchant pays the rest another way.

    Stripe does not refund what was disputed.
    """
    disputed(shop)
    hours_pass(shop, 24 * DAYS_OF_A_DISPUTE)
    _lose_a_part(shop, in_the_dashboard)
    settle_refund(shop)


def inquiry(shop: CheckoutSystem) -> None:
    """The customer's bank asks what the charge is for, and has taken nothing."""
    buy(shop)
    until_asked(shop)
    in_the_dashboard(shop, shop.stripe.inquire)


def inquiry_closed(shop: CheckoutSystem) -> None:
    """The customer's bank asks what the charge is for, and is content."""
    inquiry(shop)
    hours_pass(shop, 24 * DAYS_OF_A_DISPUTE)
    in_the_dashboard(shop, partial(shop.stripe.close_dispute, won=True))


def _at_the_bank(shop: CheckoutSystem, do: Callable[[str], object]) -> None:
    order = shop.order
    if order is not None and order.payment_id is not None:
        with suppress(CallRejected):
            do(order.payment_id)
    minutes_pass(shop)


def disputed_after_delivery(shop: CheckoutSystem) -> None:
    """Bought and sent; then the customer's bank takes the money back, and only a webhook tells."""
    buy(shop)
    minutes_pass(shop)
    _at_the_bank(shop, shop.stripe.dispute)


def dispute_lost_after_delivery(shop: CheckoutSystem) -> None:
    """Bought and sent; the customer's bank takes the money back and keeps it, and only webhooks tell."""
    disputed_after_delivery(shop)
    _at_the_bank(shop, partial(shop.stripe.close_dispute, won=False))


def dispute_lost_in_part_after_delivery(shop: CheckoutSystem) -> None:
    """Bought and sent; the customer's bank takes the money back, and keeps a part of it."""
    disputed_after_delivery(shop)
    _lose_a_part(shop, _at_the_bank)


def _lose_a_part(shop: CheckoutSystem, decide: Callable[[CheckoutSystem, Callable[[str], object]], object]) -> None:
    lose = shop.stripe.lose_part_of_dispute
    decide(shop, lambda id: lose(id, reinstated_minor=shop.stripe.intent(id).amount - A_PART_MINOR))


# A debit that the bank does not settle.


def debit_settled_late(shop: CheckoutSystem) -> None:
    """The bank is at work for longer than banks take, and at last the money is there."""
    buy(shop, "pm_usBankAccount_processing")
    hours_pass(shop, 24 * DAYS_OF_A_DISPUTE)
    in_the_dashboard(shop, shop.stripe.settle_debit)
