"""A dunning episode: from the first failure of a renewal until it is paid, given up, or no longer wanted.

One at a time for a subscription: a renewal that falls due meanwhile joins it. Each attempt is stored before it is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from payflows.kernel.aggregate import Aggregate, Kind
from payflows.kernel.evolve import evolve
from payflows.kernel.messages import BusinessEvent, Mail, Message
from payflows.money import Money
from payflows.parties import Customer
from payflows.subscriptions.billing import StripeInvoice
from payflows.subscriptions.dunning import DunningPolicy
from payflows.subscriptions.messages import EventType, MailKind
from payflows.subscriptions.model import Subscription

LAST_STEP_AFTER = timedelta(minutes=20)
"""How long the last step waits on its day: whoever pays or leaves on the last attempt or reminder comes before it."""


_PREFIX = "dunning_"


class EpisodeStatus(StrEnum):
    """Where an episode stands."""

    RUNNING = "running"
    RECOVERED = "recovered"
    GIVEN_UP = "given_up"
    STOPPED = "stopped"


_S = EpisodeStatus

EPISODE_TRANSITIONS: Mapping[EpisodeStatus, Mapping[EpisodeStatus, str]] = {
    _S.RUNNING: {
        _S.RECOVERED: "all that was open is paid",
        _S.GIVEN_UP: "the last step was taken",
        _S.STOPPED: "the subscription ends, or nothing is owed any more",
    },
    _S.RECOVERED: {},
    _S.GIVEN_UP: {},
    _S.STOPPED: {},
}


class AttemptOutcome(StrEnum):
    """What became of an attempt."""

    RUNNING = "running"
    PAID = "paid"
    DECLINED = "declined"
    CLOSED = "closed"
    """Its invoice was closed meanwhile."""
    SKIPPED = "skipped"
    """It was not made: the same card was declined for good, or may not be tried again."""


class DunningAttempt(NamedTuple):
    """An attempt to collect an open invoice.

    Attributes:
        day: of the policy on which it was due.
        invoice_id: which invoice.
        payment_method: which card.
        made_at: when it was stored, before it was made.
        outcome: what became of it.
        code: why it was declined, or skipped.
    """

    day: int
    invoice_id: str
    payment_method: str
    made_at: datetime
    outcome: AttemptOutcome = AttemptOutcome.RUNNING
    code: str | None = None


@dataclass(frozen=True, kw_only=True)  # without slots, so that `evolve` can copy it
class DunningEpisode(Aggregate):
    """An episode as stored.

    Attributes:
        status: where it stands.
        subscription_id: of which subscription.
        merchant_id: who sells.
        customer: who owes.
        amount: what was owed at first.
        failed_at: when the first attempt of its first invoice failed, by Stripe's clock.
        attempts: all that were made or skipped, oldest first.
        attempts_done: how many of the policy's attempts are behind; of several that were missed the last is made.
        notices_done: how many of the policy's reminders are behind; of several that were missed the last is sent. Under
            a policy that has fewer it stays, so that none is sent again.
        attempt_at: when the next attempt is due; None: there is none.
        notice_at: when the next reminder is due; None: there is none.
        ends_at: when the last step is due.
        planned_by: by which days these were planned; others hold once the merchant has another policy.
    """

    status: EpisodeStatus
    subscription_id: str
    merchant_id: str
    customer: Customer
    amount: Money
    failed_at: datetime
    ends_at: datetime
    attempts: tuple[DunningAttempt, ...] = ()
    attempts_done: int = 0
    notices_done: int = 0
    attempt_at: datetime | None = None
    notice_at: datetime | None = None
    planned_by: str = ""

    @property
    def invoice_id(self) -> str:
        """Return the invoice whose failure began it."""
        return self.id.removeprefix(_PREFIX)

    @property
    def running(self) -> DunningAttempt | None:
        """Return the attempt that is under way."""
        last = self.attempts[-1] if self.attempts else None
        return last if last is not None and last.outcome is AttemptOutcome.RUNNING else None

    def next_due(self) -> datetime | None:
        """Return when something is to be done."""
        if self.status is not EpisodeStatus.RUNNING:
            return None
        if self.running is not None:
            return self.changed_at
        return min(at for at in (self.attempt_at, self.notice_at, self.ends_at) if at is not None)

    def groups(self) -> tuple[str, ...]:
        """Return its subscription, and its customer, over whose cards attempts are counted."""
        return (f"subscription:{self.subscription_id}", f"customer:{self.customer.id}")

    def mail_address(self) -> str:
        """Return its customer's."""
        return self.customer.email


def messages_for_episode(before: DunningEpisode | None, after: DunningEpisode) -> tuple[Message, ...]:
    """Return the business events and mails that one change of an episode calls for."""
    messages: list[Message] = []
    if before is None:
        _add(messages, after, EventType.DUNNING_STARTED, None)
    elif after.status is not before.status:
        event, mail = _OF_STATUS[after.status]
        _add(messages, after, event, mail)
    if before is not None and after.notices_done > before.notices_done:
        _add(messages, after, EventType.PAYMENT_REMINDED, MailKind.PAYMENT_REMINDER)
    return tuple(messages)


_OF_STATUS: Mapping[EpisodeStatus, tuple[EventType, MailKind | None]] = {
    EpisodeStatus.RECOVERED: (EventType.DUNNING_RECOVERED, MailKind.PAYMENT_RESTORED),
    EpisodeStatus.GIVEN_UP: (EventType.DUNNING_GIVEN_UP, None),
    EpisodeStatus.STOPPED: (EventType.DUNNING_STOPPED, None),
}


def _add(messages: list[Message], episode: DunningEpisode, event: EventType, mail: MailKind | None) -> None:
    key, at = f"{episode.id}:{episode.version}", episode.written_at
    messages.append(BusinessEvent(f"{key}:{event}", event, episode.subscription_id, at, episode.amount, episode.id))
    if mail is not None:
        messages.append(Mail(f"{key}:mail:{mail}", mail, episode.id, at, EPISODES.name, None))


def episode_of(
    subscription: Subscription, oldest: StripeInvoice, policy: DunningPolicy, *, failed_at: datetime, now: datetime
) -> DunningEpisode:
    """Return the episode that a failure begins."""
    return DunningEpisode(
        id=f"{_PREFIX}{oldest.id}",
        status=EpisodeStatus.RUNNING,
        changed_at=now,
        subscription_id=subscription.id,
        merchant_id=subscription.signup.merchant_id,
        customer=subscription.signup.customer,
        amount=oldest.amount_due,
        failed_at=failed_at,
        ends_at=policy.at(policy.ends_on, failed_at) + LAST_STEP_AFTER,
        attempt_at=next_at(policy, policy.attempts, 0, failed_at),
        notice_at=next_at(policy, policy.notices, 0, failed_at),
        planned_by=policy.calendar,
    )


def next_at(policy: DunningPolicy, days: Sequence[int], done: int, failed_at: datetime) -> datetime | None:
    """Return when the next of a policy's days is, after those that are done; None: there is none."""
    return policy.at(days[done], failed_at) if done < len(days) else None


def newest_due(policy: DunningPolicy, days: Sequence[int], done: int, *, failed_at: datetime, now: datetime) -> int:
    """Return the last of a policy's days that has come: who was away for several makes up for them by it alone."""
    return max(day for day in days[done:] if policy.at(day, failed_at) <= now)


def attempts_behind(policy: DunningPolicy, day: int) -> int:
    """Return how many of a policy's attempts are behind once that of a day is, be it one of its days or not."""
    return sum(each <= day for each in policy.attempts)


def planned(episode: DunningEpisode, policy: DunningPolicy) -> DunningEpisode:
    """Return an episode with what comes next by a policy; the same where that was planned by this one.

    What was done under another one counts: it goes on with the days that lie after that. It ends on the policy's last
    day, be that over.
    """
    if episode.planned_by == policy.calendar:
        return episode
    done = attempts_behind(policy, episode.attempts[-1].day) if episode.attempts else 0
    failed_at = episode.failed_at
    return evolve(
        episode,
        attempts_done=done,
        attempt_at=next_at(policy, policy.attempts, done, failed_at),
        notice_at=next_at(policy, policy.notices, episode.notices_done, failed_at),
        ends_at=policy.at(policy.ends_on, failed_at) + LAST_STEP_AFTER,
        planned_by=policy.calendar,
    )


EPISODES = Kind(
    name="dunning_episode",
    aggregate_type=DunningEpisode,
    transitions=EPISODE_TRANSITIONS,
    announce=messages_for_episode,
)
"""Dunning episodes, as the kernel keeps them."""
