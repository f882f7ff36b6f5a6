"""Work on all cores comes back in the order in which it was given."""

from __future__ import annotations

import pytest

from simulations.time.parallel import cores, parallel


def square(number: int) -> int:
    if number < 0:
        raise ValueError(f"{number} is below zero")
    return number * number


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_what_comes_of_it_is_in_the_order_of_the_parts(workers: int) -> None:
    assert list(parallel(square, range(20), workers=workers)) == [number * number for number in range(20)]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_comes_out_as_it_is(workers: int) -> None:
    with pytest.raises(ValueError, match="-1 is below zero"):
        list(parallel(square, [1, -1, 2], workers=workers))


def test_there_is_a_core() -> None:
    assert cores() >= 1
