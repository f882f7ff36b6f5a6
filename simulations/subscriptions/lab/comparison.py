"""Two dunning policies on the same subscribers, in one plausible world or in all of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from payflows.checks import instance_of
from payflows.errors import InvalidPolicy
from payflows.subscriptions.dunning import DunningPolicy

from simulations.models.parameters import DunningParameters, accepted_parameters
from simulations.statistics.ratios import Difference, difference_of
from simulations.subscriptions.lab.experiment import LAB
from simulations.subscriptions.lab.fields import with_fields, with_policy
from simulations.subscriptions.lab.jobs import Job, Laboratory, jobs_of
from simulations.subscriptions.lab.measures import MEASURES, Tally
from simulations.subscriptions.lab.stats import OverSets, variance_reduction
from simulations.subscriptions.year.scenario import SubscriberYear

if TYPE_CHECKING:
    import pandas as pd


class Comparison(NamedTuple):
    """Two policies on the same subscribers.

    Attributes:
        names: of the policies.
        tally: sums over all subscribers.
    """

    names: tuple[str, str]
    tally: Tally

    def difference(self, measure: str) -> Difference:
        """Return a measure under both, and the difference with its paired 95 % interval."""
        return difference_of(self.tally.moments(measure))

    def variance_reduction(self, measure: str) -> float:
        """Return how many times as many subscribers independent draws would take for the same interval."""
        return variance_reduction(self.tally.moments(measure))

    def table(self) -> pd.DataFrame:
        """Return a row for each measure."""
        import pandas as pd

        rows = [(name, *self.difference(name), self.variance_reduction(name)) for name in MEASURES]
        columns = ["measure", *self.names, "difference", "low", "high", "variance_reduction"]
        return pd.DataFrame(rows, columns=columns)


def compare(
    scenario: SubscriberYear, first: DunningPolicy, second: DunningPolicy, *, seed: int, lab: Laboratory = LAB
) -> Comparison:
    """Run a scenario by two policies with the same chance.

    Args:
        scenario: whom they meet.
        first: the policy that is compared with.
        second: the other.
        seed: all chance of both.
        lab: how it is run.
    """
    pair = _by_each(scenario, first, second)
    (tally,) = lab.tallies(list(jobs_of(pair, seed)))
    return Comparison((first.name, second.name), tally)


class ComparisonOverSets:
    """Two policies on the same subscribers, in each of many plausible worlds.

    Args:
        names: of the policies.
        sets: of parameters.
        tallies: sums over all subscribers, set by set.
    """

    def __init__(self, names: tuple[str, str], sets: Sequence[DunningParameters], tallies: Sequence[Tally]) -> None:
        self.names = names
        self.sets = sets
        self.comparisons = tuple(Comparison(names, tally) for tally in tallies)

    def over_sets(self, measure: str) -> OverSets:
        """Return how a measure's difference is spread over the sets."""
        return OverSets.of([each.difference(measure) for each in self.comparisons])

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per measure: the medians of both, and the difference over the sets."""
        import pandas as pd

        rows = []
        for name in MEASURES:
            both = [each.difference(name) for each in self.comparisons]
            medians = [
                pd.Series(values).median() for values in zip(*((each.first, each.second) for each in both), strict=True)
            ]
            rows.append((name, *medians, *self.over_sets(name)))
        return pd.DataFrame(rows, columns=["measure", *self.names, *OverSets._fields])

    def sentence(self) -> str:
        """Say what a head of billing decides by."""
        first, second = self.names
        recovered, lost, notices, attempts = map(self.over_sets, ("recovered", "ran_out", "notices", "attempts"))
        more, fewer = "more" if recovered.median >= 0 else "fewer", "more" if lost.median >= 0 else "fewer"
        wins = f"{recovered.wins} of {len(self.sets)} plausible worlds"
        return (
            f"{second} recovers {_size(recovered)} points {more} of the failed renewals than {first}, and wins "
            f"{wins}; it loses {_size(lost)} points {fewer} of their subscribers, and takes {notices.median:+.1f} "
            f"notices and {attempts.median:+.1f} attempts for each."
        )


def compare_over_sets(
    scenario: SubscriberYear,
    first: DunningPolicy,
    second: DunningPolicy,
    *,
    seed: int,
    sets: Sequence[DunningParameters] | None = None,
    lab: Laboratory = LAB,
) -> ComparisonOverSets:
    """Compare two policies in each of many sets of parameters; a difference that changes its sign is not known.

    Args:
        scenario: whom they meet.
        first: the policy that is compared with.
        second: the other.
        seed: all chance; each set has other subscribers, so that their luck evens out over the sets.
        sets: of parameters; None: the 300 accepted ones.
        lab: how it is run.
    """
    (only,) = compare_all_over_sets(scenario, first, [second], seed=seed, sets=sets, lab=lab)
    return only


def compare_all_over_sets(
    scenario: SubscriberYear,
    first: DunningPolicy,
    others: Sequence[DunningPolicy],
    *,
    seed: int,
    sets: Sequence[DunningParameters] | None = None,
    lab: Laboratory = LAB,
) -> list[ComparisonOverSets]:
    """Compare several policies with one, as `compare_over_sets` does, all on the same subscribers."""
    sets = accepted_parameters() if sets is None else tuple(sets)
    if not sets or not others:
        raise InvalidPolicy("at least one set of parameters and one other policy are needed")
    jobs: list[Job] = []
    for number, parameters in enumerate(sets):
        world = with_fields(scenario, {"people.parameters": parameters})
        jobs.extend(jobs_of(_by_each(world, first, *others), seed, number, first=number * scenario.subscribers))
    tallies = list(lab.tallies(jobs))
    return [
        ComparisonOverSets((first.name, other.name), sets, [tally.pair(place) for tally in tallies])
        for place, other in enumerate(others, 1)
    ]


def _by_each(scenario: SubscriberYear, *policies: DunningPolicy) -> tuple[SubscriberYear, ...]:
    instance_of("scenario", scenario, SubscriberYear)
    for policy in policies:
        instance_of("a policy", policy, DunningPolicy)
    return tuple(with_policy(scenario, policy) for policy in policies)


def side_by_side(comparisons: Sequence[ComparisonOverSets]) -> pd.DataFrame:
    """Return a row for each policy that was compared with the same one: what a head of billing asks of it."""
    import pandas as pd

    rows = []
    for each in comparisons:
        recovered, net, lost, notices, attempts = map(
            each.over_sets, ("recovered", "net_minor", "ran_out", "notices", "attempts")
        )
        rows.append(
            {
                "policy": each.names[1],
                "recovered, points": _points(recovered),
                "better in": f"{100 * recovered.share_above:.0f} %",
                "net per failure, minor": f"{net.median:+.0f} [{net.low:+.0f}, {net.high:+.0f}]",
                "subscribers lost, points": _points(lost),
                "notices": f"{notices.median:+.1f}",
                "attempts": f"{attempts.median:+.1f}",
            }
        )
    return pd.DataFrame(rows)


def _points(found: OverSets) -> str:
    return f"{100 * found.median:+.1f} [{100 * found.low:+.1f}, {100 * found.high:+.1f}]"


def _size(found: OverSets) -> str:
    """Return a difference without its sign, and the interval with it."""
    return f"{abs(100 * found.median):.1f} [{100 * found.low:+.1f}, {100 * found.high:+.1f}]"
