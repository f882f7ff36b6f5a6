"""One mutant's trial, in a separate process: `python -m tests.mutants.trial MODULE < SOURCE`.

The module is replaced when it is first imported, so nothing of ours may be imported before. What finds the mutant first
is printed: a story without a fault, a test that names the module, a single fault or a race, another test; or nothing.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType

from tests.mutants.forks import limit_memory  # it imports nothing of ours

SURVIVES = "survives"
MAX_SECONDS = 300
"""After this long, its process is ended."""

LEFT_OUT = frozenset(
    f"test_{name}"
    for name in (
        *("fault_search", "fault_pairs", "fault_coverage", "one_account", "planted", "races", "storms", "shrinking"),
        *("wire_search", "wire_search_of_others", "wire_planted", "wire_mutants", "soak", "soak_closing", "traces"),
        *("fault_resolution", "fault_map", "fault_finds", "event_orders", "stories_on_stores", "soak_webhooks"),
        *(
            "wire_levels",
            "day",
            "day_on_stripe_mock",
            "year",
            "year_on_stripe_mock",
            "paired",
            "scenario",
            "bench_twin",
        ),
        *("lab_closed_forms", "lab_engine", "lab_experiments", "lab_on_dask", "lab_optimum", "lab_planner", "lab_sums"),
        *("fee_lab", "desk", "policy_comparison", "common_random_numbers", "calibrated_subscribers", "year_measures"),
        *("marketplace_stories", "subscription_stories", "invoice_event_orders", "wire_search_of_subscriptions"),
        *("marketplace_year", "marketplace_exposure", "bench_marketplace", "bench_year"),
        *("draws", "sequence_diagram", "command", "house", "readme", "mutants", "systematic_mutants"),
    )
)
"""Searches, whose finds the stories here make sooner, labs, long runs, and the tests of this tool."""

_BUSINESSES = ("simulations.checkout", "simulations.subscriptions", "simulations.marketplace")

USERS: Mapping[str, Sequence[str]] = {
    "payflows.checkout": _BUSINESSES[:1],
    "payflows.payments": ("payflows.payments", *_BUSINESSES),
    "payflows.kernel": ("payflows.kernel", "build_app", *_BUSINESSES),
    "payflows.subscriptions": _BUSINESSES[1:2],
    "payflows.marketplace": _BUSINESSES[2:],
}
"""What a test names that uses a package as a whole: its modules are seldom named themselves."""

BAD_INPUT = "test_bad_input.py"
"""Tries the constructors and methods of all modules with what is no right value."""

ROOT = Path(__file__).parents[2]


class Replaced(MetaPathFinder):
    """Finds one module, with another source.

    Args:
        module: its name.
        source: what is run instead.
    """

    def __init__(self, module: str, source: str) -> None:
        self._module = module
        self._source = source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find it."""
        spec = PathFinder.find_spec(fullname, path) if fullname == self._module else None
        if spec is None or spec.origin is None:
            return None
        return spec_from_loader(fullname, _Loader(fullname, spec.origin, self._source))


class _Loader(SourceFileLoader):
    def __init__(self, module: str, path: str, source: str) -> None:
        super().__init__(module, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._source, self.path, "exec", dont_inherit=True)


def path_of(module: str) -> Path:
    """Return where a module's source lies."""
    path = ROOT / (module.replace(".", "/") + ".py")
    if not path.is_file():
        raise SystemExit(f"no module {module!r}: name one such as payflows.payments.collection")
    return path


def businesses_of(module: str) -> Sequence[str]:
    """Return whose stories run a module, first the one whose stories and races are searched too."""
    of_one = [name for name in ("subscriptions", "marketplace", "checkout") if f".{name}" in module]
    return of_one or ["checkout", "subscriptions", "marketplace"]


def naming_tests(module: str) -> list[Path]:
    """Return the tests that name a module."""
    return [file for file in _short_tests() if module in file.read_text()]


def using_tests(module: str) -> list[Path]:
    """Return the other tests that use its package, and last that of bad input."""
    names, naming = USERS.get(module.rpartition(".")[0], ()), naming_tests(module)
    using = [file for file in _short_tests() if any(name in file.read_text() for name in names)]
    return [file for file in dict.fromkeys([*using, ROOT / "tests" / BAD_INPUT]) if file not in naming]


def _short_tests() -> list[Path]:
    return [file for file in sorted((ROOT / "tests").glob("test_*.py")) if file.stem not in LEFT_OUT]


def killer_of(module: str) -> str:
    """Return what finds the module, as it is imported now, to be wrong; `SURVIVES` where nothing does."""
    try:
        from tests.mutants.probes import calm, finding, troubled

        businesses = businesses_of(module)
        return (
            finding(calm(businesses))
            or _failed_test(naming_tests(module))
            or finding(troubled(businesses[0]))
            or _failed_test(using_tests(module))
            or SURVIVES
        )
    except Exception as error:  # the module, or what imports it, cannot even be made
        return f"{type(error).__name__} outside all stories"


def _failed_test(files: Sequence[Path]) -> str | None:
    """Return the first test of some files that fails."""
    import pytest

    from tests.mutants.probes import Failures

    if not files:
        return None
    failures = Failures()
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        code = pytest.main(["-x", "-q", *map(str, files)], plugins=[failures])
    return failures.failed[0] if failures.failed else None if code == 0 else f"the tests end with {code}"


def main(module: str) -> None:
    """Replace the module by what stands on the standard input, and print what kills that."""
    limit_memory()
    sys.meta_path.insert(0, Replaced(module, sys.stdin.read()))
    print(killer_of(module).splitlines()[0], flush=True)
    os._exit(0)  # with all that it has left running


if __name__ == "__main__":
    main(*sys.argv[1:])
