"""Tests that take minutes run where they are asked for, by `--on-demand`; nothing is skipped, they are not selected."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--on-demand", action="store_true", help="run the long tests, and no others")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "on_demand: takes minutes; selected by --on-demand alone")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = bool(config.getoption("--on-demand"))
    others = [item for item in items if (item.get_closest_marker("on_demand") is not None) is not wanted]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in set(others)]
