"""Two who change one subscription concurrently: its plan, its pause, what is used of it, and its end."""

from __future__ import annotations

from collections.abc import Iterator

from payflows.subscriptions.model import Subscription, SubscriptionStatus
from payflows.subscriptions.plan_requests import PlanPreview
from payflows.subscriptions.plans import Plan
from payflows.subscriptions.policy import ChangeTiming
from payflows.subscriptions.usage import USAGE

from simulations.search.breach import Breach
from simulations.search.process import Process, Racer
from simulations.subscriptions.cancelling import CREDITS
from simulations.subscriptions.catalogue import ADA, API, BASIC, CALLS, CENTS_A_CALL, MERCHANT, PRO, TEAM
from simulations.subscriptions.system import SubscriptionSystem, app_of
from simulations.subscriptions.user_actions import (
    card_runs_empty,
    change_plan,
    days_pass,
    invoices_of,
    subscribe,
    until_settled,
)

MOST_OF_THE_CAP = 6_000
"""Two of these are more than a period may have."""


def one_change_in_two_tabs(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """The customer confirms a dearer plan twice."""
    subscription = _on(system, BASIC)
    shown = _shown(system, subscription, PRO)
    ours = system.universe.process
    return _confirms(ours, subscription, shown), _confirms(other, subscription, shown)


def two_changes(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """The customer confirms five seats in one tab, and eight in another one."""
    subscription = _on(system, TEAM, seats=3)
    five, eight = _shown(system, subscription, TEAM, seats=5), _shown(system, subscription, TEAM, seats=8)
    return _confirms(system.universe.process, subscription, five), _confirms(other, subscription, eight)


def change_and_cancel(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """The customer confirms a dearer plan in one tab, and cancels in another one."""
    subscription = _on(system, BASIC)
    shown = _shown(system, subscription, PRO)
    system.end_was_asked = True
    cancel = app_of(other).subscriptions.cancel_subscription(ADA, subscription.id)
    return _confirms(system.universe.process, subscription, shown), Racer.of(other, cancel)


def change_and_renewal(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """The customer confirms a dearer plan while Stripe tells of a renewal."""
    subscription = _on(system, BASIC, days=31.1)
    shown = _shown(system, subscription, PRO)
    assert subscription.stripe_id is not None, "Stripe has it"
    notice = app_of(other).subscriptions.subscription_changed(MERCHANT, subscription.stripe_id)
    return _confirms(system.universe.process, subscription, shown), Racer.of(other, notice)


def keep_plan_and_worker(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """The customer takes a dearer plan back, which is not paid, while the worker looks what became of it."""
    subscription = _on(system, BASIC)
    card_runs_empty(system)
    change_plan(system, PRO)
    system.universe.clock.pass_time(23.5 * 3_600)
    return _keeps_plan(system, subscription), Racer.of(other, app_of(other).worker.run_due())


def keep_plan_and_renewal(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """The customer takes a cheaper plan back while the period ends in which they may."""
    subscription = _on(system, PRO)
    change_plan(system, BASIC, timing=ChangeTiming.AT_PERIOD_END)
    days_pass(system, 21)
    assert subscription.stripe_id is not None, "Stripe has it"
    notice = app_of(other).subscriptions.subscription_changed(MERCHANT, subscription.stripe_id)
    return _keeps_plan(system, subscription), Racer.of(other, notice)


def two_uses_at_the_cap(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """Two of the merchant's servers record most of what a period may have."""
    subscription = _on(system, API)
    return _uses(system.universe.process, subscription, "monday"), _uses(other, subscription, "tuesday")


def use_and_cancel(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """The merchant records usage while the customer cancels."""
    subscription = _on(system, API)
    system.end_was_asked = True
    cancel = app_of(other).subscriptions.cancel_subscription(ADA, subscription.id)
    return _uses(system.universe.process, subscription, "monday"), Racer.of(other, cancel)


def pause_and_resume(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """The customer pauses in one tab, and goes on in another one."""
    subscription = _on(system, PRO)
    pause = app_of(system.universe.process).subscriptions.pause_subscription(ADA, subscription.id)
    resume = app_of(other).subscriptions.resume_subscription(ADA, subscription.id)
    return Racer.of(system.universe.process, pause), Racer.of(other, resume)


def refund_and_cancel(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """The merchant gives the month back while the customer leaves, and unused time is to be credited."""
    subscription = _on(system, PRO)
    system.end_was_asked = True
    refund = app_of(other).subscriptions.refund_invoice(MERCHANT, invoices_of(system, subscription)[0].id)
    cancel = app_of(system.universe.process).subscriptions.cancel_subscription(ADA, subscription.id, policy=CREDITS)
    return Racer.of(system.universe.process, cancel), Racer.of(other, refund)


def refund_and_downgrade(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """The merchant gives the month back while the customer confirms a cheaper plan, which credits a part of it."""
    subscription = _on(system, PRO)
    shown = _shown(system, subscription, BASIC, timing=ChangeTiming.NOW)
    refund = app_of(other).subscriptions.refund_invoice(MERCHANT, invoices_of(system, subscription)[0].id)
    return _confirms(system.universe.process, subscription, shown), Racer.of(other, refund)


def pause_and_end(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """The customer pauses in one tab, and leaves with the period in another one."""
    subscription = _on(system, PRO)
    system.end_was_asked = True
    pause = app_of(system.universe.process).subscriptions.pause_subscription(ADA, subscription.id)
    end = app_of(other).subscriptions.cancel_subscription(ADA, subscription.id, at_period_end=True)
    return Racer.of(system.universe.process, pause), Racer.of(other, end)


# How they end.


def paused_or_ending(system: SubscriptionSystem) -> Iterator[Breach]:
    """It is paused, or is to end: one that were both would never end."""
    subscription = system.subscription
    assert subscription is not None, "it was subscribed"
    if subscription.is_paused is (subscription.cancel_at is not None):
        yield Breach("I16", subscription.id, f"{subscription.id} is {subscription.status}: {subscription.cancel_at}")


def changed_once(system: SubscriptionSystem) -> Iterator[Breach]:
    """One of two confirmations was taken, and paid."""
    subscription = system.subscription
    assert subscription is not None, "it was subscribed"
    if subscription.changes != 1 or subscription.in_use == subscription.signup.terms:
        yield Breach("I23", subscription.id, f"{subscription.id} has {subscription.in_use}")
    if len(system.stripe.movements) != 2:
        yield Breach("I23", subscription.id, f"money moved {len(system.stripe.movements)} times")


def capped(system: SubscriptionSystem) -> Iterator[Breach]:
    """One of two uses was recorded."""
    used = [each.usage.quantity for each in system.stripe.usage_of(ADA.stripe_customer_id or "", CALLS.meter)]
    if used != [MOST_OF_THE_CAP]:
        yield Breach("I22", "ada", f"{used} were reported, and {CALLS.cap} may be used")


def ended_and_billed(system: SubscriptionSystem) -> Iterator[Breach]:
    """It has ended, and what was recorded before is paid."""
    subscription = system.subscription
    assert subscription is not None, "it was subscribed"
    if subscription.status is not SubscriptionStatus.CANCELLED:
        yield Breach("I16", subscription.id, f"{subscription.id} is {subscription.status}")
    used = sum(row.quantity for row in system.store.all(USAGE) if not row.is_late)
    paid = sum(movement.signed_minor for movement in system.stripe.movements)
    if paid != API.amount.minor + CENTS_A_CALL * used:
        yield Breach("I22", subscription.id, f"{used} were used, and {paid} was paid")


def goes_on(system: SubscriptionSystem) -> Iterator[Breach]:
    """It is as whoever was last wanted it, and nothing waits."""
    subscription = system.subscription
    assert subscription is not None, "it was subscribed"
    waits = (subscription.change, subscription.pause_wanted, subscription.review)
    if subscription.status is not SubscriptionStatus.ACTIVE or waits != (None, None, None):
        yield Breach("I16", subscription.id, f"{subscription.id} is {subscription.status}, and waits for {waits}")


# Who races.


def _on(system: SubscriptionSystem, plan: Plan, *, seats: int = 1, days: float = 10) -> Subscription:
    subscribe(system, plan=plan, seats=seats)
    until_settled(system)
    days_pass(system, days)
    subscription = system.subscription
    assert subscription is not None, "it is subscribed"
    return subscription


def _shown(
    system: SubscriptionSystem,
    subscription: Subscription,
    plan: Plan,
    *,
    seats: int | None = None,
    timing: ChangeTiming | None = None,
) -> PlanPreview:
    preview = system.app.subscriptions.preview_plan_change
    shown = system.ask(preview(ADA, subscription.id, plan_id=plan.id, seats=seats, timing=timing))
    assert isinstance(shown, PlanPreview), "nothing goes wrong before they meet"
    system.confirmed.append(shown)
    return shown


def _confirms(process: Process, subscription: Subscription, shown: PlanPreview) -> Racer:
    return Racer.of(process, app_of(process).subscriptions.change_plan(ADA, subscription.id, confirmed=shown))


def _keeps_plan(system: SubscriptionSystem, subscription: Subscription) -> Racer:
    process = system.universe.process
    return Racer.of(process, app_of(process).subscriptions.keep_plan(ADA, subscription.id))


def _uses(process: Process, subscription: Subscription, usage_id: str) -> Racer:
    track = app_of(process).subscriptions.track_usage
    return Racer.of(process, track(MERCHANT, subscription.id, usage_id, metric=CALLS.metric, quantity=MOST_OF_THE_CAP))
