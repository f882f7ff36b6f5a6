"""What a story of subscriptions is, and the merchants and endings that several of them share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from payflows.subscriptions.billing import TrialEnd
from payflows.subscriptions.messages import EventType
from payflows.subscriptions.model import SubscriptionStatus
from payflows.subscriptions.policy import PauseMeans, PausePolicy

from simulations.subscriptions.expected import ACTIVE, ExpectedEnd
from simulations.subscriptions.system import IMPATIENT, Settings, SubscriptionSystem

TIMERS_ONLY = Settings(listens=False)
PAUSES = Settings(replace(IMPATIENT, trial_end=TrialEnd.PAUSE))
PAUSES_AT_STRIPE = Settings(replace(IMPATIENT, pause=PausePolicy(means=PauseMeans.SUBSCRIPTION)))
LAPSED = ExpectedEnd((SubscriptionStatus.PAST_DUE,)).saying(EventType.PAYMENT_FAILED)
NEVER_PAID = ExpectedEnd((SubscriptionStatus.INCOMPLETE_EXPIRED,), paid=0)
RENEWED = ACTIVE.saying(EventType.RENEWED)
PAUSED = ACTIVE.saying(EventType.PAUSED, EventType.RESUMED)
SCHEDULED = ACTIVE.saying(EventType.PLAN_CHANGE_SCHEDULED, EventType.PLAN_CHANGED, EventType.RENEWED)


class Story(NamedTuple):
    """One way through a subscription.

    Attributes:
        tell: what people do.
        settings: the merchant with whom they do it.
        ends: how it ends where nothing goes wrong.
        may_need_a_person: whether it may end in review.
    """

    tell: Callable[[SubscriptionSystem], None]
    settings: Settings = Settings()
    ends: ExpectedEnd = ACTIVE
    may_need_a_person: bool = False
