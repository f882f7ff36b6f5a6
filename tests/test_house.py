"""The house rules that no linter knows: who may import whom, and how long things may be."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for part in ("payflows", "simulations", "tests") for path in (ROOT / part).rglob("*.py"))

LONGEST_FUNCTION = 40
LONGEST_FILE = 300


def name_of(path: Path) -> str:
    """A source file as its module."""
    relative = path.relative_to(ROOT)
    return ".".join(relative.with_suffix("").parts).removesuffix(".__init__")


# Who imports whom

ADAPTERS = ("payflows.stripe", "payflows.store", "payflows.testing")
BUSINESSES = ("payflows.checkout", "payflows.subscriptions", "payflows.marketplace")
WEATHER = ("simulations", "simpy", "numpy", "pandas", "matplotlib")

SEARCHED_BUSINESSES = (*BUSINESSES, *(business.replace("payflows", "simulations") for business in BUSINESSES))
"""What a search, a network, a clock and the simulated Stripe must not know; imports for type checkers count too."""

CONTRACTS = (
    "payflows.subscriptions.billing",
    "payflows.subscriptions.gateway",
    "payflows.marketplace.balances",
    "payflows.marketplace.connect",
    "payflows.marketplace.gateway",
)
"""What a business asks of Stripe beyond payments: a port and its values, which adapters and simulations serve."""

# In these modules, none of these may be imported.
NEVER: dict[str, tuple[str, ...]] = {
    "payflows": WEATHER,
    "payflows.errors": ("payflows",),
    "payflows.kernel": ("payflows.app", "payflows.payments", *BUSINESSES, *ADAPTERS),
    "payflows.payments": ("payflows.app", *BUSINESSES, *ADAPTERS),
    **{one: ("payflows.app", *ADAPTERS, *(set(BUSINESSES) - {one})) for one in BUSINESSES},
    **{one: ("payflows.app", *BUSINESSES, *(set(ADAPTERS) - {one})) for one in ADAPTERS},
    "simulations": ("tests",),
    **{
        f"simulations.{room}": SEARCHED_BUSINESSES
        for room in ("search", "time", "network", "incidents", "drawing", "statistics")
    },
    "simulations.stripe": (*SEARCHED_BUSINESSES, "simulations.search"),
    "simulations.stripe.core": (
        "simulations.stripe.payments",
        "simulations.stripe.billing",
        "simulations.stripe.connect",
        "simulations.stripe.webhooks",
        "simulations.stripe.http",
    ),
    "simulations.stripe.payments": (
        "simulations.stripe.webhooks",
        "simulations.stripe.billing",
        "simulations.stripe.connect",
    ),
    "simulations.stripe.billing": ("simulations.stripe.webhooks", "simulations.stripe.connect"),
    "simulations.stripe.connect": ("simulations.stripe.webhooks", "simulations.stripe.billing"),
    "simulations.stripe.webhooks": (
        "simulations.stripe.payments",
        "simulations.stripe.billing",
        "simulations.stripe.connect",
        "simulations.stripe.http",
    ),
    "simulations.time": (*SEARCHED_BUSINESSES, "simulations.stripe", "simulations.network"),
    "simulations.models": (*SEARCHED_BUSINESSES, "simulations.search", "simulations.stripe", "simulations.network"),
}
# These may be imported by these modules alone.
ONLY: dict[str, tuple[str, ...]] = {
    "stripe": ("payflows.stripe", "tests"),
    "httpx": (
        "payflows.stripe",
        "payflows.testing",
        "simulations.stripe.http",
        "simulations.search.http_kinds",
        "tests",
    ),
    "simpy": ("simulations.time.world", "tests"),
}


def within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full, so that this test can read them"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_run_one_way(path: Path) -> None:
    """And each is a module that can be imported: B14, the seed awaits at its top level."""
    module = name_of(path)
    imported = set(imports(path))
    compile(path.read_text(), path, "exec")

    contracts = CONTRACTS if within(module, (*ADAPTERS, "simulations.stripe")) else ()
    for place, banned in NEVER.items():
        if within(module, (place,)):
            bad = {name for name in imported if within(name, banned) and not within(name, contracts)}
            assert not bad, f"{place} never imports these"
    for package, importers in ONLY.items():
        if not within(module, importers):
            assert not {name for name in imported if within(name, (package,))}, f"that is for {importers}"


MODULES = {name_of(path): path for path in SOURCES if not within(name_of(path), ("tests",))}


def test_there_is_no_circle_of_imports() -> None:
    """Imports for type checkers count too: who needs a module's type cannot be read or changed without it."""
    graph = {name: set(_imported_modules(path)) - {name} for name, path in MODULES.items()}

    assert not list(circles_in(graph))


def test_a_circle_would_be_seen() -> None:
    assert list(circles_in({"a": {"b"}, "b": {"c"}, "c": {"b"}})) == [frozenset({"b", "c"})]


def _imported_modules(path: Path) -> Iterator[str]:
    for name in imports(path):
        yield from (each for each in (name, name.rpartition(".")[0]) if each in MODULES)


def circles_in(graph: Mapping[str, Collection[str]]) -> Iterator[frozenset[str]]:
    """Modules that come back to themselves, grouped by who reaches whom."""
    reached = {name: _reached_from(name, graph) for name in graph}
    circle = {name: frozenset(other for other in reached[name] if name in reached[other]) for name in graph}
    yield from {members for members in circle.values() if members}


def _reached_from(start: str, graph: Mapping[str, Collection[str]]) -> set[str]:
    reached, coming = set[str](), list(graph[start])
    while coming:
        name = coming.pop()
        if name not in reached:
            reached.add(name)
            coming.extend(graph[name])
    return reached


def test_importing_payflows_is_quick() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import payflows, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert "payflows" in loaded
    assert not set(loaded) & {*WEATHER, "stripe", "httpx", "scipy", "sqlalchemy"}


_A_STORY = """
import sys
sys.modules["pandas"] = None  # an import of it fails
from simulations.checkout.scripted_shop import ScriptedShop
from simulations.checkout.testbed import CHECKOUT
from simulations.search.search import run
shop = ScriptedShop()
order = shop.buy()
shop.settle()
run(CHECKOUT, "paid")
print(shop.now(order).status)
"""


def test_a_story_runs_without_pandas() -> None:
    """Pandas costs a second to import, and is not everywhere: only what makes a table imports it."""
    done = subprocess.run([sys.executable, "-c", _A_STORY], capture_output=True, text=True, check=False, cwd=ROOT)

    assert done.stdout.split() == ["delivered"], done.stderr


# The linter's rules teach

BANS = {
    "payflows/checkout/flow.py": ("pyproject.toml", ("tool", "ruff", "lint")),
    "simulations/checkout/day/run.py": ("simulations/ruff.toml", ("lint",)),
}


@pytest.mark.parametrize("file", BANS)
def test_every_banned_import_is_answered_with_the_reason(file: str) -> None:
    """X1: time, chance, ids and waiting come in through doors, and no module reaches past them."""
    configuration, section = BANS[file]
    bans = tomllib.loads((ROOT / configuration).read_text())
    for key in (*section, "flake8-tidy-imports", "banned-api"):
        bans = bans[key]

    said = lint(file, "".join(map(use_of, bans)))

    for name, ban in bans.items():
        assert f"`{name}` is banned: {ban['msg']}" in said


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("simulations/time/world.py", "simpy"),
        ("simulations/checkout/day/run.py", "numpy"),
        ("payflows/stripe/gateway.py", "stripe"),
    ],
)
def test_the_right_place_may_import_it(file: str, name: str) -> None:
    assert "All checks passed" in lint(file, use_of(name))


def use_of(name: str) -> str:
    module, _, member = name.rpartition(".")
    return f"from {module} import {member}\n" if module.islower() and member else f"import {name}\n"


def lint(file: str, code: str) -> str:
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select=TID251", "--output-format=concise"]
    return subprocess.run(
        [*ruff, "--stdin-filename", file, "-"], input=code, cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout


# How long things may be


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_files_and_functions_fit_a_page(path: Path) -> None:
    text = path.read_text()
    long = [
        f"{node.name}: {lines_of(node)} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and lines_of(node) > LONGEST_FUNCTION
    ]

    assert not long
    assert len(text.splitlines()) <= LONGEST_FILE


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Its lines, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 2 if body and body[-1].end_lineno else 0


# What the tests may not do


@pytest.mark.parametrize("path", [path for path in SOURCES if within(name_of(path), ("tests",))], ids=name_of)
def test_nothing_is_skipped(path: Path) -> None:
    assert not re.search(r"\b(?:pytest|mark)\.(?:skip|skipif|xfail|importorskip)\b", path.read_text())
