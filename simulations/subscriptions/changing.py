"""How subscriptions change: dearer and cheaper plans, seats, and changes of mind."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.subscriptions.messages import EventType
from payflows.subscriptions.policy import CancelPolicy, ChangeTiming, UnusedTime

from simulations.subscriptions.catalogue import BASIC, MASTERCARD, PRO, TEAM, TEAM_LITE, THREE_D_SECURE
from simulations.subscriptions.expected import ACTIVE, ENDED
from simulations.subscriptions.story import SCHEDULED, TIMERS_ONLY, Story
from simulations.subscriptions.system import SubscriptionSystem
from simulations.subscriptions.user_actions import (
    at_the_bank,
    cancel,
    card_runs_empty,
    change_in_dashboard,
    change_plan,
    confirm,
    days_pass,
    keep_plan,
    preview,
    subscribe,
    until_settled,
    update_card,
)

NOW, LATER = ChangeTiming.NOW, ChangeTiming.AT_PERIOD_END

CHANGED = ACTIVE.saying(EventType.PLAN_CHANGED)
LEFT = ACTIVE.saying(EventType.PLAN_CHANGE_FAILED)


def _on_basic(system: SubscriptionSystem, days: float = 10) -> None:
    subscribe(system, plan=BASIC)
    until_settled(system)
    days_pass(system, days)


def _on_pro(system: SubscriptionSystem, days: float = 10) -> None:
    subscribe(system, plan=PRO)
    until_settled(system)
    days_pass(system, days)


def upgraded(system: SubscriptionSystem) -> None:
    """A dearer plan, paid for the rest of the month, and in whole from the next."""
    _on_basic(system)
    change_plan(system, PRO)
    days_pass(system, 22)


def upgrade_declined(system: SubscriptionSystem) -> None:
    """The card has no funds for the dearer plan: the old one goes on."""
    _on_basic(system)
    card_runs_empty(system)
    change_plan(system, PRO)
    days_pass(system, 2)


def upgrade_declined_then_another_card(system: SubscriptionSystem) -> None:
    """The card has no funds for the dearer plan, and another one has."""
    _on_basic(system)
    card_runs_empty(system)
    change_plan(system, PRO)
    days_pass(system, 0.2)
    update_card(system, MASTERCARD)
    days_pass(system, 1)


def upgrade_needs_three_d_secure(system: SubscriptionSystem) -> None:
    """The bank asks the customer about the dearer plan, and they answer."""
    _on_basic(system)
    update_card(system, THREE_D_SECURE)
    change_plan(system, PRO)
    at_the_bank(system)
    days_pass(system, 1)


def upgrade_withdrawn(system: SubscriptionSystem) -> None:
    """The card has no funds for the dearer plan, and the customer thinks again."""
    _on_basic(system)
    card_runs_empty(system)
    change_plan(system, PRO)
    keep_plan(system)
    days_pass(system, 2)


def downgraded_for_later(system: SubscriptionSystem) -> None:
    """A cheaper plan from the next month on."""
    _on_pro(system)
    change_plan(system, BASIC, timing=LATER)
    days_pass(system, 22)


def downgraded_and_taken_back(system: SubscriptionSystem) -> None:
    """A cheaper plan from the next month on, and then not."""
    _on_pro(system)
    change_plan(system, BASIC, timing=LATER)
    days_pass(system, 1)
    keep_plan(system)
    days_pass(system, 21)


def downgraded_now(system: SubscriptionSystem) -> None:
    """A cheaper plan now; what was paid too much lowers the next invoice."""
    _on_pro(system)
    change_plan(system, BASIC, timing=NOW)
    days_pass(system, 22)


def seats_changed(system: SubscriptionSystem) -> None:
    """A team grows, and then shrinks."""
    subscribe(system, plan=TEAM, seats=3)
    until_settled(system)
    days_pass(system, 5)
    change_plan(system, TEAM, seats=8)
    days_pass(system, 5)
    change_plan(system, TEAM, seats=4, timing=NOW)
    days_pass(system, 22)


def seats_before_a_downgrade(system: SubscriptionSystem) -> None:
    """A team that will have a cheaper plan grows before: by the old plan until then."""
    subscribe(system, plan=TEAM, seats=3)
    until_settled(system)
    days_pass(system, 5)
    change_plan(system, TEAM_LITE, timing=LATER)
    days_pass(system, 5)
    change_plan(system, TEAM, seats=5)
    days_pass(system, 22)


def changed_in_a_trial(system: SubscriptionSystem) -> None:
    """A dearer plan while nothing is paid yet."""
    subscribe(system, plan=BASIC, trial_days=14)
    until_settled(system)
    days_pass(system, 3)
    change_plan(system, PRO)
    days_pass(system, 12)


def changed_in_the_dashboard(system: SubscriptionSystem) -> None:
    """The merchant changes the plan by hand."""
    _on_basic(system)
    change_in_dashboard(system, PRO)
    days_pass(system, 22)


def cancelled_after_a_downgrade(system: SubscriptionSystem) -> None:
    """Unused time goes back, less what the downgrade has credited for it."""
    _on_pro(system)
    change_plan(system, BASIC, timing=NOW)
    days_pass(system, 5)
    cancel(system, policy=CancelPolicy(unused_time=UnusedTime.REFUND))
    until_settled(system)


def cancelled_with_an_upgrade_unpaid(system: SubscriptionSystem) -> None:
    """The customer leaves while a dearer plan waits for its payment: that is never collected."""
    _on_basic(system)
    card_runs_empty(system)
    change_plan(system, PRO)
    cancel(system)
    until_settled(system)


def an_older_preview_confirmed(system: SubscriptionSystem) -> None:
    """Five seats are confirmed in one tab, and then, in another one, eight by what they had cost before."""
    subscribe(system, plan=TEAM, seats=3)
    until_settled(system)
    days_pass(system, 5)
    older = preview(system, TEAM, seats=8)
    change_plan(system, TEAM, seats=5)
    if older is not None:
        confirm(system, older)
    days_pass(system, 22)


STORIES: Mapping[str, Story] = {
    "upgraded": Story(upgraded, ends=CHANGED.on(PRO)),
    "upgraded_without_webhooks": Story(upgraded, TIMERS_ONLY, CHANGED.on(PRO)),
    "upgrade_declined": Story(upgrade_declined, ends=LEFT.on(BASIC)),
    "upgrade_declined_then_another_card": Story(upgrade_declined_then_another_card, ends=CHANGED.on(PRO)),
    "upgrade_needs_three_d_secure": Story(upgrade_needs_three_d_secure, ends=CHANGED.on(PRO)),
    "upgrade_withdrawn": Story(upgrade_withdrawn, ends=ACTIVE.saying(EventType.PLAN_CHANGE_WITHDRAWN).on(BASIC)),
    "downgraded_for_later": Story(downgraded_for_later, ends=SCHEDULED.on(BASIC)),
    "downgraded_and_taken_back": Story(
        downgraded_and_taken_back, ends=ACTIVE.saying(EventType.PLAN_CHANGE_WITHDRAWN).on(PRO)
    ),
    "downgraded_now": Story(downgraded_now, ends=CHANGED.on(BASIC)),
    "seats_changed": Story(seats_changed, ends=CHANGED.on(TEAM, 4)),
    "seats_before_a_downgrade": Story(seats_before_a_downgrade, ends=SCHEDULED.on(TEAM_LITE, 5)),
    "an_older_preview_confirmed": Story(an_older_preview_confirmed, ends=CHANGED.on(TEAM, 5)),
    "changed_in_a_trial": Story(changed_in_a_trial, ends=CHANGED.on(PRO)),
    "changed_in_the_dashboard": Story(changed_in_the_dashboard, ends=CHANGED.on(PRO)),
    "cancelled_after_a_downgrade": Story(
        cancelled_after_a_downgrade, ends=ENDED.saying(EventType.UNUSED_TIME_REFUNDED)
    ),
    "cancelled_with_an_upgrade_unpaid": Story(cancelled_with_an_upgrade_unpaid, ends=ENDED),
}
