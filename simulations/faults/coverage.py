"""Which of the flow's awaits the stories reach: every call of a port that stands in its source, found by reading it.

A call is named by where it stands, by its port and its method: `PaymentSteps.capture stripe.capture_payment`. All kinds
that apply strike every call that is reached (`search`), so what is reached is hit; what is not is listed.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import payflows

from simulations.faults.plan import NO_FAULTS, Plan
from simulations.faults.road import POLLS
from simulations.faults.search import run
from simulations.faults.universe import Universe

_HOME = Path(payflows.__file__).parent
SOURCES = (*sorted(_HOME.glob("checkout/*.py")), *sorted(_HOME.glob("events/*.py")))

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

    def look(universe: Universe) -> None:
        port, method, _ = universe.sites[-1]
        frame: FrameType | None = sys._getframe()
        while frame is not None:
            here = Await(frame.f_code.co_qualname, port, method)
            if here in known:
                found.add(here)
                return
            frame = frame.f_back

    for story, plan in universes:
        run(story, plan, scribe=look)
    return frozenset(found)


def reached_in_calm(stories: Iterable[str]) -> frozenset[Await]:
    """The awaits that stories come to when nothing goes wrong."""
    return reached((story, NO_FAULTS) for story in stories)
