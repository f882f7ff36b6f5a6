"""Tests that are run where they are asked for: long ones, and those in a browser; others are not selected then."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest

ASKED = {
    "on_demand": ("--on-demand", "take minutes"),
    "browser": ("--browser", "need chromium"),
}
"""By its mark, the option that selects such tests, and no others."""


def often(names: Iterable[str], these: Collection[str]) -> list[Any]:
    """Return names to parametrise with: these are run each time, all others on demand."""
    return [name if name in these else pytest.param(name, marks=pytest.mark.on_demand) for name in names]


def seldom(names: Iterable[str], these: Collection[str]) -> list[Any]:
    """Return names to parametrise with: these are run on demand, all others each time."""
    names = tuple(names)
    return often(names, set(names) - set(these))


def pytest_addoption(parser: pytest.Parser) -> None:
    for option, reason in ASKED.values():
        parser.addoption(option, action="store_true", help=f"run the tests that {reason}, and no others")


def pytest_configure(config: pytest.Config) -> None:
    for mark, (option, reason) in ASKED.items():
        config.addinivalue_line("markers", f"{mark}: they {reason}; selected by {option} alone")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = {mark for mark, (option, _) in ASKED.items() if config.getoption(option)}
    others = [item for item in items if {mark for mark in ASKED if item.get_closest_marker(mark)} != wanted]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in set(others)]
