"""The types of events that Stripe sends in certain steps of a subscription, and in stories about its changes."""

from __future__ import annotations

from collections.abc import Callable

from payflows.money import Money
from payflows.subscriptions.billing import PauseBehavior
from simulations.stripe.billing.subscriptions import Subscription
from tests.billing_fixture import HOUR, START, BillingFixture, latest_of

Story = Callable[[BillingFixture], object]

CREATED = ["invoice.created", "customer.subscription.created", "invoice.finalized", "payment_intent.created"]
PAID = ["invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid"]
CHARGED = ["charge.succeeded", "payment_intent.succeeded"]
UPDATED = "customer.subscription.updated"
KEPT = ["payment_method.attached", UPDATED]
FIRST_PAID = [*CREATED, *CHARGED, *KEPT, *PAID, UPDATED]
RENEWED = ["invoice.created", UPDATED, "invoice.finalized", "payment_intent.created"]
FAILED = ["charge.failed", "payment_intent.payment_failed", "invoice.payment_failed"]


def _waiting(account: BillingFixture) -> Subscription:
    account.stripe.add_price("price_max", product="max", amount=Money(6000, "usd"), interval="month")
    subscription = account.failing()
    account.change(subscription, "price_max")
    return subscription


def _changed_once_paid(account: BillingFixture) -> None:
    account.pay(latest_of(_waiting(account)), account.attach())


def _change_expired(account: BillingFixture) -> None:
    _waiting(account)
    account.pass_time(23 * HOUR)


def _changed(account: BillingFixture) -> None:
    account.stripe.add_price("price_max", product="max", amount=Money(6000, "usd"), interval="month")
    account.change(account.active(), "price_max")


def _resuming(account: BillingFixture) -> Subscription:
    subscription = account.active()
    account.pass_time(days=10)
    account.pause(subscription)
    account.pass_time(days=10)
    account.resume(subscription)
    return subscription


def _resumed(account: BillingFixture) -> None:
    account.pay(latest_of(_resuming(account)))


def _resumption_expired(account: BillingFixture) -> None:
    _resuming(account)
    account.pass_time(23 * HOUR)


def _renewed_in_a_pause(account: BillingFixture, behavior: PauseBehavior) -> None:
    subscription = account.active()
    account.pause_collection(subscription, behavior, resumes_at=START.replace(month=2, day=20))
    account.renew(subscription)
    account.pass_time(days=10)


_RESUMING = [*FIRST_PAID, "customer.subscription.paused", UPDATED, "invoice.created", *CREATED[2:]]

SENT_OF_PAUSES: dict[str, tuple[Story, list[str]]] = {
    "it is paused, and resumed by a payment": (
        _resumed,
        [*_RESUMING, *CHARGED, *PAID, "customer.subscription.resumed", UPDATED],
    ),
    "it is paused, and its resumption expires": (
        _resumption_expired,
        [*_RESUMING, "payment_intent.canceled", "invoice.voided", UPDATED],
    ),
    "its invoices are voided for a while": (
        lambda account: _renewed_in_a_pause(account, PauseBehavior.VOID),
        [*FIRST_PAID, UPDATED, "invoice.created", UPDATED, "invoice.finalized", "invoice.voided", UPDATED],
    ),
    "its invoices are marked uncollectible for a while": (
        lambda account: _renewed_in_a_pause(account, PauseBehavior.MARK_UNCOLLECTIBLE),
        [*FIRST_PAID, UPDATED, *RENEWED, "invoice.marked_uncollectible", UPDATED],
    ),
    "its invoices are kept as drafts for a while": (
        lambda account: _renewed_in_a_pause(account, PauseBehavior.KEEP_AS_DRAFT),
        [*FIRST_PAID, UPDATED, "invoice.created", UPDATED, UPDATED],
    ),
}
"""Of a subscription that is paused, or whose collection is."""

SENT_OF_CHANGES: dict[str, tuple[Story, list[str]]] = {
    "it is changed": (
        _changed,
        [*FIRST_PAID, "invoice.created", *CREATED[2:], *CHARGED, *PAID, UPDATED],
    ),
    "a change waits for its payment, which comes": (
        _changed_once_paid,
        [
            *FIRST_PAID,
            "invoice.created",
            *CREATED[2:],
            *FAILED,
            UPDATED,
            "payment_method.attached",
            *CHARGED,
            UPDATED,
            *PAID,
            "customer.subscription.pending_update_applied",
            UPDATED,
        ],
    ),
    "a change waits until it expires": (
        _change_expired,
        [
            *FIRST_PAID,
            "invoice.created",
            *CREATED[2:],
            *FAILED,
            UPDATED,
            "payment_intent.canceled",
            "invoice.voided",
            "customer.subscription.pending_update_expired",
            UPDATED,
        ],
    ),
}
