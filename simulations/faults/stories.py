"""What people do in a universe: one story a way through the checkout. Faults are none of their business.

A story is told in steps that people take whatever has happened before: who hears nothing presses the button again, who
is asked for another card tries one. After each story comes a calm in which everything settles (`end`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from payflows.actors import Customer
from payflows.checkout.model import Order, OrderStatus
from payflows.checkout.policy import CheckoutPolicy
from payflows.errors import CallRefused
from payflows.payments import CaptureMode

from simulations.faults.universe import Crash, Livelock, Settings, Universe
from simulations.shop import HOME, MERCHANT
from simulations.story import ADA, BANK_DEBIT, FAILING_DEBIT, NO_FUNDS, THREE_D_SECURE, VISA, cart

MOST_LOOKS = 5_000
"""The worker's looks at one universe; with a fault of a week some 2,000 are needed."""

DAY = 86_400
AT_ONCE = Settings(CheckoutPolicy(capture=CaptureMode.AUTOMATIC, pending_look_seconds=DAY // 4))
PATIENT = Settings(CheckoutPolicy(pending_look_seconds=DAY // 4))
SLOW_CARRIER = Settings(pickup_seconds=7_200)


class Story(NamedTuple):
    """One way through the checkout.

    Attributes:
        tell: what people do.
        settings: the shop that they do it in.
        may_need_a_person: whether it may end in review: what people did is not ours to put right.
    """

    tell: Callable[[Universe], None]
    settings: Settings = Settings()
    may_need_a_person: bool = False


# What people do.


def buy(universe: Universe, card: str = VISA, *, product: str = "mug", quantity: int = 2) -> Order | None:
    """Press "buy"; the order as the shop answers, None where it does not."""
    return _heard(universe, ADA, card, cart(product, quantity))


def _heard(universe: Universe, customer: Customer, card: str, items: object) -> Order | None:
    checkout = universe.app.checkout.process_checkout
    answer = universe.ask(
        checkout(customer, "checkout-1", cart=items, payment_method=card, shipping_address=HOME)  # type: ignore[arg-type]
    )
    if isinstance(answer, Order):
        universe.heard.append(answer)
        return answer
    return None


def pay_again(universe: Universe, card: str) -> None:
    """Try another card, where the shop asks for one."""
    order = universe.order
    if order is not None and order.status is OrderStatus.CUSTOMER_ACTION:
        tried = universe.app.checkout.pay_again(ADA, order.id, seen_try=order.attempt.number, payment_method=card)
        answer = universe.ask(tried)
        if isinstance(answer, Order):
            universe.heard.append(answer)


def at_the_bank(universe: Universe, *, passes: bool) -> None:
    """Answer the bank's question, and come back to the shop."""
    order = universe.order
    if order is None or order.payment_id is None:
        return
    with suppress(CallRefused):  # it does not ask, or not any more
        answer = universe.stripe.authenticate if passes else universe.stripe.fail_authentication
        answer(order.payment_id)
    universe.ask(universe.app.checkout.advance(ADA, order.id))


def cancel(universe: Universe) -> None:
    """The customer changes their mind."""
    if universe.order is not None:
        universe.ask(universe.app.checkout.cancel_order(ADA, universe.order.id))


def refund(universe: Universe) -> None:
    """The merchant gives the money back."""
    if universe.order is not None:
        universe.ask(universe.app.checkout.refund_order(MERCHANT, universe.order.id))


def notice(universe: Universe) -> None:
    """A webhook about the payment has come."""
    order = universe.order
    if order is not None and order.payment_id is not None:
        universe.ask(universe.app.checkout.payment_changed(MERCHANT, order.payment_id))


def in_the_dashboard(universe: Universe, do: Callable[[str], object]) -> None:
    """Somebody does something to the payment by hand, where Stripe lets them; its webhook comes."""
    order = universe.order
    if order is not None and order.payment_id is not None:
        with suppress(CallRefused):
            do(order.payment_id)
        notice(universe)


# Time passes.


def work(universe: Universe, *, until: datetime | None = None) -> None:
    """The worker looks after everything until nothing is due any more, or that moment has come."""
    for _ in range(MOST_LOOKS):
        due_at = universe.ask(universe.app.worker.step())
        now = universe.clock.now()
        if due_at is None or (until is not None and now >= until):
            return
        wake_at = now if isinstance(due_at, Crash | Exception) else due_at
        wake_at = max(wake_at, universe.next_change_at())
        if until is not None:
            wake_at = min(wake_at, until)
        universe.pass_time(max(1.0, (wake_at - now).total_seconds()))
    raise Livelock(f"the worker looked {MOST_LOOKS} times, and there is still something due")


def until_asked(universe: Universe) -> None:
    """Wait until the shop asks the customer for something, or needs nothing from them any more."""
    while (order := universe.order) is not None and order.status in _UNDER_WAY:
        before = universe.clock.now()
        work(universe, until=order.due_at or before)
        if universe.clock.now() == before:
            return


_UNDER_WAY = (
    OrderStatus.PENDING,
    OrderStatus.INVENTORY_RESERVED,
    OrderStatus.AUTHORISED,
    OrderStatus.ABANDONING,
)


def end(universe: Universe) -> None:
    """The calm after the storm: the worker settles what it can, and parcels arrive."""
    work(universe)
    for order in tuple(universe.store.orders()):
        if order.status is OrderStatus.SHIPPED:
            universe.pass_time(3 * DAY)
            universe.ask(universe.app.checkout.shipment_changed(MERCHANT, order.id))
    work(universe)


# The stories.


def paid(universe: Universe) -> None:
    """A card that works."""
    buy(universe)


def declined_then_another_card(universe: Universe) -> None:
    """A card that does not work, and one that does."""
    buy(universe, NO_FUNDS)
    until_asked(universe)
    pay_again(universe, VISA)


def three_cards_declined(universe: Universe) -> None:
    """Nothing works."""
    buy(universe, NO_FUNDS)
    for _ in range(2):
        until_asked(universe)
        pay_again(universe, NO_FUNDS)


def out_of_stock(universe: Universe) -> None:
    """More than there is."""
    buy(universe, product="lamp", quantity=5)


def three_d_secure(universe: Universe) -> None:
    """The bank wants to know who is there."""
    buy(universe, THREE_D_SECURE)
    until_asked(universe)
    at_the_bank(universe, passes=True)


def failed_three_d_secure_then_another_card(universe: Universe) -> None:
    """The bank does not believe it; another card works."""
    buy(universe, THREE_D_SECURE)
    until_asked(universe)
    at_the_bank(universe, passes=False)
    pay_again(universe, VISA)


def left_at_the_bank(universe: Universe) -> None:
    """The customer never comes back, and the deadline passes."""
    buy(universe, THREE_D_SECURE)


def bank_debit(universe: Universe) -> None:
    """Money that is under way for days."""
    buy(universe, BANK_DEBIT)


def failing_bank_debit(universe: Universe) -> None:
    """Money that was under way for days, and then is not there."""
    buy(universe, FAILING_DEBIT)


def cancelled_at_once(universe: Universe) -> None:
    """Bought, and cancelled before the parcel is fetched."""
    buy(universe)
    cancel(universe)


def cancelled_at_the_bank(universe: Universe) -> None:
    """Cancelled while the bank waits for an answer, which then comes."""
    buy(universe, THREE_D_SECURE)
    cancel(universe)
    at_the_bank(universe, passes=True)


def refunded(universe: Universe) -> None:
    """Bought, shipped, and given back."""
    buy(universe)
    until_asked(universe)
    refund(universe)


def refunded_slowly(universe: Universe) -> None:
    """A refund that is under way for days."""
    buy(universe, "pm_card_pendingRefund")
    until_asked(universe)
    refund(universe)


def disputed(universe: Universe) -> None:
    """The customer's bank takes the money back."""
    buy(universe)
    until_asked(universe)
    in_the_dashboard(universe, universe.stripe.dispute)


def refunded_in_the_dashboard(universe: Universe) -> None:
    """Somebody gives the money back by hand before the parcel is fetched."""
    buy(universe)
    until_asked(universe)
    in_the_dashboard(universe, universe.stripe.refund_in_dashboard)


STORIES: Mapping[str, Story] = {
    "paid": Story(paid),
    "paid_at_once": Story(paid, AT_ONCE),
    "declined_then_another_card": Story(declined_then_another_card),
    "three_cards_declined": Story(three_cards_declined),
    "out_of_stock": Story(out_of_stock),
    "three_d_secure": Story(three_d_secure),
    "failed_three_d_secure": Story(failed_three_d_secure_then_another_card),
    "left_at_the_bank": Story(left_at_the_bank),
    "bank_debit": Story(bank_debit, AT_ONCE),
    "failing_bank_debit": Story(failing_bank_debit, AT_ONCE),
    "cancelled": Story(cancelled_at_once, SLOW_CARRIER),
    "cancelled_at_the_bank": Story(cancelled_at_the_bank),
    "refunded": Story(refunded),
    "refunded_slowly": Story(refunded_slowly, PATIENT),
    "disputed": Story(disputed, may_need_a_person=True),
    "refunded_in_the_dashboard": Story(refunded_in_the_dashboard, SLOW_CARRIER),
}
"""Every story, by its name."""
