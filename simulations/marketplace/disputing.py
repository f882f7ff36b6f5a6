"""Stories of money that a buyer's bank takes back."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.marketplace.messages import EventType

from simulations.marketplace.expected import ExpectedEnd
from simulations.marketplace.selling import sold, sold_for_two
from simulations.marketplace.story import PAYS_OUT, SOLD, Story
from simulations.marketplace.system import MarketplaceSystem
from simulations.marketplace.user_actions import TWO, change_payment, days_pass, write_off

WON = SOLD._replace(events=(EventType.SALE_DISPUTE_WON,))


def disputed_and_lost(system: MarketplaceSystem) -> None:
    """The buyer's bank takes it back, and two vendors bear it."""
    sold_for_two(system)
    days_pass(system, 4)
    change_payment(system, system.stripe.dispute)
    days_pass(system, 1)
    _decide(system, won=False)


def disputed_and_won(system: MarketplaceSystem) -> None:
    """The bank takes it back, and decides for us."""
    sold(system)
    days_pass(system, 1)
    change_payment(system, system.stripe.dispute)
    days_pass(system, 1)
    _decide(system, won=True)


def won_late(system: MarketplaceSystem) -> None:
    """A dispute that was lost is won after all: the vendor gets the share again."""
    sold(system)
    days_pass(system, 4)
    _lose(system)
    change_payment(system, system.stripe.reverse_loss)


def won_late_after_a_write_off(system: MarketplaceSystem) -> None:
    """The same, of vendors who were paid out, and whose debts were written off meanwhile."""
    sold_for_two(system)
    days_pass(system, 9)
    _lose(system)
    for vendor_id in TWO:
        write_off(system, vendor_id)
    change_payment(system, system.stripe.reverse_loss)


def _lose(system: MarketplaceSystem) -> None:
    change_payment(system, system.stripe.dispute)
    _decide(system, won=False)
    days_pass(system, 1)


def _decide(system: MarketplaceSystem, *, won: bool) -> None:
    change_payment(system, lambda payment_id: system.stripe.close_dispute(payment_id, won=won))


STORIES: Mapping[str, Story] = {
    "sale_disputed_and_lost": Story(disputed_and_lost, ends=ExpectedEnd(events=(EventType.SALE_DISPUTE_LOST,))),
    "sale_disputed_and_won": Story(disputed_and_won, ends=WON),
    "sale_disputed_and_won_late": Story(won_late, ends=WON),
    "sale_disputed_and_won_late_after_a_write_off": Story(
        won_late_after_a_write_off,
        PAYS_OUT,
        ExpectedEnd(revenue=500, events=(EventType.SHARE_OWED, EventType.SALE_DISPUTE_WON)),
    ),
}
