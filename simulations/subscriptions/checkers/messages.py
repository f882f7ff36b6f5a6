"""Answers, business events and mails, and whether they were true (I16, I24, I27)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from payflows.kernel.messages import BusinessEvent, Mail
from payflows.subscriptions.billing import RENEWAL, InvoiceStatus
from payflows.subscriptions.episode import EPISODES
from payflows.subscriptions.messages import INVOICES, SUBSCRIPTIONS, EventType, MailKind
from payflows.subscriptions.model import LIVE, Subscription, SubscriptionStatus

from simulations.search import delivery
from simulations.search.breach import Breach
from simulations.search.delivery import messages_in
from simulations.subscriptions.system import SubscriptionSystem
from simulations.subscriptions.user_actions import invoices_of

_S = SubscriptionStatus
_BEFORE = (_S.CREATING, _S.INCOMPLETE)

MAIL_OF: dict[EventType, MailKind] = {
    EventType.STARTED: MailKind.WELCOME,
    EventType.ENDED: MailKind.CANCELLED,
    EventType.SIGN_UP_FAILED: MailKind.SIGN_UP_FAILED,
    EventType.CANCELLATION_SCHEDULED: MailKind.CANCELLATION_SCHEDULED,
    EventType.CANCELLATION_WITHDRAWN: MailKind.CANCELLATION_WITHDRAWN,
    EventType.TRIAL_ENDING: MailKind.TRIAL_ENDING,
    EventType.PAYMENT_FAILED: MailKind.PAYMENT_FAILED,
    EventType.PAYMENT_ACTION_REQUIRED: MailKind.PAYMENT_ACTION_REQUIRED,
    EventType.CARD_DECLINED: MailKind.CARD_DECLINED,
    EventType.PAYMENT_REMINDED: MailKind.PAYMENT_REMINDER,
    EventType.DUNNING_RECOVERED: MailKind.PAYMENT_RESTORED,
    EventType.PLAN_CHANGED: MailKind.PLAN_CHANGED,
    EventType.PLAN_CHANGE_SCHEDULED: MailKind.PLAN_CHANGE_SCHEDULED,
    EventType.PLAN_CHANGE_WITHDRAWN: MailKind.PLAN_CHANGE_WITHDRAWN,
    EventType.PLAN_CHANGE_FAILED: MailKind.PLAN_CHANGE_FAILED,
    EventType.PAUSED: MailKind.PAUSED,
    EventType.RESUMED: MailKind.RESUMED,
}
"""The events that a customer gets a mail with. Written down once more: the flow's own table is what is checked."""


def breaches(system: SubscriptionSystem) -> Iterator[Breach]:
    """Every promise about answers and messages that is broken."""
    yield from _answers(system)
    yield from _cards(system)
    yield from delivery.breaches(system)
    events: dict[str, Counter[str]] = {}
    yield from _mails(system, events)
    for subscription in system.store.all(SUBSCRIPTIONS):
        yield from _said(system, subscription, events.get(subscription.id, Counter()))


def _answers(system: SubscriptionSystem) -> Iterator[Breach]:
    """I16: what was answered as ended stays so, and wishes are kept."""
    for conflict in system.conflicts:
        yield Breach("I16", "", f"a caller was answered with {type(conflict).__name__}: {conflict}")
    stored = {each.id: each for each in system.store.all(SUBSCRIPTIONS)}
    for answer in system.answers:
        now = stored.get(answer.id)
        if now is None:
            yield Breach("I16", answer.id, f"{answer.id}: answered as {answer.status}, and not stored")
        elif answer.status.is_ended and now.status is not answer.status:
            yield Breach("I16", answer.id, f"{answer.id}: answered as {answer.status}, and is {now.status}")
        elif answer.cancellation is not None and not now.status.is_ended:
            yield Breach("I16", answer.id, f"{answer.id}: it was to be cancelled, and is {now.status}")
        elif answer.end_wanted and now.cancel_at is None and now.status.is_live and not system.was_kept:
            yield Breach("I16", answer.id, f"{answer.id}: it was to end with its period, and goes on")


def _cards(system: SubscriptionSystem) -> Iterator[Breach]:
    """I24: the card of which it was last announced that it pays from now on is the one at which Stripe looks."""
    announced = {
        message.subject: message.reason
        for message in messages_in(system.store)
        if isinstance(message, BusinessEvent) and message.type == EventType.CARD_UPDATED
    }
    for subscription in system.store.all(SUBSCRIPTIONS):
        card, theirs = announced.get(subscription.id), subscription.payment_method
        if card is not None and subscription.status.is_live and card != theirs:
            yield Breach("I24", subscription.id, f"{subscription.id}: {card} was announced, and {theirs} pays")


def _mails(system: SubscriptionSystem, events: dict[str, Counter[str]]) -> Iterator[Breach]:
    """I27: a mail for each event that is worth one; the events of each subscription are counted."""
    mails: Counter[tuple[str, str]] = Counter()
    for message in messages_in(system.store):
        if isinstance(message, Mail):
            mails[_subject(system, message), message.kind] += 1
        else:
            events.setdefault(message.subject, Counter())[message.type] += 1
    dunned = {each.subscription_id for each in system.store.all(INVOICES) if each.is_dunned}
    for subject, counted in events.items():
        for event, mail in MAIL_OF.items():
            if event is EventType.PAYMENT_FAILED and subject in dunned:
                continue  # the policy says when its customer is reminded
            if counted[event] != mails[subject, mail]:
                yield Breach("I27", subject, f"{subject}: {counted[event]} times {event}, {mails[subject, mail]} mails")


def _subject(system: SubscriptionSystem, mail: Mail) -> str:
    if mail.about == SUBSCRIPTIONS.name:
        return mail.subject
    if mail.about == EPISODES.name:
        return next(each.subscription_id for each in system.store.all(EPISODES) if each.id == mail.subject)
    return next(each.subscription_id for each in system.store.all(INVOICES) if each.id == mail.subject)


def _said(system: SubscriptionSystem, subscription: Subscription, events: Counter[str]) -> Iterator[Breach]:
    """I24: how often each thing happened, by the logs, Stripe's invoices, and what is stored in the end."""
    log = system.store.transitions(SUBSCRIPTIONS, subscription.id)
    invoices = invoices_of(system, subscription)
    starts = sum(row.after in LIVE and row.before in _BEFORE for row in log)
    ends = sum(row.after is _S.CANCELLED for row in log)
    failed = sum(row.after in (_S.REJECTED, _S.INCOMPLETE_EXPIRED) for row in log)
    renewals = sum(each.billing_reason == RENEWAL and each.status is InvoiceStatus.PAID for each in invoices)
    exactly = {
        EventType.STARTED: starts,
        EventType.ENDED: ends,
        EventType.SIGN_UP_FAILED: failed,
        EventType.RENEWED: renewals,
        EventType.TRIAL_ENDING: int(subscription.trial_notice_sent),
    }
    for event, times in exactly.items():
        if events[event] != times:
            yield Breach("I24", subscription.id, f"{subscription.id}: {events[event]} times {event}, and not {times}")
    scheduled, withdrawn = events[EventType.CANCELLATION_SCHEDULED], events[EventType.CANCELLATION_WITHDRAWN]
    if not subscription.status.is_ended and scheduled - withdrawn != int(subscription.cancel_at is not None):
        yield Breach("I24", subscription.id, f"{subscription.id}: its end was announced {scheduled} times")
    declines = sum(charge.failure is not None for each in invoices for charge in system.stripe.charges_of(each.id))
    known = any(each.charge is not None and each.charge.attempt.decline is not None for each in invoices)
    if not int(known) <= events[EventType.PAYMENT_FAILED] <= max(declines, int(known)):
        said = events[EventType.PAYMENT_FAILED]
        yield Breach("I24", subscription.id, f"{subscription.id}: {declines} charges failed, and {said} were announced")
