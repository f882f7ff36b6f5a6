"""What people do in a universe: one story a way through a marketplace. Faults are none of their business.

After each story comes a calm of some days in which everything settles (`end`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from payflows.errors import CallRejected
from payflows.marketplace.connect import CapabilityStatus
from payflows.marketplace.messages import PAYOUTS, EventType
from payflows.marketplace.policy import PayoutPolicy
from payflows.marketplace.sale import SaleStatus

from simulations.marketplace.expected import ExpectedEnd
from simulations.marketplace.system import IMPATIENT, MarketplaceSystem, Settings
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
)

_S = SaleStatus
TIMERS_ONLY = Settings(listens=False)
PAYS_OUT = Settings(replace(IMPATIENT, payouts=PayoutPolicy(every_days=4)))
RESERVES = Settings(replace(IMPATIENT, payouts=PayoutPolicy(every_days=4, reserve_bps=1_000, reserve_days=3)))
KEEPS_FEES = Settings(replace(IMPATIENT, returns_fee=False))
DECLINED, ASKS, REFUND_FAILS = (
    "pm_card_visa_chargeDeclined",
    "pm_card_threeDSecure2Required",
    "pm_card_refundFail",
)
CASH = 20_000
"""What the platform has besides, in cents: refunds of a whole payment cost it Stripe's fee."""

SOLD = ExpectedEnd(revenue=500, bob=4_500, events=(EventType.SALE_PAID, EventType.VENDOR_ACTIVE))
SOLD_FOR_TWO = ExpectedEnd(revenue=500, bob=2_701, carol=1_799)
GIVEN_BACK = ExpectedEnd(events=(EventType.SALE_REFUNDED,))
FAILED = ExpectedEnd(_S.FAILED, events=(EventType.SALE_FAILED,))


class Story(NamedTuple):
    """One way through a marketplace.

    Attributes:
        tell: what people do.
        settings: the platform with which they do it.
        ends: how it ends where nothing goes wrong.
        may_need_a_person: whether it may end in review.
    """

    tell: Callable[[MarketplaceSystem], None]
    settings: Settings = Settings()
    ends: ExpectedEnd = SOLD
    may_need_a_person: bool = False


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


def vendor_restricted(system: MarketplaceSystem) -> None:
    """Stripe restricts the vendor, and we do not know yet."""
    _ready(system)
    vendor = system.vendor("bob")
    if vendor is not None and vendor.account_id is not None:
        with suppress(CallRejected):
            system.stripe.set_capability(vendor.account_id, "transfers", CapabilityStatus.INACTIVE)
    buy(system, MUG)
    until_settled(system)
    account_changed(system, "bob")


def vendor_restricted_in_a_cart(system: MarketplaceSystem) -> None:
    """One of two vendors is restricted, and we do not know yet."""
    _ready(system, "carol")
    vendor = system.vendor("carol")
    if vendor is not None and vendor.account_id is not None:
        with suppress(CallRejected):
            system.stripe.set_capability(vendor.account_id, "transfers", CapabilityStatus.INACTIVE)
    buy(system, TWO)
    until_settled(system)
    account_changed(system, "carol")


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


def refund_comes_back(system: MarketplaceSystem) -> None:
    """The buyer's bank sends a refund back, days later: the vendor gets the share again."""
    _ready(system)
    buy(system, MUG, card=REFUND_FAILS)
    until_settled(system)
    days_pass(system, 3)
    refund(system)
    days_pass(system, 6)
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


def won_late(system: MarketplaceSystem) -> None:
    """A dispute that was lost is won after all: the vendor gets the share again."""
    sold(system)
    days_pass(system, 4)
    _dispute(system)
    _decide(system, won=False)
    notice(system)
    days_pass(system, 1)
    payment_id = None if system.sale is None else system.sale.charge.payment_id
    if payment_id is not None:
        with suppress(CallRejected):
            system.stripe.reverse_loss(payment_id)
    notice(system)


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


def _dispute(system: MarketplaceSystem) -> None:
    sale = system.sale
    if sale is not None and sale.charge.payment_id is not None:
        with suppress(CallRejected):
            system.stripe.dispute(sale.charge.payment_id)
        notice(system)


def _decide(system: MarketplaceSystem, *, won: bool) -> None:
    sale = system.sale
    if sale is not None and sale.charge.payment_id is not None:
        with suppress(CallRejected):
            system.stripe.close_dispute(sale.charge.payment_id, won=won)


STORIES: Mapping[str, Story] = {
    "vendor_onboarded": Story(onboarded, ends=ExpectedEnd(None, events=(EventType.VENDOR_ACTIVE,))),
    "vendor_onboarded_by_timers": Story(
        onboarded_by_timers, TIMERS_ONLY, ExpectedEnd(None, events=(EventType.VENDOR_ACTIVE,))
    ),
    "sold": Story(sold),
    "sold_without_webhooks": Story(sold, TIMERS_ONLY),
    "sold_for_two": Story(sold_for_two, ends=SOLD_FOR_TWO),
    "sold_on_a_second_card": Story(declined_then_paid),
    "sold_with_three_d_secure": Story(asked_by_the_bank),
    "sale_left_unpaid": Story(left_unpaid, ends=FAILED),
    "sale_given_up": Story(given_up, ends=FAILED),
    "vendor_restricted": Story(vendor_restricted, ends=FAILED._replace(events=(EventType.VENDOR_RESTRICTED,))),
    "vendor_restricted_in_a_cart": Story(
        vendor_restricted_in_a_cart, ends=FAILED._replace(events=(EventType.VENDOR_RESTRICTED,))
    ),
    "sale_refunded": Story(refunded, ends=GIVEN_BACK),
    "sale_refunded_for_two": Story(refunded_for_two, ends=GIVEN_BACK),
    "sale_refunded_and_the_fee_kept": Story(
        refunded_for_two, KEEPS_FEES, GIVEN_BACK._replace(revenue=500, bob=-300, carol=-200, debts=500)
    ),
    "a_part_of_a_sale_refunded": Story(
        a_part_refunded, ends=ExpectedEnd(revenue=200, carol=1_799, events=(EventType.SALE_REFUNDED,))
    ),
    "sale_refunded_after_the_payout": Story(
        refunded_after_payout,
        PAYS_OUT,
        ExpectedEnd(revenue=500, bob=1_799, carol=-1_799, debts=1_799, events=(EventType.SHARE_OWED,)),
    ),
    "refund_of_a_sale_comes_back": Story(refund_comes_back, ends=SOLD._replace(events=(EventType.SALE_REFUND_FAILED,))),
    "sale_disputed_and_lost": Story(disputed_and_lost, ends=ExpectedEnd(events=(EventType.SALE_DISPUTE_LOST,))),
    "sale_disputed_and_won": Story(disputed_and_won, ends=SOLD._replace(events=(EventType.SALE_DISPUTE_WON,))),
    "sale_disputed_and_won_late": Story(won_late, ends=SOLD._replace(events=(EventType.SALE_DISPUTE_WON,))),
    "vendor_paid_out": Story(paid_out, PAYS_OUT, ExpectedEnd(revenue=500, events=(EventType.PAYOUT_PAID,))),
    "vendor_paid_out_with_a_reserve": Story(
        paid_out, RESERVES, ExpectedEnd(revenue=500, events=(EventType.PAYOUT_PAID,))
    ),
    "vendor_paid_out_twice": Story(paid_out_twice, PAYS_OUT, ExpectedEnd(revenue=1_000)),
    "payout_comes_back": Story(payout_comes_back, PAYS_OUT, SOLD._replace(events=(EventType.PAYOUT_FAILED,))),
}
"""By name."""


def payouts(system: MarketplaceSystem) -> int:
    """Return how many payouts were begun."""
    return len(list(system.store.all(PAYOUTS)))
