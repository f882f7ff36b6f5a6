"""Bugs in how renewals that failed are collected."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from payflows.clock import SECOND
from payflows.kernel.changes import Change, Insert, Replace
from payflows.kernel.evolve import evolve
from payflows.payments.charge import Charge
from payflows.payments.collection import Collection, Outcome
from payflows.payments.invoice_payable import DEFAULT_CARD
from payflows.subscriptions.billing import BillingStatus, StripeInvoice, StripeSubscription
from payflows.subscriptions.converge import Convergence
from payflows.subscriptions.dunning import DunningPolicy, LastStep
from payflows.subscriptions.dunning_steps import UNPAID, DunningEngine
from payflows.subscriptions.episode import (
    LAST_STEP_AFTER,
    AttemptOutcome,
    DunningAttempt,
    DunningEpisode,
    EpisodeStatus,
    next_at,
)
from payflows.subscriptions.flow import SaaSSubscriptionFlow
from payflows.subscriptions.invoice import Invoice
from payflows.subscriptions.invoice_steps import InvoiceEngine
from payflows.subscriptions.messages import INVOICES
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.requests import Requests
from payflows.subscriptions.step_context import StepContext
from payflows.subscriptions.wishes import Cancellation


class TriesAgainAfterSilence(InvoiceEngine):
    """After silence a card is tried again by another key, without a look at what became of the first try (S15)."""

    async def _attempt_once(self, invoice: Invoice, collection: Collection, charge: Charge) -> Outcome:
        tried = charge if invoice.failures == 0 else charge.with_new_keys()
        return await collection.attempt_once(tried, may_have_been_made=False)


class CountsFromEachCard(DunningEngine):
    """The count begins anew with every card (S10)."""

    async def _attempt(
        self, episode: DunningEpisode, subscription: Subscription, invoice: Invoice, policy: DunningPolicy, day: int
    ) -> DunningEpisode | None:
        last = episode.attempts[-1] if episode.attempts else None
        if last is not None and last.payment_method != subscription.payment_method:
            episode, day = evolve(episode, attempts_done=0), policy.attempts[0]
        return await super()._attempt(episode, subscription, invoice, policy, day)


class RetriesALostCard(DunningEngine):
    """Why a card was declined is of no account (S11)."""

    async def _why_not(self, *looked_at: Any) -> None:
        return None


class GoesOnAfterACancellation(DunningEngine):
    """Whether its subscription is cancelled is not looked at (S16)."""

    async def run(self, episode: DunningEpisode) -> DunningEpisode | None:
        policy, subscription = (
            self._context.policy.dunning,
            await self._context.subscriptions.get(episode.subscription_id),
        )
        owed, now = await self._owed(subscription), self._context.clock.now()
        at = episode.attempt_at
        if policy is None or subscription.cancellation is None or episode.running is not None or not owed or at is None:
            return await super().run(episode)
        if at > now:
            return await self._episodes.schedule(episode, check_at=at)
        return await self._attempt(episode, subscription, owed[0], policy, policy.attempts[episode.attempts_done])


class OneSuccessIsEnough(DunningEngine):
    """The first that is paid ends the episode, and the other open invoice is left (S17)."""

    async def run(self, episode: DunningEpisode) -> DunningEpisode | None:
        last = episode.attempts[-1] if episode.attempts else None
        if last is None or last.outcome is not AttemptOutcome.PAID:
            return await super().run(episode)
        return await self._episodes.transition(episode, EpisodeStatus.RECOVERED)


class DunnedOnce(Convergence):
    """Once a failure was dunned, the next one is taken for the same."""

    async def _dunned(
        self, subscription: Subscription, seen: StripeSubscription, theirs: BillingStatus
    ) -> tuple[str | None, tuple[Change, ...]]:
        newest = subscription.dunning_id
        if newest is not None and (await self._context.episodes.get(newest)).status is not EpisodeStatus.RUNNING:
            return newest, ()
        return await super()._dunned(subscription, seen, theirs)


class EachNoticeBeginsAnother(Convergence):
    """A notice of a failure begins an episode, whether or not one runs (S7)."""

    async def _dunned(
        self, subscription: Subscription, seen: StripeSubscription, theirs: BillingStatus
    ) -> tuple[str | None, tuple[Change, ...]]:
        if theirs is not BillingStatus.PAST_DUE:
            return await super()._dunned(subscription, seen, theirs)
        _, begun = await super()._dunned(evolve(subscription, dunning_id=None), seen, theirs)
        if not begun or not isinstance(begun[0], Insert):
            return subscription.dunning_id, begun
        another = evolve(begun[0].after, id=f"{begun[0].after.id}_{subscription.version}")
        return another.id, (begun[0]._replace(after=another), *begun[1:])


class BegunInTwoSteps(Convergence):
    """The episode begins, and its subscription names it after that."""

    async def _begun(
        self, subscription: Subscription, seen: StripeSubscription
    ) -> tuple[str, tuple[Change, ...]] | None:
        begun = await super()._begun(subscription, seen)
        if begun is None:
            return None
        newest, changes = begun
        await self._context.store.change(*changes)
        return newest, ()


class StoredOnceItWasMade(DunningEngine):
    """An attempt is stored after it was made."""

    async def _attempt(
        self, episode: DunningEpisode, subscription: Subscription, invoice: Invoice, policy: DunningPolicy, day: int
    ) -> DunningEpisode | None:
        card, now, done = subscription.payment_method or DEFAULT_CARD, self._context.clock.now(), episode.attempts_done
        if await self._why_not(episode, invoice, card, policy, now) is None and not invoice.pay_asked:
            tried = self._cards.tried_with(invoice, card)
            await self._context.store.change(Replace(INVOICES, invoice, tried))
            await self._invoices.advance(tried)
            done += done < len(policy.attempts) and policy.attempts[done] == day
            attempt = DunningAttempt(day, invoice.id, card, now)
            return await self._episodes.update(
                episode,
                attempts=(*episode.attempts, attempt),
                attempts_done=done,
                attempt_at=next_at(policy, policy.attempts, done, episode.failed_at),
            )
        return await super()._attempt(episode, subscription, invoice, policy, day)


class RemindsInTwoSteps(DunningEngine):
    """When the next reminder is due is stored after this one was announced."""

    async def run(self, episode: DunningEpisode) -> DunningEpisode | None:
        policy, now, at = self._context.policy.dunning, self._context.clock.now(), episode.notice_at
        moved = await super().run(episode)
        if moved is None or policy is None or at is None or moved.notices_done == episode.notices_done or at > now:
            return moved
        days = (policy.at(day, episode.failed_at) for day in policy.notices)
        again = await self._episodes.update(moved, notice_at=at)
        return await self._episodes.update(again, notice_at=next((day for day in days if day > at), None))


class GivesUpTooSoon(DunningEngine):
    """The last step comes first on its day."""

    async def run(self, episode: DunningEpisode) -> DunningEpisode | None:
        policy, running = self._context.policy.dunning, episode.running
        subscription = await self._context.subscriptions.get(episode.subscription_id)
        is_over = episode.ends_at - LAST_STEP_AFTER <= self._context.clock.now() and running is None
        if policy is not None and is_over and subscription.cancellation is None and await self._owed(subscription):
            return await self._give_up(episode, subscription, policy)
        return await super().run(episode)


class NeverGivesUp(DunningEngine):
    """The last step is never taken (S13)."""

    async def _give_up(
        self, episode: DunningEpisode, subscription: Subscription, policy: DunningPolicy
    ) -> DunningEpisode:
        return await self._episodes.update(episode, ends_at=episode.ends_at + timedelta(days=1))


class GivesUpInTwoSteps(DunningEngine):
    """The episode is given up, and the subscription cancelled after that."""

    async def _give_up(
        self, episode: DunningEpisode, subscription: Subscription, policy: DunningPolicy
    ) -> DunningEpisode:
        over = await self._episodes.transition(episode, EpisodeStatus.GIVEN_UP)
        if policy.last_step is LastStep.CANCEL:
            ends = Cancellation(self._context.policy.cancel, UNPAID, self._context.clock.now())
            await self._context.subscriptions.request(subscription, cancellation=ends)
        return over


class MissedIsSkipped(DunningEngine):
    """An attempt that could not be made in time is not made up for (S13: rows were scheduled, and nothing came)."""

    async def run(self, episode: DunningEpisode) -> DunningEpisode | None:
        policy, done, at = self._context.policy.dunning, episode.attempts_done, episode.attempt_at
        if policy is not None and at is not None and at + timedelta(minutes=5) < self._context.clock.now():
            after = next_at(policy, policy.attempts, done + 1, episode.failed_at)
            return await self._episodes.update(episode, attempts_done=done + 1, attempt_at=after)
        return await super().run(episode)


class MadeAnewAfterACrash(DunningEngine):
    """An attempt under way for long is made again, and the first is not looked at (S15)."""

    async def run(self, episode: DunningEpisode) -> DunningEpisode | None:
        running, now = episode.running, self._context.clock.now()
        if running is not None and now > running.made_at + self._context.policy.lease_seconds * SECOND:
            done = max(0, episode.attempts_done - 1)
            return await self._episodes.update(
                episode, attempts=episode.attempts[:-1], attempts_done=done, attempt_at=now
            )
        return await super().run(episode)


class SilentAttemptIsPaid(DunningEngine):
    """No answer to an attempt is taken for a yes."""

    async def _settle(
        self, episode: DunningEpisode, running: DunningAttempt, *, is_left_alone: bool
    ) -> DunningEpisode | None:
        moved = await super()._settle(episode, running, is_left_alone=is_left_alone)
        invoice = await self._context.invoices.get(running.invoice_id)
        if moved is not None or invoice.failures == 0:
            return moved
        current = await self._episodes.get(episode.id)
        paid = running._replace(outcome=AttemptOutcome.PAID)
        await self._episodes.schedule(
            current, attempts=(*current.attempts[:-1], paid), check_at=current.written_at + timedelta(hours=1)
        )
        return None


class LeavesAnAttemptUnderWay(DunningEngine):
    """Who cancels ends dunning before it is noted what became of the attempt under way."""

    async def run(self, episode: DunningEpisode) -> DunningEpisode | None:
        subscription = await self._context.subscriptions.get(episode.subscription_id)
        if subscription.cancellation is not None:
            return await self._episodes.transition(episode, EpisodeStatus.STOPPED)
        return await super().run(episode)


class MailsAtEachDecline(StepContext):
    """Each decline sends a mail, beside the reminders of the policy."""

    def row_of(self, subscription: Subscription, seen: StripeInvoice) -> Invoice:
        return evolve(super().row_of(subscription, seen), is_dunned=False)


class GivesWay(Requests):
    """A card is forgotten that comes while a worker moves its subscription."""

    async def use_card(self, subscription: Subscription, payment_method: str) -> Subscription:
        current = await self._subscriptions.get(subscription.id)
        if current.version == subscription.version:
            return await super().use_card(subscription, payment_method)
        number = subscription.card_updates + 1
        return await self._subscriptions.update(current, card_updates=number)


class GivingWay(SaaSSubscriptionFlow):
    """Forgets a card."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._requests = GivesWay(self._merchant, self._engine)


class AttemptsEarly(DunningEngine):
    """Each attempt comes a day before its day."""

    async def run(self, episode: DunningEpisode) -> DunningEpisode | None:
        at: datetime | None = episode.attempt_at
        policy = self._context.policy.dunning
        is_next = policy is not None and at == next_at(
            policy, policy.attempts, episode.attempts_done, episode.failed_at
        )
        if at is None or not is_next or episode.running is not None:
            return await super().run(episode)
        return await self._episodes.update(episode, attempt_at=at - timedelta(days=1))
