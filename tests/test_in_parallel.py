"""Work on all cores comes back in the order in which it was given."""

from __future__ import annotations

import pytest

from simulations.in_parallel import cores, in_parallel


def square(number: int) -> int:
    if number < 0:
        raise ValueError(f"{number} is below zero")
    return number * number


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_what_comes_of_it_is_in_the_order_of_the_parts(workers: int) -> None:
    assert list(in_parallel(square, range(20), workers=workers)) == [number * number for number in range(20)]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_comes_out_as_it_is(workers: int) -> None:
    with pytest.raises(ValueError, match="-1 is below zero"):
        list(in_parallel(square, [1, -1, 2], workers=workers))


def test_there_is_a_core() -> None:
    assert cores() >= 1
