"""Tells one universe again, call by call: what was asked, what struck it, how order and money stood after it."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
from payflows.errors import BadPolicy

from simulations.faults.levels import WIRE, level_of
from simulations.faults.plan import NO_FAULTS, Plan, read
from simulations.faults.search import Ending, run
from simulations.faults.stories import STORIES
from simulations.faults.turns import RACES, RaceEnding, Schedule, read_schedule, run_race
from simulations.faults.universe import Factory, Universe, our_checkout


class Row(NamedTuple):
    """One call of a universe, as it was after it."""

    at: str
    call: int
    port: str
    method: str
    fault: str
    order: str
    money: str


class Replay(NamedTuple):
    """A universe told again.

    Attributes:
        ending: how it ended.
        rows: every call, in its order.
    """

    ending: Ending | RaceEnding
    rows: tuple[Row, ...]

    def table(self) -> pd.DataFrame:
        """A row a call: the time, the port and its method, the fault, and how order and money stood after it."""
        return pd.DataFrame(self.rows)

    def __str__(self) -> str:
        told = self.table().to_string(index=False)
        return f"{told}\n\n{self.ending.breach or 'All promises were kept.'}"


def replay(line: str, *, factory: Factory = our_checkout) -> Replay:
    """Tell a universe again.

    Args:
        line: story and plan, such as `paid 11:answer_lost`, or `wire:paid 11:html_502` over HTTP; or race and
            schedule, such as `a_double_click 0/3.9`.
        factory: builds the checkout.

    Raises:
        BadPolicy: no such story, or no such plan.
    """
    story, _, text = line.strip().partition(" ")
    if story in RACES:
        return _replay_race(story, read_schedule(text.strip()), factory)
    if story.removeprefix(WIRE) not in STORIES:
        raise BadPolicy(f"a story or race is one of {', '.join((*STORIES, *RACES))}, got {story!r}")
    plan = read(text.strip() or "calm")
    kinds = level_of(story)[1].kinds
    unknown = [fault.kind for fault in plan if fault.kind not in kinds]
    if unknown:
        raise BadPolicy(f"a kind of fault is one of {', '.join(kinds)}, got {unknown[0]!r}")
    scribe = _Scribe(plan)
    ending = run(story, plan, factory=factory, scribe=scribe)
    return Replay(ending, tuple(scribe.rows))


def _replay_race(race: str, schedule: Schedule, factory: Factory) -> Replay:
    scribe = _Scribe(NO_FAULTS)
    ending = run_race(race, schedule, factory=factory, scribe=scribe)
    return Replay(ending, tuple(scribe.rows))


class _Scribe:
    """Writes a row after each call; after a crash nobody comes back, and the row is written when the next call is."""

    def __init__(self, plan: Plan) -> None:
        self._kinds = {fault.call: str(fault).partition(":")[2] for fault in plan}
        self.rows: list[Row] = []

    def __call__(self, universe: Universe) -> None:
        order = universe.order
        status = order.status.value if order is not None else ""
        money = str(universe.stripe.net_for(order.id)) if order is not None else ""
        at = f"{universe.clock.now():%d. %H:%M:%S}"
        for number in range(len(self.rows) + 1, len(universe.sites) + 1):
            port, method, _ = universe.sites[number - 1]
            self.rows.append(Row(at, number, port, method, self._kinds.get(number, ""), status, money))
