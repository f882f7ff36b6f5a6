"""Tells one universe again, call by call: what was asked, what struck it, how order and money stood after it."""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from payflows.errors import InvalidPolicy

from simulations.checkout.promises import named_in
from simulations.checkout.races import RACES
from simulations.checkout.stories import STORIES
from simulations.checkout.subject import Factory, our_checkout
from simulations.search.interleavings import RaceEnding, read_schedule, run_race
from simulations.search.kinds import KINDS
from simulations.search.levels import WIRE, level_of
from simulations.search.plan import Plan, read
from simulations.search.search import Ending, run
from simulations.search.universe import CallRecord, Universe

if TYPE_CHECKING:
    import pandas as pd


class Row(NamedTuple):
    """One call of a universe, as it was after it.

    Attributes:
        at: when, by virtual time.
        call: its number.
        asked: what the process was at, when it made the call: a customer's or merchant's wish, or the worker.
        port: which.
        method: which of its methods.
        fault: what struck it.
        answer: the error that the caller heard, over HTTP also a status from 400; empty where it went well, and where
            the process was gone.
        order: how the order stood.
        money: what Stripe held for it.
    """

    at: str
    call: int
    asked: str
    port: str
    method: str
    fault: str
    answer: str
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
        """A row a call: who asked for what, what struck it and was answered, and how order and money stood after it."""
        import pandas as pd

        return pd.DataFrame(self.rows)

    def __str__(self) -> str:
        table, breach = self.table().to_string(index=False), self.ending.breach
        return "\n".join((table, "", breach or "All promises were kept.", *named_in(breach or "")))


def replay(line: str, *, factory: Factory = our_checkout) -> Replay:
    """Tell a universe again.

    Args:
        line: story and plan, such as `paid 11:answer_lost`, or `wire:paid 11:html_502` over HTTP; or race and
            schedule, with a plan where something goes wrong, such as `a_double_click 0/3.9 17:crash_after`.
        factory: builds the checkout.

    Raises:
        InvalidPolicy: no such story, or no such plan.
    """
    story, _, text = line.strip().partition(" ")
    if story in RACES:
        return _replay_race(story, text.strip(), factory)
    if story.removeprefix(WIRE) not in STORIES:
        raise InvalidPolicy(f"a story or race is one of {', '.join((*STORIES, *RACES))}, got {story!r}")
    recorder = _Scribe(plan := _read(text, level_of(story)[1].kinds))
    ending = run(story, plan, factory=factory, recorder=recorder)
    return Replay(ending, tuple(recorder.rows))


def _replay_race(race: str, text: str, factory: Factory) -> Replay:
    schedule, _, faults = text.partition(" ")
    recorder = _Scribe(plan := _read(faults, KINDS))
    ending = run_race(race, read_schedule(schedule), plan, factory=factory, recorder=recorder)
    return Replay(ending, tuple(recorder.rows))


def _read(text: str, kinds: Collection[str]) -> Plan:
    plan = read(text.strip() or "calm")
    for fault in plan:
        if fault.kind not in kinds:
            raise InvalidPolicy(f"a kind of fault is one of {', '.join(kinds)}, got {fault.kind!r}")
    return plan


class _Scribe:
    """Writes a row after each call."""

    def __init__(self, plan: Plan) -> None:
        self._kinds = {fault.call: str(fault).partition(":")[2] for fault in plan}
        self.rows: list[Row] = []

    def __call__(self, universe: Universe, told: CallRecord) -> None:
        order, number = universe.order, told.number
        status = order.status.value if order is not None else ""
        money = str(universe.stripe.net_for(order.id)) if order is not None else ""
        at, (port, method, _) = f"{universe.clock.now():%d. %H:%M:%S}", universe.sites[number - 1]
        fault = self._kinds.get(number, "")
        row = Row(at, number, _by_name(told.asked), port, method, fault, told.answered, status, money)
        insort(self.rows, row, key=attrgetter("call"))  # of two calls, one within the other, the inner one ends first


def _by_name(asked: str) -> str:
    """A customer's or merchant's wish, or the worker, of whom only one thing is asked."""
    return asked.rpartition(".")[2].replace("step", "worker")
