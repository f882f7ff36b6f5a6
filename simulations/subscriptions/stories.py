"""What people do in a universe: one story a way through a subscription. Faults are none of their business.

A story is a list of steps that people take, no matter what has happened before. After each comes a calm of some days in
which everything settles (`end`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from payflows.subscriptions.billing import PauseBehavior, TrialEnd
from payflows.subscriptions.dunning import SEED_AS_DAYS, DunningPolicy, LastStep
from payflows.subscriptions.messages import EventType
from payflows.subscriptions.model import SubscriptionStatus
from payflows.subscriptions.policy import CancelPolicy, OpenInvoices, PauseMeans, PausePolicy, UnusedTime

from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.subscriptions import cancelling, changing, dunning, renewing, signing_up, using
from simulations.subscriptions.catalogue import API, BANK_DEBIT, BASIC, FAILING_DEBIT, PRO, TEAM, TEAM_LITE
from simulations.subscriptions.expected import ACTIVE, ENDED, ExpectedEnd
from simulations.subscriptions.system import IMPATIENT, Settings, SubscriptionSystem

_S = SubscriptionStatus
TIMERS_ONLY = Settings(listens=False)
OTHER_VERSION = Settings(conditions=DeliveryConditions(api_version="2020-08-27"))
STRICT = Settings(replace(IMPATIENT, past_due_access_days=7))
PATIENT = Settings(replace(IMPATIENT, pending_look_seconds=86_400))
PAUSES = Settings(replace(IMPATIENT, trial_end=TrialEnd.PAUSE))
PAUSES_AT_STRIPE = Settings(replace(IMPATIENT, pause=PausePolicy(means=PauseMeans.SUBSCRIPTION)))
PAUSES_AND_COLLECTS = Settings(replace(IMPATIENT, pause=PausePolicy(invoices=PauseBehavior.KEEP_AS_DRAFT)))
COLLECTS = CancelPolicy(open_invoices=OpenInvoices.COLLECT)
REFUNDS = CancelPolicy(unused_time=UnusedTime.REFUND)


LAPSED = ExpectedEnd((_S.PAST_DUE,)).saying(EventType.PAYMENT_FAILED)
RECOVERED = ACTIVE.saying(EventType.PAYMENT_FAILED, EventType.RENEWED, EventType.CARD_UPDATED)
ASKED = ACTIVE.saying(EventType.PAYMENT_FAILED, EventType.PAYMENT_ACTION_REQUIRED, EventType.RENEWED)
TRIED = ACTIVE.saying(EventType.TRIAL_ENDING, EventType.RENEWED)
NEVER_PAID = ExpectedEnd((_S.INCOMPLETE_EXPIRED,), paid=0)
RENEWED = ACTIVE.saying(EventType.RENEWED)
CHANGED = ACTIVE.saying(EventType.PLAN_CHANGED)
LEFT = ACTIVE.saying(EventType.PLAN_CHANGE_FAILED)
DUNNED = Settings(replace(IMPATIENT, dunning=SEED_AS_DAYS))
DUNNED_BY_TIMERS = Settings(replace(IMPATIENT, dunning=SEED_AS_DAYS), listens=False)
DUNNED_LONG = Settings(
    replace(IMPATIENT, dunning=DunningPolicy.from_days([3, 10, 24, 30], name="long", notices=(0, 10, 24)))
)
PAUSED_AT_LAST = Settings(replace(IMPATIENT, dunning=replace(SEED_AS_DAYS, last_step=LastStep.STAY_PAST_DUE)))
PAID_LATE = ACTIVE.saying(EventType.DUNNING_STARTED, EventType.DUNNING_RECOVERED, EventType.RENEWED)
LOST_AT_LAST = ENDED.saying(EventType.DUNNING_GIVEN_UP)
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


STORIES: Mapping[str, Story] = {
    "subscribed": Story(signing_up.subscribed),
    "renewed": Story(renewing.renewed, ends=RENEWED),
    "renewed_without_webhooks": Story(renewing.renewed, TIMERS_ONLY, RENEWED),
    "renewed_by_old_webhooks": Story(renewing.renewed, OTHER_VERSION, RENEWED),
    "yearly": Story(renewing.yearly, ends=RENEWED),
    "seats": Story(signing_up.seats, ends=RENEWED),
    "trial_to_paid": Story(signing_up.trial_to_paid, ends=TRIED),
    "trial_to_paid_without_webhooks": Story(signing_up.trial_to_paid, TIMERS_ONLY, TRIED),
    "trial_without_a_card": Story(signing_up.trial_without_a_card, ends=ENDED),
    "trial_paused": Story(signing_up.trial_without_a_card, PAUSES, ExpectedEnd((_S.PAUSED,), paid=0)),
    "trial_gets_a_card": Story(signing_up.trial_gets_a_card, ends=ACTIVE.saying(EventType.CARD_UPDATED)),
    "two_trials": Story(signing_up.two_trials),
    "first_declined": Story(signing_up.first_declined, ends=ACTIVE.saying(EventType.PAYMENT_FAILED)),
    "first_never_paid": Story(signing_up.first_never_paid, ends=NEVER_PAID),
    "sign_up_with_three_d_secure": Story(signing_up.sign_up_with_three_d_secure),
    "sign_up_by_bank_debit": Story(signing_up.sign_up_by_debit(BANK_DEBIT), PATIENT),
    "sign_up_by_failing_bank_debit": Story(
        signing_up.sign_up_by_debit(FAILING_DEBIT), PATIENT, ACTIVE.saying(EventType.STARTED)
    ),
    "signed_up_twice": Story(signing_up.signed_up_twice),
    "renewal_declined": Story(renewing.renewal_declined, STRICT, LAPSED),
    "renewal_in_grace": Story(renewing.renewal_in_grace, ends=LAPSED._replace(has_access=True)),
    "renewal_declined_then_another_card": Story(renewing.renewal_declined_then_another_card, ends=RECOVERED),
    "renewal_declined_then_a_card_that_asks": Story(renewing.renewal_declined_then_a_card_that_asks, ends=ASKED),
    "renewal_declined_without_webhooks": Story(renewing.renewal_declined_then_another_card, TIMERS_ONLY, RECOVERED),
    "renewal_needs_three_d_secure": Story(
        renewing.renewal_needs_three_d_secure, ends=ACTIVE.saying(EventType.PAYMENT_ACTION_REQUIRED)
    ),
    "card_in_trouble": Story(renewing.card_in_trouble, ends=RECOVERED),
    "card_updated": Story(renewing.card_updated, ends=RENEWED),
    "card_refused": Story(signing_up.card_refused, ends=ACTIVE.saying(EventType.CARD_DECLINED)),
    "cancelled_now": Story(cancelling.cancelled_now, ends=ENDED),
    "cancelled_right_away": Story(cancelling.cancelled_right_away, ends=ENDED),
    "cancelled_now_and_refunded": Story(
        cancelling.cancelled_now_with(REFUNDS), ends=ENDED.saying(EventType.UNUSED_TIME_REFUNDED)
    ),
    "cancelled_now_and_credited": Story(cancelling.cancelled_now_with(cancelling.CREDITS), ends=ENDED),
    "refunded_then_cancelled": Story(cancelling.refunded_then_cancelled, ends=ENDED.saying(EventType.PAYMENT_REFUNDED)),
    "refunded_in_part_then_cancelled": Story(cancelling.refunded_in_part_then_cancelled, ends=ENDED),
    "cancelled_while_paused_at_stripe": Story(
        cancelling.cancelled_while_paused(REFUNDS), PAUSES_AT_STRIPE, ENDED.saying(EventType.UNUSED_TIME_REFUNDED)
    ),
    "cancelled_while_unpaid": Story(cancelling.cancelled_while_unpaid(CancelPolicy()), ends=ENDED),
    "cancelled_while_unpaid_and_collected": Story(cancelling.cancelled_while_unpaid(COLLECTS), ends=ENDED),
    "cancelled_while_unpaid_and_credited": Story(cancelling.cancelled_while_unpaid(cancelling.CREDITS), ends=ENDED),
    "cancelled_in_the_draft_hour": Story(cancelling.cancelled_in_the_draft_hour, ends=ENDED),
    "cancelled_incomplete": Story(cancelling.cancelled_incomplete, ends=NEVER_PAID),
    "cancelled_at_period_end": Story(cancelling.cancelled_at_period_end, ends=ENDED),
    "cancelled_for_later": Story(cancelling.cancelled_for_later, ends=ACTIVE.saying(EventType.CANCELLATION_SCHEDULED)),
    "cancelled_and_taken_back": Story(cancelling.cancelled_and_taken_back, ends=RENEWED),
    "cancelled_by_mistake": Story(
        cancelling.cancelled_by_mistake, TIMERS_ONLY, ACTIVE.saying(EventType.CANCELLATION_WITHDRAWN)
    ),
    "cancelled_in_the_dashboard": Story(cancelling.cancelled_in_the_dashboard),
    "upgraded": Story(changing.upgraded, ends=CHANGED.on(PRO)),
    "upgraded_without_webhooks": Story(changing.upgraded, TIMERS_ONLY, CHANGED.on(PRO)),
    "upgrade_declined": Story(changing.upgrade_declined, ends=LEFT.on(BASIC)),
    "upgrade_declined_then_another_card": Story(changing.upgrade_declined_then_another_card, ends=CHANGED.on(PRO)),
    "upgrade_needs_three_d_secure": Story(changing.upgrade_needs_three_d_secure, ends=CHANGED.on(PRO)),
    "upgrade_withdrawn": Story(
        changing.upgrade_withdrawn, ends=ACTIVE.saying(EventType.PLAN_CHANGE_WITHDRAWN).on(BASIC)
    ),
    "downgraded_for_later": Story(changing.downgraded_for_later, ends=SCHEDULED.on(BASIC)),
    "downgraded_and_taken_back": Story(
        changing.downgraded_and_taken_back, ends=ACTIVE.saying(EventType.PLAN_CHANGE_WITHDRAWN).on(PRO)
    ),
    "downgraded_now": Story(changing.downgraded_now, ends=CHANGED.on(BASIC)),
    "seats_changed": Story(changing.seats_changed, ends=CHANGED.on(TEAM, 4)),
    "seats_before_a_downgrade": Story(changing.seats_before_a_downgrade, ends=SCHEDULED.on(TEAM_LITE, 5)),
    "an_older_preview_confirmed": Story(changing.an_older_preview_confirmed, ends=CHANGED.on(TEAM, 5)),
    "changed_in_a_trial": Story(changing.changed_in_a_trial, ends=CHANGED.on(PRO)),
    "changed_in_the_dashboard": Story(changing.changed_in_the_dashboard, ends=CHANGED.on(PRO)),
    "cancelled_after_a_downgrade": Story(
        changing.cancelled_after_a_downgrade, ends=ENDED.saying(EventType.UNUSED_TIME_REFUNDED)
    ),
    "cancelled_with_an_upgrade_unpaid": Story(changing.cancelled_with_an_upgrade_unpaid, ends=ENDED),
    "used": Story(using.used, ends=RENEWED.using(420)),
    "used_without_webhooks": Story(using.used, TIMERS_ONLY, RENEWED.using(420)),
    "used_too_late": Story(using.used_too_late, ends=ACTIVE.saying(EventType.USAGE_LATE).using(170)),
    "used_in_the_draft_hour": Story(using.used_in_the_draft_hour, ends=RENEWED.using(570)),
    "used_before_a_downgrade": Story(using.used_before_a_downgrade, ends=SCHEDULED.on(API).using(12_000)),
    "used_then_cancelled": Story(using.used_then_cancelled, ends=ENDED.using(120)),
    "used_until_the_period_ends": Story(using.used_until_the_period_ends, ends=ENDED.using(120)),
    "paused": Story(using.paused, ends=PAUSED),
    "paused_and_collected_later": Story(using.paused, PAUSES_AND_COLLECTS, PAUSED),
    "used_then_paused": Story(using.used_then_paused, ends=PAUSED.using(120)),
    "paused_by_mistake": Story(using.paused_by_mistake, TIMERS_ONLY, PAUSED),
    "paused_at_stripe": Story(using.paused, PAUSES_AT_STRIPE, PAUSED),
    "paused_for_a_while": Story(using.paused_for_a_while, ends=PAUSED._replace(has_access=False)),
    "trial_paused_then_resumed": Story(using.trial_paused_then_resumed, PAUSES, PAUSED),
    "dunned_and_recovered": Story(dunning.recovered, DUNNED, PAID_LATE),
    "dunned_without_webhooks": Story(dunning.recovered, DUNNED_BY_TIMERS, PAID_LATE),
    "dunned_and_given_up": Story(dunning.given_up, DUNNED, LOST_AT_LAST),
    "dunned_and_left_past_due": Story(dunning.given_up, PAUSED_AT_LAST, LAPSED.saying(EventType.DUNNING_GIVEN_UP)),
    "dunned_then_another_card": Story(dunning.another_card, DUNNED, PAID_LATE),
    "dunned_twice": Story(dunning.twice, DUNNED, LAPSED._replace(has_access=True).saying(EventType.DUNNING_RECOVERED)),
    "dunned_with_a_lost_card": Story(dunning.lost_card, DUNNED, PAID_LATE),
    "dunned_then_cancelled": Story(dunning.leaves, DUNNED, ENDED.saying(EventType.DUNNING_STOPPED)),
    "dunned_then_cancelled_with_a_debt": Story(dunning.leaves_a_debt, DUNNED, ENDED.saying(EventType.DUNNING_STOPPED)),
    "dunned_then_another_empty_card": Story(dunning.another_empty_card, DUNNED, LOST_AT_LAST),
    "dunned_over_a_renewal": Story(dunning.over_a_renewal, DUNNED_LONG, PAID_LATE),
    "dunned_and_paid_by_hand": Story(dunning.paid_by_hand, DUNNED, PAID_LATE),
    "dunned_and_asked_by_the_bank": Story(dunning.asked_by_the_bank, DUNNED, LOST_AT_LAST),
    "dunned_and_not_upgraded": Story(
        dunning.upgrade_refused, DUNNED, LAPSED._replace(has_access=True).saying(EventType.DUNNING_STARTED)
    ),
    "renewal_refunded": Story(renewing.renewal_refunded, ends=ACTIVE.saying(EventType.PAYMENT_REFUNDED)),
    "renewal_disputed": Story(
        renewing.renewal_disputed, ends=ACTIVE.saying(EventType.PAYMENT_DISPUTED, EventType.PAYMENT_DISPUTE_LOST)
    ),
}
"""Every story, by its name."""
