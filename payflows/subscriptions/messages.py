"""The messages of subscriptions: pure functions from a change to business events and mails."""

from __future__ import annotations

from enum import StrEnum

from payflows.kernel.aggregate import Kind, Review
from payflows.kernel.messages import BusinessEvent, Mail, Message
from payflows.kernel.repository import MISCONFIGURED
from payflows.money import Money
from payflows.payments.charge import Charge
from payflows.payments.money_news import MoneyNews, money_news
from payflows.subscriptions.billing import RENEWAL, InvoiceStatus
from payflows.subscriptions.invoice import INVOICE_TRANSITIONS, Invoice
from payflows.subscriptions.model import TRANSITIONS, Subscription, SubscriptionStatus
from payflows.subscriptions.wishes import PlanChange


class EventType(StrEnum):
    """The business events of subscriptions; each is about a subscription."""

    STARTED = "subscription.started"
    RENEWED = "subscription.renewed"
    ENDED = "subscription.cancelled"
    SIGN_UP_FAILED = "subscription.sign_up_failed"
    CANCELLATION_SCHEDULED = "subscription.cancellation_scheduled"
    CANCELLATION_WITHDRAWN = "subscription.cancellation_withdrawn"
    TRIAL_ENDING = "subscription.trial_ending"
    ACCESS_CHANGED = "subscription.access_changed"
    PAYMENT_FAILED = "subscription.payment_failed"
    PAYMENT_ACTION_REQUIRED = "subscription.payment_action_required"
    PAYMENT_REFUNDED = "subscription.payment_refunded"
    PAYMENT_REFUND_FAILED = "subscription.payment_refund_failed"
    PAYMENT_DISPUTED = "subscription.payment_disputed"
    PAYMENT_DISPUTE_WON = "subscription.payment_dispute_won"
    PAYMENT_DISPUTE_LOST = "subscription.payment_dispute_lost"
    UNUSED_TIME_REFUNDED = "subscription.unused_time_refunded"
    PLAN_CHANGED = "subscription.plan_changed"
    PLAN_CHANGE_SCHEDULED = "subscription.plan_change_scheduled"
    PLAN_CHANGE_WITHDRAWN = "subscription.plan_change_withdrawn"
    PLAN_CHANGE_FAILED = "subscription.plan_change_failed"
    PAUSED = "subscription.paused"
    RESUMED = "subscription.resumed"
    DUNNING_STARTED = "subscription.dunning_started"
    DUNNING_RECOVERED = "subscription.dunning_recovered"
    DUNNING_GIVEN_UP = "subscription.dunning_given_up"
    DUNNING_STOPPED = "subscription.dunning_stopped"
    PAYMENT_REMINDED = "subscription.payment_reminded"
    USAGE_LATE = "subscription.usage_late"
    USAGE_REJECTED = "subscription.usage_rejected"
    CARD_UPDATED = "subscription.card_updated"
    CARD_DECLINED = "subscription.card_declined"
    NEEDS_REVIEW = "subscription.needs_review"
    MERCHANT_MISCONFIGURED = "merchant.subscriptions_misconfigured"


class MailKind(StrEnum):
    """The mails that a customer gets about a subscription."""

    WELCOME = "subscription_welcome"
    SIGN_UP_FAILED = "subscription_sign_up_failed"
    TRIAL_ENDING = "subscription_trial_ending"
    PAYMENT_FAILED = "subscription_payment_failed"
    PAYMENT_REMINDER = "subscription_payment_reminder"
    PAYMENT_RESTORED = "subscription_payment_restored"
    PAYMENT_ACTION_REQUIRED = "subscription_payment_action_required"
    """Its reason is Stripe's page on which the customer can pay."""
    CARD_DECLINED = "subscription_card_declined"
    CANCELLATION_SCHEDULED = "subscription_cancellation_scheduled"
    CANCELLATION_WITHDRAWN = "subscription_cancellation_withdrawn"
    PLAN_CHANGED = "subscription_plan_changed"
    PLAN_CHANGE_SCHEDULED = "subscription_plan_change_scheduled"
    PLAN_CHANGE_WITHDRAWN = "subscription_plan_change_withdrawn"
    PLAN_CHANGE_FAILED = "subscription_plan_change_failed"
    PAUSED = "subscription_paused"
    RESUMED = "subscription_resumed"
    CANCELLED = "subscription_cancelled"
    MONEY_RETURNED = "subscription_money_returned"
    MONEY_NOT_RETURNED = "subscription_money_not_returned"
    """Corrects `MONEY_RETURNED`: it has come back to the merchant, and is to be given back again."""


_OF_MONEY: dict[MoneyNews, tuple[EventType, MailKind | None]] = {
    MoneyNews.REFUNDED: (EventType.PAYMENT_REFUNDED, MailKind.MONEY_RETURNED),
    MoneyNews.REFUNDED_IN_PART: (EventType.PAYMENT_REFUNDED, None),
    MoneyNews.REFUND_REOPENED: (EventType.PAYMENT_REFUND_FAILED, MailKind.MONEY_NOT_RETURNED),
    MoneyNews.REFUND_FAILED: (EventType.PAYMENT_REFUND_FAILED, None),
    MoneyNews.DISPUTED: (EventType.PAYMENT_DISPUTED, None),
    MoneyNews.DISPUTE_LOST: (EventType.PAYMENT_DISPUTE_LOST, None),
    MoneyNews.DISPUTE_WON: (EventType.PAYMENT_DISPUTE_WON, None),
}

_NEVER_BEGUN = (SubscriptionStatus.REJECTED, SubscriptionStatus.INCOMPLETE_EXPIRED)
_BEFORE = (None, SubscriptionStatus.CREATING, SubscriptionStatus.INCOMPLETE)


def messages_for_subscription(before: Subscription | None, after: Subscription) -> tuple[Message, ...]:
    """Return the business events and mails that one change calls for, with keys derived from id and version."""
    news = _News(after)
    left = before.status if before is not None else None
    if left is not after.status:
        news.of_status(left)
    if before is not None:
        news.of_wishes(before)
        if before.access.is_granted != after.access.is_granted or before.access.until != after.access.until:
            news.add(EventType.ACCESS_CHANGED, None, after.access.reason)
        news.of_plan(before)
    news.of_review(before)
    return tuple(news.messages)


def messages_for_invoice(before: Invoice | None, after: Invoice) -> tuple[Message, ...]:
    """Return the business events and mails that one change of an invoice calls for."""
    messages: list[Message] = []
    paid = InvoiceStatus.PAID
    if after.status is paid and (before is None or before.status is not paid) and after.billing_reason == RENEWAL:
        _add(messages, after, EventType.RENEWED, None, after.id)
    if after.action_required and (before is None or not before.action_required):
        mail = MailKind.PAYMENT_ACTION_REQUIRED
        _add(messages, after, EventType.PAYMENT_ACTION_REQUIRED, mail, after.hosted_invoice_url)
    old, new = before.charge if before is not None else None, after.charge
    if new is not None and new.attempt.decline is not None and _is_another_decline(old, new):
        mail_of_failure = None if after.is_dunned else MailKind.PAYMENT_FAILED  # reminders are the policy's
        _add(messages, after, EventType.PAYMENT_FAILED, mail_of_failure, str(new.attempt.decline))
    if old is not None and new is not None:
        for news in money_news(old, new):
            _add(messages, after, *_OF_MONEY[news], new.payment_id)
    if before is not None and after.credited_minor > before.credited_minor:
        _add(messages, after, EventType.UNUSED_TIME_REFUNDED, None, after.id)
    seen = before.review.reason if before is not None and before.review is not None else None
    if after.review is not None and after.review.reason != seen and after.review.reason != MISCONFIGURED:
        _add(messages, after, EventType.NEEDS_REVIEW, None, after.review.reason)
    return tuple(messages)


def _is_another_decline(old: Charge | None, new: Charge) -> bool:
    return old is None or (old.attempt.decline, old.attempt.charge_id) != (new.attempt.decline, new.attempt.charge_id)


class _News:
    """The messages about one change of a subscription, while they are collected."""

    def __init__(self, subscription: Subscription) -> None:
        self.messages: list[Message] = []
        self._after = subscription

    def of_status(self, left: SubscriptionStatus | None) -> None:
        """Add what entering another status calls for."""
        after, status = self._after, self._after.status
        if status.is_live and left in _BEFORE:
            self.add(EventType.STARTED, MailKind.WELCOME, after.signup.plan_id)
        elif status is SubscriptionStatus.CANCELLED:
            self.add(EventType.ENDED, MailKind.CANCELLED, after.cause())
        elif status in _NEVER_BEGUN:
            self.add(EventType.SIGN_UP_FAILED, MailKind.SIGN_UP_FAILED, after.cause() or status.value)

    def of_wishes(self, before: Subscription) -> None:
        """Add what became of a cancellation at the period's end, a card, and a trial."""
        after = self._after
        if after.cancel_at is not None and before.cancel_at is None:
            mail = MailKind.CANCELLATION_SCHEDULED
            self.add(EventType.CANCELLATION_SCHEDULED, mail, after.cancel_at.isoformat())
        if after.cancel_at is None and before.cancel_at is not None and not after.status.is_ended:
            self.add(EventType.CANCELLATION_WITHDRAWN, MailKind.CANCELLATION_WITHDRAWN, None)
        if after.trial_notice_sent and not before.trial_notice_sent and after.trial_end is not None:
            self.add(EventType.TRIAL_ENDING, MailKind.TRIAL_ENDING, after.trial_end.isoformat())
        if after.card_decline is not None and before.card_decline is None:
            self.add(EventType.CARD_DECLINED, MailKind.CARD_DECLINED, str(after.card_decline))
        elif before.card_update is not None and after.card_update is None and after.card_decline is None:
            self.add(EventType.CARD_UPDATED, None, after.payment_method)

    def of_plan(self, before: Subscription) -> None:
        """Add what became of another plan, and of a pause; also of those that were made in the dashboard."""
        after = self._after
        if after.status.is_ended or after.status is SubscriptionStatus.CANCELLING:
            return
        if after.is_paused and not before.is_paused:
            self.add(EventType.PAUSED, MailKind.PAUSED, None)
        elif before.is_paused and not after.is_paused:
            self.add(EventType.RESUMED, MailKind.RESUMED, None)
        if after.kept is not None and (after.kept, after.terms) != (before.kept, before.terms):
            self.add(EventType.PLAN_CHANGE_SCHEDULED, MailKind.PLAN_CHANGE_SCHEDULED, after.billed.plan_id)
        if after.in_use != before.in_use:
            self.add(EventType.PLAN_CHANGED, MailKind.PLAN_CHANGED, after.in_use.plan_id)
        elif before.change is not None and after.change is None:
            self._of_change(before, before.change)

    def _of_change(self, before: Subscription, change: PlanChange) -> None:
        """Add what became of a change that has not changed what may be used: it was taken back, or failed."""
        after = self._after
        is_unmade = (after.terms, after.kept) == (before.terms, before.kept)
        if change.takes_back and before.kept is not None and after.kept is None:
            self.add(EventType.PLAN_CHANGE_WITHDRAWN, MailKind.PLAN_CHANGE_WITHDRAWN, after.billed.plan_id)
        elif is_unmade and change.is_withdrawn:
            self.add(EventType.PLAN_CHANGE_WITHDRAWN, MailKind.PLAN_CHANGE_WITHDRAWN, change.to.plan_id)
        elif is_unmade:
            self.add(EventType.PLAN_CHANGE_FAILED, MailKind.PLAN_CHANGE_FAILED, change.to.plan_id)

    def of_review(self, before: Subscription | None) -> None:
        """Add that a person is needed, or that Stripe refuses us: that once a day, however many wait."""
        after, review = self._after, self._after.review
        seen = before.review.reason if before is not None and before.review is not None else None
        if review is None or review.reason == seen:
            return
        if review.reason == MISCONFIGURED:
            self.messages.append(_alert(after, review))
        else:
            self.add(EventType.NEEDS_REVIEW, None, review.reason)

    def add(self, event: EventType, mail: MailKind | None, reason: str | None) -> None:
        """Add a business event, and a mail where one is due."""
        after = self._after
        key, at = f"{after.id}:{after.version}", after.written_at
        self.messages.append(BusinessEvent(f"{key}:{event}", event, after.id, at, after.billed.total, reason))
        if mail is not None:
            self.messages.append(Mail(f"{key}:mail:{mail}", mail, after.id, at, SUBSCRIPTIONS.name, reason))


def _add(
    messages: list[Message], invoice: Invoice, event: EventType, mail: MailKind | None, reason: str | None
) -> None:
    key, at = f"{invoice.id}:{invoice.version}", invoice.written_at
    messages.append(BusinessEvent(f"{key}:{event}", event, invoice.subscription_id, at, invoice.total, reason))
    if mail is not None:
        messages.append(Mail(f"{key}:mail:{mail}", mail, invoice.id, at, INVOICES.name, reason))


def _alert(subscription: Subscription, review: Review) -> BusinessEvent:
    merchant, event = subscription.signup.merchant_id, EventType.MERCHANT_MISCONFIGURED
    key, nothing = f"{merchant}:{event}:{review.since.date()}", Money(0, subscription.signup.total.currency)
    return BusinessEvent(key, event, merchant, review.since, nothing, review.detail)


SUBSCRIPTIONS = Kind(
    name="subscription",
    aggregate_type=Subscription,
    transitions=TRANSITIONS,
    announce=messages_for_subscription,
)
"""Subscriptions, as the kernel keeps them."""

INVOICES = Kind(name="invoice", aggregate_type=Invoice, transitions=INVOICE_TRANSITIONS, announce=messages_for_invoice)
"""Their invoices."""
