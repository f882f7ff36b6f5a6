"""The longest files first, so that no core waits at the end for one that began late."""

from __future__ import annotations

import pytest

LONGEST_FIRST = (
    "test_wire_search.py",
    "test_one_account.py",
    "test_fault_pairs.py",
    "test_races.py",
    "test_fault_search.py",
    "11_a_day_in_the_shop.ipynb",
    "test_readme.py",
    "test_fault_coverage.py",
    "20_fault_search.ipynb",
    "test_shrinking.py",
    "test_day.py",
    "test_soak.py",
    "test_storms.py",
    "test_wire_planted.py",
    "test_soak_closing.py",
    "test_planted.py",
    "test_traces.py",
)
"""Those of some seconds; all others follow as they are."""

_PLACES = {name: place for place, name in enumerate(LONGEST_FIRST)}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _PLACES.get(item.path.name, len(_PLACES)))
