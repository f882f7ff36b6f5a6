"""Every order in which the events of one story can come in, each of them twice."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from math import factorial, prod

from payflows.checks import whole_number

from simulations.time.draws import Draws

TIMES_EACH = 2
KINDS = 5

EventOrder = str
"""The order in which events come in, a digit for each: its stage, from 1. `1122334455` is as they happened."""


def order_count(kinds: int = KINDS) -> int:
    """Count the different orders of events of a number of kinds, each twice."""
    return _count_of(_as_it_happens(kinds))


def all_orders(kinds: int = KINDS) -> Iterator[EventOrder]:
    """Each of them once, from the one that is as it happens to the one that is the other way round."""
    return _arrangements(_as_it_happens(kinds))


def sample(size: int, *, seed: int) -> tuple[EventOrder, ...]:
    """Draw this many different ones of all."""
    count, webhooks = order_count(), _as_it_happens(KINDS)
    whole_number("size", size, most=count // 2)
    draws, places = Draws(seed).of("event order"), dict[int, None]()
    for number in itertools.count():
        if len(places) == size:
            break
        places.setdefault(draws.below(count, number))
    return tuple(_arrangement(webhooks, place) for place in places)


def _as_it_happens(kinds: int) -> EventOrder:
    return "".join(str(stage) * TIMES_EACH for stage in range(1, kinds + 1))


def _arrangements(left: str) -> Iterator[str]:
    if not left:
        yield ""
    for digit in sorted(set(left)):
        yield from (digit + rest for rest in _arrangements(left.replace(digit, "", 1)))


def _arrangement(left: str, place: int) -> str:
    """The one at a place among all arrangements, from 0."""
    for digit in sorted(set(left)):
        rest = left.replace(digit, "", 1)
        if place < _count_of(rest):
            return digit + _arrangement(rest, place)
        place -= _count_of(rest)
    return ""


def _count_of(left: str) -> int:
    """How many arrangements there are."""
    return factorial(len(left)) // prod(factorial(left.count(digit)) for digit in set(left))
