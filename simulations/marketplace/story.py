"""What a story of a marketplace is, and the platforms and endings that several of them share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from payflows.marketplace.messages import EventType
from payflows.marketplace.policy import PayoutPolicy

from simulations.marketplace.expected import ExpectedEnd
from simulations.marketplace.system import IMPATIENT, MarketplaceSystem, Settings

PAYS_OUT = Settings(replace(IMPATIENT, payouts=PayoutPolicy(every_days=4)))
LISTENS_FOR_ACCOUNTS = Settings(listens_for_accounts=True)
SOLD = ExpectedEnd(revenue=500, bob=4_500, events=(EventType.SALE_PAID, EventType.VENDOR_ACTIVE))
GIVEN_BACK = ExpectedEnd(events=(EventType.SALE_REFUNDED,))


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
