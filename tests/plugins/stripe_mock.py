"""The `stripe_mock` fixture: stripe-mocks for tests, one for each world asked for, kept for the whole run.

Where there is none and none can be built, the tests that want one fail with the way out: nothing is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from typing import Protocol

import pytest

from payflows.testing.stripe_mock import mock


class StripeMocks(Protocol):
    """What the fixture is: `stripe_mock("paid", amount_minor=4999)` is that world's mock."""

    def __call__(
        self, world: str = "default", *, amount_minor: int | None = None, currency: str | None = None
    ) -> mock.StripeMock: ...


@pytest.fixture(scope="session")
def stripe_mock() -> Iterator[StripeMocks]:
    with ExitStack() as stack:

        @cache
        def started(
            world: str = "default", *, amount_minor: int | None = None, currency: str | None = None
        ) -> mock.StripeMock:
            return stack.enter_context(mock.stripe_mock(world, amount_minor=amount_minor, currency=currency))

        yield started
