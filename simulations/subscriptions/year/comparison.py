"""Two dunning policies on the same subscribers: what differs, how surely, and for whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from payflows.checks import instance_of
from payflows.errors import InvalidPolicy
from payflows.money import Money
from payflows.subscriptions.dunning import DunningPolicy

from simulations.statistics.ratios import Difference, Part, difference_of_ratios
from simulations.subscriptions.year import dunning
from simulations.subscriptions.year.dunning import DunningOutcome
from simulations.subscriptions.year.measures import MONTH, Cause, paying_time
from simulations.subscriptions.year.result import Year
from simulations.subscriptions.year.rows import EpisodeRow, Life
from simulations.subscriptions.year.run import Check, broken_in, run
from simulations.subscriptions.year.scenario import SubscriberYear

if TYPE_CHECKING:
    import pandas as pd

    from simulations.drawing.picture import Picture


class Measure(NamedTuple):
    """A measure that is compared.

    Attributes:
        part: what a subscriber of a year adds to it.
        text: writes its value.
    """

    part: Callable[[Life, SubscriberYear], Part]
    text: Callable[[float, SubscriberYear], str]


def _of_failures(life: Life, year: SubscriberYear, above: Callable[[EpisodeRow], float]) -> Part:
    rows = dunning.seen_to_the_end(life, year.ends_at)
    return Part(sum(map(above, rows)), len(rows))


def _percent(value: float, year: SubscriberYear) -> str:
    return f"{100 * value:.1f} %"


def _number(value: float, year: SubscriberYear) -> str:
    return f"{value:.2f}"


def _money(value: float, year: SubscriberYear) -> str:
    sign = "-" if value < 0 else ""
    return sign + str(Money(round(abs(value)), year.currency))


MEASURES: Mapping[str, Measure] = {
    "recovered by day 60, of failed renewals": Measure(
        lambda life, year: _of_failures(life, year, dunning.is_recovered), _percent
    ),
    "ran out, of failed renewals": Measure(
        lambda life, year: _of_failures(life, year, lambda row: row.outcome == DunningOutcome.RAN_OUT), _percent
    ),
    "involuntary churn a month": Measure(
        lambda life, year: Part(
            life.subscriber.cause == Cause.INVOLUNTARY, paying_time(life.statuses, year.ends_at) / MONTH
        ),
        _percent,
    ),
    "collected per subscriber": Measure(lambda life, year: Part(life.subscriber.paid_minor, 1), _money),
    "attempts per failed renewal": Measure(
        lambda life, year: _of_failures(life, year, lambda row: row.attempts), _number
    ),
    "reminders per failed renewal": Measure(
        lambda life, year: _of_failures(life, year, lambda row: row.notices), _number
    ),
}
"""By name; each is a ratio of sums over all subscribers."""

RECOVERED = "recovered by day 60, of failed renewals"


class PolicyComparison:
    """Two runs of a scenario that differ in the dunning policy alone.

    Args:
        first: by the first policy.
        second: by the second.
    """

    def __init__(self, first: Year, second: Year) -> None:
        self.first = first
        self.second = second
        self.names = (_name_of(first), _name_of(second))

    def difference(self, measure: str) -> Difference:
        """Return a measure of both, and the difference with its interval.

        Raises:
            InvalidPolicy: too few subscribers, or too little that happened to them, or no such measure.
        """
        if measure not in MEASURES:
            raise InvalidPolicy(f"no measure is called {measure!r}; there are {', '.join(MEASURES)}")
        part = MEASURES[measure].part
        return difference_of_ratios(
            *([part(life, year.scenario) for life in year.lives] for year in (self.first, self.second))
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per measure: both values, and the 95 % interval of the difference."""
        import pandas as pd

        rows, year = [], self.first.scenario
        for name, measure in MEASURES.items():
            found = self.difference(name)
            rows.append([name, *(measure.text(value, year) for value in found)])
        first, second = self.names
        return pd.DataFrame(rows, columns=["measure", first, second, "difference", "95 % from", "to"])

    def sentence(self) -> str:
        """Say what the second policy recovers more than the first, and how sure that is."""
        found, (first, second) = self.difference(RECOVERED), self.names
        points = f"{abs(100 * found.difference):.1f} points [{100 * found.low:+.1f}, {100 * found.high:+.1f}]"
        more = "more" if found.difference >= 0 else "fewer"
        found_out = f"{second} recovers {points} {more} of the failed renewals than {first}"
        if found.is_known:
            return f"{found_out}."
        return f"{found_out}: {len(self.first.lives):,} subscribers do not tell which of them is better."

    def differing(self) -> list[int]:
        """Return the numbers of those whose failed renewals did not end alike, as far as they were observed."""
        until = self.first.scenario.ends_at
        pairs = (
            [[row.outcome for row in dunning.seen_to_the_end(life, until)] for life in pair]
            for pair in zip(self.first.lives, self.second.lives, strict=True)
        )
        return [number for number, (first, second) in enumerate(pairs) if first != second]

    def plot_outcomes(self) -> Picture:
        """What became of failed renewals, day by day: the first policy above, the second below."""
        from simulations.subscriptions.year import dunning_figures

        years = (self.first, self.second)
        return dunning_figures.outcomes(
            {name: (year.lives, year.scenario.ends_at) for name, year in zip(self.names, years, strict=True)}
        )

    def plot_customer(self, number: int) -> Picture:
        """What happened to one subscriber by each policy, one above the other."""
        from simulations.subscriptions.year import timelines

        lives = (self.first.lives[number], self.second.lives[number])
        return timelines.one_customer(dict(zip(self.names, lives, strict=True)), self.first.scenario)

    def __repr__(self) -> str:
        first, second = self.names
        return f"<PolicyComparison of {first} and {second} on {len(self.first.lives)} subscribers>"


def compare(
    scenario: SubscriberYear,
    first: DunningPolicy,
    second: DunningPolicy,
    *,
    seed: int,
    workers: int = 1,
    check: Check | None = broken_in,
    progress: bool = False,
) -> PolicyComparison:
    """Run a scenario twice with the same chance, by one dunning policy and by another.

    Args:
        scenario: whom they meet.
        first: the policy that is compared with.
        second: the other.
        seed: all chance of both runs.
        workers: processes among which the subscribers are shared.
        check: what must hold in every small world; None: nothing is checked.
        progress: show a bar of the subscribers.

    Raises:
        InvalidPolicy: a value outside its bounds.
        InvariantBroken: something does not hold that must.
    """
    instance_of("scenario", scenario, SubscriberYear)
    instance_of("first", first, DunningPolicy)
    instance_of("second", second, DunningPolicy)
    years = []
    for policy in (first, second):
        dunned = replace(scenario, policy=replace(scenario.policy, dunning=policy))
        years.append(run(dunned, seed=seed, workers=workers, check=check, progress=progress))
    return PolicyComparison(*years)


def _name_of(year: Year) -> str:
    policy = year.scenario.policy.dunning
    assert policy is not None, "it is dunned"
    return policy.name
