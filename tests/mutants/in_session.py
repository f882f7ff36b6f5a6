"""Trials in forks of one pytest session: all is imported and collected once, then each mutant is made in place."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial, reduce
from operator import or_
from signal import ITIMER_REAL, setitimer
from typing import Any, NamedTuple

import pytest

from tests.mutants.forks import Job, Lost, in_forks
from tests.mutants.in_place import Code, Functions, codes_in, functions_of, replace, replaceable
from tests.mutants.mutation import Chosen, Mutation
from tests.mutants.probes import InTest, InUniverse, Probe, calm, in_order, troubled
from tests.mutants.reach import Reach, reach
from tests.mutants.trace import Mark, Trace
from tests.mutants.trial import MAX_SECONDS, SURVIVES, path_of

REACH_SECONDS = 3600
LONGER = 4
"""A probe is ended where it takes this many times as long as it does without a mutant, traced, and some seconds."""
BEGIN_SECONDS = 2


class Found(NamedTuple):
    """What a trial came to.

    Attributes:
        killer: what finds the mutant; `SURVIVES` where nothing does.
        number: that of the probe.
    """

    killer: str
    number: int | None = None


class Trials:
    """Tries mutants in place of running a session's tests.

    Args:
        chosen: the mutants.
        businesses: whose stories are tried.
        imports: what has been traced since the first import.
        elsewhere: tries a mutant that cannot be made in place, in a separate process.
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
        self._kills: Counter[tuple[str, int | None]] = Counter()
        self._paths = {module: str(path_of(module)) for module, _ in chosen}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try them all."""
        functions = {module: functions_of(path) for module, path in self._paths.items()}
        gc.freeze()  # it looks no more at what is there already
        (universes,) = _answers([self._universes], workers=1)
        probes: list[Probe] = [*universes, *map(InTest, session.items)]
        known = self._reach(probes)
        if known.failing:
            raise pytest.UsageError(f"it fails as it is, so nothing can be said of mutants: {known.failing}")
        jobs = self._jobs(probes, known, functions)
        for chosen, found in in_forks(jobs, workers=self._workers):
            if isinstance(found, Lost):
                found = Found(found.why)
            self._ended(chosen, found.killer)
            self._kills[chosen[0], found.number] += 1
        return True

    def _universes(self) -> list[InUniverse]:
        return [*calm(self._businesses), *troubled(self._businesses[0])]

    def _reach(self, probes: Sequence[Probe]) -> Reach:
        """See what reaches what; the probes are dealt out to the workers."""
        files, numbered = list(self._paths.values()), list(enumerate(probes))
        parts = [dict(numbered[worker :: self._workers]) for worker in range(self._workers)]
        known: list[Reach] = _answers([partial(reach, part, files) for part in parts], workers=self._workers)
        return reduce(or_, known)

    def _jobs(self, probes: Sequence[Probe], known: Reach, functions: Mapping[str, Functions]) -> Iterator[Job[Chosen]]:
        """Give the trials, each with what killed most mutants of its module first, then what is quickest; last those
        in a separate process: what is made at import is made once here, without the mutant."""
        slow = []
        for module, mutant in self._chosen:
            path = self._paths[module]
            code = replaceable(functions[module], mutant.owner, mutant.source, path)
            if code is None or ((path, mutant.owner) in self._imports.marks and not is_initialiser(mutant.owner)):
                slow.append(Job((module, mutant), partial(self._tried_elsewhere, module, mutant), MAX_SECONDS))
                continue
            mark = mark_of(mutant, path, code)
            likely = [(-self._kills[module, number], known.seconds[number], number) for number in known.reaching(mark)]
            limits = {number: BEGIN_SECONDS + LONGER * seconds for _, seconds, number in sorted(likely)}
            yield Job((module, mutant), partial(tried, code, probes, limits), sum(limits.values()))
        yield from slow

    def _tried_elsewhere(self, module: str, mutant: Mutation) -> Found:
        return Found(self._elsewhere(module, mutant.source))


def _answers(works: Sequence[Callable[[], Any]], *, workers: int) -> list[Any]:
    """Return what comes of some work in forks, in any order."""
    answers = [answer for _, answer in in_forks((Job(0, work, REACH_SECONDS) for work in works), workers=workers)]
    for lost in (answer for answer in answers if isinstance(answer, Lost)):
        raise pytest.UsageError(f"nothing can be said of mutants, for without one {lost.why}")
    return answers


def is_initialiser(name: str) -> bool:
    """Whether a function returns nothing: then one that ran at import has left nothing that its mutant would not."""
    return name.rpartition(".")[2] in ("__init__", "__post_init__")


def mark_of(mutant: Mutation, path: str, code: Code) -> Mark:
    """Return what a probe must reach to find it: the line that is changed, where that is a line of the program."""
    function = code[0].__code__
    lines = {line for part in (function, *codes_in(function)) for _, _, line in part.co_lines()}
    return (path, mutant.line if mutant.line in lines and not mutant.is_of_two else mutant.owner)


def tried(code: Code, probes: Sequence[Probe], limits: Mapping[int, float]) -> Found:
    """Make the mutant in place, and return what finds it. Where a probe takes too long, the process is killed.

    Args:
        code: the mutant.
        probes: all.
        limits: the numbers of those that are tried, in this order, and for how many seconds.
    """
    replace(code)
    in_order(probes[number] for number in limits)
    for number, seconds in limits.items():
        setitimer(ITIMER_REAL, seconds)  # nothing handles its signal
        try:
            found = probes[number].finds()
        except Exception as error:  # what looks for it cannot even begin
            found = f"{probes[number]}: {type(error).__name__}"
        if found:
            return Found(found.splitlines()[0], number)
    return Found(SURVIVES)
