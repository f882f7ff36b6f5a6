"""A ratio of two CPU times, measured side by side. What is measured is said elsewhere."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Run = Callable[[int], object]
"""Does round `number` once; what it returns is freed only after the clock has stopped."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times the CPU of one thing another one takes.

    Attributes:
        name: "what / by what it is divided".
        samples: the ratio in each round.
        how: how it was measured.
        bound: what it may be at most; None where it only informs.
    """

    name: str
    samples: tuple[float, ...]
    how: str
    bound: float | None = None

    @property
    def value(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.samples)

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true median lies with 95 % confidence, by the ranks that a fair coin would give it."""
        in_order = sorted(self.samples)
        least = max(0, int(len(in_order) / 2 - 0.98 * len(in_order) ** 0.5))
        return in_order[least], in_order[-1 - least]

    @property
    def verdict(self) -> str:
        """Within the bound or missed; unclear where the machine's noise may be all that is missing."""
        if self.bound is None:
            return "informs"
        if self.value <= self.bound:
            return "within"
        return "missed" if self.interval[0] > self.bound else "unclear"

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.name}: {self.value:.2f} ({low:.2f} to {high:.2f})"


def race(contestants: Sequence[Run], rounds: int) -> list[tuple[float, ...]]:
    """CPU seconds of each contestant, round by round. Who goes first turns, so that a busy machine is fair."""
    for run in contestants:
        run(0)  # imports, caches
    seconds: list[list[float]] = [[] for _ in contestants]
    places = range(len(contestants))
    for number in range(rounds):
        for place in (*places[number % len(places) :], *places[: number % len(places)]):
            seconds[place].append(cpu_seconds(contestants[place], number))
    return [tuple(each) for each in seconds]


def cpu_seconds(run: Run, number: int) -> float:
    """This process's CPU time. Others' garbage is collected before; what its own objects cause it pays for."""
    gc.collect()
    started = time.process_time()
    result = run(number)
    seconds = time.process_time() - started
    del result
    return seconds


def ratio_of(seconds: Sequence[float], by: Sequence[float]) -> tuple[float, ...]:
    """The quotient of each round."""
    return tuple(one / other for one, other in zip(seconds, by, strict=True))
