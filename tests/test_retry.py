"""The retry policy: how long the worker waits, and what it may be set to."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payflows.checkout.policy import CheckoutPolicy
from payflows.errors import InvalidPolicy
from payflows.kernel.retry import RetryPolicy


def test_the_usual_waits_double_up_to_five_minutes() -> None:
    policy = RetryPolicy()

    assert [policy.delay_seconds(waits) for waits in range(6)] == [20, 40, 80, 160, 300, 300]


def test_a_policy_may_wait_the_same_each_time() -> None:
    policy = RetryPolicy(first_delay_seconds=7, factor=1)

    assert {policy.delay_seconds(waits) for waits in range(50)} == {7}


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(
    first=st.integers(1, 86_400), factor=st.integers(1, 10), longest=st.integers(1, 86_400), waits=st.integers(0, 5_000)
)
def test_waits_never_shrink_and_none_is_longer_than_the_longest(
    first: int, factor: int, longest: int, waits: int
) -> None:
    policy = RetryPolicy(first_delay_seconds=min(first, longest), factor=factor, max_delay_seconds=max(first, longest))

    delay, next_delay = policy.delay_seconds(waits), policy.delay_seconds(waits + 1)

    assert type(delay) is int
    assert policy.first_delay_seconds <= delay <= next_delay <= policy.max_delay_seconds
    assert next_delay in (delay * factor, policy.max_delay_seconds)


def test_an_unknown_outcome_is_looked_at_often_enough_for_the_promise_of_ten_minutes() -> None:
    slowest = RetryPolicy(first_delay_seconds=300, max_delay_seconds=300)

    assert slowest.delay_seconds(1_000_000) == 300
    with pytest.raises(InvalidPolicy, match="an order's retries wait at most 300 seconds each and have no last one"):
        CheckoutPolicy(retry=RetryPolicy(max_delay_seconds=301))


def test_an_order_is_never_given_up_because_stripe_could_not_be_asked() -> None:
    with pytest.raises(InvalidPolicy, match="have no last one"):
        CheckoutPolicy(retry=RetryPolicy(max_retries=50))


def test_where_there_is_a_last_wait_it_says_so() -> None:
    assert [RetryPolicy(max_retries=2).gives_up_after(waits) for waits in range(4)] == [False, False, True, True]
    assert not RetryPolicy().gives_up_after(1_000_000)


def test_waits_that_would_shrink_are_refused_with_what_is_allowed_and_what_came() -> None:
    with pytest.raises(InvalidPolicy, match=r"must be at least first_delay_seconds \(20\), got 5"):
        RetryPolicy(max_delay_seconds=5)


@pytest.mark.parametrize("bad", [-1, 1.5, True, "3", []])
@pytest.mark.parametrize(
    "field",
    ["inline_tries", "inline_delay_seconds", "first_delay_seconds", "factor", "max_delay_seconds", "max_retries"],
)
def test_every_setting_is_a_whole_number(field: str, bad: object) -> None:
    with pytest.raises(InvalidPolicy, match=f"{field} must be a whole number from"):
        RetryPolicy(**{field: bad})  # type: ignore[arg-type]
