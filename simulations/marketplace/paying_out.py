"""Stories of vendors who are paid out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from payflows.marketplace.messages import EventType
from payflows.marketplace.policy import PayoutPolicy

from simulations.marketplace.expected import ExpectedEnd
from simulations.marketplace.selling import sold
from simulations.marketplace.story import PAYS_OUT, SOLD, Story
from simulations.marketplace.system import IMPATIENT, MarketplaceSystem, Settings
from simulations.marketplace.user_actions import MUG, buy, change_account, days_pass

RESERVES = Settings(replace(IMPATIENT, payouts=PayoutPolicy(every_days=4, reserve_bps=1_000, reserve_days=3)))
PAID_OUT = ExpectedEnd(revenue=500, events=(EventType.PAYOUT_PAID,))


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
    change_account(system, "bob", system.stripe.refuse_payouts)
    days_pass(system, 11)  # the money may be used in the moment of one payout, and wait for the next


STORIES: Mapping[str, Story] = {
    "vendor_paid_out": Story(paid_out, PAYS_OUT, PAID_OUT),
    "vendor_paid_out_with_a_reserve": Story(paid_out, RESERVES, PAID_OUT),
    "vendor_paid_out_twice": Story(paid_out_twice, PAYS_OUT, ExpectedEnd(revenue=1_000)),
    "payout_comes_back": Story(payout_comes_back, PAYS_OUT, SOLD._replace(events=(EventType.PAYOUT_FAILED,))),
    "payout_comes_back_by_webhook": Story(
        payout_comes_back,
        replace(PAYS_OUT, listens_for_accounts=True),
        SOLD._replace(events=(EventType.PAYOUT_PAID, EventType.PAYOUT_FAILED)),
    ),
}
