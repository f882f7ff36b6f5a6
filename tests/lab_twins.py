"""Lives in the virtual world and on arrays, in the same words, and random scenarios that both live through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from payflows.subscriptions.billing import InvoiceStatus
from payflows.subscriptions.dunning import HARD_DECLINES, CardNetwork, DunningPolicy, NetworkLimit
from payflows.subscriptions.episode import EPISODES, AttemptOutcome, DunningEpisode, EpisodeStatus
from payflows.subscriptions.messages import INVOICES
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.policy import SubscriptionPolicy
from simulations.models import Outcome, RenewalParameters, accepted_parameters
from simulations.stripe.webhooks.conditions import NO_DELAY, DeliveryConditions
from simulations.subscriptions.lab import columns as c
from simulations.subscriptions.lab.columns import EndedBy
from simulations.subscriptions.lab.engine import lives
from simulations.subscriptions.year.calibrated import CalibratedSubscribers, ChurnProfile
from simulations.subscriptions.year.calibrated_bank import CalibratedBank, CalibratedFailure
from simulations.subscriptions.year.scenario import PRO, PRO_YEARLY, TEAM, SubscriberYear
from simulations.subscriptions.year.sign_ups import SignUps
from simulations.subscriptions.year.world import UNPAID, SubscriberWorld
from simulations.time.draws import Draws
from simulations.time.world import START

EPISODE = [c.FAILED_AT, c.CAUSE, c.OUTCOME, c.OVER_AT, c.ATTEMPTS, c.NOTICES, c.CARDS]


class Episode(NamedTuple):
    """A failed renewal: the second of its failure, the cause, how it ended and when, and what was done until then."""

    failed_at: int
    cause: int
    outcome: int
    over_at: int
    attempts: int
    notices: int
    cards: int


class LifeTwin(NamedTuple):
    """A subscriber's life."""

    renewal: int
    paid: int
    paid_minor: int
    ended_at: int
    ended_by: int
    episodes: tuple[Episode, ...]


def in_the_world(scenario: SubscriberYear, seed: int) -> list[LifeTwin]:
    """Return each life with the real flow."""
    return [_twin(_lived(scenario, seed, number)) for number in range(scenario.subscribers)]


def on_arrays(scenario: SubscriberYear, seed: int, *, compile: bool | None = None) -> list[LifeTwin]:
    """Return each life by the lab's engine."""
    twins: list[LifeTwin] = []
    for block in lives(scenario, seed=seed, compile=compile):
        for row in block.subscribers:
            number = len(twins)
            mine = block.episodes[block.episodes[:, c.SUBSCRIBER] == number]
            episodes = tuple(Episode(*map(int, each[EPISODE])) for each in mine)
            paid, total = int(row[c.PAID]), int(row[c.TOTAL_MINOR])
            ended = int(row[c.ENDED_AT]), int(row[c.ENDED_BY])
            twins.append(LifeTwin(int(row[c.RENEWAL]), paid, paid * total, *ended, episodes))
    return twins


def renewals_that_joined(scenario: SubscriberYear, seed: int) -> int:
    """Return how many renewals fell due while another was open."""
    blocks = lives(scenario, seed=seed)
    return sum(int((block.subscribers[:, c.PERIOD] - block.subscribers[:, c.RENEWAL]).sum()) for block in blocks)


def _lived(scenario: SubscriberYear, seed: int, number: int) -> SubscriberWorld:
    draws = Draws(seed)
    world = SubscriberWorld(scenario, SignUps(scenario, draws).sign_up(number), draws)
    world.live()
    return world


def _twin(world: SubscriberWorld) -> LifeTwin:
    bank = world.bank
    assert isinstance(bank, CalibratedBank)
    episodes = sorted(world.store.all(EPISODES), key=lambda each: each.failed_at)
    paid = [each for each in world.store.all(INVOICES) if each.status is InvoiceStatus.PAID]
    twins = tuple(_episode(world, each, failure) for each, failure in zip(episodes, bank.failures, strict=True))
    renewal = -1 if bank.latest is None else bank.latest.number
    ended_at, ended_by = _end(world.subscription, bank.failures)
    return LifeTwin(
        renewal, len(paid), sum(each.stored_charge().amount.minor for each in paid), ended_at, ended_by, twins
    )


def _episode(world: SubscriberWorld, episode: DunningEpisode, failure: object) -> Episode:
    assert isinstance(failure, CalibratedFailure)
    outcome = _outcome(episode, failure)
    return Episode(
        _second(failure.failed_at),
        failure.cause,
        outcome,
        _second(episode.changed_at) if outcome else 0,
        sum(each.outcome is not AttemptOutcome.SKIPPED for each in episode.attempts),
        episode.notices_done,
        len(failure.cards),
    )


def _outcome(episode: DunningEpisode, failure: CalibratedFailure) -> int:
    match episode.status:
        case EpisodeStatus.RUNNING:
            return 0
        case EpisodeStatus.GIVEN_UP:
            return Outcome.RAN_OUT
        case EpisodeStatus.STOPPED:
            return Outcome.CANCELLED_ON_NOTICE if failure.left_on_notice else Outcome.CANCELLED_OTHERWISE
    if any(each.outcome is AttemptOutcome.PAID for each in episode.attempts):
        return Outcome.RETRY_SUCCEEDED
    return Outcome.UPDATED_AFTER_NOTICE if failure.cards[-1] else Outcome.UPDATED_SPONTANEOUSLY


def _end(subscription: Subscription, failures: Sequence[CalibratedFailure]) -> tuple[int, int]:
    """Return when it ended, and by what."""
    if not subscription.status.is_ended:
        return 0, EndedBy.NOTHING
    at = _second(subscription.changed_at)
    if subscription.cause() == UNPAID:
        return at, EndedBy.DUNNING
    left_on_notice = failures[-1].left_on_notice if failures else None
    if left_on_notice is None:
        return at, EndedBy.PERIOD
    return at, EndedBy.NOTICE if left_on_notice else EndedBy.CUSTOMER


def _second(at: datetime) -> int:
    return (at - START) // timedelta(seconds=1)


def random_scenario(seed: int, *, subscribers: int = 100) -> SubscriberYear:
    """Return a year in a calm world in which much fails."""
    draws = Draws(seed)
    return SubscriberYear(
        subscribers=subscribers,
        days=366 + draws.of("days").below(60, 0),
        sign_up_days=1 + draws.of("sign-up days").below(120, 0),
        plan_mix={PRO.id: 5, PRO_YEARLY.id: 1, TEAM.id: 2},
        trial_share=0,
        customers=(people := random_people(draws)),
        issuers=people,
        policy=SubscriptionPolicy(dunning=random_policy(draws)),
        webhooks=DeliveryConditions(delay=NO_DELAY),
    )


def random_people(draws: Draws) -> CalibratedSubscribers:
    """Return customers and banks of an accepted set, half of them with the mix of 2024."""
    accepted = accepted_parameters()
    parameters = accepted[draws.of("set").below(len(accepted), 0)]
    if draws.of("mix").chance(0.5, 0):
        parameters = parameters.with_mix_of_2024()
    profiles = list(ChurnProfile)
    failing = (0.1, 0.3, 0.6, 1.0)[draws.of("failing").below(4, 0)]
    return CalibratedSubscribers(
        parameters=parameters,
        renewals=RenewalParameters(failure_share=failing, first_renewal_ratio=1.0),
        churn=profiles[draws.of("churn").below(len(profiles), 0)],
    )


def random_policy(draws: Draws) -> DunningPolicy:
    """Return a policy; a third of them outlast the next renewal by far, and a third stay within what is calibrated."""
    last_day = (21, 31, 55)[draws.of("length").below(3, 0)]
    last_day -= draws.of("last day").below(10, 0)
    few = draws.of("attempts")
    attempts = [day for day in range(1, last_day + 1) if few.chance((0.1, 0.2, 0.5)[few.below(3, 99)], day)][:30]
    notices = [day for day in range(last_day + 1) if draws.of("notices").chance(0.2, day)][:30]
    hour = draws.of("hour")
    never_retried = HARD_DECLINES if draws.of("hard").chance(0.7, 0) else frozenset({"generic_decline", "stolen_card"})
    few_tries = 1 + draws.of("limit").below(12, 0)
    limits = (NetworkLimit(CardNetwork.VISA, few_tries, 20), NetworkLimit(CardNetwork.MASTERCARD, 15))
    return DunningPolicy(
        name=f"random-{draws.seed}",
        attempts=attempts,
        notices=notices,
        last_day=last_day,
        hour=hour.below(24, 1) if hour.chance(0.3, 0) else None,
        never_retried=never_retried,
        limits=limits,
        allow_uncalibrated=True,
    )
