"""Convergence: our subscription becomes what Stripe's is, as just read. What has ended stays ended."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from payflows.clock import SECOND
from payflows.errors import NotFound
from payflows.kernel.aggregate import Review
from payflows.kernel.changes import Change, Insert, Replace
from payflows.kernel.evolve import evolve
from payflows.subscriptions.access import access_of
from payflows.subscriptions.billing import (
    CHANGE,
    DRAFT_SECONDS,
    BillingStatus,
    InvoiceStatus,
    StripeInvoice,
    StripeSubscription,
)
from payflows.subscriptions.episode import EPISODES, EpisodeStatus, episode_of, planned
from payflows.subscriptions.invoice import can_be_dunned
from payflows.subscriptions.kept_drafts import KeptDrafts
from payflows.subscriptions.messages import INVOICES
from payflows.subscriptions.model import FOLLOWS, LatestInvoice, Period, Subscription, SubscriptionStatus, reminder_of
from payflows.subscriptions.policy import CancelPolicy
from payflows.subscriptions.signup import Terms
from payflows.subscriptions.step_context import StepContext
from payflows.subscriptions.wishes import Cancellation, KeptTerms

UNKNOWN_PRICE = "a price that no plan has"
"""Why a subscription is in review whose items were changed in the dashboard to what is not sold here."""

UNKNOWN_STATUS = "a status that payflows does not know"
"""Why a subscription is in review that Stripe has put into a status of later days."""

INCOMPLETE_SECONDS = 23 * 3_600
"""How long the first payment may take before Stripe gives the subscription up (docs, "Subscriptions overview")."""

_KNOWN = frozenset(BillingStatus)
_UNPAID = (BillingStatus.PAST_DUE, BillingStatus.UNPAID)


class Convergence:
    """Makes our subscription what Stripe's is.

    Args:
        context: the ports and the repositories.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._subscriptions = context.subscriptions
        self._kept_drafts = KeptDrafts(context)

    async def converge(
        self, subscription: Subscription, seen: StripeSubscription, *also: Change, **changes: Any
    ) -> Subscription | None:
        """Store what Stripe's subscription says that ours does not.

        Args:
            subscription: ours, as it was read from the store.
            seen: Stripe's, just read.
            also: what is written in the same step.
            changes: what else the step has changed.

        Returns:
            None where it rests; the subscription where its status is another one.
        """
        if seen.status not in _KNOWN:
            unknown = Review(UNKNOWN_STATUS, f"{seen.id} is {seen.status}", self._context.clock.now())
            check_at = self._context.seconds_from_now(self._context.policy.pending_look_seconds)
            return await self._subscriptions.schedule(subscription, *also, check_at=check_at, review=unknown, **changes)
        theirs = BillingStatus(seen.status)
        known = await self._facts(subscription, seen, theirs) | changes
        review = self._review_of(seen)
        row = await self._row_of(evolve(subscription, **changes), seen.latest_invoice, also)
        if subscription.status.is_live and seen.ended_at is None:
            row = (*row, *await self._kept_drafts.begun(subscription, seen))
        if self._context.policy.dunning is not None:
            known["dunning_id"], begun = await self._dunned(subscription, seen, theirs)
            row = (*row, *begun)
        status = FOLLOWS[theirs]
        differing = {name: value for name, value in known.items() if getattr(subscription, name) != value}
        if status is SubscriptionStatus.CANCELLING and subscription.cancellation is None:
            differing["cancellation"] = self.by_stripe()
        if theirs is BillingStatus.PAUSED and seen.cancel_at is not None and subscription.cancellation is None:
            # It is to end with its period, which a pause has ended: at Stripe that would never come.
            differing["cancellation"] = Cancellation(self._context.policy.cancel, None, self._context.clock.now())
        if status is not subscription.status:
            return await self._subscriptions.transition(subscription, status, *also, *row, **differing)
        return await self._subscriptions.schedule(subscription, *also, *row, review=review, **differing)

    def by_stripe(self, reason: str | None = None) -> Cancellation:
        """Return how a subscription ends that was ended at Stripe: by its period, a dashboard, or a trial's end."""
        open_invoices = self._context.policy.cancel.open_invoices
        return Cancellation(CancelPolicy(open_invoices=open_invoices), reason)

    async def _facts(
        self, subscription: Subscription, seen: StripeSubscription, theirs: BillingStatus
    ) -> dict[str, Any]:
        """Return what the subscription's fields are, by what was read."""
        policy, now = self._context.policy, self._context.clock.now()
        oldest = await self._oldest_unpaid(seen) if theirs in _UNPAID else None
        unpaid_since = (now if oldest is None else oldest.created_at) if theirs in _UNPAID else None
        past_due_until = None if unpaid_since is None else policy.access_until(unpaid_since)
        reminder_at = reminder_of(seen.trial_end, policy.trial_notice_days)
        is_trial = theirs is BillingStatus.TRIALING
        unpaid_until = self._unpaid_until(subscription, seen)
        return {
            "period": Period(seen.period_start, seen.period_end),
            "trial_end": seen.trial_end,
            "cancel_at": seen.cancel_at,
            "unpaid_since": unpaid_since,
            "unpaid_until": unpaid_until,
            "payment_method": seen.payment_method,
            "setup_id": seen.setup_id,
            "latest_invoice": _latest(seen) or subscription.latest_invoice,
            "terms": self._terms(subscription, seen),
            "kept": _still_kept(subscription.kept, seen),
            "paused": seen.paused_collection,
            "look_at": self._next_look(subscription, seen, theirs),
            "trial_notice_at": reminder_at,
            "trial_notice_sent": subscription.trial_notice_sent
            or (is_trial and reminder_at is not None and now >= reminder_at),
            "access": access_of(
                theirs,
                cancel_at=seen.cancel_at,
                past_due_until=past_due_until,
                is_paused=unpaid_until is not None
                or (seen.paused_collection is not None and not policy.pause.keeps_access),
                now=now,
            ),
        }

    def _unpaid_until(self, subscription: Subscription, seen: StripeSubscription) -> datetime | None:
        """Return when the current period ends, where a pause has voided its invoice; also once it goes on."""
        if self._kept_drafts.leaves_unpaid(subscription, seen):
            return seen.period_end
        until = subscription.unpaid_until
        return None if until is None or seen.period_start >= until else until

    async def _dunned(
        self, subscription: Subscription, seen: StripeSubscription, theirs: BillingStatus
    ) -> tuple[str | None, tuple[Change, ...]]:
        """Return its newest episode, and what begins that, or has one look how its subscription stands."""
        newest, now = subscription.dunning_id, self._context.clock.now()
        episode = None if newest is None else await self._context.episodes.get(newest)
        if episode is None or episode.status is not EpisodeStatus.RUNNING:
            is_failed = theirs is BillingStatus.PAST_DUE and subscription.cancellation is None
            begun = await self._begun(subscription, seen) if is_failed else None
            return (newest, ()) if begun is None else begun
        policy = self._context.policy.dunning
        is_as_planned = policy is None or planned(episode, policy) is episode
        if (theirs in _UNPAID and is_as_planned) or episode.lease_until is not None:
            return newest, ()
        return newest, (Replace(EPISODES, episode, evolve(episode, lease_until=now, version=episode.version + 1)),)

    async def _begun(
        self, subscription: Subscription, seen: StripeSubscription
    ) -> tuple[str, tuple[Change, ...]] | None:
        """Return the episode that the failure of a renewal begins; None: it was dunned already, or is not dunned."""
        context, policy = self._context, self._context.policy.dunning
        oldest = await self._oldest_unpaid(seen)
        assert policy is not None, "something is dunned"
        if oldest is None or not (oldest.attempted and can_be_dunned(oldest.billing_reason)):
            return None
        failed_at = oldest.created_at + DRAFT_SECONDS * SECOND
        episode = episode_of(subscription, oldest, policy, failed_at=failed_at, now=context.clock.now())
        with suppress(NotFound):
            await context.store.get(EPISODES, episode.id)
            return None
        latest = seen.latest_invoice
        if latest is None or latest.id == oldest.id or await context.stored_invoice(oldest.id) is not None:
            return episode.id, (Insert(EPISODES, episode),)
        return episode.id, (Insert(EPISODES, episode), Insert(INVOICES, context.row_of(subscription, oldest)))

    def _terms(self, subscription: Subscription, seen: StripeSubscription) -> Terms | None:
        """Return what Stripe bills, where it is not what was signed up for; what no plan bills changes nothing here."""
        if seen.items == subscription.signup.terms.items:
            return None
        return self._context.plans.terms_of(seen.items) or subscription.terms

    def _review_of(self, seen: StripeSubscription) -> Review | None:
        if self._context.plans.terms_of(seen.items) is not None or seen.ended_at is not None:
            return None
        return Review(UNKNOWN_PRICE, f"{seen.id} bills {seen.quantity} x {seen.price_id}", self._context.clock.now())

    async def _oldest_unpaid(self, seen: StripeSubscription) -> StripeInvoice | None:
        """Return the oldest invoice that is open; a list may not show the newest yet.

        One by which a plan change is paid is none: nothing was changed as long as it is open.
        """
        found = await self._context.calls.call(lambda: self._context.billing.list_invoices(seen.id))
        listed = [each for each in (*found, seen.latest_invoice) if each is not None]
        unpaid = [each for each in listed if each.status is InvoiceStatus.OPEN]
        owed = [each for each in unpaid if each.billing_reason != CHANGE] or unpaid
        return min(owed, key=lambda each: each.created_at, default=None)

    async def _row_of(
        self, subscription: Subscription, seen: StripeInvoice | None, also: tuple[Change, ...]
    ) -> tuple[Change, ...]:
        """Return the row that the newest invoice gets once it is final; one that it has is to be looked after."""
        if also or seen is None or seen.status is InvoiceStatus.DRAFT:
            return ()
        if subscription.latest_invoice == LatestInvoice(seen.id, seen.status):
            return ()
        now, stored = self._context.clock.now(), await self._context.stored_invoice(seen.id)
        if stored is None:
            row = self._context.row_of(subscription, seen)
            is_open = seen.status is InvoiceStatus.OPEN  # why it is not paid, its payment says
            return (Insert(INVOICES, evolve(row, lease_until=now) if is_open else row),)
        if stored.status is seen.status:
            return ()
        return (Replace(INVOICES, stored, evolve(stored, lease_until=now, version=stored.version + 1)),)

    def _next_look(
        self, subscription: Subscription, seen: StripeSubscription, theirs: BillingStatus
    ) -> datetime | None:
        """Return when Stripe will have acted by itself, whether or not a webhook says so; None: it will not."""
        if theirs is BillingStatus.INCOMPLETE:
            expected_at = subscription.signup.signed_up_at + timedelta(seconds=INCOMPLETE_SECONDS)
        elif FOLLOWS[theirs] not in (SubscriptionStatus.CANCELLING, SubscriptionStatus.PAUSED):
            draft = seen.latest_invoice
            is_draft = draft is not None and draft.status is InvoiceStatus.DRAFT
            expected_at = draft.created_at + DRAFT_SECONDS * SECOND if is_draft and draft else seen.period_end
        else:
            return None
        now, slack = self._context.clock.now(), self._context.policy.look_after_seconds * SECOND
        look_at = expected_at + slack
        if seen.paused_collection is not None and seen.paused_collection.resumes_at is not None:
            look_at = min(look_at, seen.paused_collection.resumes_at + slack)
        if seen.pending_update is not None:
            look_at = min(look_at, seen.pending_update.expires_at + slack)
        if theirs in _UNPAID or seen.pending_update is not None:  # it may be paid at Stripe, and its webhook lost
            look_at = min(look_at, now + self._context.policy.unpaid_look_seconds * SECOND)
        return look_at if now < look_at else now + slack


def _still_kept(kept: KeptTerms | None, seen: StripeSubscription) -> KeptTerms | None:
    """Return the old terms until the next period has begun at Stripe."""
    return None if kept is None or seen.period_start >= kept.until else kept


def _latest(seen: StripeSubscription) -> LatestInvoice | None:
    invoice = seen.latest_invoice
    return None if invoice is None else LatestInvoice(invoice.id, invoice.status)
