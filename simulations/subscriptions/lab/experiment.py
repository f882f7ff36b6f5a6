"""Experiments with dunning policies: run one, repeat it, sweep any fields, compare two on the same subscribers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from itertools import product
from statistics import mean, stdev
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from payflows.checks import positive, sequence, whole_number
from payflows.errors import InvalidPolicy
from payflows.subscriptions.dunning import DunningPolicy

from simulations.models.dunning import Outcome
from simulations.statistics.ratios import Estimate, estimate_of
from simulations.subscriptions.lab.fields import with_fields
from simulations.subscriptions.lab.jobs import Laboratory, jobs_of
from simulations.subscriptions.lab.measures import MEASURES, Tally
from simulations.subscriptions.lab.stats import student_t
from simulations.subscriptions.year.scenario import SubscriberYear

if TYPE_CHECKING:
    import pandas as pd

LAB = Laboratory()
"""One thread, the compiled engine, and the costs that are assumed."""

LEAST_REPLICATIONS = 20


class Result(NamedTuple):
    """What a policy does in a scenario.

    Attributes:
        scenario: who was dunned how.
        seed: all chance.
        tally: sums over all subscribers.
    """

    scenario: SubscriberYear
    seed: int
    tally: Tally

    def estimate(self, measure: str) -> Estimate:
        """Return a measure with its 95 % interval. Raises `InvalidPolicy`: nothing happened, or no such measure."""
        return estimate_of(self.tally.moments(measure))

    def days_to_recovery(self, share: float = 0.5) -> int | None:
        """Return by which day that share of all that is recovered has been; None: nothing was."""
        days = self.tally.ends[0, : Outcome.RETRY_SUCCEEDED + 1].sum(axis=0) - self.tally.ends[0, 0]
        return int(np.searchsorted(days.cumsum(), share * days.sum())) if days.sum() else None

    def table(self) -> pd.DataFrame:
        """Return a row for each measure, with seed and version; the frame's `attrs` have all parameters."""
        return _frame([({}, self)], self.scenario, self.seed)


def run(scenario: SubscriberYear, *, seed: int, lab: Laboratory = LAB) -> Result:
    """Let the subscribers of a scenario live.

    Args:
        scenario: who is dunned how.
        seed: all chance.
        lab: how it is run.
    """
    (tally,) = lab.tallies(list(jobs_of((scenario,), seed)))
    return Result(scenario, seed, tally)


class Replications(NamedTuple):
    """A measure in runs that differ in their seed alone.

    Attributes:
        measure: its name.
        values: run by run.
        half_width: of the 95 % interval of the mean.
        is_reached: whether it is as small as was asked for.
    """

    measure: str
    values: tuple[float, ...]
    half_width: float
    is_reached: bool

    @property
    def estimate(self) -> Estimate:
        """The mean, with its interval."""
        middle = mean(self.values)
        return Estimate(middle, middle - self.half_width, middle + self.half_width)


def replicate(
    scenario: SubscriberYear, *, seed: int, measure: str, half_width: float, most: int = 1_000, lab: Laboratory = LAB
) -> Replications:
    """Run a scenario with one seed after another, until the interval of a measure is narrow enough.

    Args:
        scenario: who is dunned how.
        seed: of the first run.
        measure: which.
        half_width: how far the interval may reach from the mean.
        most: how many runs are made at most; at least 20 are made.
        lab: how it is run.
    """
    positive("half_width", half_width)
    whole_number("most", most, least=LEAST_REPLICATIONS)
    values: list[float] = []
    while True:
        seeds = range(seed + len(values), seed + min(most, len(values) + LEAST_REPLICATIONS))
        jobs = [job for number, each in enumerate(seeds) for job in jobs_of((scenario,), each, number)]
        for tally in lab.tallies(jobs):
            values.append(estimate_of(tally.moments(measure)).value)
            if len(values) >= LEAST_REPLICATIONS:
                found = student_t(len(values) - 1) * stdev(values) / len(values) ** 0.5
                if found <= half_width or len(values) == most:
                    return Replications(measure, tuple(values), found, found <= half_width)


def sweep(
    scenario: SubscriberYear, values: Mapping[str, Sequence[object]], *, seed: int, lab: Laboratory = LAB
) -> pd.DataFrame:
    """Run a scenario with each combination of values of some fields, on the same subscribers.

    Args:
        scenario: it stays as it is.
        values: by the path of a field (`fields.with_fields`), what it is in turn.
        seed: all chance.
        lab: how it is run.

    Returns:
        A row for each combination and measure.
    """
    for path, each in values.items():
        sequence(path, each)
    combinations = [dict(zip(values, each, strict=True)) for each in product(*values.values())]
    if not combinations:
        raise InvalidPolicy("a sweep needs at least one value of each field")
    scenarios = [with_fields(scenario, each) for each in combinations]
    jobs = [job for number, each in enumerate(scenarios) for job in jobs_of((each,), seed, number)]
    results = map(Result, scenarios, [seed] * len(scenarios), lab.tallies(jobs))
    return _frame(zip(combinations, results, strict=True), scenario, seed)


def _frame(results: Iterable[tuple[Mapping[str, object], Result]], scenario: SubscriberYear, seed: int) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for values, result in results:
        said = {path: _said(value) for path, value in values.items()}
        for measure in MEASURES:
            estimate = result.estimate(measure)
            rows.append({**said, "measure": measure, **estimate._asdict()})
    frame = pd.DataFrame(rows).assign(seed=seed, subscribers=scenario.subscribers, version=_version())
    frame.attrs = {"seed": seed, "scenario": asdict(scenario), "version": _version()}
    return frame


def _said(value: object) -> object:
    """Return a value as a table shows it."""
    return value.name if isinstance(value, DunningPolicy) else value


def _version() -> str:
    try:
        return version("payflows")
    except PackageNotFoundError:
        return "not installed"
