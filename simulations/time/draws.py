"""Keyed random draws: a draw is a function of (seed, purpose, entity, number), never of what was drawn before.

Two runs that differ in one policy or one latency therefore meet the same customers: common random numbers. The hash is
splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014), which gives the same
bits in Python, NumPy and Numba.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate

from payflows.checks import whole_number

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def mix(state: int) -> int:
    """One step of splitmix64: 64 bits in, 64 well-mixed bits out."""
    state = (state + _GOLDEN) & _MASK
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
    return state ^ (state >> 31)


@lru_cache(maxsize=1 << 18)
def bits_of(name: str) -> int:
    """64 bits that stand for a name, the same in every process."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")


class Draws:
    """All chance of one run.

    Args:
        seed: a whole number from 0 to 2**63 - 1.

    Raises:
        InvalidPolicy: any other seed.
    """

    def __init__(self, seed: int) -> None:
        whole_number("seed", seed, most=(1 << 63) - 1)
        self.seed = seed

    def of(self, purpose: str) -> Stream:
        """The draws for one purpose, such as "patience"."""
        return Stream(mix(self.seed ^ bits_of(purpose)))


class Stream:
    """The draws for one purpose, by entity (customer 17, order "ord_3") and number (first, second...)."""

    __slots__ = ("_state",)

    def __init__(self, state: int) -> None:
        self._state = state

    def bits(self, entity: int | str, number: int = 0) -> int:
        """64 random bits."""
        place = bits_of(entity) if isinstance(entity, str) else entity
        return mix(mix(self._state ^ place) ^ number)

    def uniform(self, entity: int | str, number: int = 0) -> float:
        """A number in [0, 1) with 53 random bits."""
        return (self.bits(entity, number) >> 11) / (1 << 53)

    def below(self, bound: int, entity: int | str, number: int = 0) -> int:
        """A whole number from 0 to bound - 1, by the high bits of a product: no division, no rejection."""
        return (self.bits(entity, number) * bound) >> 64

    def chance(self, share: float, entity: int | str, number: int = 0) -> bool:
        """True in this share of all draws."""
        return self.uniform(entity, number) < share


class Mix:
    """A choice among weighted things, made by one draw.

    Args:
        things: what can be chosen.
        weights: as many whole numbers of at least 0, one of them above 0.
    """

    __slots__ = ("_steps", "_things", "_whole")

    def __init__(self, things: Sequence[str], weights: Sequence[int]) -> None:
        assert len(things) == len(weights) and sum(weights) > 0
        self._things = tuple(things)
        self._steps = tuple(accumulate(weights))
        self._whole = self._steps[-1]

    def pick(self, draws: Stream, entity: int | str, number: int = 0) -> str:
        """The thing that this draw falls on."""
        return self._things[bisect_right(self._steps, draws.below(self._whole, entity, number))]
