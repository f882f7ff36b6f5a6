"""Shows one universe again, call by call: what was asked, what struck it, how the business stood after it."""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from payflows.errors import InvalidPolicy

from simulations.search.breach import in_words
from simulations.search.interleavings import RaceEnding, read_schedule, run_race
from simulations.search.kinds import KINDS
from simulations.search.plan import Plan, read
from simulations.search.search import Ending, run
from simulations.search.testbed import Testbed
from simulations.search.transports import HTTP
from simulations.search.universe import CallRecord, Universe

if TYPE_CHECKING:
    import pandas as pd


class Row(NamedTuple):
    """One call of a universe, as it was after it.

    Attributes:
        at: when, by virtual time.
        call: its number.
        asked: what the process was doing that made the call: a public method of the program, or the worker.
        port: which.
        method: which of its methods.
        fault: what struck it.
        answer: the error that the caller got, over HTTP also a status from 400; empty where it went well, and where
            the process was gone.
        standing: how the business stood, in the testbed's columns.
    """

    at: str
    call: int
    asked: str
    port: str
    method: str
    fault: str
    answer: str
    standing: tuple[str, ...]


class Replay(NamedTuple):
    """A universe shown again.

    Attributes:
        ending: how it ended.
        rows: every call, in its order.
        columns: what the rows' standing says, by name.
        broken: what the promises say that it broke.
    """

    ending: Ending | RaceEnding
    rows: tuple[Row, ...]
    columns: Sequence[str]
    broken: tuple[str, ...]

    def table(self) -> pd.DataFrame:
        """A row a call: who asked for what, what struck it and was answered, and how the business stood after it."""
        import pandas as pd

        names = (*Row._fields[:-1], *self.columns)
        return pd.DataFrame([(*row[:-1], *row.standing) for row in self.rows], columns=list(names))

    def __str__(self) -> str:
        verdict = in_words(self.ending.breaches) or "All promises were kept."
        return "\n".join((self.table().to_string(index=False), "", verdict, *self.broken))


def replay(testbed: Testbed, line: str) -> Replay:
    """Show a universe again.

    Args:
        testbed: whose story or race.
        line: story and plan, such as `paid 11:answer_lost`, or `wire:paid 11:html_502` over HTTP; or race and
            schedule, with a plan where something goes wrong, such as `a_double_click 0/3.9 17:crash_after`.

    Raises:
        InvalidPolicy: no such story, or no such plan.
    """
    name, _, text = line.strip().partition(" ")
    if name.removeprefix(HTTP) not in testbed.stories and name not in testbed.races:
        raise InvalidPolicy(f"a story or race is one of {', '.join((*testbed.stories, *testbed.races))}, got {name!r}")
    ending, recorder = (_race if name in testbed.races else _story)(testbed, name, text.strip())
    numbers = dict.fromkeys(breach.promise for breach in ending.breaches)
    broken = (f"{number}: {testbed.promises[number]}" for number in numbers if number in testbed.promises)
    return Replay(ending, tuple(recorder.rows), testbed.columns, tuple(broken))


def _story(testbed: Testbed, story: str, text: str) -> tuple[Ending, _RowRecorder]:
    transport, _ = testbed.transport_of(story)
    recorder = _RowRecorder(plan := _read(text, transport.kinds))
    return run(testbed, story, plan, recorder=recorder), recorder


def _race(testbed: Testbed, race: str, text: str) -> tuple[RaceEnding, _RowRecorder]:
    schedule, _, faults = text.partition(" ")
    recorder = _RowRecorder(plan := _read(faults, KINDS))
    return run_race(testbed, race, read_schedule(schedule), plan, recorder=recorder), recorder


def _read(text: str, kinds: Collection[str]) -> Plan:
    plan = read(text.strip() or "calm")
    for fault in plan:
        if fault.kind not in kinds:
            raise InvalidPolicy(f"a kind of fault is one of {', '.join(kinds)}, got {fault.kind!r}")
    return plan


class _RowRecorder:
    """Writes a row after each call."""

    def __init__(self, plan: Plan) -> None:
        self._kinds = {fault.call: str(fault).partition(":")[2] for fault in plan}
        self.rows: list[Row] = []

    def __call__(self, universe: Universe, record: CallRecord) -> None:
        site, fault = universe.sites[record.number - 1], self._kinds.get(record.number, "")
        at, standing = f"{universe.clock.now():%d. %H:%M:%S}", universe.system.standing()
        row = Row(at, record.number, record.asked, site.port, site.method, fault, record.answered, standing)
        insort(self.rows, row, key=attrgetter("call"))  # of two calls, one within the other, the inner one ends first
