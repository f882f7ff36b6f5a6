"""Whether a universe kept its promises: looked at after every call that moves anything, and again when all is calm."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from payflows.checkout.goods import HoldStatus
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import OrderStatus

from simulations.checkout import webhooks as listening
from simulations.checkout.checkers import liveness as patience
from simulations.checkout.checkers import safety as moves
from simulations.checkout.checkers.final_state import InvariantBroken, broken_in, money_in
from simulations.checkout.expected import End
from simulations.checkout.user_actions import end
from simulations.search.universe import Universe

_FAILED = (OrderStatus.PAYMENT_FAILED, OrderStatus.CANCELLED)


def watch(universe: Universe) -> None:
    """Money and stock, whenever they may have moved.

    Raises:
        InvariantBroken: I2, I3, I4, I9, I10 or I12 does not hold.
    """
    breaches = list(moves.breaches(universe))
    if breaches:
        raise InvariantBroken(breaches)


class SafetyMonitor:
    """Watches, and writes down what was broken without a word to anybody: a checkout must not catch it as an error.

    Attributes:
        seen: each broken promise, and the number of the call after which it was seen first.
    """

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}

    def __call__(self, universe: Universe) -> None:
        """Look."""
        for breach in moves.breaches(universe):
            self.seen.setdefault(breach, len(universe.sites))

    def told(self) -> list[str]:
        """A sentence for each."""
        return [f"{breach} (after call {call})" for breach, call in self.seen.items()]


def judge(universe: Universe, *, may_need_a_person: bool, ends: End | None = None) -> None:
    """All promises, when all is calm.

    Args:
        universe: at its end.
        may_need_a_person: an order may be left to one.
        ends: how it must have ended; None: that is not known.

    Raises:
        InvariantBroken: one does not hold.
    """
    breaches = _breaches(universe, may_need_a_person, ends)
    if breaches:
        raise InvariantBroken(breaches)


def live(
    universe: Universe,
    tell: Callable[[], object],
    monitor: SafetyMonitor,
    *,
    may_need_a_person: bool = False,
    ends: End | None = None,
) -> str | None:
    """Let a universe be lived through to its end, and judge it.

    Args:
        universe: at its beginning; the monitor watches it.
        tell: what people do in it.
        monitor: who watches.
        may_need_a_person: an order may be left to one.
        ends: how it must end; None: that is not known.

    Returns:
        The promises that it broke, None where it kept them all. What it meets besides is a broken promise too.
    """
    try:
        tell()
        end(universe)
        breaches = _breaches(universe, may_need_a_person, ends)
    except Exception as error:
        breaches = [_told(error), *money_in(universe)]  # type: ignore[arg-type]  # it has all that is looked at
    return "; ".join([*monitor.told(), *breaches]) or None


def _breaches(universe: Universe, may_need_a_person: bool, ends: End | None) -> list[str]:
    left = {order.id for order in universe.store.all(ORDERS) if may_need_a_person and order.review is not None}
    heard = [told for told in universe.heard if told.id not in left]
    return [
        *broken_in(universe, heard),  # type: ignore[arg-type]  # it has all that is looked at
        *_rest(universe, may_need_a_person),
        *patience.breaches(universe),
        *listening.unseen(universe),
        *(listening.breaches(universe) if universe.settings.listens else ()),
        *(ends.missed(universe) if ends is not None else ()),
    ]


def _rest(universe: Universe, may_need_a_person: bool) -> Iterator[str]:
    """I11, I14: nothing is left to a person by faults alone, and nothing is held for nobody."""
    for order in universe.store.all(ORDERS):
        if order.review is not None and not may_need_a_person:
            yield f"I14 {order.id} is {order.status} and left to a person: {order.review.reason}, {order.review.detail}"
        hold = universe.inventory.holds().get(order.id)
        if order.status in _FAILED and hold is not None and hold.status in (HoldStatus.HELD, HoldStatus.COMMITTED):
            yield f"I11 {order.id} is {order.status} and holds stock"


def _told(error: BaseException) -> str:
    """What went wrong, of a group of errors each."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(map(_told, error.exceptions))
    return f"{type(error).__name__}: {error}"
