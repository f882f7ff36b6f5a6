"""Which of the flow's awaits the stories reach: every call of a port that stands in its source, found by reading it.

A call is named by where it stands, by its port and its method: `PaymentSteps.capture stripe.capture_payment`. All kinds
that apply strike every call that is reached (`search`), so what is reached is hit; what is not is listed.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import payflows

from simulations.search.interceptor import POLLS
from simulations.search.kinds import BEYOND_THE_HOLD, Site, kinds_at
from simulations.search.plan import NO_FAULTS, Plan, written
from simulations.search.search import Tally, one_more, run
from simulations.search.universe import CallRecord, Universe

_HOME = Path(payflows.__file__).parent
SOURCES = tuple(path for room in ("checkout", "kernel", "payments") for path in sorted(_HOME.glob(f"{room}/*.py")))

_PORTS = {
    "gateway": "stripe",
    "inventory": "inventory",
    "carrier": "carrier",
    "mailer": "mailer",
    "store": "store",
}


class Await(NamedTuple):
    """One call of a port that stands in the source."""

    place: str
    port: str
    method: str

    def __str__(self) -> str:
        return f"{self.place} {self.port}.{self.method}"


@cache
def awaits() -> frozenset[Await]:
    """Every call of a port in the flow's source; but for polls, which strike nothing and are asked again."""
    return frozenset(found for path in SOURCES for found in _in(ast.parse(path.read_text()), ""))


def _in(node: ast.AST, place: str) -> Iterator[Await]:
    for child in ast.iter_child_nodes(node):
        inner = place
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            inner = f"{place}.{child.name}" if place else child.name
        yield from _in(child, inner)
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute) and child.func.attr not in POLLS:
            port = _port_of(child.func.value)
            if port is not None:
                yield Await(place, port, child.func.attr)


def _port_of(owner: ast.expr) -> str | None:
    name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
    return _PORTS.get(name.lstrip("_"))


def reached(universes: Iterable[tuple[str, Plan]]) -> frozenset[Await]:
    """The awaits that these universes come to."""
    known = awaits()
    found: set[Await] = set()

    def look(universe: Universe, told: CallRecord) -> None:
        port, method, _ = universe.sites[told.number - 1]
        frame: FrameType | None = sys._getframe()
        while frame is not None:
            here = Await(frame.f_code.co_qualname, port, method)
            if here in known:
                found.add(here)
                return
            frame = frame.f_back

    for story, plan in universes:
        run(story, plan, recorder=look)
    return frozenset(found)


def reached_in_calm(stories: Iterable[str]) -> frozenset[Await]:
    """The awaits that stories come to when nothing goes wrong."""
    return reached((story, NO_FAULTS) for story in stories)


REVEALING = (("refused", 0), ("answer_lost", 0), ("conflict", 0), ("responses_dropped", BEYOND_THE_HOLD))
"""The faults after which awaits are looked for that no calm story comes to: one of each sort."""


class Coverage(NamedTuple):
    """What a search of single faults has struck of the flow's source.

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
        told = [f"{len(self.struck)} awaits of the flow are struck by every kind of fault that applies"]
        told += [f"not struck by every kind: {found}" for found in sorted(self.missed)]
        for found, (story, plan) in sorted(self.after_a_fault.items()):
            told.append(f"only after a fault: {found} ({story} {written(plan)})")
        told += [f"in none of these stories: {found}" for found in sorted(self.unreached)]
        return "\n".join(told)


def coverage_of(stories: Sequence[str], tally: Tally) -> Coverage:
    """What the search of these stories has struck.

    Args:
        stories: which.
        tally: what it came to, with single faults at least.
    """
    calm = reached_in_calm(stories)
    struck = frozenset(found for found in calm if _kinds_at(found) <= _kinds_that_struck(found, tally))
    after = dict(_after_a_fault(stories, awaits() - calm))
    return Coverage(struck, calm - struck, after, awaits() - calm - set(after))


def _kinds_at(found: Await) -> set[str]:
    return {kind for kind, _ in kinds_at(Site(found.port, found.method))}


def _kinds_that_struck(found: Await, tally: Tally) -> set[str]:
    return {kind for port, method, kind in tally.hits if (port, method) == (found.port, found.method)}


def _after_a_fault(stories: Iterable[str], wanted: frozenset[Await]) -> Iterator[tuple[Await, tuple[str, Plan]]]:
    """Each with the first universe of a single fault that comes to it."""
    left = set(wanted)
    for story in stories:
        for plan in one_more(run(story)):
            if left and (plan[0].kind, plan[0].seconds) in REVEALING:
                for found in reached([(story, plan)]) & left:
                    left.discard(found)
                    yield found, (story, plan)
