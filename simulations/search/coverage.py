"""Which of a program's awaits the stories reach: every call of a port that stands in its source, found by reading it.

A call is named by where it stands, by its port and its method: `PaymentSteps.capture stripe.capture_payment`. All kinds
that apply strike every call that is reached (`search`), so what is reached is hit; what is not is listed.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from payflows.kernel.ports import Nature, methods_of

from simulations.search.kinds import BEYOND_THE_HOLD, kinds_at
from simulations.search.plan import NO_FAULTS, Fault, Plan, written
from simulations.search.ports import Port, Site
from simulations.search.search import Tally, one_more, run, run_injected
from simulations.search.testbed import Testbed


class Await(NamedTuple):
    """One call of a port that stands in the source."""

    place: str
    port: str
    method: str

    def __str__(self) -> str:
        return f"{self.place} {self.port}.{self.method}"


def awaits(testbed: Testbed) -> frozenset[Await]:
    """Every call of a port in the program's source; but for polls, which are never struck."""
    ports = tuple(testbed.ports.items())
    return frozenset(found for path in testbed.sources for found in _awaits_of(path, ports))


@cache
def _awaits_of(path: Path, ports: tuple[tuple[str, Port], ...]) -> tuple[Await, ...]:
    return tuple(_in(ast.parse(path.read_text()), "", dict(ports)))


def _in(node: ast.AST, place: str, ports: Mapping[str, Port]) -> Iterator[Await]:
    for child in ast.iter_child_nodes(node):
        inner = place
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            inner = f"{place}.{child.name}" if place else child.name
        yield from _in(child, inner, ports)
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute):
            port = ports.get(_owner(child.func.value))
            if port is not None and not _is_poll(port, child.func.attr):
                yield Await(place, port.name, child.func.attr)


def _owner(owner: ast.expr) -> str:
    name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
    return name.lstrip("_")


def _is_poll(port: Port, method: str) -> bool:
    known = methods_of(port.protocol).get(method)
    return known is not None and known.nature is Nature.POLL


def reached(testbed: Testbed, universes: Iterable[tuple[str, Plan]]) -> frozenset[Await]:
    """The awaits that these universes come to."""
    known = awaits(testbed)
    found: set[Await] = set()

    def look(faults: Mapping[int, Fault], number: int, site: Site) -> Fault | None:
        frame: FrameType | None = sys._getframe()
        while frame is not None:
            here = Await(frame.f_code.co_qualname.replace("<locals>.", ""), site.port, site.method)
            if here in known:
                found.add(here)
                break
            frame = frame.f_back
        return faults.get(number)

    for story, plan in universes:
        run_injected(testbed, story, partial(look, {fault.call: fault for fault in plan}))
    return frozenset(found)


def reached_in_calm(testbed: Testbed, stories: Iterable[str]) -> frozenset[Await]:
    """The awaits that stories come to when nothing goes wrong."""
    return reached(testbed, ((story, NO_FAULTS) for story in stories))


REVEALING = (
    ("connection_refused", 0),
    ("answer_lost", 0),
    ("version_conflict", 0),
    ("responses_dropped", BEYOND_THE_HOLD),
)
"""The faults after which awaits are looked for that no calm story comes to: one of each sort."""


class Coverage(NamedTuple):
    """What a search of single faults has struck of a program's source.

    Attributes:
        struck: reached while nothing goes wrong, and struck by every kind that applies.
        missed: reached while nothing goes wrong, and not struck by some kind that applies.
        after_a_fault: reached only once something has gone wrong, and where: struck by the second fault of a pair.
        unreached: in no story.
    """

    struck: frozenset[Await]
    missed: frozenset[Await]
    after_a_fault: Mapping[Await, tuple[str, Plan]]
    unreached: frozenset[Await]

    def __str__(self) -> str:
        lines = [f"{len(self.struck)} awaits of the flow are struck by every kind of fault that applies"]
        lines += [f"not struck by every kind: {found}" for found in sorted(self.missed)]
        for found, (story, plan) in sorted(self.after_a_fault.items()):
            lines.append(f"only after a fault: {found} ({story} {written(plan)})")
        lines += [f"in none of these stories: {found}" for found in sorted(self.unreached)]
        return "\n".join(lines)


def coverage_of(testbed: Testbed, stories: Sequence[str], tally: Tally) -> Coverage:
    """What the search of these stories has struck.

    Args:
        testbed: whose stories.
        stories: which.
        tally: what it came to, with single faults at least.
    """
    calm, known = reached_in_calm(testbed, stories), awaits(testbed)
    struck = frozenset(found for found in calm if _kinds_at(testbed, found) <= _kinds_that_struck(found, tally))
    after = dict(_after_a_fault(testbed, stories, known - calm))
    return Coverage(struck, calm - struck, after, known - calm - set(after))


def _kinds_at(testbed: Testbed, found: Await) -> set[str]:
    return {kind for kind, _ in kinds_at(testbed.site(found.port, found.method))}


def _kinds_that_struck(found: Await, tally: Tally) -> set[str]:
    return {kind for port, method, kind in tally.hits if (port, method) == (found.port, found.method)}


def _after_a_fault(
    testbed: Testbed, stories: Iterable[str], wanted: frozenset[Await]
) -> Iterator[tuple[Await, tuple[str, Plan]]]:
    """Each with the first universe of a single fault that comes to it."""
    left = set(wanted)
    for story in stories:
        for plan in one_more(testbed, run(testbed, story)):
            if left and (plan[0].kind, plan[0].seconds) in REVEALING:
                for found in reached(testbed, [(story, plan)]) & left:
                    left.discard(found)
                    yield found, (story, plan)
