"""The verdict on a checkout: which promises are broken now, and which in the end. The checks are in `checkers`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from payflows.checkout.goods import HoldStatus
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import OrderStatus

from simulations.checkout import user_actions
from simulations.checkout.checkers import liveness, safety, webhooks
from simulations.checkout.checkers.final_state import broken_in, money_in
from simulations.checkout.expected import ExpectedEnd
from simulations.checkout.system import CheckoutSystem
from simulations.search.breach import Breach, InvariantBroken

_FAILED = (OrderStatus.PAYMENT_FAILED, OrderStatus.CANCELLED)


class JudgedCheckout(CheckoutSystem):
    """A checkout of which all promises are checked, and in which nothing happens by itself."""

    def tell(self) -> None:
        """Nothing: a story says more."""

    def settle(self) -> None:
        """Let the worker settle what it can, and parcels arrive."""
        user_actions.end(self)

    def safety(self) -> Iterator[Breach]:
        """Check money and stock, whenever they may have moved."""
        return safety.breaches(self)

    def breaches(self) -> list[Breach]:
        """Check all promises, now that all is calm."""
        return final_breaches(self, may_need_a_person=self.may_need_a_person)

    def money(self) -> list[Breach]:
        """Check the money of a shop that never comes to rest."""
        return money_in(self)  # type: ignore[arg-type]  # it has all that is looked at


def check_safety(checkout: CheckoutSystem) -> None:
    """Check money and stock now. Raises `InvariantBroken`: I2, I3, I4, I9, I10 or I12 does not hold."""
    raise_broken(safety.breaches(checkout), 0)


def raise_broken(breaches: Iterable[Breach], call: int) -> None:
    """Raise `InvariantBroken` where there are any: a `Monitor` for those who want to stop there."""
    found = list(breaches)
    if found:
        raise InvariantBroken(found)


def judge(checkout: CheckoutSystem, *, may_need_a_person: bool, ends: ExpectedEnd | None = None) -> None:
    """Check all promises, when all is calm.

    Args:
        checkout: at its end.
        may_need_a_person: an order may be left to one.
        ends: how it must have ended; None: that is not known.

    Raises:
        InvariantBroken: one does not hold.
    """
    found = final_breaches(checkout, may_need_a_person=may_need_a_person)
    raise_broken([*found, *(ends.missed(checkout) if ends is not None else ())], 0)


def final_breaches(checkout: CheckoutSystem, *, may_need_a_person: bool) -> list[Breach]:
    """Every broken promise of a checkout that has come to rest; where webhooks never come, it may need a person."""
    may_need_a_person = may_need_a_person or webhooks.are_refused(checkout)
    reviewed = [order for order in checkout.store.all(ORDERS) if order.review is not None]
    left = {order.id for order in reviewed if may_need_a_person or webhooks.is_news_lost(checkout, order)}
    answers = [order for order in checkout.answers if order.id not in left]
    return [
        *broken_in(checkout, answers),  # type: ignore[arg-type]  # it has all that is looked at
        *_rest(checkout, left),
        *liveness.breaches(checkout),
        *webhooks.unseen(checkout),
        *(webhooks.breaches(checkout) if checkout.settings.listens else ()),
    ]


def _rest(checkout: CheckoutSystem, left: Collection[str]) -> Iterator[Breach]:
    """I11, I14: nothing is left to a person by faults alone, and no goods are held for an order that failed."""
    for order in checkout.store.all(ORDERS):
        if order.review is not None and order.id not in left:
            why = f"{order.review.reason}, {order.review.detail}"
            yield Breach("I14", order.id, f"{order.id} is {order.status} and left to a person: {why}")
        hold = checkout.inventory.holds().get(order.id)
        if order.status in _FAILED and hold is not None and hold.status in (HoldStatus.HELD, HoldStatus.COMMITTED):
            yield Breach("I11", order.id, f"{order.id} is {order.status} and holds stock")
