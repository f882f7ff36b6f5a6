"""Looks for better dunning policies within what is calibrated: more net, fewer subscribers lost, less annoyance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from payflows.checks import whole_number
from payflows.errors import InvalidPolicy
from payflows.subscriptions.dunning import (
    LAST_DAY,
    LAST_NOTICE_DAY,
    MAX_ATTEMPTS,
    MAX_NOTICES,
    MIN_DAYS_BETWEEN_NOTICES,
    SHIPPED,
    DunningPolicy,
)

from simulations.models.parameters import DunningParameters, accepted_parameters
from simulations.statistics.ratios import estimate_of
from simulations.subscriptions.lab.comparison import ComparisonOverSets, compare_over_sets
from simulations.subscriptions.lab.experiment import LAB
from simulations.subscriptions.lab.fields import with_fields, with_policy
from simulations.subscriptions.lab.jobs import Job, Laboratory, jobs_of
from simulations.subscriptions.year.scenario import SubscriberYear

if TYPE_CHECKING:
    import optuna
    import pandas as pd

GOALS: Mapping[str, Literal["maximize", "minimize"]] = {
    "net_minor": "maximize",
    "ran_out": "minimize",
    "annoyance": "minimize",
}
"""Of a better policy, by measure. Annoyance is no money, so it is a goal beside net and no part of it."""

EVERY = 30
"""Of the accepted sets each such one is searched over: a policy that fits one set alone is no knowledge."""

LONGEST_GAP = 14


class Candidate(NamedTuple):
    """A policy that was tried, and what it does on the subscribers of the search.

    Attributes:
        policy: within what is calibrated, and the networks' limits.
        net_minor: per failed renewal.
        ran_out: of failed renewals.
        annoyance: per failed renewal.
        is_on_front: no other candidate is better in one of these and as good in the others.
    """

    policy: DunningPolicy
    net_minor: float
    ran_out: float
    annoyance: float
    is_on_front: bool = False


class Optimum:
    """What a search found.

    Args:
        candidates: all that were tried, in their order.
        again: the policy in use and the best of the candidates, on subscribers that the search has not seen.
    """

    def __init__(self, candidates: Sequence[Candidate], again: ComparisonOverSets) -> None:
        self.candidates = candidates
        self.again = again

    @property
    def front(self) -> list[Candidate]:
        """The Pareto front, from the least annoyance to the most."""
        return sorted((each for each in self.candidates if each.is_on_front), key=lambda each: each.annoyance)

    @property
    def winner(self) -> DunningPolicy:
        """The candidate that kept the most net in the search."""
        return _best(self.candidates).policy

    @cached_property
    def table(self) -> pd.DataFrame:
        """The Pareto front, with the days of each policy."""
        import pandas as pd

        days = ((each.policy.attempts, each.policy.notices, each.policy.ends_on) for each in self.front)
        rows = [(*when, *each[1:4]) for when, each in zip(days, self.front, strict=True)]
        return pd.DataFrame(rows, columns=["attempts", "notices", "last_day", *GOALS])


def optimise(
    scenario: SubscriberYear,
    in_use: DunningPolicy,
    *,
    seed: int,
    trials: int = 300,
    sets: Sequence[DunningParameters] | None = None,
    lab: Laboratory = LAB,
) -> Optimum:
    """Search for policies by NSGA-II (Deb and others, 2002), and estimate the best again on fresh draws.

    It begins with the policies that are shipped. What a search likes best was lucky in it: only the second estimate,
    over all accepted sets, is without that bias.

    Args:
        scenario: whom the policies meet, the same in each trial.
        in_use: the policy that the best is compared with.
        seed: all chance, that of the search included.
        trials: how many policies are tried.
        sets: of parameters that are searched over; None: every 30th of the accepted ones.
        lab: how it is run.
    """
    import optuna

    whole_number("trials", trials, least=10)
    sets = accepted_parameters()[::EVERY] if sets is None else sets
    worlds = [with_fields(scenario, {"people.parameters": each}) for each in sets]
    study = _study(seed, min(40, trials))
    for policy in (in_use, *SHIPPED):
        study.enqueue_trial(parameters_of(policy))
    tried: dict[DunningPolicy, Candidate] = {}
    for _ in range(trials):
        trial = study.ask()
        policy = suggested(trial, in_use)
        if not keeps_limits(policy):
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
            continue
        if policy not in tried:
            tried[policy] = _tried(worlds, policy, seed, lab)
        study.tell(trial, list(tried[policy][1:4]))
    if not tried:
        raise InvalidPolicy("no candidate keeps the limits of the card networks")
    best = {tuple(trial.values) for trial in study.best_trials}
    candidates = [each._replace(is_on_front=each[1:4] in best) for each in tried.values()]
    again = compare_over_sets(scenario, in_use, _best(candidates).policy, seed=seed + 1, lab=lab)
    return Optimum(candidates, again)


def _study(seed: int, population: int) -> optuna.Study:
    import optuna

    sampler = optuna.samplers.NSGAIISampler(seed=seed % (1 << 32), population_size=population)
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)  # it would say that a study was made, by a random name
    try:
        return optuna.create_study(directions=list(GOALS.values()), sampler=sampler)
    finally:
        optuna.logging.set_verbosity(verbosity)


def suggested(trial: optuna.Trial, in_use: DunningPolicy) -> DunningPolicy:
    """Return the policy that a search suggests: gaps between its days; days after the last are left out."""
    last_day = trial.suggest_int("last_day", 1, LAST_DAY)
    attempts = _days(trial, "attempt", MAX_ATTEMPTS, (1, 1), last_day)
    notices = _days(trial, "notice", MAX_NOTICES, (0, MIN_DAYS_BETWEEN_NOTICES), min(last_day, LAST_NOTICE_DAY))
    return DunningPolicy(
        name="best_found",
        attempts=attempts,
        notices=notices,
        last_day=last_day,
        hour=in_use.hour,
        never_retried=in_use.never_retried,
        limits=in_use.limits,
    )


def parameters_of(policy: DunningPolicy) -> dict[str, int]:
    """Return what a search suggests for a policy."""
    parameters = {"last_day": policy.ends_on}
    for name, days in (("attempt", policy.attempts), ("notice", policy.notices)):
        parameters |= {f"{name}s": len(days), f"{name}_0": days[0] if days else 1}
        parameters |= {f"{name}_{place}": later - day for place, (day, later) in enumerate(pairwise(days), 1)}
    return parameters


def _days(trial: optuna.Trial, name: str, most: int, least: tuple[int, int], last_day: int) -> tuple[int, ...]:
    """Return days by the first of them and the gaps between them, of which some at the end may not count."""
    number = trial.suggest_int(f"{name}s", 0, most)
    gaps = [trial.suggest_int(f"{name}_{place}", least[place > 0], LONGEST_GAP) for place in range(most)]
    return tuple(day for day in accumulate(gaps) if day <= last_day)[:number]


def keeps_limits(policy: DunningPolicy) -> bool:
    """Return whether no card network would refuse an attempt of one failed renewal."""
    for limit in policy.limits:
        for day in policy.attempts:
            if sum(day - limit.days < each <= day for each in policy.attempts) > limit.attempts:
                return False
    return True


def _tried(worlds: Sequence[SubscriberYear], policy: DunningPolicy, seed: int, lab: Laboratory) -> Candidate:
    jobs: list[Job] = []
    for place, world in enumerate(worlds):
        jobs.extend(jobs_of((with_policy(world, policy),), seed, first=place * world.subscribers))
    (tally,) = lab.tallies(jobs)
    net, ran_out, annoyance = (estimate_of(tally.moments(measure)).value for measure in GOALS)
    return Candidate(policy, net, ran_out, annoyance)


def _best(candidates: Sequence[Candidate]) -> Candidate:
    return max(candidates, key=lambda each: each.net_minor)
