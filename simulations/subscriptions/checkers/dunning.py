"""Dunning: attempts come when they are due, never on a card that is lost, and end in time (I18, I19)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from payflows.subscriptions.billing import InvoiceStatus
from payflows.subscriptions.dunning import HARD_DECLINES, DunningPolicy, LastStep
from payflows.subscriptions.episode import EPISODE_TRANSITIONS, EPISODES, AttemptOutcome, DunningEpisode, EpisodeStatus
from payflows.subscriptions.invoice import can_be_dunned
from payflows.subscriptions.messages import INVOICES, SUBSCRIPTIONS, MailKind
from payflows.subscriptions.model import SubscriptionStatus

from simulations.search.breach import Breach
from simulations.subscriptions.checkers.state import gave_up
from simulations.subscriptions.system import SubscriptionSystem
from simulations.subscriptions.user_actions import invoices_of

SLACK = timedelta(minutes=10)


def breaches(system: SubscriptionSystem) -> Iterator[Breach]:
    """Every promise about dunning that is broken."""
    policy = system.policy.dunning
    if policy is None:
        return
    for episode in system.store.all(EPISODES):
        yield from _attempts(system, episode, policy)
        yield from _end(system, episode, policy)
        yield from _outcome(system, episode, policy)
    yield from _begun(system)
    yield from _charges(system)
    yield from _mails(system)


def _begun(system: SubscriptionSystem) -> Iterator[Breach]:
    """I19: what is open and was tried is dunned, or was until its last day."""
    running = {each.subscription_id for each in system.store.all(EPISODES) if each.status is EpisodeStatus.RUNNING}
    given_up = {each.subscription_id for each in system.store.all(EPISODES) if each.status is EpisodeStatus.GIVEN_UP}
    for invoice in system.store.all(INVOICES):
        is_failed = invoice.is_dunned and invoice.status is InvoiceStatus.OPEN and invoice.close_asked is False
        ours = next(each for each in system.store.all(SUBSCRIPTIONS) if each.id == invoice.subscription_id)
        is_owed = is_failed and ours.status is SubscriptionStatus.PAST_DUE and ours.cancellation is None
        if is_owed and ours.id not in running | given_up and not gave_up(system):
            yield Breach("I19", invoice.id, f"{invoice.id} is open, and no episode duns it")


def _attempts(system: SubscriptionSystem, episode: DunningEpisode, policy: DunningPolicy) -> Iterator[Breach]:
    """I18: an attempt is made on its day or after, once for each day and each further invoice that is open."""
    made = [each for each in episode.attempts if each.outcome is not AttemptOutcome.SKIPPED]
    for attempt in made:
        if attempt.made_at < policy.at(attempt.day, episode.failed_at) - SLACK - abs(system.clock_ahead):
            yield Breach("I18", episode.id, f"an attempt of day {attempt.day} was made at {attempt.made_at}")
        if attempt.outcome is AttemptOutcome.RUNNING:
            yield Breach("I14", episode.id, f"the attempt of day {attempt.day} is still under way")
    days = [(each.day, each.invoice_id) for each in episode.attempts]
    if len(set(days)) != len(days) or not {day for day, _ in days} <= set(policy.attempts):
        yield Breach("I18", episode.id, f"attempts were made for {days}, and the policy has {policy.attempts}")
    if episode.notices_done > len(policy.notices):
        yield Breach("I18", episode.id, f"{episode.notices_done} reminders were sent")


def _end(system: SubscriptionSystem, episode: DunningEpisode, policy: DunningPolicy) -> Iterator[Breach]:
    """I19: it ends in time; recovered only if all is paid, and given up only when its days are over."""
    log = system.store.transitions(EPISODES, episode.id)
    for row in log:
        if row.before is not None and EpisodeStatus(row.after) not in EPISODE_TRANSITIONS[EpisodeStatus(row.before)]:
            yield Breach("I13", episode.id, f"{episode.id} went from {row.before} to {row.after}")
    now = system.clock.now()
    if episode.status is EpisodeStatus.RUNNING and now > max(episode.ends_at, system.calm_from) + timedelta(hours=1):
        yield Breach("I19", episode.id, f"{episode.id} should have ended at {episode.ends_at}")
    if episode.status is EpisodeStatus.GIVEN_UP and episode.changed_at < episode.ends_at - SLACK:
        yield Breach("I19", episode.id, f"{episode.id} was given up at {episode.changed_at}, not at {episode.ends_at}")
    ours = system.subscription
    is_its = ours is not None and ours.id == episode.subscription_id and not ours.status.is_ended
    if is_its and ours is not None and episode.status is EpisodeStatus.RUNNING and ours.dunning_id != episode.id:
        yield Breach("I15", episode.id, f"{episode.id} runs, and {ours.id} names {ours.dunning_id}")


def _outcome(system: SubscriptionSystem, episode: DunningEpisode, policy: DunningPolicy) -> Iterator[Breach]:
    """I19: what an episode ended as is true, and its subscription goes on from there."""
    ours = next(each for each in system.store.all(SUBSCRIPTIONS) if each.id == episode.subscription_id)
    over = episode.changed_at
    if episode.status is EpisodeStatus.GIVEN_UP:
        made = {each.day for each in episode.attempts}
        for day in set(policy.attempts) - made:  # one that was missed is made up for by a later one
            is_excused = day != policy.attempts[-1] and policy.at(day, episode.failed_at) <= system.calm_from
            if not is_excused:
                yield Breach("I19", episode.id, f"{episode.id} was given up, and nothing was tried on day {day}")
        if policy.last_step is LastStep.CANCEL and not ours.status.is_ended:
            yield Breach("I19", episode.id, f"{episode.id} was given up, and {ours.id} is {ours.status}")
    if episode.status is EpisodeStatus.RECOVERED:
        for invoice in invoices_of(system, ours):
            log = [row for row in system.store.transitions(INVOICES, invoice.id) if row.at < over - SLACK]
            by_then = over + abs(system.clock_ahead)  # a clock that was put back dates what came first later
            closed = [row for row in system.store.transitions(INVOICES, invoice.id) if row.at <= by_then]
            if log and invoice.is_dunned and closed[-1].after is InvoiceStatus.OPEN:
                yield Breach("I19", episode.id, f"{episode.id} is {episode.status}, and {invoice.id} was open")
    asked_at = ours.cancellation.asked_at if ours.cancellation is not None else None
    for attempt in episode.attempts:
        if asked_at is not None and attempt.made_at > asked_at + SLACK:
            yield Breach("I18", episode.id, f"{ours.id} was cancelled, and tried at {attempt.made_at}")


def _mails(system: SubscriptionSystem) -> Iterator[Breach]:
    """I27: the customer of a renewal hears of its failure by the policy's reminders, and by nothing else."""
    dunned = {each.id for each in system.store.all(INVOICES) if can_be_dunned(each.billing_reason)}
    for mail in system.mailer.sent.values():
        if mail.kind == MailKind.PAYMENT_FAILED and mail.subject in dunned:
            yield Breach("I27", mail.subject, f"{mail.key} was sent, and reminders are the policy's")


def _charges(system: SubscriptionSystem) -> Iterator[Breach]:
    """I18: at Stripe: no more charges than were asked for, and none on a card after it was declined for good."""
    attempts = [each for episode in system.store.all(EPISODES) for each in episode.attempts]
    for invoice in system.store.all(INVOICES):
        if not invoice.is_dunned:
            continue
        charges = system.stripe.charges_of(invoice.id)
        made = sum(each.invoice_id == invoice.id and each.outcome is not AttemptOutcome.SKIPPED for each in attempts)
        cards = next(
            each.card_updates for each in system.store.all(SUBSCRIPTIONS) if each.id == invoice.subscription_id
        )
        tries = 1 + made + cards + invoice.last_try_asked
        if len(charges) > tries + system.paid_by_hand:
            yield Breach("I18", invoice.id, f"{invoice.id} was charged {len(charges)} times, and tried {tries} times")
        dead: set[str] = set()
        for charge in charges:
            if charge.payment_method in dead:
                yield Breach("I18", invoice.id, f"{charge.payment_method} was declined for good, and charged again")
            if charge.outcome is not None and charge.outcome["reason"] in HARD_DECLINES:
                dead.add(charge.payment_method)
