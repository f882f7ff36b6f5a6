"""How a metered plan is used: now, late, twice, and until the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from payflows.subscriptions.billing import PauseBehavior
from payflows.subscriptions.messages import EventType
from payflows.subscriptions.policy import ChangeTiming, PausePolicy

from simulations.subscriptions.catalogue import API, API_PLUS, PRO
from simulations.subscriptions.expected import ACTIVE, ENDED
from simulations.subscriptions.story import PAUSED, PAUSES, PAUSES_AT_STRIPE, RENEWED, SCHEDULED, TIMERS_ONLY, Story
from simulations.subscriptions.system import IMPATIENT, Settings, SubscriptionSystem
from simulations.subscriptions.user_actions import (
    cancel,
    change_plan,
    days_pass,
    pause,
    resume,
    subscribe,
    until_settled,
    update_card,
    use,
)

PAUSES_AND_COLLECTS = Settings(replace(IMPATIENT, pause=PausePolicy(invoices=PauseBehavior.KEEP_AS_DRAFT)))


def used(system: SubscriptionSystem) -> None:
    """Some calls, twice reported and out of order; the renewal bills them."""
    subscribe(system, plan=API)
    until_settled(system)
    days_pass(system, 10)
    use(system, "monday", 120)
    use(system, "monday", 120)
    use(system, "the week before", 300, hours_ago=100)
    days_pass(system, 23)


def used_too_late(system: SubscriptionSystem) -> None:
    """Calls of last month that are reported once its invoice is final: not billed."""
    subscribe(system, plan=API)
    until_settled(system)
    days_pass(system, 20)
    use(system, "monday", 120)
    days_pass(system, 13)
    use(system, "last month", 50, hours_ago=100)
    days_pass(system, 1)


def used_in_the_draft_hour(system: SubscriptionSystem) -> None:
    """Calls of the second month, some of them reported once it is over and before its invoice is final."""
    subscribe(system, plan=API)
    until_settled(system)
    days_pass(system, 10)
    use(system, "january", 400)
    days_pass(system, 30)
    use(system, "february", 120)
    days_pass(system, 19.02)
    use(system, "the last of february", 50, hours_ago=100)
    days_pass(system, 1)


def used_then_cancelled(system: SubscriptionSystem) -> None:
    """Calls until the end, which a last invoice bills."""
    subscribe(system, plan=API)
    until_settled(system)
    days_pass(system, 10)
    use(system, "monday", 120)
    cancel(system)
    until_settled(system)


def used_until_the_period_ends(system: SubscriptionSystem) -> None:
    """Calls of a month that is the last."""
    subscribe(system, plan=API)
    until_settled(system)
    days_pass(system, 10)
    use(system, "monday", 120)
    cancel(system, at_period_end=True)
    days_pass(system, 23)


def used_before_a_downgrade(system: SubscriptionSystem) -> None:
    """A plan with a cap from the next month on; until then none holds."""
    subscribe(system, plan=API_PLUS)
    until_settled(system)
    days_pass(system, 10)
    change_plan(system, API, timing=ChangeTiming.AT_PERIOD_END)
    use(system, "monday", 12_000)
    days_pass(system, 23)


def paused(system: SubscriptionSystem) -> None:
    """A month off: its invoice is voided."""
    subscribe(system, plan=PRO)
    until_settled(system)
    days_pass(system, 10)
    pause(system)
    days_pass(system, 25)
    resume(system)
    days_pass(system, 28)


def used_then_paused(system: SubscriptionSystem) -> None:
    """A pause over the renewal that bills what was used before."""
    subscribe(system, plan=API)
    until_settled(system)
    days_pass(system, 10)
    use(system, "monday", 120)
    days_pass(system, 20)
    pause(system)
    days_pass(system, 10)
    resume(system)
    days_pass(system, 1)


def paused_for_a_while(system: SubscriptionSystem) -> None:
    """A month off, after which it goes on by itself: in a period that is not paid for, and gives no access."""
    subscribe(system, plan=PRO)
    until_settled(system)
    days_pass(system, 10)
    pause(system, days=25)
    days_pass(system, 28)


def trial_paused_then_resumed(system: SubscriptionSystem) -> None:
    """A trial ends without a card; weeks later there is one."""
    subscribe(system, None, plan=PRO, trial_days=14)
    until_settled(system)
    days_pass(system, 20)
    update_card(system)
    resume(system)
    days_pass(system, 1)


def paused_by_mistake(system: SubscriptionSystem) -> None:
    """The customer pauses, and goes on immediately."""
    subscribe(system, plan=PRO)
    until_settled(system)
    days_pass(system, 10)
    pause(system)
    resume(system)
    days_pass(system, 1)


STORIES: Mapping[str, Story] = {
    "used": Story(used, ends=RENEWED.using(420)),
    "used_without_webhooks": Story(used, TIMERS_ONLY, RENEWED.using(420)),
    "used_too_late": Story(used_too_late, ends=ACTIVE.saying(EventType.USAGE_LATE).using(170)),
    "used_in_the_draft_hour": Story(used_in_the_draft_hour, ends=RENEWED.using(570)),
    "used_before_a_downgrade": Story(used_before_a_downgrade, ends=SCHEDULED.on(API).using(12_000)),
    "used_then_cancelled": Story(used_then_cancelled, ends=ENDED.using(120)),
    "used_until_the_period_ends": Story(used_until_the_period_ends, ends=ENDED.using(120)),
    "paused": Story(paused, ends=PAUSED),
    "paused_and_collected_later": Story(paused, PAUSES_AND_COLLECTS, PAUSED),
    "used_then_paused": Story(used_then_paused, ends=PAUSED.using(120)),
    "paused_by_mistake": Story(paused_by_mistake, TIMERS_ONLY, PAUSED),
    "paused_at_stripe": Story(paused, PAUSES_AT_STRIPE, PAUSED),
    "paused_for_a_while": Story(paused_for_a_while, ends=PAUSED._replace(has_access=False)),
    "trial_paused_then_resumed": Story(trial_paused_then_resumed, PAUSES, PAUSED),
}
