"""Keyed draws: the published algorithm, the same bits everywhere, and no draw that depends on another."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from statistics import fmean, pvariance

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payflows.errors import InvalidPolicy
from simulations.checkout.day.shoppers import poisson
from simulations.time.draws import Draws, Mix, Stream, bits_of, mix

GOLDEN = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1
PROPERTY = settings(max_examples=100, deadline=None, derandomize=True, database=None)

REFERENCE = {
    0: (0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC, 0x1B39896A51A8749B),
    1234567: (
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ),
}
"""First outputs of the sequential generator by its seed: of Vigna's splitmix64.c, and of its page at Rosetta Code."""

KNOWN_BITS = """
from simulations.time.draws import Draws
stream = Draws(7).of("card")
print(stream.bits("ord_3", 1), stream.bits(17, 2))
"""


def mixed(state: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The same step of splitmix64, on arrays."""
    state = state + np.uint64(GOLDEN)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def chi_square(seen: Iterable[int], expected: float) -> float:
    return sum((count - expected) ** 2 / expected for count in seen)


# The algorithm.


@pytest.mark.parametrize("seed", REFERENCE)
def test_mix_is_one_step_of_splitmix64(seed: int) -> None:
    outputs = tuple(mix((seed + step * GOLDEN) & MASK) for step in range(5))

    assert outputs == REFERENCE[seed]


@PROPERTY
@given(st.integers(0, MASK))
def test_mix_stays_within_64_bits_and_counts_modulo_them(state: int) -> None:
    assert 0 <= mix(state) <= MASK
    assert mix(state) == mix(state + (1 << 64))


def test_numpy_draws_the_same_bits() -> None:
    seed, entities, number = 20_260_101, np.arange(2_000, dtype=np.uint64), 3
    stream = Draws(seed).of("patience")

    purpose = mixed(np.array([seed ^ bits_of("patience")], dtype=np.uint64))
    bits = mixed(mixed(purpose ^ entities) ^ np.uint64(number))

    assert [stream.bits(entity, number) for entity in range(2_000)] == bits.tolist()
    uniform = (bits >> np.uint64(11)) / np.float64(1 << 53)
    assert [stream.uniform(entity, number) for entity in range(2_000)] == uniform.tolist()


def test_a_seed_means_the_same_in_every_release() -> None:
    stream = Draws(7).of("card")

    assert bits_of("card") == 0xE8210778BC1D7860  # printf card | b2sum -l 64
    assert stream.bits("ord_3", 1) == 1_309_375_781_188_847_194
    assert stream.bits(17, 2) == 10_718_834_726_496_718_181


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_names_mean_the_same_in_a_fresh_process(hash_seed: str) -> None:
    stream = Draws(7).of("card")

    fresh = subprocess.run(
        [sys.executable, "-c", KNOWN_BITS],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )

    assert fresh.stdout.split() == [str(stream.bits("ord_3", 1)), str(stream.bits(17, 2))]


# Independence.


def test_a_draw_does_not_depend_on_what_was_drawn_before() -> None:
    places = [(entity, number) for entity in range(50) for number in range(4)]
    forwards, backwards = Draws(1).of("card"), Draws(1).of("card")

    seen = {place: forwards.bits(*place) for place in places}
    again = {place: backwards.bits(*place) for place in reversed(places)}

    assert again == seen
    assert len(set(seen.values())) == len(places)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Draws(1).of("card"), Draws(1).of("patience")),
        (Draws(1).of("card"), Draws(2).of("card")),
        (Draws(0).of("card"), Draws(1 << 62).of("card")),
    ],
    ids=["purposes", "seeds", "distant seeds"],
)
def test_two_streams_have_nothing_to_do_with_each_other(one: Stream, other: Stream) -> None:
    draws = [[stream.uniform(entity) for entity in range(5_000)] for stream in (one, other)]

    correlation = np.corrcoef(draws).flat[1]

    assert abs(correlation) < 4 / 5_000**0.5


def test_neighbours_differ_in_half_of_their_bits() -> None:
    stream = Draws(3).of("card")

    flips = [
        (stream.bits(entity, number) ^ neighbour).bit_count()
        for entity in range(500)
        for number in range(2)
        for neighbour in (stream.bits(entity + 1, number), stream.bits(entity, number + 1))
    ]

    assert abs(fmean(flips) - 32) < 4 * 4 / len(flips) ** 0.5
    assert min(flips) > 8


# How the bits are spread.


def test_uniform_draws_are_uniform() -> None:
    stream = Draws(5).of("card")
    draws = [stream.uniform(entity) for entity in range(20_000)]

    seen = Counter(int(draw * 100) for draw in draws)

    assert all(0 <= draw < 1 for draw in draws)
    assert len(seen) == 100
    assert chi_square(seen.values(), 200) < 161  # 99 degrees of freedom: beyond it lies one run in 10,000


def test_numbers_of_one_entity_are_as_uniform_as_entities_are() -> None:
    stream = Draws(5).of("card")

    seen = Counter(stream.below(100, "ord_1", number) for number in range(20_000))

    assert set(seen) == set(range(100))
    assert chi_square(seen.values(), 200) < 161


@PROPERTY
@given(st.integers(1, 1 << 40), st.integers(0, MASK), st.integers(0, 1_000))
def test_below_stays_below_and_follows_the_high_bits(bound: int, entity: int, number: int) -> None:
    stream = Draws(11).of("pick")

    drawn = stream.below(bound, entity, number)

    assert 0 <= drawn < bound
    assert drawn == stream.bits(entity, number) * bound // (1 << 64)


def test_a_chance_of_nothing_never_comes_and_one_of_the_whole_always() -> None:
    stream = Draws(11).of("pick")

    assert not any(stream.chance(0, entity) for entity in range(1_000))
    assert all(stream.chance(1, entity) for entity in range(1_000))


def test_a_chance_comes_where_the_draw_lies_below_it() -> None:
    stream = Draws(11).of("pick")
    draws = [stream.uniform(entity) for entity in range(100)]

    assert not any(stream.chance(draw, entity) for entity, draw in enumerate(draws))
    assert all(stream.chance(draw + 1e-15, entity) for entity, draw in enumerate(draws))


def test_a_chance_comes_in_its_share_of_draws() -> None:
    stream = Draws(11).of("pick")

    came = sum(stream.chance(0.3, entity) for entity in range(10_000))

    assert abs(came - 3_000) < 4 * (10_000 * 0.3 * 0.7) ** 0.5


def test_a_mix_is_picked_by_its_weights() -> None:
    weights = {"visa": 6, "never": 0, "amex": 3, "debit": 1}
    picks = Mix(tuple(weights), tuple(weights.values()))
    stream = Draws(13).of("wallet")

    seen = Counter(picks.pick(stream, entity) for entity in range(10_000))

    assert set(seen) == {"visa", "amex", "debit"}
    expected = {name: weight * 1_000 for name, weight in weights.items() if weight}
    distance = sum((seen[name] - count) ** 2 / count for name, count in expected.items())
    assert distance < 18.4  # 2 degrees of freedom: beyond it lies one run in 10,000


@pytest.mark.parametrize("weights", [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
def test_a_mix_of_one_thing_is_that_thing(weights: tuple[int, ...]) -> None:
    picks = Mix(("a", "b", "c"), weights)
    stream = Draws(13).of("wallet")

    assert {picks.pick(stream, entity) for entity in range(500)} == {"abc"[weights.index(1)]}


@pytest.mark.parametrize(
    ("things", "weights"), [(("a", "b"), (1,)), (("a",), (0,)), ((), ())], ids=["lengths", "no weight", "nothing"]
)
def test_a_mix_of_nothing_is_a_mistake_in_the_code(things: tuple[str, ...], weights: tuple[int, ...]) -> None:
    with pytest.raises(AssertionError):
        Mix(things, weights)


@pytest.mark.parametrize(("expected", "runs"), [(0.4, 3_000), (3.7, 2_000), (120, 300)])
def test_arrivals_are_poisson(expected: float, runs: int) -> None:
    stream = Draws(17).of("arrivals")

    numbers = [poisson(expected, stream, entity) for entity in range(runs)]

    spread_of_variance = (expected * (1 + 2 * expected) / runs) ** 0.5
    assert abs(fmean(numbers) - expected) < 4 * (expected / runs) ** 0.5
    assert abs(pvariance(numbers) - expected) < 4 * spread_of_variance


def test_where_no_arrivals_are_expected_none_come() -> None:
    assert {poisson(0, Draws(17).of("arrivals"), hour) for hour in range(24)} == {0}


@pytest.mark.parametrize("seed", [-1, 1.0, True, "7", None, 1 << 63])
def test_a_seed_is_a_whole_number_of_63_bits(seed: object) -> None:
    with pytest.raises(InvalidPolicy, match="seed must be a whole number"):
        Draws(seed)  # type: ignore[arg-type]
