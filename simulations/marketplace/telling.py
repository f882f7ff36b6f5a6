"""What happens in each story of a marketplace: onboarding, buying, refunds, disputes and payouts, step by step."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from payflows.errors import CallRejected
from payflows.marketplace.connect import CapabilityStatus

from simulations.marketplace.system import MarketplaceSystem
from simulations.marketplace.user_actions import (
    MUG,
    TWO,
    account_changed,
    at_the_bank,
    buy,
    cancel,
    days_pass,
    notice,
    onboard,
    pay_again,
    refund,
    until_settled,
    write_off,
)

DECLINED, ASKS = "pm_card_visa_chargeDeclined", "pm_card_threeDSecure2Required"
REFUND_FAILS = "pm_card_refundFail"
CASH = 20_000
"""What the platform has besides, in cents: refunds of a whole payment cost it Stripe's fee."""


def onboarded(system: MarketplaceSystem) -> None:
    """A vendor is onboarded, and sells nothing."""
    onboard(system, "bob")


def onboarded_by_timers(system: MarketplaceSystem) -> None:
    """A vendor fills the form in and never comes back: we look ourselves."""
    onboard(system, "bob", comes_back=False)
    days_pass(system, 1.5)


def sold(system: MarketplaceSystem) -> None:
    """Goods of one vendor."""
    _ready(system)
    buy(system, MUG)
    until_settled(system)


def sold_for_two(system: MarketplaceSystem) -> None:
    """Goods of two vendors, paid together."""
    _ready(system, "carol")
    buy(system, TWO)
    until_settled(system)


def declined_then_paid(system: MarketplaceSystem) -> None:
    """The first card is declined."""
    _ready(system)
    buy(system, MUG, card=DECLINED)
    until_settled(system)
    pay_again(system)
    until_settled(system)


def asked_by_the_bank(system: MarketplaceSystem) -> None:
    """The bank asks the buyer, who answers."""
    _ready(system)
    buy(system, MUG, card=ASKS)
    until_settled(system)
    at_the_bank(system)
    until_settled(system)


def left_unpaid(system: MarketplaceSystem) -> None:
    """The card is declined, and the buyer leaves."""
    _ready(system)
    buy(system, MUG, card=DECLINED)


def given_up(system: MarketplaceSystem) -> None:
    """The card is declined, and the buyer gives up."""
    _ready(system)
    buy(system, MUG, card=DECLINED)
    until_settled(system)
    cancel(system)


def given_up_too_late(system: MarketplaceSystem) -> None:
    """The buyer answers the bank, and cancels before anyone has looked."""
    _ready(system)
    buy(system, MUG, card=ASKS)
    until_settled(system)
    at_the_bank(system, comes_back=False)
    cancel(system)


def vendor_restricted(system: MarketplaceSystem) -> None:
    """Stripe restricts the vendor, and we do not know yet."""
    _ready(system)
    _restrict(system, "bob")
    buy(system, MUG)
    until_settled(system)
    account_changed(system, "bob")


def vendor_restricted_in_a_cart(system: MarketplaceSystem) -> None:
    """One of two vendors is restricted, and we do not know yet."""
    _ready(system, "carol")
    _restrict(system, "carol")
    buy(system, TWO)
    until_settled(system)
    account_changed(system, "carol")


def vendor_restricted_unasked(system: MarketplaceSystem) -> None:
    """A vendor fills the form in and never comes back, and is restricted later: only Stripe's webhooks say so."""
    onboard(system, "bob", comes_back=False)
    days_pass(system, 0.5)
    _restrict(system, "bob")
    days_pass(system, 0.5)


def refunded(system: MarketplaceSystem) -> None:
    """All of it goes back, the day after."""
    sold(system)
    days_pass(system, 1)
    refund(system)


def refunded_for_two(system: MarketplaceSystem) -> None:
    """The same of two vendors, once their money is available."""
    sold_for_two(system)
    days_pass(system, 4)
    refund(system)


def a_part_refunded(system: MarketplaceSystem) -> None:
    """What one of two vendors has sold goes back, in two parts."""
    sold_for_two(system)
    days_pass(system, 1)
    refund(system, "r1", {"bob": 1_001})
    refund(system, "r2", {"bob": 2_000})


def refunded_after_payout(system: MarketplaceSystem) -> None:
    """The vendors were paid out, and owe what goes back; one of them sells again."""
    sold_for_two(system)
    days_pass(system, 9)
    refund(system)
    days_pass(system, 1)
    buy(system, MUG, order_id="order-2")
    days_pass(system, 4)


def refunded_before_a_share(system: MarketplaceSystem) -> None:
    """One of two vendors is restricted while the buyer is at the bank; all goes back before the share can be sent."""
    _ready(system, "carol")
    buy(system, TWO, card=ASKS)
    until_settled(system)
    _restrict(system, "carol")
    at_the_bank(system)
    days_pass(system, 1)
    refund(system)


def refund_comes_back(system: MarketplaceSystem) -> None:
    """The buyer's bank sends a refund back, days later: the vendor gets the share again."""
    _ready(system)
    buy(system, MUG, card=REFUND_FAILS)
    until_settled(system)
    days_pass(system, 3)
    refund(system)
    days_pass(system, 6)
    notice(system)


def refunded_in_the_dashboard(system: MarketplaceSystem) -> None:
    """We give it back in Stripe's dashboard, which takes the share back itself: a part with its fee, then the rest."""
    sold(system)
    days_pass(system, 1)
    _refund_by_hand(system, 2_000, with_fee=True)
    notice(system)
    days_pass(system, 1)
    _refund_by_hand(system, 3_000, with_fee=False)
    notice(system)


def disputed_and_lost(system: MarketplaceSystem) -> None:
    """The buyer's bank takes it back, and two vendors bear it."""
    sold_for_two(system)
    days_pass(system, 4)
    _dispute(system)
    days_pass(system, 1)
    _decide(system, won=False)
    notice(system)


def disputed_and_won(system: MarketplaceSystem) -> None:
    """The bank takes it back, and decides for us."""
    sold(system)
    days_pass(system, 1)
    _dispute(system)
    days_pass(system, 1)
    _decide(system, won=True)
    notice(system)


def _lose(system: MarketplaceSystem) -> None:
    _dispute(system)
    _decide(system, won=False)
    notice(system)
    days_pass(system, 1)


def won_late(system: MarketplaceSystem) -> None:
    """A dispute that was lost is won after all: the vendor gets the share again."""
    sold(system)
    days_pass(system, 4)
    _lose(system)
    _win_late(system)


def won_late_after_a_write_off(system: MarketplaceSystem) -> None:
    """The same, of vendors who were paid out, and whose debts were written off meanwhile."""
    sold_for_two(system)
    days_pass(system, 9)
    _lose(system)
    for vendor_id in TWO:
        write_off(system, vendor_id)
    _win_late(system)


def paid_out(system: MarketplaceSystem) -> None:
    """The vendor is paid out."""
    sold(system)
    days_pass(system, 10)


def paid_out_twice(system: MarketplaceSystem) -> None:
    """The vendor is paid out, sells again, and is paid out again."""
    sold(system)
    days_pass(system, 9)
    buy(system, MUG, order_id="order-2")
    days_pass(system, 9)


def payout_comes_back(system: MarketplaceSystem) -> None:
    """The vendor's bank sends the payout back, a day after it had it."""
    sold(system)
    vendor = system.vendor("bob")
    if vendor is not None and vendor.account_id is not None:
        with suppress(CallRejected):
            system.stripe.refuse_payouts(vendor.account_id)
    days_pass(system, 11)  # the money may be used in the moment of one payout, and wait for the next


def _ready(system: MarketplaceSystem, *others: str) -> None:
    system.stripe.top_up_platform(CASH)
    for vendor_id in ("bob", *others):
        onboard(system, vendor_id)


def _restrict(system: MarketplaceSystem, vendor_id: str) -> None:
    vendor = system.vendor(vendor_id)
    if vendor is not None and vendor.account_id is not None:
        with suppress(CallRejected):
            system.stripe.set_capability(vendor.account_id, "transfers", CapabilityStatus.INACTIVE)


def _refund_by_hand(system: MarketplaceSystem, minor: int, *, with_fee: bool) -> None:
    by_hand = partial(system.stripe.refund_in_dashboard, reverse_transfer=True, refund_application_fee=with_fee)
    _at_stripe(system, lambda payment_id: by_hand(payment_id, minor))


def _dispute(system: MarketplaceSystem) -> None:
    _at_stripe(system, system.stripe.dispute)
    notice(system)


def _decide(system: MarketplaceSystem, *, won: bool) -> None:
    _at_stripe(system, partial(system.stripe.close_dispute, won=won))


def _win_late(system: MarketplaceSystem) -> None:
    _at_stripe(system, system.stripe.reverse_loss)
    notice(system)


def _at_stripe(system: MarketplaceSystem, do: Callable[[str], object]) -> None:
    """Something happens to the sale's payment, if it can."""
    sale = system.sale
    with suppress(CallRejected):
        if sale is not None and sale.charge.payment_id is not None:
            do(sale.charge.payment_id)
