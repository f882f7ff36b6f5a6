"""Systematic mutants of whole modules: `python -m tests.mutants.systematic [MODULE ...] [--at-most N] [--workers N]`.

Each differs from the module in one place, and is tried in a separate process (`trial`). What survives and is not
listed in `equal.txt`, with a reason, is a hole in the stories, the checkers or the tests: the exit code is 1 then.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from signal import SIGTERM, signal
from typing import NamedTuple

import pytest

from tests.mutants.mutation import Chosen, Mutation, mutations
from tests.mutants.trace import Trace
from tests.mutants.trial import MAX_SECONDS, ROOT, SURVIVES, businesses_of, naming_tests, path_of, using_tests

PACKAGES = ("payflows/payments", "payflows/checkout")
MODULES = (
    *(f"payflows.kernel.{name}" for name in ("outbox", "inbox", "durable_queue", "handler_queue", "bus")),
    *(
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for package in PACKAGES
        for path in sorted((ROOT / package).glob("*.py"))
        if path.stem != "__init__"
    ),
)
"""The queues, the payments core and the checkout: what is tried where no module is named."""

EQUAL_FILE = Path(__file__).with_name("equal.txt")
"""A line a mutant that behaves as the original does: `MODULE FUNCTION: CHANGE | reason`."""


class Trial(NamedTuple):
    """How a mutant's trial ended.

    Attributes:
        module: of which it is a mutant.
        mutant: which.
        killer: what found it; `SURVIVES` where nothing did.
    """

    module: str
    mutant: Mutation
    killer: str

    @property
    def name(self) -> str:
        """As `equal.txt` has it."""
        return f"{self.module} {self.mutant.what}"

    @property
    def survives(self) -> bool:
        """Whether nothing found it."""
        return self.killer == SURVIVES

    def __str__(self) -> str:
        return f"{self.module}:{self.mutant.line} {self.mutant.what}\n    {self.killer}"


def equal_mutants() -> dict[str, str]:
    """Return why each listed mutant behaves as the original does."""
    lines = (line for line in EQUAL_FILE.read_text().splitlines() if line and not line.startswith("#"))
    return {name: reason for name, _, reason in (line.rpartition(" | ") for line in lines)}


def killer_of(module: str, source: str) -> str:
    """Return what finds a module with this source to be wrong; its process is ended where it takes too long."""
    command = [sys.executable, "-m", "tests.mutants.trial", module]
    try:
        ended = subprocess.run(
            command, cwd=ROOT, input=source, capture_output=True, text=True, timeout=MAX_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"not ended after {MAX_SECONDS} seconds"
    return ended.stdout.strip() or f"ended with {ended.returncode}: {ended.stderr[-200:]}"


def spread(modules: list[str], at_most: int | None) -> list[Chosen]:
    """Choose mutants: all, or this number of them, evenly over all."""
    every = [(module, mutant) for module in modules for mutant in mutations(path_of(module).read_text())]
    return every if at_most is None else every[:: max(1, -(-len(every) // at_most))]


def main(arguments: list[str]) -> int:
    """Print each mutant and what killed it, then the survivors. Exit code 1: one of them has no reason to
    survive; 2: something fails without a mutant."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants.systematic", description=__doc__)
    parser.add_argument("modules", nargs="*", default=list(MODULES), metavar="MODULE")
    parser.add_argument("--at-most", type=int, help="at most this many mutants, evenly over all")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args(arguments)
    chosen = spread(asked.modules, asked.at_most)
    signal(SIGTERM, lambda *_: sys.exit(2))  # so that its forks, and what they began, end with it
    trials: list[Trial] = []
    if not try_all(chosen, partial(_say, trials, len(chosen)), asked.workers):
        return 2
    equal = equal_mutants()
    survivors = [trial for trial in trials if trial.survives]
    holes = [trial for trial in survivors if trial.name not in equal]
    print(f"{len(trials)} mutants: {len(trials) - len(survivors)} killed, {len(survivors)} survive")
    print(f"{len(survivors) - len(holes)} of them behave as the original does; {len(holes)} are holes:")
    for hole in holes:
        print(f"{hole.module}:{hole.mutant.line} {hole.name}")
    return len(holes) > 0


def try_all(chosen: Sequence[Chosen], ended: Callable[[Chosen, str], None], workers: int) -> bool:
    """Try mutants, and return whether their modules keep all promises without them."""
    imports = Trace([str(path_of(module)) for module, _ in chosen])
    modules = dict.fromkeys(module for module, _ in chosen)
    suite = {str(file) for module in modules for file in [*naming_tests(module), *using_tests(module)]}
    businesses = list(dict.fromkeys(name for module in modules for name in businesses_of(module)))
    with imports.on():
        from tests.mutants.in_session import Trials  # it imports what is changed: the trace sees that

        trials = Trials(chosen, businesses, imports=imports, elsewhere=killer_of, ended=ended, workers=workers)
        code = pytest.main(["-q", "--capture=sys", *sorted(suite)], plugins=[trials])
    return code == pytest.ExitCode.OK


def _say(trials: list[Trial], of_all: int, chosen: Chosen, killer: str) -> None:
    trials.append(Trial(*chosen, killer))
    print(f"{len(trials)} of {of_all}: {trials[-1]}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
