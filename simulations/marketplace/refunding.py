"""Stories of money that the platform gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from payflows.marketplace.messages import EventType

from simulations.marketplace.expected import ExpectedEnd
from simulations.marketplace.scripted_marketplace import REFUND_FAILS, THREE_D_SECURE
from simulations.marketplace.selling import sold, sold_for_two
from simulations.marketplace.story import GIVEN_BACK, LISTENS_FOR_ACCOUNTS, PAYS_OUT, SOLD, Story
from simulations.marketplace.system import IMPATIENT, MarketplaceSystem, Settings
from simulations.marketplace.user_actions import (
    MUG,
    TWO,
    at_the_bank,
    buy,
    change_payment,
    days_pass,
    notice,
    ready,
    refund,
    restrict,
    until_settled,
)

KEEPS_FEES = Settings(replace(IMPATIENT, returns_fee=False))


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
    ready(system, "carol")
    buy(system, TWO, card=THREE_D_SECURE)
    until_settled(system)
    restrict(system, "carol")
    at_the_bank(system)
    days_pass(system, 1)
    refund(system)


def refund_comes_back(system: MarketplaceSystem) -> None:
    """The buyer's bank sends a refund back, days later: the vendor gets the share again."""
    ready(system)
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
    days_pass(system, 1)
    _refund_by_hand(system, 3_000, with_fee=False)


def _refund_by_hand(system: MarketplaceSystem, minor: int, *, with_fee: bool) -> None:
    give_back = system.stripe.refund_in_dashboard
    change_payment(system, lambda paid: give_back(paid, minor, reverse_transfer=True, refund_application_fee=with_fee))


STORIES: Mapping[str, Story] = {
    "sale_refunded": Story(refunded, ends=GIVEN_BACK),
    "sale_refunded_for_two": Story(refunded_for_two, ends=GIVEN_BACK),
    "sale_refunded_and_the_fee_kept": Story(
        refunded_for_two, KEEPS_FEES, GIVEN_BACK._replace(revenue=500, bob=-300, carol=-200, debts=500)
    ),
    "sale_refunded_before_a_share_is_sent": Story(
        refunded_before_a_share, LISTENS_FOR_ACCOUNTS, GIVEN_BACK, may_need_a_person=True
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
    "sale_refunded_in_the_dashboard_with_its_share": Story(refunded_in_the_dashboard, ends=GIVEN_BACK),
}
