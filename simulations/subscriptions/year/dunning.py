"""What became of the renewals that failed: the rows of dunning episodes, and every measure of them, defined once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from payflows.subscriptions.episode import EPISODES, AttemptOutcome, DunningEpisode, EpisodeStatus
from payflows.subscriptions.messages import EventType

from simulations.subscriptions.year.measures import Incidence, cumulative_incidence
from simulations.subscriptions.year.rows import EpisodeRow, EventRow, Life
from simulations.subscriptions.year.world import SubscriberWorld

_DAY = timedelta(days=1)
HORIZON_DAYS = 60
"""By which day what is recovered is counted, for every policy."""


class DunningOutcome(StrEnum):
    """What became of a renewal that failed, in the words of the trade."""

    CARD_UPDATED = "card updated"
    RETRY_SUCCEEDED = "retry succeeded"
    CUSTOMER_CANCELLED = "customer cancelled"
    RAN_OUT = "ran out"
    IN_PROGRESS = "in progress"


RECOVERED = (DunningOutcome.CARD_UPDATED, DunningOutcome.RETRY_SUCCEEDED)


def episode_rows(world: SubscriberWorld, events: Sequence[EventRow]) -> tuple[EpisodeRow, ...]:
    """Return a subscriber's dunning episodes, oldest first.

    Args:
        world: theirs.
        events: all that happened to the subscription.
    """
    episodes = sorted(world.store.all(EPISODES), key=lambda each: each.failed_at)
    return tuple(_row(world, episode, events) for episode in episodes)


def attempt_events(world: SubscriberWorld) -> Iterator[EventRow]:
    """Yield the attempts that were made by a policy: with what they brought, and why they were declined."""
    for episode in world.store.all(EPISODES):
        for attempt in episode.attempts:
            if attempt.outcome is not AttemptOutcome.SKIPPED:
                yield EventRow(world.sign_up.number, attempt.made_at, f"attempt.{attempt.outcome.value}", attempt.code)


def seen_to_the_end(life: Life, until: datetime) -> list[EpisodeRow]:
    """Return a subscriber's failed renewals that were observed for the whole horizon."""
    return [row for row in life.episodes if row.failed_at + HORIZON_DAYS * _DAY <= until]


def is_recovered(row: EpisodeRow) -> bool:
    """Return whether a failed renewal was paid by the horizon, by anything; who cancelled has not paid."""
    return row.outcome in RECOVERED and row.day is not None and row.day <= HORIZON_DAYS


def recovered_share(lives: Iterable[Life], until: datetime) -> float | None:
    """Return the share of all failed renewals that was paid by day 60; None: none was observed for that long."""
    rows = [row for life in lives for row in seen_to_the_end(life, until)]
    return sum(map(is_recovered, rows)) / len(rows) if rows else None


def outcomes_by_day(rows: Iterable[EpisodeRow], until: datetime) -> Iterator[Incidence]:
    """Return, for each day on which an episode ended, the share that has ended in each way.

    Args:
        rows: the episodes.
        until: when those were looked at last that are still in progress.
    """
    return cumulative_incidence(
        ((row.ended_at or until) - row.failed_at, row.outcome if row.ended_at is not None else None) for row in rows
    )


def _row(world: SubscriberWorld, episode: DunningEpisode, events: Sequence[EventRow]) -> EpisodeRow:
    outcome = _outcome_of(episode)
    ended_at = None if outcome is DunningOutcome.IN_PROGRESS else episode.changed_at
    cards = (EventType.CARD_UPDATED, EventType.CARD_DECLINED)
    until = world.clock.now() if ended_at is None else ended_at
    return EpisodeRow(
        subscriber=world.sign_up.number,
        invoice_id=episode.invoice_id,
        amount_minor=episode.amount.minor,
        failed_at=episode.failed_at,
        cause=_cause_of(world, episode),
        code=_code_of(episode, events),
        outcome=outcome.value,
        ended_at=ended_at,
        day=None if ended_at is None else (ended_at - episode.failed_at) / _DAY,
        attempts=sum(each.outcome is not AttemptOutcome.SKIPPED for each in episode.attempts),
        notices=episode.notices_done,
        cards=sum(row.event in cards and episode.failed_at <= row.at <= until for row in events),
    )


def _outcome_of(episode: DunningEpisode) -> DunningOutcome:
    match episode.status:
        case EpisodeStatus.RECOVERED:
            by_retry = any(each.outcome is AttemptOutcome.PAID for each in episode.attempts)
            return DunningOutcome.RETRY_SUCCEEDED if by_retry else DunningOutcome.CARD_UPDATED
        case EpisodeStatus.GIVEN_UP:
            return DunningOutcome.RAN_OUT
        case EpisodeStatus.STOPPED:
            return DunningOutcome.CUSTOMER_CANCELLED
    return DunningOutcome.IN_PROGRESS


def _cause_of(world: SubscriberWorld, episode: DunningEpisode) -> str | None:
    known = [each.why for each in world.bank.failures if each.failed_at <= episode.failed_at + timedelta(hours=1)]
    return known[-1] if known else None


def _code_of(episode: DunningEpisode, events: Sequence[EventRow]) -> str | None:
    declines = (row for row in events if row.event == EventType.PAYMENT_FAILED and row.at >= episode.failed_at)
    first = next(declines, None)
    return None if first is None else first.about
