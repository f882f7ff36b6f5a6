"""What a dunning episode does: attempts and reminders on the policy's days, and the last step if nothing helps.

The invoice is read anew before each attempt, that it is paid counts more than any answer, and who leaves is left alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from payflows.kernel.changes import Change, Replace
from payflows.kernel.engine import Engine
from payflows.kernel.evolve import evolve
from payflows.payments.invoice_payable import DEFAULT_CARD
from payflows.subscriptions.billing import InvoiceStatus
from payflows.subscriptions.cards import Cards
from payflows.subscriptions.dunning import DunningPolicy, LastStep
from payflows.subscriptions.episode import (
    EPISODES,
    AttemptOutcome,
    DunningAttempt,
    DunningEpisode,
    EpisodeStatus,
    attempts_behind,
    newest_due,
    next_at,
    planned,
)
from payflows.subscriptions.invoice import Invoice, can_be_dunned
from payflows.subscriptions.invoice_steps import STRIPE_RETRIES, InvoiceEngine
from payflows.subscriptions.messages import INVOICES, SUBSCRIPTIONS
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.step_context import StepContext
from payflows.subscriptions.wishes import Cancellation, PauseWish

UNPAID = "unpaid"
"""Why a subscription ends that dunning has given up."""


class DunningEngine(Engine[DunningEpisode]):
    """The one way in which dunning episodes move.

    Args:
        context: the ports and the repositories.
        invoices: moves invoices.
        cards: asks for a try of a card.
    """

    def __init__(self, context: StepContext, invoices: InvoiceEngine, cards: Cards) -> None:
        self._context = context
        self._episodes = context.episodes
        self._invoices = invoices
        self._cards = cards
        ended = (EpisodeStatus.RECOVERED, EpisodeStatus.GIVEN_UP, EpisodeStatus.STOPPED)
        super().__init__(context.episodes, {EpisodeStatus.RUNNING: self.run, **dict.fromkeys(ended, self._rest)})

    async def run(self, episode: DunningEpisode) -> DunningEpisode | None:
        """RUNNING: see how the last attempt came out, then do what is due: attempt, reminder, last step."""
        policy, now = self._context.policy.dunning, self._context.clock.now()
        subscription = await self._context.subscriptions.get(episode.subscription_id)
        is_left_alone = subscription.cancellation is not None or subscription.status.is_ended
        if episode.running is not None:
            return await self._settle(episode, episode.running, is_left_alone=is_left_alone)
        if policy is None or is_left_alone:
            return await self._episodes.transition(episode, EpisodeStatus.STOPPED)
        if (anew := planned(episode, policy)) is not episode:  # it was planned by another policy
            return await self._plan_anew(episode, anew)
        owed = await self._owed(subscription)
        if not owed:
            paid = any(each.status is InvoiceStatus.PAID for each in await self._since(episode, subscription))
            status = EpisodeStatus.RECOVERED if paid else EpisodeStatus.STOPPED
            return await self._episodes.transition(episode, status)
        last = episode.attempts[-1] if episode.attempts else None
        if last is not None and last.outcome is AttemptOutcome.PAID:  # it worked: the rest is tried with it now
            return await self._attempt(episode, subscription, owed[0], policy, last.day)
        if episode.attempt_at is not None and episode.attempt_at <= now:
            done, failed_at = episode.attempts_done, episode.failed_at
            day = newest_due(policy, policy.attempts, done, failed_at=failed_at, now=now)
            return await self._attempt(episode, subscription, owed[0], policy, day)
        if episode.notice_at is not None and episode.notice_at <= now:
            return await self._remind(episode, policy, now)
        if episode.ends_at <= now:
            tried = [each for each in owed if each.pay_asked or each.stored_charge().is_processing]
            for invoice in tried:
                if not invoice.is_blocked:  # a card that came may pay it: who pays is not given up
                    return await self._wait_for(episode, invoice)
            return await self._give_up(episode, subscription, policy)
        return await self._episodes.schedule(episode)

    async def _plan_anew(self, episode: DunningEpisode, anew: DunningEpisode) -> DunningEpisode:
        """Store what comes next by the policy that holds now."""
        return await self._episodes.update(
            episode,
            attempts_done=anew.attempts_done,
            attempt_at=anew.attempt_at,
            notice_at=anew.notice_at,
            ends_at=anew.ends_at,
            planned_by=anew.planned_by,
        )

    async def _remind(self, episode: DunningEpisode, policy: DunningPolicy, now: datetime) -> DunningEpisode:
        """Store that its customer is reminded; the mail goes out with that."""
        day = newest_due(policy, policy.notices, episode.notices_done, failed_at=episode.failed_at, now=now)
        done = policy.notices.index(day) + 1
        notice_at = next_at(policy, policy.notices, done, episode.failed_at)
        return await self._episodes.update(episode, notices_done=done, notice_at=notice_at)

    async def _attempt(
        self, episode: DunningEpisode, subscription: Subscription, invoice: Invoice, policy: DunningPolicy, day: int
    ) -> DunningEpisode | None:
        """Read the invoice anew, then store that it is tried, in one step with the try itself."""
        seen = await self._invoices.advance(invoice)
        if seen.status is not InvoiceStatus.OPEN:
            return await self._episodes.get(episode.id)
        if seen.pay_asked or seen.close_asked or seen.back_off_until is not None:  # a card that came is being tried
            return await self._wait_for(episode, seen)
        card = subscription.payment_method or DEFAULT_CARD
        done = max(episode.attempts_done, attempts_behind(policy, day))
        now = self._context.clock.now()
        why_not = await self._why_not(episode, seen, card, policy, now)
        outcome = AttemptOutcome.RUNNING if why_not is None else AttemptOutcome.SKIPPED
        attempt = DunningAttempt(day, seen.id, card, now, outcome, why_not)
        also: tuple[Change, ...] = ()
        if why_not is None:
            also = (Replace(INVOICES, seen, self._cards.tried_with(seen, card)),)
        return await self._episodes.update(
            episode,
            *also,
            attempts=(*episode.attempts, attempt),
            attempts_done=done,
            attempt_at=next_at(policy, policy.attempts, done, episode.failed_at),
        )

    async def _why_not(
        self, episode: DunningEpisode, invoice: Invoice, card: str, policy: DunningPolicy, now: datetime
    ) -> str | None:
        """Return why an attempt must not be made; None: it may."""
        if invoice.review is not None and invoice.review.reason == STRIPE_RETRIES:
            return "stripe_retries"
        attempt = invoice.stored_charge().attempt
        decline = attempt.decline
        code = None if decline is None else decline.decline_code or decline.code
        is_same_card = attempt.payment_method in (card, DEFAULT_CARD)
        if is_same_card and (invoice.action_required or not policy.is_retried(code)):
            return code or "authentication_required"
        for limit in policy.limits:
            since = now - timedelta(days=limit.days)
            if await self._tries_of(card, episode, since) >= limit.attempts:
                return f"limit_of_{limit.network}"
        return None

    async def _tries_of(self, card: str, episode: DunningEpisode, since: datetime) -> int:
        """Return how often a card was tried, over all invoices of its customer."""
        tries, after = 0, None
        while page := await self._context.store.find_all(EPISODES, f"customer:{episode.customer.id}", after=after):
            made = (each for other in page for each in other.attempts if each.outcome is not AttemptOutcome.SKIPPED)
            tries += sum(each.payment_method == card and each.made_at > since for each in made)
            after = page[-1].id
        return tries

    async def _settle(
        self, episode: DunningEpisode, running: DunningAttempt, *, is_left_alone: bool
    ) -> DunningEpisode | None:
        """Note what became of an attempt, once its invoice shows that; who has cancelled is not tried any more."""
        invoice = await self._context.invoices.get(running.invoice_id)
        if not is_left_alone:
            invoice = await self._invoices.advance(invoice)
        if invoice.status is InvoiceStatus.OPEN and (invoice.pay_asked or invoice.stored_charge().is_processing):
            return await self._wait_for(episode, invoice)
        if invoice.status is InvoiceStatus.PAID:
            settled = running._replace(outcome=AttemptOutcome.PAID)
        elif invoice.status is not InvoiceStatus.OPEN:
            settled = running._replace(outcome=AttemptOutcome.CLOSED)
        else:
            decline = invoice.stored_charge().attempt.decline
            code = None if decline is None else decline.decline_code or decline.code
            settled = running._replace(outcome=AttemptOutcome.DECLINED, code=code or "authentication_required")
        return await self._episodes.record_progress(episode, attempts=(*episode.attempts[:-1], settled))

    async def _wait_for(self, episode: DunningEpisode, invoice: Invoice) -> DunningEpisode | None:
        """Look again when its invoice has moved."""
        again_at = invoice.due_at or self._context.seconds_from_now(self._context.policy.pending_look_seconds)
        return await self._episodes.schedule(episode, check_at=again_at)

    async def _give_up(
        self, episode: DunningEpisode, subscription: Subscription, policy: DunningPolicy
    ) -> DunningEpisode:
        """Take the last step, in one step with the end of the episode."""
        now = self._context.clock.now()
        asked = evolve(subscription, version=subscription.version + 1, lease_until=now, back_off_until=None)
        match policy.last_step:
            case LastStep.CANCEL:
                asked = evolve(asked, cancellation=Cancellation(self._context.policy.cancel, UNPAID, now))
            case LastStep.PAUSE:
                asked = evolve(asked, pause_wanted=PauseWish(True))
        also = () if policy.last_step is LastStep.STAY_PAST_DUE else (Replace(SUBSCRIPTIONS, subscription, asked),)
        return await self._episodes.transition(episode, EpisodeStatus.GIVEN_UP, *also)

    async def _owed(self, subscription: Subscription) -> list[Invoice]:
        """Return what is open and dunned, oldest first."""
        rows = await self._cards.open_invoices(subscription)
        return sorted((row for row in rows if can_be_dunned(row.billing_reason)), key=lambda row: row.made_at)

    async def _since(self, episode: DunningEpisode, subscription: Subscription) -> list[Invoice]:
        rows = await self._context.invoices_of(subscription)
        return [row for row in rows if can_be_dunned(row.billing_reason) and row.period_end > episode.failed_at]

    async def _rest(self, episode: DunningEpisode) -> None:
        """Nothing is to be done any more."""
        if episode.due_at is not None:
            await self._episodes.schedule(episode)
