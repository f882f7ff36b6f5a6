"""Runs the kernel over all subscribers of a scenario, block by block: compiled where Numba is, else as plain Python."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt
from payflows.checks import instance_of, whole_number
from payflows.subscriptions.dunning import MAX_ENTRIES
from payflows.subscriptions.plans import Plan

from simulations.models.cohort import mix_all
from simulations.models.parameters import DunningParameters
from simulations.models.tables import DunningTables, tables_of
from simulations.subscriptions.lab import kernel
from simulations.subscriptions.lab.columns import EPISODE_COLUMNS, LIFE_COLUMNS, MONTHS, SIGNED_UP_AT, TOTAL_MINOR
from simulations.subscriptions.lab.compiling import compiled, has_compiler
from simulations.subscriptions.lab.dunned import Scratch
from simulations.subscriptions.lab.tables import Curves, Matrix, leaving_curves, policy_tables, renewals_of, year_tables
from simulations.subscriptions.year.calibrated import CalibratedSubscribers
from simulations.subscriptions.year.models import DAY_SECONDS
from simulations.subscriptions.year.scenario import SubscriberYear
from simulations.time.draws import bits_of, mix

T = TypeVar("T")
Rows = npt.NDArray[np.int64]

BLOCK = 4_096
"""Subscribers whose rows lie in a core's own cache."""


class Lives(NamedTuple):
    """A block of subscribers at the end: rows as `lab.columns` names them, from the number `first` on."""

    first: int
    subscribers: Rows
    episodes: Rows


def lives(
    scenario: SubscriberYear,
    *,
    seed: int,
    first: int = 0,
    count: int | None = None,
    compile: bool | None = None,
    room: Scratch | None = None,
) -> Iterator[Lives]:
    """Yield the subscribers of a scenario, block by block; a block's arrays are used again for the next.

    Args:
        scenario: who signs up for what, and how they are dunned.
        seed: all chance.
        first: the number of the first subscriber.
        count: how many; None: all of the scenario.
        compile: by Numba; None: where it is installed. The result is the same.
        room: where they live, `room_of` their renewals; None: a new one.

    Raises:
        InvalidPolicy: a scenario, or a policy, that the lab does not know.
    """
    instance_of("scenario", scenario, SubscriberYear)
    whole_number("seed", seed, most=(1 << 63) - 1)
    engine = _Engine(scenario, seed, has_compiler() if compile is None else compile, room)
    end = first + (scenario.subscribers if count is None else count)
    for start in range(first, end, BLOCK):
        yield engine.block(start, min(BLOCK, end - start))


class _Engine:
    def __init__(self, scenario: SubscriberYear, seed: int, compile: bool, room: Scratch | None) -> None:
        people = scenario.customers
        self._scenario = scenario
        self._seed = seed
        self._compile = compile
        self._policy = policy_tables(scenario.policy.dunning)
        self._year = year_tables(scenario, seed)
        assert isinstance(people, CalibratedSubscribers), "the tables of the year were made of them"
        self._tables = tables_of(people.parameters) if not compile else _record_of(people.parameters)
        self._curves: Curves = () if compile else leaving_curves(people, renewals_of(scenario))
        if compile:
            self._policy, self._year = _as_record(self._policy), _as_record(self._year)
            self._curves = _array_of(people, renewals_of(scenario))
        self._scratch = room or room_of(renewals_of(scenario), compile)

    def block(self, first: int, count: int) -> Lives:
        """Return the lives of these subscribers."""
        rows, scratch = sign_ups(self._scenario, self._seed, first, count), self._scratch
        scratch.lives[:count] = cast(Matrix, rows) if self._compile else rows.tolist()
        live_all = compiled("live_all") if self._compile else kernel.live_all
        number = live_all(self._year, self._curves, self._policy, self._tables, first, count, scratch)
        episodes = np.asarray(scratch.episodes[:number], np.int64).reshape(number, EPISODE_COLUMNS)
        return Lives(first, np.asarray(scratch.lives[:count]), episodes)


def room_of(renewals: int, compile: bool) -> Scratch:
    """Return room for a block of subscribers with at most that number of renewals, by any policy."""
    notices, tries = MAX_ENTRIES + 2, renewals * 2 * (MAX_ENTRIES + 2)
    shapes = (BLOCK, LIFE_COLUMNS), (BLOCK * renewals, EPISODE_COLUMNS), notices, tries, tries
    if compile:
        return Scratch._make(np.empty(shape, np.int64) for shape in shapes)
    return Scratch._make(np.zeros(shape, np.int64).tolist() for shape in shapes)


def sign_ups(scenario: SubscriberYear, seed: int, first: int, count: int) -> Rows:
    """Return a row for each subscriber, with what they sign up for: as `year.sign_ups` says; rows to copy from."""
    plans = tuple((scenario.plans.plan(plan_id), weight) for plan_id, weight in scenario.plan_mix.items())
    return _signed_up(scenario.sign_up_days, plans, tuple(scenario.seats_mix.items()), seed, first, count)


@lru_cache(maxsize=32)
def _signed_up(
    days: int,
    plans: tuple[tuple[Plan, int], ...],
    seats_mix: tuple[tuple[int, int], ...],
    seed: int,
    first: int,
    count: int,
) -> Rows:
    """Return the same; it is asked for once more by each policy that they meet."""
    numbers = np.arange(first, first + count, dtype=np.uint64)
    rows = np.zeros((count, LIFE_COLUMNS), np.int64)
    rows[:, SIGNED_UP_AT] = _below(days * DAY_SECONDS, _bits(seed, "sign-up time", numbers))
    picked = _pick([weight for _, weight in plans], _bits(seed, "plan", numbers))
    sizes, weights = zip(*seats_mix, strict=True)
    seats = np.array(sizes)[_pick(list(weights), _bits(seed, "seats", numbers))]
    for place, (plan, _) in enumerate(plans):
        chosen = picked == place
        rows[chosen, MONTHS] = plan.interval.months
        rows[chosen, TOTAL_MINOR] = plan.amount.minor * (seats[chosen] if plan.max_seats > 1 else 1)
    rows.flags.writeable = False
    return rows


def _bits(seed: int, purpose: str, numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    return mix_all(mix_all(np.uint64(mix(seed ^ bits_of(purpose))) ^ numbers))


def _below(bound: int, bits: npt.NDArray[np.uint64]) -> Rows:
    """Return `Stream.below` of each: the high bits of a product, for a bound of at most 32 bits."""
    high, low, half = bits >> np.uint64(32), bits & np.uint64(0xFFFF_FFFF), np.uint64(32)
    factor = np.uint64(bound)
    return ((high * factor + (low * factor >> half)) >> half).astype(np.int64)


def _pick(weights: list[int], bits: npt.NDArray[np.uint64]) -> Rows:
    """Return the place that `Mix.pick` chooses for each."""
    return np.searchsorted(np.cumsum(weights), _below(sum(weights), bits), side="right")


@lru_cache(maxsize=32)
def _array_of(people: CalibratedSubscribers, renewals: int) -> Curves:
    return cast(Curves, np.array(leaving_curves(people, renewals)))


@lru_cache(maxsize=512)
def _record_of(parameters: DunningParameters) -> DunningTables:
    """Return the tables of a set as a record: all accepted ones fit, and to make one takes some milliseconds."""
    return _as_record(tables_of(parameters))


def _as_record(tables: T) -> T:
    """Return tables as one record, which compiled functions hand on by its address: a tuple they would copy."""
    values = {name: np.asarray(getattr(tables, name)) for name in cast(NamedTuple, tables)._fields}
    fields = [(name, value.dtype, value.shape) for name, value in values.items()]
    record = np.zeros((), np.dtype(fields, align=True))
    for name, value in values.items():
        record[name] = value
    return cast(T, record[()])
