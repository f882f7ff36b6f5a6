"""What people do in a universe, whatever has happened before, and how time passes in it. Stories are in `stories`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order, OrderStatus
from payflows.errors import CallRejected
from payflows.parties import Customer
from payflows.payments.model import RefundStatus

from simulations.checkout.scripted_shop import ADA, VISA, cart
from simulations.checkout.shop import HOME, MERCHANT
from simulations.search.interceptor import Crash
from simulations.search.universe import Livelock, Universe

MOST_LOOKS = 5_000
"""The worker's looks at one universe; with a fault of a week some 2,000 are needed."""

DAY = 86_400
DAYS_OF_WEBHOOKS = 4
"""Stripe repeats a webhook for three days."""
TRIES_OF_A_WEBHOOK = 12
"""One that comes by hand; more often than faults strike, in a storm too."""


def buy(universe: Universe, card: str = VISA, *, product: str = "mug", quantity: int = 2) -> Order | None:
    """Press "buy"; the order as the shop answers, None where it does not."""
    return _heard(universe, ADA, card, cart(product, quantity))


def _heard(universe: Universe, customer: Customer, card: str, items: object) -> Order | None:
    checkout = universe.app.checkout.process_checkout
    return _hear(
        universe,
        checkout(customer, "checkout-1", cart=items, payment_method=card, shipping_address=HOME),  # type: ignore[arg-type]
    )


def _hear(universe: Universe, asked: Coroutine[Any, Any, Order | None]) -> Order | None:
    """Ask, and take the shop by its word; None where no order is answered."""
    answer = universe.ask(asked)
    if isinstance(answer, Order):
        universe.heard.append(answer)
        return answer
    return None


def pay_again(universe: Universe, card: str) -> None:
    """Try another card, where the shop asks for one."""
    order = universe.order
    if order is not None and order.status is OrderStatus.CUSTOMER_ACTION:
        pay_again = universe.app.checkout.pay_again
        _hear(universe, pay_again(ADA, order.id, expected_try=order.attempt.number, payment_method=card))


def at_the_bank(universe: Universe, *, passes: bool) -> None:
    """Answer the bank's question, and come back to the shop."""
    order = universe.order
    if order is None or order.payment_id is None:
        return
    with suppress(CallRejected):  # it does not ask, or not any more
        answer = universe.stripe.authenticate if passes else universe.stripe.fail_authentication
        answer(order.payment_id)
    _hear(universe, universe.app.checkout.advance(ADA, order.id))


def cancel(universe: Universe) -> None:
    """The customer changes their mind."""
    if universe.order is not None:
        _hear(universe, universe.app.checkout.cancel_order(ADA, universe.order.id))


def refund(universe: Universe) -> None:
    """The merchant gives the money back."""
    if universe.order is not None:
        _hear(universe, universe.app.checkout.refund_order(MERCHANT, universe.order.id))


def notice(universe: Universe) -> None:
    """A webhook about the payment comes, and again while nobody answers it."""
    order = universe.order
    if order is None or order.payment_id is None:
        return
    for _ in range(TRIES_OF_A_WEBHOOK):
        answer = universe.ask(universe.app.checkout.payment_changed(MERCHANT, order.payment_id))
        if not isinstance(answer, Crash | Exception):
            return
        hours_pass(universe, 1)


def in_the_dashboard(universe: Universe, do: Callable[[str], object]) -> None:
    """Somebody does something to the payment by hand, where Stripe lets them; its webhook comes."""
    order = universe.order
    if order is not None and order.payment_id is not None:
        with suppress(CallRejected):
            do(order.payment_id)
        notice(universe)


# Time passes.


def work(universe: Universe, *, until: datetime | None = None) -> None:
    """The worker looks after everything until nothing is due any more, or that moment has come."""
    for _ in range(MOST_LOOKS):
        wake_at = _look(universe)
        if wake_at is None or (until is not None and universe.clock.now() >= until):
            return
        _sleep(universe, until=wake_at if until is None else min(wake_at, until))
    raise Livelock(f"the worker looked {MOST_LOOKS} times, and there is still something due")


def until_asked(universe: Universe) -> None:
    """Wait until the shop asks the customer for something, or needs nothing from them any more."""
    for _ in range(MOST_LOOKS):
        if not _is_under_way(universe) or (wake_at := _look(universe)) is None or not _is_under_way(universe):
            return
        _sleep(universe, until=wake_at)
    raise Livelock(f"the worker looked {MOST_LOOKS} times, and the customer is asked for nothing")


def _look(universe: Universe) -> datetime | None:
    """The worker does all that is due; when it looks again, None where nothing will be due."""
    due_at = universe.ask(universe.app.worker.run_due())
    if due_at is None:
        return None
    wake_at = universe.clock.now() if isinstance(due_at, Crash | Exception) else due_at
    return max(wake_at, universe.next_change_at())


def _sleep(universe: Universe, *, until: datetime) -> None:
    universe.pass_time(max(1.0, (until - universe.clock.now()).total_seconds()))


def _is_under_way(universe: Universe) -> bool:
    order = universe.order
    return order is not None and order.status in _UNDER_WAY


_UNDER_WAY = (
    OrderStatus.PENDING,
    OrderStatus.INVENTORY_RESERVED,
    OrderStatus.AUTHORISED,
    OrderStatus.ABANDONING,
)


def end(universe: Universe) -> None:
    """The calm after the storm: the worker settles what it can, and parcels arrive."""
    work(universe)
    if universe.sender is not None:
        for _ in range(DAYS_OF_WEBHOOKS):
            hours_pass(universe, 24)
    for order in tuple(universe.store.all(ORDERS)):
        if order.status is OrderStatus.SHIPPED:
            universe.pass_time(3 * DAY)
            universe.ask(universe.app.checkout.shipment_changed(MERCHANT, order.id))
    work(universe)


def minutes_pass(universe: Universe, minutes: int = 10) -> None:
    """Webhooks come meanwhile, and the worker sees to them."""
    for _ in range(minutes):
        universe.pass_time(60)
        work(universe, until=universe.clock.now())


def hours_pass(universe: Universe, hours: int) -> None:
    """The worker sees to what is due, and to the webhooks of these hours at their end."""
    until = universe.clock.now() + timedelta(hours=hours)
    work(universe, until=until)
    universe.pass_time(max(0.0, (until - universe.clock.now()).total_seconds()))
    work(universe, until=until)


def until_sent_back(universe: Universe) -> None:
    """Wait until the customer's bank has sent a refund back; for two weeks at most, for it may be made late."""
    for _ in range(14):
        order = universe.order
        payments = universe.stripe.payments_of_order(order.id) if order is not None else ()
        refunds = (refund for payment in payments for refund in universe.stripe.intent(payment.id).refunds)
        if any(refund.status is RefundStatus.FAILED for refund in refunds):
            return
        hours_pass(universe, 24)
