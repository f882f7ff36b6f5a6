"""Calibration by rejection: sets drawn from the prior, of which those are kept that agree with all targets.

`python -m simulations.models.calibrate`, which is `make calibrate`, repeats that and compares what it keeps with the
accepted sets that are shipped.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from payflows.checks import whole_number
from payflows.errors import InvalidPolicy
from tqdm import tqdm

from simulations.models.assumptions import ASSUMPTIONS
from simulations.models.parameters import DunningParameters, accepted_calendars, accepted_parameters
from simulations.models.targets import CALENDARS, TARGETS, accepted_statistics, statistics_of
from simulations.time.draws import Draws
from simulations.time.parallel import cores, parallel

SHIPPED_DRAWS = 21_423
"""How many sets were drawn for those that are shipped."""
AT_A_TIME = 50
MOST_TRIES = 1_000
FITTED = tuple(name for name, each in ASSUMPTIONS.items() if each.basis == "fitted")
_SHARES = ("mix_nsf", "mix_stale_card", "mix_transient", "mix_dead_card", "mix_auth_required")
_ONE_PERCENT = 1.628
"""Critical value at 1 % of the two-sample Kolmogorov-Smirnov statistic, for large samples (Smirnov, 1948)."""


class Accepted(NamedTuple):
    """A set that agrees with all targets.

    Attributes:
        parameters: drawn from the prior.
        calendar: the number of its retry calendar.
        statistics: by target.
    """

    parameters: DunningParameters
    calendar: int
    statistics: Mapping[str, float]


class Calibration(NamedTuple):
    """The sets that were accepted, and of how many draws."""

    draws: int
    accepted: tuple[Accepted, ...]

    def columns(self) -> Mapping[str, tuple[list[float], list[float]]]:
        """Return by parameter and target the values of these sets, and of those that are shipped."""
        ours, shipped = [each.parameters for each in self.accepted], accepted_parameters()
        both = {name: ([getattr(e, name) for e in ours], [getattr(e, name) for e in shipped]) for name in FITTED}
        made = [each.statistics for each in self.accepted]
        for name in TARGETS:
            both[name] = [each[name] for each in made], [each[name] for each in accepted_statistics()]
        both["calendar"] = [float(each.calendar) for each in self.accepted], [float(n) for n in accepted_calendars()]
        return both

    def differing(self) -> list[str]:
        """Return the columns whose distributions differ from the shipped ones more than one in a hundred does."""
        return [name for name, (ours, shipped) in self.columns().items() if apart(ours, shipped) > 1]

    def table(self) -> str:
        """Return 5, 50 and 95 % of each column, here and shipped, and how far apart both are."""
        lines = [f"{'':24}{'here: 5, 50, 95 %':>28}{'shipped: 5, 50, 95 %':>30}{'apart':>8}"]
        for name, (ours, shipped) in self.columns().items():
            here, there = map(_three, (ours, shipped))
            lines.append(f"{name:24}{here:>28}{there:>30}{apart(ours, shipped):8.2f}")
        return "\n".join(lines)

    def sentence(self) -> str:
        """Say whether the shipped sets are what comes of it."""
        share, columns, differing = len(self.accepted) / self.draws, len(self.columns()), self.differing()
        error = (share * (1 - share) / self.draws) ** 0.5
        return (
            f"{len(self.accepted)} of {self.draws:,} draws were accepted, {100 * share:.2f} % (+- {196 * error:.2f}); "
            f"of those shipped it was {100 * len(accepted_parameters()) / SHIPPED_DRAWS:.2f} %. "
            f"{len(differing)} of {columns} distributions differ from the shipped ones at 1 %"
            f"{': ' + ', '.join(differing) if differing else ''}."
        )


def _three(values: Sequence[float]) -> str:
    return " ".join(f"{each:8.4g}" for each in np.quantile(values, (0.05, 0.5, 0.95)))


def apart(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the Kolmogorov-Smirnov distance of two samples, in units of what one in a hundred such pairs exceeds."""
    places = np.sort(np.concatenate([ours, theirs]))
    below = (np.searchsorted(np.sort(each), places, side="right") / len(each) for each in (ours, theirs))
    distance = np.abs(np.subtract(*below)).max()
    return float(distance / _ONE_PERCENT * (len(ours) * len(theirs) / (len(ours) + len(theirs))) ** 0.5)


def drawn(seed: int, number: int) -> tuple[DunningParameters, int]:
    """Return a set of the prior, uniform on the ranges of `ASSUMPTIONS`, and the number of its calendar.

    The shares of causes are drawn again until what they leave to issuer_risk is possible.
    """
    draws = Draws(seed)
    calendar = draws.of("calendar").below(len(CALENDARS), number)
    fitted: dict[str, Any] = {name: _drawn(name, draws, number) for name in FITTED if name not in _SHARES}
    for again in range(MOST_TRIES):
        shares: dict[str, Any] = {name: _drawn(name, draws, number, again) for name in _SHARES}
        try:
            return DunningParameters(**fitted, **shares), calendar
        except InvalidPolicy:
            continue
    raise AssertionError("most draws of the shares leave something possible")


def _drawn(name: str, draws: Draws, number: int, again: int = 0) -> float:
    ends = ASSUMPTIONS[name].range
    assert ends is not None, "every fitted parameter has a prior"
    return ends[0] + (ends[1] - ends[0]) * draws.of(name).uniform(number, again)


def calibrate(
    draws: int = SHIPPED_DRAWS, *, cases: int = 20_000, seed: int = 0, workers: int = 1, progress: bool = False
) -> Calibration:
    """Draw sets and keep those that agree with all targets.

    Args:
        draws: how many sets.
        cases: failed renewals for each statistic; 20,000 have a standard error of at most 0.35 points.
        seed: all chance.
        workers: processes; the result is the same.
        progress: show a bar.
    """
    whole_number("draws", draws, least=1)
    whole_number("cases", cases, least=1_000)
    work = partial(_accepted_of, seed, cases)
    numbers = range(draws)
    found = parallel(work, numbers, workers=workers, at_a_time=AT_A_TIME)
    seen = tqdm(found, total=draws, desc="draws", disable=not progress)
    return Calibration(draws, tuple(each for each in seen if each is not None))


def _accepted_of(seed: int, cases: int, number: int) -> Accepted | None:
    parameters, calendar = drawn(seed, number)
    statistics: dict[str, float] = {}
    for name, value in statistics_of(parameters, CALENDARS[calendar], seed=number, cases=cases):
        if not TARGETS[name].holds(value):
            return None
        statistics[name] = value
    return Accepted(parameters, calendar, statistics)


def main(arguments: Sequence[str] | None = None) -> None:
    """Calibrate, and print what comes of it."""
    parser = argparse.ArgumentParser(description="draw sets of parameters, and keep those that agree with all targets")
    parser.add_argument("--draws", type=int, default=SHIPPED_DRAWS, help=f"default: {SHIPPED_DRAWS:,}")
    parser.add_argument("--cases", type=int, default=20_000, help="failed renewals for each statistic; default: 20,000")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=cores(), help="processes; default: all cores")
    asked = parser.parse_args(arguments)
    shown = sys.stderr.isatty()
    found = calibrate(asked.draws, cases=asked.cases, seed=asked.seed, workers=asked.workers, progress=shown)
    if found.accepted:
        print(found.table())
        print(found.sentence())
    else:
        print(f"none of {asked.draws:,} draws was accepted; one in seventy is")


if __name__ == "__main__":
    main()
