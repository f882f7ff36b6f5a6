"""Charged, and the answer lost: how long until our records say what Stripe's say, by kind of fault.

Counted from the moment at which the money moved, or at which the service is back, whichever is later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, cast

from payflows.checkout.model import Order, OrderStatus
from payflows.payments.model import PaymentStatus

from simulations.checkout.stories import STORIES
from simulations.checkout.system import CheckoutSystem
from simulations.checkout.testbed import CHECKOUT, CheckoutTestbed
from simulations.search.kinds import kinds_at
from simulations.search.plan import Fault, Plan, written
from simulations.search.ports import Site
from simulations.search.search import run
from simulations.search.universe import CallRecord, Universe

if TYPE_CHECKING:
    import pandas as pd

MONEY_CALLS = ("confirm_payment", "capture_payment", "refund_payment")

LOSING_KINDS = (
    "answer_lost",
    "reset",
    "responses_dropped",
    "error_500_done",
    "error_500_done_stored",
    "slow_response",
    "key_in_use",
    "crash_after",
)
"""The kinds after which the work is done, or will be, and the caller does not know it."""


class Money(Enum):
    """Where an order's money is, in Stripe's records or in ours."""

    WITH_THE_CUSTOMER = "with the customer"
    AUTHORISED = "authorised"
    TAKEN = "taken"
    GIVEN_BACK = "given back"


class Resolution(NamedTuple):
    """One call that moved money and whose answer was lost.

    Attributes:
        story: whose.
        plan: the one fault, as `replay` reads it.
        method: the call.
        kind: what went wrong.
        seconds: how long it lasted; 0 where it struck one call only.
        minutes: virtual time until our records agreed with Stripe's, from when that was possible.
        kept: whether all promises were kept.
    """

    story: str
    plan: str
    method: str
    kind: str
    seconds: int
    minutes: float
    kept: bool


def resolutions(stories: Iterable[str] = STORIES, *, testbed: CheckoutTestbed = CHECKOUT) -> pd.DataFrame:
    """A row for every distinct place and kind of *charged, answer lost*.

    Args:
        stories: what people do.
        testbed: whose checkout.
    """
    import pandas as pd

    rows = [_resolved(story, plan, site, testbed) for story in stories for plan, site in _lost_answers(story, testbed)]
    return pd.DataFrame(rows, columns=list(Resolution._fields))


def by_kind(rows: pd.DataFrame) -> pd.DataFrame:
    """A row a kind and length: how many places, the median and the longest time in virtual minutes, promises broken."""
    import pandas as pd

    grouped = rows.groupby(["kind", "seconds"])
    return pd.DataFrame(
        {
            "places": grouped.size(),
            "median_minutes": grouped["minutes"].median().round(1),
            "longest_minutes": grouped["minutes"].max().round(1),
            "broken": grouped["kept"].agg(lambda kept: int((~kept).sum())),
        }
    )


def _lost_answers(story: str, testbed: CheckoutTestbed) -> Iterator[tuple[Plan, Site]]:
    for number, site in enumerate(run(testbed, story).sites, start=1):
        if site.method in MONEY_CALLS:
            for kind, seconds in kinds_at(site):
                if kind in LOSING_KINDS:
                    yield (Fault(number, kind, seconds),), site


def _resolved(story: str, plan: Plan, site: Site, testbed: CheckoutTestbed) -> Resolution:
    (fault,), accountant = plan, _Accountant()
    ending = run(testbed, story, plan, recorder=accountant)
    return Resolution(
        story, written(plan), site.method, fault.kind, fault.seconds, accountant.longest_minutes, not ending.breaches
    )


class _Accountant:
    """Compares the records after every call, and notes for how long they differed once they could have agreed."""

    def __init__(self) -> None:
        self.longest_minutes = 0.0
        self._differ_since: datetime | None = None

    def __call__(self, universe: Universe, record: CallRecord) -> None:
        shop = cast(CheckoutSystem, universe.system)
        now, order = shop.clock.now(), shop.order
        if self._differ_since is not None:
            since = max(self._differ_since, min(universe.ongoing.until, now))
            self.longest_minutes = max(self.longest_minutes, (now - since).total_seconds() / 60)
        if order is None or _in_our_records(order) in (None, _at_stripe(shop, order)):
            self._differ_since = None
        elif self._differ_since is None:
            self._differ_since = now


def _at_stripe(shop: CheckoutSystem, order: Order) -> Money:
    """A dispute is left out: it is no call of ours."""
    payments = shop.stripe.payments_of_order(order.id)
    if any(payment.received.minor for payment in payments):
        kept = any(payment.received > payment.returned for payment in payments)
        return Money.TAKEN if kept else Money.GIVEN_BACK
    held = any(payment.status is PaymentStatus.REQUIRES_CAPTURE for payment in payments)
    return Money.AUTHORISED if held else Money.WITH_THE_CUSTOMER


def _in_our_records(order: Order) -> Money | None:
    """None where the order is being given up: its payment is asked for what it has until it can take no more.

    And where a dispute was lost, or the money given back another way, which are no calls of ours.
    """
    charge = order.charge
    if order.status is OrderStatus.ABANDONING or charge.lost_minor or charge.settled_elsewhere:
        return None
    if charge.refund_id is not None or charge.refunded or charge.refunded_minor == charge.amount.minor:
        return Money.GIVEN_BACK
    return _OF_STATUS.get(order.status, Money.WITH_THE_CUSTOMER)


_OF_STATUS = {
    OrderStatus.AUTHORISED: Money.AUTHORISED,
    OrderStatus.PAID: Money.TAKEN,
    OrderStatus.REFUNDING: Money.TAKEN,
    OrderStatus.SHIPPED: Money.TAKEN,
    OrderStatus.DELIVERED: Money.TAKEN,
}
