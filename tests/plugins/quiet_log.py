"""The log of payflows goes to the tests that look at it, by `caplog`; to all others, searches among them, it is off.

Pytest listens to every logger, and a record that has a reader costs more than many a universe.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from payflows.kernel.log import LOGGER


def pytest_configure() -> None:
    """Keep records from pytest's own handler."""
    LOGGER.propagate = False


@pytest.fixture(autouse=True)
def log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let a test hear what it asks for."""
    LOGGER.propagate = "caplog" in request.fixturenames
    yield
    LOGGER.propagate = False
