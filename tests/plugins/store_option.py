"""`--store memory` or `--store sqlite`: which stores the contract and stories are tested on; both by default."""

from __future__ import annotations

import pytest

STORES = ("memory", "sqlite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--store", choices=STORES, action="append", help="only on this store; default: on all")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "store_name" in metafunc.fixturenames:
        metafunc.parametrize("store_name", metafunc.config.getoption("store") or STORES)
