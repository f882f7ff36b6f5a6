"""How subscriptions and invoices stand when all is calm: by their tables, at rest, and as at Stripe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from payflows.kernel.aggregate import Transition
from payflows.subscriptions.billing import BillingStatus, InvoiceStatus
from payflows.subscriptions.dunning_steps import UNPAID
from payflows.subscriptions.invoice import INVOICE_TRANSITIONS
from payflows.subscriptions.messages import INVOICES, SUBSCRIPTIONS
from payflows.subscriptions.model import FOLLOWS, TRANSITIONS, SubscriptionStatus
from payflows.subscriptions.policy import OpenInvoices

from simulations.search.breach import Breach
from simulations.subscriptions.checkers.truth import ENDED, Checked, Truth, truths

SETTLED_WITHIN = timedelta(minutes=10)
"""An unknown outcome is resolved so soon after the last trouble is over."""

_COLLECTED_WITHIN = timedelta(days=1)
"""A draft is final after an hour; one that a pause had kept, once it is known that it is over."""

_S = SubscriptionStatus
_NEVER = datetime.max.replace(tzinfo=UTC)
_AFTER_CANCELED = (_S.CANCELLED, _S.INCOMPLETE_EXPIRED)


def breaches(system: Checked) -> Iterator[Breach]:
    """Every promise about states that is broken."""
    for truth in truths(system):
        yield from _log(system, truth)
        yield from _at_rest(system, truth)
        yield from _as_at_stripe(system, truth)
        yield from _ended(system, truth)
    for invoice in system.store.all(INVOICES):
        log = system.store.transitions(INVOICES, invoice.id)
        yield from _legal(invoice.id, log, INVOICE_TRANSITIONS)
        if invoice.has_work and invoice.review is None:
            yield Breach("I14", invoice.id, f"{invoice.id} is {invoice.status} with work left to do")
    yield from _one_each(system)


def _log(system: Checked, truth: Truth) -> Iterator[Breach]:
    """I13, I28."""
    ours = truth.ours
    log = system.store.transitions(SUBSCRIPTIONS, ours.id)
    yield from _legal(ours.id, log, TRANSITIONS)
    if not log or log[-1].after is not ours.status:
        yield Breach("I13", ours.id, f"{ours.id} is {ours.status}, and its log ends otherwise")
    calm_from = system.calm_from + system.clock_ahead
    for entered, left in pairwise(log):
        if entered.after in (_S.CREATING, _S.CANCELLING):
            late = left.at - max(entered.at, calm_from)
            if late > SETTLED_WITHIN:
                yield Breach("I28", ours.id, f"{ours.id} was {entered.after} for {late} after trouble")


def _legal(id: str, log: tuple[Transition, ...], table: object) -> Iterator[Breach]:
    for row in log:
        if row.before is not None and row.after not in table[row.before]:  # type: ignore[index]  # either kind's
            yield Breach("I13", id, f"{id} went from {row.before} to {row.after}")


def _at_rest(system: Checked, truth: Truth) -> Iterator[Breach]:
    """I14: no work is left, nothing is overdue, and no person is asked."""
    ours, now = truth.ours, system.clock.now()
    if ours.has_work:
        yield Breach("I14", ours.id, f"{ours.id} is {ours.status} with work left to do")
    due_at = ours.due_at
    if due_at is not None and due_at < now - SETTLED_WITHIN - abs(system.clock_ahead):
        yield Breach("I14", ours.id, f"{ours.id} is due since {due_at}")
    if ours.review is not None and not system.may_need_a_person:
        yield Breach("I14", ours.id, f"{ours.id} is left to a person: {ours.review.reason}, {ours.review.detail}")
    if not ours.status.is_ended and ours.cancel_at is not None and ours.cancel_at < now - timedelta(days=1):
        yield Breach("I14", ours.id, f"{ours.id} was to end at {ours.cancel_at}, and is {ours.status}")
    if not ours.status.is_ended and truth.theirs is not None and truth.theirs.paused_collection is None:
        for seen in truth.invoices:
            if seen.status is InvoiceStatus.DRAFT and seen.created_at < now - _COLLECTED_WITHIN:
                yield Breach("I14", seen.id, f"{seen.id} is a draft since {seen.created_at}, and no one collects it")
    if not ours.status.is_ended and truth.theirs is None:
        yield Breach("I14", ours.id, f"{ours.id} is {ours.status}, and Stripe has none")
    for other in truth.others:
        if other.status not in ENDED:
            yield Breach("I15", ours.id, f"{other.id} was left over at Stripe, and is {other.status}")


def _as_at_stripe(system: Checked, truth: Truth) -> Iterator[Breach]:
    """I15, I20. What Stripe gave up telling us about is known at our next look."""
    ours, theirs = truth.ours, truth.theirs
    if theirs is None or gave_up(system):
        return
    status = FOLLOWS[BillingStatus(theirs.status)]
    if ours.status is not status and not (status is _S.CANCELLING and ours.status in _AFTER_CANCELED):
        yield Breach("I15", ours.id, f"{ours.id} is {ours.status}, and {theirs.status} at Stripe")
        return
    if not ours.status.is_ended:
        pairs = {
            "period": (ours.period, (theirs.period_start, theirs.period_end)),
            "card": (ours.payment_method, theirs.payment_method),
            "end": (ours.cancel_at, theirs.cancel_at),
            "trial's end": (ours.trial_end, theirs.trial_end),
            "plan": (ours.billed.items, theirs.items),
            "pause": (ours.paused, theirs.paused_collection),
        }
        for name, (our, their) in pairs.items():
            if our != their:
                yield Breach("I15", ours.id, f"{ours.id}: its {name} is {our}, and {their} at Stripe")
    access = truth.access(system.policy, system.clock.now())
    if access is not None and ours.access != access:
        yield Breach("I20", ours.id, f"{ours.id} has {ours.access}, and should have {access}")
    stored = {each.id: each for each in system.store.all(INVOICES)}
    for seen in truth.invoices:
        if seen.status is InvoiceStatus.DRAFT:
            continue
        known = stored.get(seen.id)
        if known is None:
            yield Breach("I15", seen.id, f"{seen.id} is {seen.status} at Stripe, and not in our books")
        elif known.status is not seen.status:
            yield Breach("I15", seen.id, f"{seen.id} is {known.status} in our books, and {seen.status} at Stripe")


def _ended(system: Checked, truth: Truth) -> Iterator[Breach]:
    """S20, and that trouble alone refuses no sign-up (I14)."""
    ours = truth.ours
    if ours.status is _S.REJECTED and not system.end_was_asked and "create_subscription" not in system.stripe.rejected:
        yield Breach("I14", ours.id, f"{ours.id} is rejected, and Stripe never refused it")
    if not ours.status.is_ended or ours.cancellation is None:
        return
    has_card = truth.theirs is not None and truth.theirs.payment_method is not None
    was_given_up = system.policy.dunning is not None and ours.cause() == UNPAID
    if ours.status is _S.CANCELLED and has_card and not (system.end_was_asked or was_given_up):
        yield Breach("I16", ours.id, f"{ours.id} has ended, and no one wanted that")
    policy = ours.cancellation.policy
    for seen in truth.invoices:
        if seen.created_at >= seen.period_end:  # it bills what was used until the end, and is owed
            continue
        is_open = seen.status in (InvoiceStatus.OPEN, InvoiceStatus.DRAFT)
        if is_open and policy.open_invoices is OpenInvoices.VOID:
            yield Breach("S20", seen.id, f"{ours.id} has ended, and {seen.id} is {seen.status}")
        if policy.open_invoices is OpenInvoices.VOID and _kept_after_the_end(system, truth, seen.id):
            yield Breach("S20", seen.id, f"{ours.id} had ended, and {seen.id} was collected")
        if seen.status is InvoiceStatus.DRAFT and policy.open_invoices is OpenInvoices.COLLECT:
            yield Breach("S20", seen.id, f"{ours.id} has ended, and {seen.id} is never collected")


def _kept_after_the_end(system: Checked, truth: Truth, invoice_id: str) -> bool:
    """Say whether money was taken after its subscription had ended, or was known to be cancelled, and kept."""
    ended_at = truth.theirs.ended_at if truth.theirs is not None else None
    over_at = min(at for at in (ended_at, system.cancelled_at.get(truth.ours.id), _NEVER) if at is not None)
    return any(
        charge.status == "succeeded" and charge.created > over_at.timestamp() and not charge.refunded
        for charge in system.stripe.charges_of(invoice_id)
    )


def gave_up(system: Checked) -> bool:
    """Say whether Stripe gave up a webhook: for three days there was something in its way."""
    return system.sender is not None and bool(list(system.sender.undelivered))


def _one_each(system: Checked) -> Iterator[Breach]:
    """I21, S26: at Stripe; our own books are not asked."""
    living: dict[tuple[str, str], int] = {}
    trials: dict[tuple[str, str], int] = {}
    for truth in truths(system):
        signup = truth.ours.signup
        of = signup.customer.id, signup.product
        for theirs in (truth.theirs, *truth.others):
            if theirs is None:
                continue
            living[of] = living.get(of, 0) + (theirs.status not in ENDED)
        if truth.theirs is not None and truth.theirs.trial_end is not None:
            trials[of] = trials.get(of, 0) + 1
    for (customer, product), times in living.items():
        if times > 1:
            yield Breach("I21", customer, f"{customer} has {times} live subscriptions of {product} at Stripe")
    for (customer, product), times in trials.items():
        if times > 1:
            yield Breach("S26", customer, f"{customer} has had {times} trials of {product}")
