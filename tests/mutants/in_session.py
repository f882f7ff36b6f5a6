"""Trials in forks of one pytest session: all is imported and collected once, then each mutant is made in place."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from functools import partial, reduce
from operator import or_

import pytest

from tests.mutants.forks import Job, Lost, in_forks
from tests.mutants.in_place import Code, codes_in, functions_of, replace, replaceable
from tests.mutants.mutation import Chosen, Mutation
from tests.mutants.probes import InTest, Probe, finding, stories
from tests.mutants.reach import Reach, reach
from tests.mutants.trace import Mark, Trace
from tests.mutants.trial import MAX_SECONDS, SURVIVES, path_of

REACH_SECONDS = 3600
LONGER = 4
"""A trial is ended where it takes this many times as long as its probes do, traced, without a mutant."""
BEGIN_SECONDS = 20


class Trials:
    """Tries mutants in place of running a session's tests.

    Args:
        chosen: the mutants.
        businesses: whose stories are tried.
        imports: what has been traced since the first import.
        elsewhere: tries a mutant that cannot be made in place, in a process of its own.
        ended: is called with each mutant and what killed it.
        workers: processes.
    """

    def __init__(
        self,
        chosen: Sequence[Chosen],
        businesses: Sequence[str],
        *,
        imports: Trace,
        elsewhere: Callable[[str, str], str],
        ended: Callable[[Chosen, str], None],
        workers: int,
    ) -> None:
        self._chosen = chosen
        self._businesses = businesses
        self._imports = imports
        self._elsewhere = elsewhere
        self._ended = ended
        self._workers = workers
        self._paths = {module: str(path_of(module)) for module, _ in chosen}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try them all."""
        gc.freeze()
        ((_, found),) = in_forks([Job(0, lambda: list(stories(self._businesses)), REACH_SECONDS)], workers=1)
        probes: list[Probe] = [*found, *map(InTest, session.items)]
        known = self._reach(probes)
        if known.failing:
            raise pytest.UsageError(f"it fails as it is, so nothing can be said of mutants: {known.failing}")
        jobs = self._jobs(probes, known)
        for chosen, answer in in_forks(jobs, workers=self._workers):
            self._ended(chosen, answer.why if isinstance(answer, Lost) else answer)
        return True

    def _reach(self, probes: Sequence[Probe]) -> Reach:
        """See what reaches what; each worker takes every so manyth."""
        files = list(self._paths.values())
        parts = [dict(list(enumerate(probes))[worker :: self._workers]) for worker in range(self._workers)]
        jobs = [Job(place, partial(reach, part, files), REACH_SECONDS) for place, part in enumerate(parts)]
        known: list[Reach] = [answer for _, answer in in_forks(jobs, workers=self._workers)]
        return reduce(or_, known)

    def _jobs(self, probes: Sequence[Probe], known: Reach) -> Iterator[Job[Chosen]]:
        functions = {module: functions_of(path) for module, path in self._paths.items()}
        for module, mutant in self._chosen:
            path = self._paths[module]
            code = replaceable(functions[module], mutant.owner, mutant.source, path)
            if code is None or (path, mutant.owner) in self._imports.marks:
                yield Job((module, mutant), partial(self._elsewhere, module, mutant.source), MAX_SECONDS)
                continue
            numbers = sorted(known.probes.get(mark_of(mutant, path, code), ()), key=known.seconds.__getitem__)
            seconds = BEGIN_SECONDS + LONGER * sum(known.seconds[number] for number in numbers)
            yield Job((module, mutant), partial(tried, code, [probes[number] for number in numbers]), seconds)


def mark_of(mutant: Mutation, path: str, code: Code) -> Mark:
    """Return what a probe must reach to find it: the line that is changed, where that is a line of the program."""
    function = code[0].__code__
    lines = {line for part in (function, *codes_in(function)) for _, _, line in part.co_lines()}
    return (path, mutant.line if mutant.line in lines and not mutant.is_of_two else mutant.owner)


def tried(code: Code, probes: Sequence[Probe]) -> str:
    """Make the mutant in place, and return what finds it."""
    replace(code)
    try:
        return (finding(probes) or SURVIVES).splitlines()[0]
    except Exception as error:  # what looks for it cannot even begin
        return f"{type(error).__name__} outside all stories"
