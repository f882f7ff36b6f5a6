"""What people do in a universe: one story a way through a marketplace. Faults are none of their business.

After each story comes a calm of some days in which everything settles (`end`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from payflows.marketplace.messages import EventType
from payflows.marketplace.policy import PayoutPolicy
from payflows.marketplace.sale import SaleStatus

from simulations.marketplace import telling
from simulations.marketplace.expected import ExpectedEnd
from simulations.marketplace.system import IMPATIENT, MarketplaceSystem, Settings

_S = SaleStatus
TIMERS_ONLY = Settings(listens=False)
PAYS_OUT = Settings(replace(IMPATIENT, payouts=PayoutPolicy(every_days=4)))
RESERVES = Settings(replace(IMPATIENT, payouts=PayoutPolicy(every_days=4, reserve_bps=1_000, reserve_days=3)))
LISTENS_FOR_ACCOUNTS = Settings(listens_for_accounts=True)
KEEPS_FEES = Settings(replace(IMPATIENT, returns_fee=False))
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


STORIES: Mapping[str, Story] = {
    "vendor_onboarded": Story(telling.onboarded, ends=ExpectedEnd(None, events=(EventType.VENDOR_ACTIVE,))),
    "vendor_onboarded_by_timers": Story(
        telling.onboarded_by_timers, TIMERS_ONLY, ExpectedEnd(None, events=(EventType.VENDOR_ACTIVE,))
    ),
    "sold": Story(telling.sold),
    "sold_without_webhooks": Story(telling.sold, TIMERS_ONLY),
    "sold_for_two": Story(telling.sold_for_two, ends=SOLD_FOR_TWO),
    "sold_on_a_second_card": Story(telling.declined_then_paid),
    "sold_with_three_d_secure": Story(telling.asked_by_the_bank),
    "sale_left_unpaid": Story(telling.left_unpaid, ends=FAILED),
    "sale_given_up": Story(telling.given_up, ends=FAILED),
    "sale_given_up_too_late": Story(telling.given_up_too_late, ends=GIVEN_BACK),
    "vendor_restricted": Story(telling.vendor_restricted, ends=FAILED._replace(events=(EventType.VENDOR_RESTRICTED,))),
    "vendor_restricted_in_a_cart": Story(
        telling.vendor_restricted_in_a_cart, ends=FAILED._replace(events=(EventType.VENDOR_RESTRICTED,))
    ),
    "vendor_restricted_by_webhook": Story(
        telling.vendor_restricted_unasked,
        LISTENS_FOR_ACCOUNTS,
        ExpectedEnd(None, events=(EventType.VENDOR_ACTIVE, EventType.VENDOR_RESTRICTED)),
    ),
    "sale_refunded": Story(telling.refunded, ends=GIVEN_BACK),
    "sale_refunded_for_two": Story(telling.refunded_for_two, ends=GIVEN_BACK),
    "sale_refunded_and_the_fee_kept": Story(
        telling.refunded_for_two, KEEPS_FEES, GIVEN_BACK._replace(revenue=500, bob=-300, carol=-200, debts=500)
    ),
    "sale_refunded_before_a_share_is_sent": Story(
        telling.refunded_before_a_share, LISTENS_FOR_ACCOUNTS, GIVEN_BACK, may_need_a_person=True
    ),
    "a_part_of_a_sale_refunded": Story(
        telling.a_part_refunded, ends=ExpectedEnd(revenue=200, carol=1_799, events=(EventType.SALE_REFUNDED,))
    ),
    "sale_refunded_after_the_payout": Story(
        telling.refunded_after_payout,
        PAYS_OUT,
        ExpectedEnd(revenue=500, bob=1_799, carol=-1_799, debts=1_799, events=(EventType.SHARE_OWED,)),
    ),
    "refund_of_a_sale_comes_back": Story(
        telling.refund_comes_back, ends=SOLD._replace(events=(EventType.SALE_REFUND_FAILED,))
    ),
    "sale_refunded_in_the_dashboard_with_its_share": Story(telling.refunded_in_the_dashboard, ends=GIVEN_BACK),
    "sale_disputed_and_lost": Story(telling.disputed_and_lost, ends=ExpectedEnd(events=(EventType.SALE_DISPUTE_LOST,))),
    "sale_disputed_and_won": Story(telling.disputed_and_won, ends=SOLD._replace(events=(EventType.SALE_DISPUTE_WON,))),
    "sale_disputed_and_won_late": Story(telling.won_late, ends=SOLD._replace(events=(EventType.SALE_DISPUTE_WON,))),
    "sale_disputed_and_won_late_after_a_write_off": Story(
        telling.won_late_after_a_write_off,
        PAYS_OUT,
        ExpectedEnd(revenue=500, events=(EventType.SHARE_OWED, EventType.SALE_DISPUTE_WON)),
    ),
    "vendor_paid_out": Story(telling.paid_out, PAYS_OUT, ExpectedEnd(revenue=500, events=(EventType.PAYOUT_PAID,))),
    "vendor_paid_out_with_a_reserve": Story(
        telling.paid_out, RESERVES, ExpectedEnd(revenue=500, events=(EventType.PAYOUT_PAID,))
    ),
    "vendor_paid_out_twice": Story(telling.paid_out_twice, PAYS_OUT, ExpectedEnd(revenue=1_000)),
    "payout_comes_back": Story(telling.payout_comes_back, PAYS_OUT, SOLD._replace(events=(EventType.PAYOUT_FAILED,))),
    "payout_comes_back_by_webhook": Story(
        telling.payout_comes_back,
        PAYS_OUT._replace(listens_for_accounts=True),
        SOLD._replace(events=(EventType.PAYOUT_PAID, EventType.PAYOUT_FAILED)),
    ),
}
"""By name."""
