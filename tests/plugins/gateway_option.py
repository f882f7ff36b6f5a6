"""The option `--gateway`: which gateways the contract is put to, and what each of them is able to do.

A contract test that needs an ability is deselected for a gateway without it: stripe-mock keeps no state, so it is never
asked what became of a payment. Nothing is skipped.
"""

from __future__ import annotations

import pytest

ABILITIES: dict[str, frozenset[str]] = {
    "simulated": frozenset({"remember", "pass time"}),
    "wire": frozenset({"remember", "pass time"}),
    "stripe-mock": frozenset(),
    "stripe-test": frozenset({"remember"}),
}
"""By gateway: whether it remembers earlier calls, and whether time can pass for it."""

EVERY_DAY = ("simulated", "wire", "stripe-mock")
"""Stripe's test mode needs the user's own key and the network, so it is asked for by name."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--gateway",
        action="append",
        choices=sorted(ABILITIES),
        help="put the gateway contract to this one; repeatable (default: simulated, wire and stripe-mock; "
        "stripe-test needs your sk_test_ key in STRIPE_API_KEY)",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(ability, ...): a contract test for gateways that are able to")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "gateway_name" in metafunc.fixturenames:
        metafunc.parametrize("gateway_name", metafunc.config.getoption("--gateway") or EVERY_DAY)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    config.hook.pytest_deselected(items=[item for item in items if not _is_able(item)])
    items[:] = [item for item in items if _is_able(item)]


def _is_able(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return True
    needed = {ability for mark in item.iter_markers("needs") for ability in mark.args}
    return needed <= ABILITIES.get(str(item.callspec.params.get("gateway_name")), needed)
