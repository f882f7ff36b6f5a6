"""Whether all orders of the same webhooks end alike. How one of them is lived through is in `event_orders`."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

from tqdm.auto import tqdm

from simulations.checkout.webhook_permutations import USUAL_COURSE, Course, EndState, EventOrder, end_of
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
    orders: Sequence[EventOrder], *, course: Course = USUAL_COURSE, workers: int = 1, progress: bool = False
) -> dict[EndState, Ends]:
    """The ends of all these orders, the same for any number of workers.

    Args:
        orders: which.
        course: how the payment goes in each of them.
        workers: processes that work on them.
        progress: show a bar, and how many orders were lived through in a second.
    """
    parts = [orders[first : first + ORDERS_A_PART] for first in range(0, len(orders), ORDERS_A_PART)]
    ends: dict[EndState, Ends] = {}
    with tqdm(total=len(orders), unit=" orders", disable=not progress) as bar:
        for part in parallel(partial(_ends_of, course=course), parts, workers=workers):
            for end, (count, first) in part.items():
                before, earlier = ends.get(end, (0, first))
                ends[end] = Ends(before + count, earlier)
                bar.update(count)
    return ends


def the_one_end(ends: Mapping[E, Ends]) -> E:
    """The end of all of them.

    Raises:
        EndsDiffer: there are several.
    """
    if len(ends) != 1:
        raise EndsDiffer(ends)
    return next(iter(ends))


class EndsDiffer(AssertionError):
    """Orders of the same webhooks end differently.

    Args:
        ends: the different ends, and which orders have them.
    """

    def __init__(self, ends: Mapping[E, Ends]) -> None:
        super().__init__(ends)
        self.ends = ends

    def __str__(self) -> str:
        alike = [f"{end.orders:,} like {replay(end.first)}" for end in self.ends.values()]
        return f"{len(alike)} different ends: {'; '.join(alike)}"


def replay(order: EventOrder) -> str:
    """The line that lives through one order again and shows how it ends."""
    return f"payflows webhooks {order}"


def _ends_of(orders: Sequence[EventOrder], course: Course) -> dict[EndState, Ends]:
    return tally(orders, partial(_end_of, course=course))


def _end_of(order: EventOrder, course: Course) -> EndState:
    try:
        return end_of(order, course)
    except Exception as error:
        error.add_note(f"lived through by: {replay(order)}")
        raise
