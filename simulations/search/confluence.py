"""Whether all orders of the same events end alike. How one of them is lived through, the business knows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

from tqdm.auto import tqdm

from simulations.search.event_orders import EventOrder
from simulations.time.parallel import parallel

E = TypeVar("E", bound=Hashable)

ORDERS_A_PART = 100
"""What one process does before it answers: half a second's work, so that the bar moves."""


class Ends(NamedTuple):
    """The orders that end alike.

    Attributes:
        orders: how many.
        first: the first of them.
    """

    orders: int
    first: EventOrder


def tally(orders: Iterable[EventOrder], end_of: Callable[[EventOrder], E]) -> dict[E, Ends]:
    """The different ends, the one that came first before all others, and which orders have each."""
    ends: dict[E, Ends] = {}
    for order in orders:
        end = end_of(order)
        count, first = ends.get(end, (0, order))
        ends[end] = Ends(count + 1, first)
    return ends


def study(
    orders: Sequence[EventOrder],
    end_of: Callable[[EventOrder], E],
    *,
    replay: str,
    workers: int = 1,
    progress: bool = False,
) -> dict[E, Ends]:
    """The ends of all these orders, the same for any number of workers.

    Args:
        orders: which.
        end_of: lives through one; another process must find it.
        replay: the command that does so again, before the order.
        workers: processes that work on them.
        progress: show a bar, and how many orders were lived through in a second.
    """
    parts = [orders[first : first + ORDERS_A_PART] for first in range(0, len(orders), ORDERS_A_PART)]
    ends: dict[E, Ends] = {}
    work: Callable[[Sequence[EventOrder]], dict[E, Ends]] = partial(_ends_of, end_of=end_of, replay=replay)
    with tqdm(total=len(orders), unit=" orders", disable=not progress) as bar:
        for part in parallel(work, parts, workers=workers):
            for end, (count, first) in part.items():
                before, earlier = ends.get(end, (0, first))
                ends[end] = Ends(before + count, earlier)
                bar.update(count)
    return ends


def the_one_end(ends: Mapping[E, Ends], *, replay: str) -> E:
    """The end of all of them.

    Args:
        ends: what a study has found.
        replay: the command that lives through one again, before the order.

    Raises:
        EndsDiffer: there are several.
    """
    if len(ends) != 1:
        raise EndsDiffer(ends, replay)
    return next(iter(ends))


class EndsDiffer(AssertionError):
    """Orders of the same events end differently.

    Args:
        ends: the different ends, and which orders have them.
        replay: the command that lives through one again, before the order.
    """

    def __init__(self, ends: Mapping[Hashable, Ends] | Mapping[E, Ends], replay: str) -> None:
        super().__init__(ends, replay)
        self.ends = ends
        self.replay = replay

    def __str__(self) -> str:
        alike = [f"{end.orders:,} like {self.replay} {end.first}" for end in self.ends.values()]
        return f"{len(alike)} different ends: {'; '.join(alike)}"


def _ends_of(orders: Sequence[EventOrder], *, end_of: Callable[[EventOrder], E], replay: str) -> dict[E, Ends]:
    return tally(orders, partial(_end_of, end_of=end_of, replay=replay))


def _end_of(order: EventOrder, *, end_of: Callable[[EventOrder], E], replay: str) -> E:
    try:
        return end_of(order)
    except Exception as error:
        error.add_note(f"lived through by: {replay} {order}")
        raise
