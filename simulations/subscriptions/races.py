"""Races: two processes that act concurrently, a row each. The orders of their calls are made in `interleavings`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from payflows.subscriptions.model import Subscription, SubscriptionStatus
from payflows.subscriptions.policy import PauseMeans, PausePolicy

from simulations.search.breach import Breach
from simulations.search.process import Process, Racer
from simulations.subscriptions import changing_races, dunning_races
from simulations.subscriptions.catalogue import ADA, BASIC, MASTERCARD, MERCHANT, NO_FUNDS, PRO, PRO_YEARLY, VISA
from simulations.subscriptions.dunning_races import DUNNED_BY_HAND
from simulations.subscriptions.expected import ACTIVE, ExpectedEnd
from simulations.subscriptions.signing_up import subscribed
from simulations.subscriptions.system import IMPATIENT, Settings, SubscriptionSystem, app_of
from simulations.subscriptions.user_actions import days_pass, subscribe, until_settled

Ends = Callable[[SubscriptionSystem], Iterator[Breach]]

_S = SubscriptionStatus
BY_HAND = Settings(listens=False)
"""The two meet alone: what webhooks would do beside them, one of them does."""

PAUSES_BY_HAND = Settings(replace(IMPATIENT, pause=PausePolicy(means=PauseMeans.SUBSCRIPTION)), listens=False)


class Race(NamedTuple):
    """Two processes that act concurrently.

    Attributes:
        begin: brings them to where they meet, and sets both to work: the process that runs, and another one.
        settings: the merchant.
        ends: how it must end where nothing goes wrong, whoever is the first.
    """

    begin: Callable[[SubscriptionSystem, Process], tuple[Racer, Racer]]
    settings: Settings = BY_HAND
    ends: Ends = ACTIVE.missed


def _sign_up(process: Process, signup_id: str, plan_id: str = PRO.id, trial_days: int = 0) -> Racer:
    create = app_of(process).subscriptions.create_subscription
    work = create(ADA, signup_id, plan_id=plan_id, payment_method=VISA, trial_days=trial_days)
    return Racer.of(process, work)


def _subscribed(system: SubscriptionSystem) -> Subscription:
    subscribed(system)
    subscription = system.subscription
    assert subscription is not None, "it is subscribed"
    return subscription


def a_double_sign_up(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """One customer presses "subscribe" twice."""
    return _sign_up(system.universe.process, "signup-1"), _sign_up(other, "signup-1")


def two_tabs(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """One customer subscribes in two tabs, to two plans of one product."""
    return _sign_up(system.universe.process, "signup-1"), _sign_up(other, "signup-2", PRO_YEARLY.id)


def two_trial_sign_ups(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """One customer begins two trials of one product."""
    first = _sign_up(system.universe.process, "signup-1", trial_days=14)
    return first, _sign_up(other, "signup-2", trial_days=14)


def sign_up_and_worker(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """The worker takes a sign-up for left behind while its customer's call is still at work."""

    async def look_after() -> None:
        system.universe.clock.pass_time(system.settings.policy.lease_seconds + 1)
        await app_of(other).worker.run_due()

    return _sign_up(system.universe.process, "signup-1"), Racer.of(other, look_after())


def another_card_and_a_notice(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """The customer tries another card for the first invoice while Stripe tells of the first one's decline."""
    subscribe(system, NO_FUNDS)
    until_settled(system)
    subscription = system.subscription
    assert subscription is not None and subscription.first_invoice_id is not None, "it waits for a card"
    update = app_of(system.universe.process).subscriptions.update_card
    card = update(ADA, subscription.id, expected_update=0, payment_method=VISA)
    notice = app_of(other).subscriptions.invoice_changed(MERCHANT, subscription.first_invoice_id)
    return Racer.of(system.universe.process, card), Racer.of(other, notice)


def two_cards(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """Two tabs, and another card in each."""
    subscription = _subscribed(system)
    racers = [
        Racer.of(
            process,
            app_of(process).subscriptions.update_card(
                ADA, subscription.id, expected_update=subscription.card_updates, payment_method=card
            ),
        )
        for process, card in ((system.universe.process, VISA), (other, MASTERCARD))
    ]
    return racers[0], racers[1]


def cancel_and_renewal(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """The customer cancels while the renewal's invoice is paid, and Stripe tells of that."""
    subscription = _subscribed(system)
    days_pass(system, 31.1)
    system.end_was_asked = True
    cancel = app_of(system.universe.process).subscriptions.cancel_subscription(ADA, subscription.id)
    assert subscription.stripe_id is not None, "Stripe has it"
    notice = app_of(other).subscriptions.subscription_changed(MERCHANT, subscription.stripe_id)
    return Racer.of(system.universe.process, cancel), Racer.of(other, notice)


def cancel_and_keep(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """The customer cancels for the period's end in one tab, and keeps it in another."""
    subscription = _subscribed(system)
    system.end_was_asked = system.was_kept = True
    cancel = app_of(system.universe.process).subscriptions.cancel_subscription(ADA, subscription.id, at_period_end=True)
    return (
        Racer.of(system.universe.process, cancel),
        Racer.of(other, app_of(other).subscriptions.keep_subscription(ADA, subscription.id)),
    )


def one_is_subscribed(system: SubscriptionSystem) -> Iterator[Breach]:
    """One of two sign-ups went through."""
    if len(list(system.stripe.movements)) != 1:
        yield Breach("I21", "ada", f"money moved {len(list(system.stripe.movements))} times")


CANCELLED = ExpectedEnd((_S.CANCELLED,))

RACES: Mapping[str, Race] = {
    "a_double_sign_up": Race(a_double_sign_up, ends=one_is_subscribed),
    "two_tabs": Race(two_tabs, ends=one_is_subscribed),
    "two_trial_sign_ups": Race(two_trial_sign_ups, ends=ExpectedEnd((_S.ACTIVE, _S.TRIALING), has_access=True).missed),
    "sign_up_and_worker": Race(sign_up_and_worker),
    "another_card_and_a_notice": Race(another_card_and_a_notice),
    "two_cards": Race(two_cards),
    "cancel_and_renewal": Race(cancel_and_renewal, ends=CANCELLED.missed),
    "cancel_and_keep": Race(cancel_and_keep),
    "one_change_in_two_tabs": Race(changing_races.one_change_in_two_tabs, ends=changing_races.changed_once),
    "two_changes": Race(changing_races.two_changes, ends=changing_races.changed_once),
    "change_and_cancel": Race(changing_races.change_and_cancel, ends=CANCELLED.missed),
    "change_and_renewal": Race(changing_races.change_and_renewal, ends=ACTIVE.on(PRO).missed),
    "keep_plan_and_worker": Race(changing_races.keep_plan_and_worker, ends=ACTIVE.on(BASIC).missed),
    "keep_plan_and_renewal": Race(changing_races.keep_plan_and_renewal, ends=changing_races.goes_on),
    "two_uses_at_the_cap": Race(changing_races.two_uses_at_the_cap, ends=changing_races.capped),
    "use_and_cancel": Race(changing_races.use_and_cancel, ends=changing_races.ended_and_billed),
    "pause_and_resume": Race(changing_races.pause_and_resume, ends=changing_races.goes_on),
    "refund_and_cancel": Race(changing_races.refund_and_cancel, ends=CANCELLED.missed),
    "refund_and_downgrade": Race(changing_races.refund_and_downgrade),
    "pause_and_end": Race(changing_races.pause_and_end, PAUSES_BY_HAND, changing_races.paused_or_ending),
    "two_notices_of_a_failure": Race(
        dunning_races.two_notices_of_a_failure, DUNNED_BY_HAND, dunning_races.tried_once_a_day
    ),
    "two_workers_at_an_attempt": Race(
        dunning_races.two_workers_at_an_attempt, DUNNED_BY_HAND, dunning_races.tried_once_a_day
    ),
    "attempt_and_payment_by_hand": Race(
        dunning_races.attempt_and_payment_by_hand, DUNNED_BY_HAND, dunning_races.paid_once
    ),
    "attempt_and_another_card": Race(dunning_races.attempt_and_another_card, DUNNED_BY_HAND, dunning_races.paid_once),
    "attempt_and_cancel": Race(dunning_races.attempt_and_cancel, DUNNED_BY_HAND, dunning_races.left_alone),
    "last_step_and_another_card": Race(
        dunning_races.last_step_and_another_card, DUNNED_BY_HAND, dunning_races.paid_or_ended
    ),
}
"""Every race, by its name."""
