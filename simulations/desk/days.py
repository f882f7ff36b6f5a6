"""Days of a schedule, as sliders and text fields give them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from payflows.errors import InvalidPolicy


def spread_days(count: int, first: int, last: int, *, least_gap: int = 1) -> tuple[int, ...]:
    """Return days that are spread evenly from the first to the last.

    Args:
        count: how many; with one alone it is the first.
        first: day of the first.
        last: day of the last.
        least_gap: fewer days are never between two of them.

    Raises:
        InvalidPolicy: they do not fit.
    """
    if count < 2:
        return (first,)[:count]
    days = tuple(first + round((last - first) * number / (count - 1)) for number in range(count))
    if any(later - sooner < least_gap for sooner, later in pairwise(days)):
        apart = f" that are {least_gap} days apart" if least_gap > 1 else ""
        raise InvalidPolicy(f"between day {first} and day {last} there is no room for {count} days{apart}")
    return days


def read_days(text: str) -> tuple[int, ...]:
    """Return the days that a text names, such as "3, 10, 24". Raises `InvalidPolicy`: it names something else."""
    parts = [part for part in text.replace(",", " ").split() if part]
    if wrong := [part for part in parts if not part.isdecimal()]:
        raise InvalidPolicy(f"days are whole numbers with commas between them, such as 3, 10, 24; got {wrong[0]!r}")
    return tuple(map(int, parts))


def written(days: Sequence[int]) -> str:
    """Return days as `read_days` reads them."""
    return ", ".join(map(str, days))
