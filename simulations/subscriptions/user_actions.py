"""What people do about a subscription, no matter what has happened before. Stories are in `stories`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any

from payflows.errors import CallRejected, InvalidInput
from payflows.parties import Customer
from payflows.subscriptions.billing import InvoiceStatus
from payflows.subscriptions.invoice import Invoice
from payflows.subscriptions.messages import INVOICES, SUBSCRIPTIONS
from payflows.subscriptions.model import Subscription, SubscriptionStatus
from payflows.subscriptions.plan_requests import PlanPreview
from payflows.subscriptions.plans import Plan
from payflows.subscriptions.policy import CancelPolicy, ChangeTiming
from payflows.subscriptions.usage import Usage

from simulations.search.process import Crash
from simulations.search.waiting import hours_pass, work_until
from simulations.stripe.payments.cards import PAYMENT_METHODS
from simulations.subscriptions.catalogue import ADA, CALLS, MERCHANT, NO_FUNDS, PRO, VISA
from simulations.subscriptions.system import SubscriptionSystem

TRIES = 12
"""Of a person who insists, or a notice by hand; more often than faults strike, in a storm too."""

DAYS_OF_WEBHOOKS = 5
"""A sign-up that lost answers left over expires within a day, and its webhooks, which are no one's, wait for three."""

_UNDER_WAY = (SubscriptionStatus.CREATING, SubscriptionStatus.CANCELLING)


def subscribe(
    system: SubscriptionSystem,
    card: str | None = VISA,
    *,
    customer: Customer = ADA,
    plan: Plan = PRO,
    seats: int = 1,
    trial_days: int = 0,
    signup_id: str = "signup-1",
) -> object:
    """Press "subscribe", and again where there is no answer."""
    create = system.app.subscriptions.create_subscription
    return system.ask(
        create(customer, signup_id, plan_id=plan.id, payment_method=card, seats=seats, trial_days=trial_days)
    )


def until_settled(system: SubscriptionSystem) -> None:
    """Wait until the sign-up, or the end, is through, or the customer is asked for something."""
    work_until(system, lambda: not any(each.status in _UNDER_WAY for each in _all(system)))


def at_the_bank(system: SubscriptionSystem, *, passes: bool = True) -> None:
    """Answer the bank's question about what it asks for, and come back."""
    subscription = system.subscription
    if subscription is None:
        return
    system.ask(system.app.subscriptions.customer_action(ADA, subscription.id))
    answers_the_bank(system, passes=passes)
    system.ask(system.app.subscriptions.advance(ADA, subscription.id))


def answers_the_bank(system: SubscriptionSystem, *, passes: bool = True) -> None:
    """Answer the bank, and never come back."""
    subscription, stripe = system.subscription, system.stripe
    if subscription is None:
        return
    if subscription.setup_id is not None:
        with suppress(CallRejected):
            (stripe.authenticate_setup if passes else stripe.fail_setup_authentication)(subscription.setup_id)
    for invoice in invoices_of(system, subscription):
        if invoice.charge is not None and invoice.charge.payment_id is not None:
            with suppress(CallRejected):
                (stripe.authenticate if passes else stripe.fail_authentication)(invoice.charge.payment_id)


def update_card(system: SubscriptionSystem, card: str = VISA) -> None:
    """Give another card, having seen the subscription as it is now."""
    subscription = system.subscription
    if subscription is not None:
        update = system.app.subscriptions.update_card
        system.ask(update(ADA, subscription.id, expected_update=subscription.card_updates, payment_method=card))


def card_runs_empty(system: SubscriptionSystem) -> None:
    """The card that pays is declined from now on."""
    card_behaves(system, NO_FUNDS)


def card_behaves(system: SubscriptionSystem, like: str) -> None:
    """The card that pays behaves like another one from now on."""
    subscription = system.subscription
    if subscription is not None and subscription.payment_method is not None:
        system.stripe.replace_card_behaviour(subscription.payment_method, PAYMENT_METHODS[like])


def cancel(system: SubscriptionSystem, *, at_period_end: bool = False, policy: CancelPolicy | None = None) -> None:
    """The customer cancels."""
    subscription = system.subscription
    if subscription is not None:
        system.end_was_asked = True
        ask = system.app.subscriptions.cancel_subscription
        insist(system, lambda: ask(ADA, subscription.id, at_period_end=at_period_end, policy=policy))


def keep(system: SubscriptionSystem) -> None:
    """The customer takes the cancellation back."""
    subscription = system.subscription
    if subscription is not None:
        system.was_kept = True
        insist(system, lambda: system.app.subscriptions.keep_subscription(ADA, subscription.id))


def change_plan(
    system: SubscriptionSystem, plan: Plan, *, seats: int | None = None, timing: ChangeTiming | None = None
) -> None:
    """Look at what another plan costs, and confirm that; a new look where it costs something else by then."""
    subscription = system.subscription
    if subscription is None:
        return
    flow = system.app.subscriptions
    for _ in range(TRIES):
        shown = system.ask(flow.preview_plan_change(ADA, subscription.id, plan_id=plan.id, seats=seats, timing=timing))
        if isinstance(shown, InvalidInput):
            return
        if isinstance(shown, PlanPreview):
            system.confirmed.append(shown)
            answer = system.ask(flow.change_plan(ADA, subscription.id, confirmed=shown))
            if not isinstance(answer, Crash | Exception):
                return
        hours_pass(system, 1)
        flow = system.app.subscriptions


def preview(system: SubscriptionSystem, plan: Plan, *, seats: int | None = None) -> PlanPreview | None:
    """Look at what another plan costs; None where that is not known."""
    subscription = system.subscription
    if subscription is None:
        return None
    ask = system.app.subscriptions.preview_plan_change
    shown = system.ask(ask(ADA, subscription.id, plan_id=plan.id, seats=seats))
    return shown if isinstance(shown, PlanPreview) else None


def confirm(system: SubscriptionSystem, shown: PlanPreview) -> None:
    """Confirm what was shown once, stale or not."""
    system.confirmed.append(shown)
    system.ask(system.app.subscriptions.change_plan(ADA, shown.subscription_id, confirmed=shown))


def keep_plan(system: SubscriptionSystem) -> None:
    """The customer takes a plan change back that waits."""
    subscription = system.subscription
    if subscription is not None:
        insist(system, lambda: system.app.subscriptions.keep_plan(ADA, subscription.id))


def change_in_dashboard(system: SubscriptionSystem, plan: Plan) -> None:
    """The merchant changes the plan at Stripe, by hand."""
    subscription = system.subscription
    if subscription is not None and subscription.stripe_id is not None:
        system.plans_by_hand.add(plan.id)
        with suppress(CallRejected):
            system.stripe.change_items_in_dashboard(subscription.stripe_id, plan.price_id, 1)


def pause(system: SubscriptionSystem, *, days: float | None = None) -> None:
    """The customer pauses, for some days or until they say."""
    subscription = system.subscription
    if subscription is not None:
        until = None if days is None else system.clock.now() + timedelta(days=days)
        insist(system, lambda: system.app.subscriptions.pause_subscription(ADA, subscription.id, resumes_at=until))


def resume(system: SubscriptionSystem) -> None:
    """The customer goes on."""
    subscription = system.subscription
    if subscription is not None:
        insist(system, lambda: system.app.subscriptions.resume_subscription(ADA, subscription.id))


def use(system: SubscriptionSystem, usage_id: str, quantity: int, *, hours_ago: float = 0) -> None:
    """The merchant records what was used, and again where there is no answer."""
    subscription, used_at = system.subscription, system.clock.now() - timedelta(hours=hours_ago)
    if subscription is None:
        return
    for _ in range(TRIES):
        track = system.app.subscriptions.track_usage
        answer = system.ask(
            track(MERCHANT, subscription.id, usage_id, metric=CALLS.metric, quantity=quantity, used_at=used_at)
        )
        if isinstance(answer, Usage):
            system.used[answer.id] = quantity
            return
        if isinstance(answer, InvalidInput):
            return
        hours_pass(system, 1)


def refund_latest(system: SubscriptionSystem) -> None:
    """The merchant gives the latest paid invoice back."""
    subscription = system.subscription
    if subscription is None:
        return
    paid = [each for each in invoices_of(system, subscription) if each.status is InvoiceStatus.PAID and each.charge]
    if paid:
        insist(system, lambda: system.app.subscriptions.refund_invoice(MERCHANT, paid[-1].id))


def insist(system: SubscriptionSystem, act: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Ask, and again each hour until there is an answer or a refusal."""
    for _ in range(TRIES):
        answer = system.ask(act())
        if not isinstance(answer, Crash | Exception):
            return
        hours_pass(system, 1)


def days_pass(system: SubscriptionSystem, days: float) -> None:
    """The worker and the webhooks see to what these days bring."""
    hours_pass(system, 24 * days)


def end(system: SubscriptionSystem) -> None:
    """The calm after the storm: the worker settles what it can, and webhooks come while Stripe repeats them."""
    started_at = system.clock.now()
    while system.clock.now() < max(started_at, system.calm_from) + timedelta(days=DAYS_OF_WEBHOOKS):
        hours_pass(system, 24)


def invoices_of(system: SubscriptionSystem, subscription: Subscription) -> list[Invoice]:
    """Return the stored invoices of a subscription, oldest first."""
    return [each for each in system.store.all(INVOICES) if each.subscription_id == subscription.id]


def _all(system: SubscriptionSystem) -> list[Subscription]:
    return list(system.store.all(SUBSCRIPTIONS))
