"""How people end subscriptions, and change their minds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from payflows.errors import CallRejected
from payflows.subscriptions.messages import EventType
from payflows.subscriptions.policy import CancelPolicy, OpenInvoices, UnusedTime

from simulations.subscriptions.catalogue import THREE_D_SECURE
from simulations.subscriptions.expected import ACTIVE, ENDED
from simulations.subscriptions.renewing import renewal_declined
from simulations.subscriptions.signing_up import subscribed
from simulations.subscriptions.story import NEVER_PAID, PAUSES_AT_STRIPE, RENEWED, TIMERS_ONLY, Story
from simulations.subscriptions.system import SubscriptionSystem
from simulations.subscriptions.user_actions import (
    answers_the_bank,
    cancel,
    days_pass,
    invoices_of,
    keep,
    pause,
    refund_latest,
    subscribe,
    until_settled,
)

CREDITS = CancelPolicy(unused_time=UnusedTime.CREDIT)

COLLECTS = CancelPolicy(open_invoices=OpenInvoices.COLLECT)
REFUNDS = CancelPolicy(unused_time=UnusedTime.REFUND)


def cancelled_now(system: SubscriptionSystem) -> None:
    """Cancelled in the middle of a period."""
    subscribed(system)
    days_pass(system, 10)
    cancel(system)
    until_settled(system)


def cancelled_right_away(system: SubscriptionSystem) -> None:
    """Cancelled as soon as the button was pressed, before it is known what came of that."""
    subscribe(system)
    cancel(system)
    until_settled(system)


def cancelled_now_with(policy: CancelPolicy) -> Callable[[SubscriptionSystem], None]:
    """Cancelled in the middle of a period; what is left of it comes back in some way."""

    def tell(system: SubscriptionSystem) -> None:
        subscribed(system)
        days_pass(system, 10)
        cancel(system, policy=policy)
        until_settled(system)

    return tell


def refunded_then_cancelled(system: SubscriptionSystem) -> None:
    """The merchant gave all of the month back, and the customer cancels: there is no unused time to credit."""
    subscribed(system)
    days_pass(system, 5)
    refund_latest(system)
    days_pass(system, 5)
    cancel(system, policy=CREDITS)
    until_settled(system)


def refunded_in_part_then_cancelled(system: SubscriptionSystem) -> None:
    """A part of the month was given back by hand: of the rest no more is credited than is left."""
    subscribed(system)
    days_pass(system, 10)
    subscription = system.subscription
    if subscription is not None:
        for invoice in invoices_of(system, subscription):
            if invoice.charge is not None and invoice.charge.payment_id is not None:
                with suppress(CallRejected):  # it was not paid
                    system.stripe.refund_in_dashboard(invoice.charge.payment_id, 2_000)
    cancel(system, policy=CREDITS)
    until_settled(system)


def cancelled_while_paused(policy: CancelPolicy) -> Callable[[SubscriptionSystem], None]:
    """Paused, and cancelled some days later."""

    def tell(system: SubscriptionSystem) -> None:
        subscribed(system)
        days_pass(system, 10)
        pause(system)
        days_pass(system, 5)
        cancel(system, policy=policy)
        until_settled(system)

    return tell


def cancelled_while_unpaid(policy: CancelPolicy) -> Callable[[SubscriptionSystem], None]:
    """Cancelled while a renewal is not paid."""

    def tell(system: SubscriptionSystem) -> None:
        renewal_declined(system)
        cancel(system, policy=policy)
        until_settled(system)

    return tell


def cancelled_in_the_draft_hour(system: SubscriptionSystem) -> None:
    """Cancelled just after the renewal's invoice was made, and before it is final."""
    subscribed(system)
    days_pass(system, 31.02)
    cancel(system)
    until_settled(system)


def cancelled_incomplete(system: SubscriptionSystem) -> None:
    """Cancelled before the bank was answered; the customer answers nevertheless."""
    subscribe(system, THREE_D_SECURE)
    until_settled(system)
    cancel(system)
    answers_the_bank(system)
    until_settled(system)


def cancelled_at_period_end(system: SubscriptionSystem) -> None:
    """Cancelled for the end of the period, and over then."""
    subscribed(system)
    days_pass(system, 10)
    cancel(system, at_period_end=True)
    days_pass(system, 23)


def cancelled_for_later(system: SubscriptionSystem) -> None:
    """Cancelled for the end of a period that is still running."""
    subscribed(system)
    days_pass(system, 10)
    cancel(system, at_period_end=True)


def cancelled_and_taken_back(system: SubscriptionSystem) -> None:
    """Cancelled for the end of the period, and kept after all."""
    subscribed(system)
    days_pass(system, 10)
    cancel(system, at_period_end=True)
    days_pass(system, 5)
    keep(system)
    days_pass(system, 18)


def cancelled_in_the_dashboard(system: SubscriptionSystem) -> None:
    """The merchant ends it in the dashboard, and the customer subscribes anew."""
    subscribed(system)
    days_pass(system, 10)
    subscription = system.subscription
    if subscription is not None and subscription.stripe_id is not None:
        system.end_was_asked = True
        system.stripe.cancel_subscription_in_dashboard(subscription.stripe_id)
    days_pass(system, 1)
    subscribe(system, signup_id="signup-2")
    until_settled(system)


def cancelled_by_mistake(system: SubscriptionSystem) -> None:
    """The customer cancels for the period's end, and takes that back immediately."""
    subscribe(system)
    until_settled(system)
    days_pass(system, 10)
    cancel(system, at_period_end=True)
    keep(system)
    days_pass(system, 1)


STORIES: Mapping[str, Story] = {
    "cancelled_now": Story(cancelled_now, ends=ENDED),
    "cancelled_right_away": Story(cancelled_right_away, ends=ENDED),
    "cancelled_now_and_refunded": Story(cancelled_now_with(REFUNDS), ends=ENDED.saying(EventType.UNUSED_TIME_REFUNDED)),
    "cancelled_now_and_credited": Story(cancelled_now_with(CREDITS), ends=ENDED),
    "refunded_then_cancelled": Story(refunded_then_cancelled, ends=ENDED.saying(EventType.PAYMENT_REFUNDED)),
    "refunded_in_part_then_cancelled": Story(refunded_in_part_then_cancelled, ends=ENDED),
    "cancelled_while_paused_at_stripe": Story(
        cancelled_while_paused(REFUNDS), PAUSES_AT_STRIPE, ENDED.saying(EventType.UNUSED_TIME_REFUNDED)
    ),
    "cancelled_while_unpaid": Story(cancelled_while_unpaid(CancelPolicy()), ends=ENDED),
    "cancelled_while_unpaid_and_collected": Story(cancelled_while_unpaid(COLLECTS), ends=ENDED),
    "cancelled_while_unpaid_and_credited": Story(cancelled_while_unpaid(CREDITS), ends=ENDED),
    "cancelled_in_the_draft_hour": Story(cancelled_in_the_draft_hour, ends=ENDED),
    "cancelled_incomplete": Story(cancelled_incomplete, ends=NEVER_PAID),
    "cancelled_at_period_end": Story(cancelled_at_period_end, ends=ENDED),
    "cancelled_for_later": Story(cancelled_for_later, ends=ACTIVE.saying(EventType.CANCELLATION_SCHEDULED)),
    "cancelled_and_taken_back": Story(cancelled_and_taken_back, ends=RENEWED),
    "cancelled_by_mistake": Story(cancelled_by_mistake, TIMERS_ONLY, ACTIVE.saying(EventType.CANCELLATION_WITHDRAWN)),
    "cancelled_in_the_dashboard": Story(cancelled_in_the_dashboard),
}
