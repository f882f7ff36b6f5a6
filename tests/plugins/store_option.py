"""`--store memory` or `--store sqlite`: on which store the contract and the stories are tested; on both by default.

A test that asks for the fixture `store` gets an empty one of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from payflows.store.memory import InMemoryStore
from payflows.store.sql import SqlStore, directly

STORES = ("memory", "sqlite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--store", choices=STORES, action="append", help="only on this store; default: on all")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "store_name" in metafunc.fixturenames:
        metafunc.parametrize("store_name", metafunc.config.getoption("store") or STORES)


@pytest.fixture
def store(store_name: str, tmp_path: Path) -> Iterator[InMemoryStore | SqlStore]:
    """An empty store, which runs its transactions where it is called."""
    if store_name == "memory":
        yield InMemoryStore()
    else:
        made = SqlStore(tmp_path / "file.sqlite", run=directly)
        yield made
        made.close()
