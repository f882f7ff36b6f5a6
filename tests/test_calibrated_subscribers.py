"""In the virtual world each failed renewal ends as the models' plain loop says: with the same draws, case by case."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from payflows.errors import InvalidPolicy
from payflows.subscriptions.dunning import SEED_AS_GAPS, SHIPPED, DunningPolicy
from payflows.subscriptions.episode import EPISODES, AttemptOutcome, DunningEpisode, EpisodeStatus
from payflows.subscriptions.messages import INVOICES, SUBSCRIPTIONS
from payflows.subscriptions.policy import SubscriptionPolicy
from simulations.models import Ending, Outcome, RenewalParameters, Schedule, follow
from simulations.subscriptions.year.calibrated import CalibratedSubscribers, ChurnProfile
from simulations.subscriptions.year.calibrated_bank import CalibratedFailure
from simulations.subscriptions.year.models import SimpleIssuers
from simulations.subscriptions.year.run import broken_in
from simulations.subscriptions.year.scenario import PRO, PRO_YEARLY, SubscriberYear
from simulations.subscriptions.year.sign_ups import SignUps
from simulations.subscriptions.year.world import SubscriberWorld
from simulations.time.draws import Draws

SEED = 15
EVERY_RENEWAL_FAILS = RenewalParameters(
    failure_share=1.0, first_renewal_ratio=1.0, late_renewal_ratio=1.0, night_ratio=1.0
)
PEOPLE = CalibratedSubscribers(renewals=EVERY_RENEWAL_FAILS, churn=ChurnProfile.WHILE_UNPAID)
ONE_RENEWAL = SubscriberYear(
    days=365 + 33,
    sign_up_days=1,
    trial_share=0,
    plan_mix={PRO_YEARLY.id: 1},
    customers=PEOPLE,
    issuers=PEOPLE,
)
PARTS, CASES_IN_A_PART = 4, 500


def lived(number: int, policy: DunningPolicy, scenario: SubscriberYear = ONE_RENEWAL) -> SubscriberWorld:
    """Return the world of a subscriber at its end."""
    scenario, draws = replace(scenario, policy=SubscriptionPolicy(dunning=policy)), Draws(SEED)
    world = SubscriberWorld(scenario, SignUps(scenario, draws).sign_up(number), draws)
    world.live()
    return world


def ending_in(world: SubscriberWorld) -> Ending:
    """Return how the one failed renewal of a world has ended, in the words of the models."""
    (episode,) = world.store.all(EPISODES)
    (failure,) = world.bank.failures
    assert isinstance(failure, CalibratedFailure)
    made = [each for each in episode.attempts if each.outcome is not AttemptOutcome.SKIPPED]
    return Ending(
        outcome_of(episode, failure),
        failure.hour_of(episode.changed_at),
        len(made),
        episode.notices_done,
        len(failure.cards),
    )


def outcome_of(episode: DunningEpisode, failure: CalibratedFailure) -> Outcome:
    """Return how an episode has ended."""
    match episode.status:
        case EpisodeStatus.GIVEN_UP:
            return Outcome.RAN_OUT
        case EpisodeStatus.STOPPED:
            return Outcome.CANCELLED_ON_NOTICE if failure.left_on_notice else Outcome.CANCELLED_OTHERWISE
    assert episode.status is EpisodeStatus.RECOVERED
    if any(each.outcome is AttemptOutcome.PAID for each in episode.attempts):
        return Outcome.RETRY_SUCCEEDED
    return Outcome.UPDATED_AFTER_NOTICE if failure.cards[-1] else Outcome.UPDATED_SPONTANEOUSLY


def ending_by_the_loop(world: SubscriberWorld, policy: DunningPolicy) -> Ending:
    """Return what the models alone say of the same case."""
    (failure,) = world.bank.failures
    assert isinstance(failure, CalibratedFailure)
    schedule = Schedule.from_days(policy.attempts, policy.notices, close=policy.ends_on)
    return follow(PEOPLE.tables(1), failure.case, schedule.attempts, schedule.notices, schedule.close)


@pytest.mark.parametrize("part", range(PARTS))
def test_each_case_ends_as_in_the_loop(part: int) -> None:
    """2,000 failed renewals in all, by each of the shipped policies in turn."""
    outcomes: Counter[int] = Counter()
    for number in range(part * CASES_IN_A_PART, (part + 1) * CASES_IN_A_PART):
        policy = SHIPPED[number % len(SHIPPED)]
        world = lived(number, policy)
        expected = ending_by_the_loop(world, policy)
        assert ending_in(world) == expected, f"subscriber {number}, {policy.name}"
        outcomes[expected.outcome] += 1

    assert set(outcomes) == set(Outcome)


def test_every_promise_holds_in_such_worlds() -> None:
    for number in range(30):
        world = lived(number, SEED_AS_GAPS)
        world.settle()
        assert broken_in(world) == []


def test_one_who_cancels_on_a_notice_is_left_alone_from_that_moment() -> None:
    worlds = (lived(number, SEED_AS_GAPS) for number in range(100))
    world = next(world for world in worlds if ending_in(world).outcome == Outcome.CANCELLED_ON_NOTICE)

    (episode,) = world.store.all(EPISODES)
    log = world.store.transitions(SUBSCRIPTIONS, world.subscription.id)
    assert abs(episode.changed_at - log[-1].at) < timedelta(minutes=1)


def test_a_renewal_that_falls_due_meanwhile_fails_for_the_same_cause_and_begins_no_episode() -> None:
    unpaid = replace(ONE_RENEWAL, days=65, plan_mix={PRO.id: 1})
    patient = DunningPolicy(name="patient", last_day=45, allow_uncalibrated=True)
    world = lived(0, patient, unpaid)

    assert len(list(world.store.all(INVOICES))) == 3
    assert len(list(world.store.all(EPISODES))) == len(world.bank.failures) == 1


def test_calibrated_customers_need_calibrated_banks() -> None:
    with pytest.raises(InvalidPolicy, match="give it as issuers, too"):
        PEOPLE.behaviour(0, Draws(0), SimpleIssuers().issuer(0, Draws(0)))


def test_a_new_card_that_is_declined_leaves_the_cause_as_it_was() -> None:
    at = ONE_RENEWAL.ends_at
    never = replace(PEOPLE, parameters=replace(PEOPLE.parameters, new_card_approved=0.0))
    bank = never.issuer(0, Draws(SEED))
    bank.answer("pm_1", PRO.amount, 1, at)
    first = bank.answer("pm_1", PRO.amount, 1, at)
    bank.take_new_card(1)

    assert bank.answer("pm_2", PRO.amount, 2, at + timedelta(hours=5)).decline == first.decline is not None
