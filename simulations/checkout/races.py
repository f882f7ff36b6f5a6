"""Who acts at once with whom: a row a race. In which order their calls follow each other is in `turns`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order, OrderStatus
from payflows.clock import SECOND
from payflows.errors import CallRejected
from payflows.parties import Customer
from payflows.payments.model import CaptureMode

from simulations.checkout.expected import CANCELLED, SOLD, TAKEN_BACK, UNPAID, End
from simulations.checkout.scripted_shop import ADA, BOB, NO_FUNDS, THREE_D_SECURE, VISA, cart
from simulations.checkout.shop import HOME, MERCHANT
from simulations.checkout.stories import SLOW_CARRIER
from simulations.checkout.subject import IMPATIENT, Settings
from simulations.checkout.user_actions import buy, until_asked, work
from simulations.search.interceptor import Process
from simulations.search.plan import Fault
from simulations.search.universe import Universe

AUTOMATIC_CAPTURE = Settings(replace(IMPATIENT, capture=CaptureMode.AUTOMATIC))

Work = Coroutine[Any, Any, object]


class Racer(NamedTuple):
    """One of the two: a process, and what it is at."""

    life: Process
    work: Work


Ends = Callable[[Universe], Iterator[str]]
"""A sentence where a race did not end as it must if nothing goes wrong."""


class Race(NamedTuple):
    """Two who act at once.

    Attributes:
        begin: brings the universe to where they meet, and sets both to work: the process that runs, and another one.
        settings: the shop that they meet in.
        ends: how it must end where nothing goes wrong, whoever is the first.
    """

    begin: Callable[[Universe, Process], tuple[Racer, Racer]]
    settings: Settings = Settings()
    ends: Ends = SOLD.missed


# How races end.


def one_is_sold(universe: Universe) -> Iterator[str]:
    """One of two orders got the goods, and the other one failed."""
    ended = [order.status for order in universe.store.all(ORDERS)]
    if sorted(status is OrderStatus.DELIVERED for status in ended) != [False, True]:
        yield f"I16 two wanted the last one, and their orders ended as {' and '.join(ended)}"


def sold_or(other: End) -> Ends:
    """Whoever was the first: the goods for the money, or neither of them."""

    def missed(universe: Universe) -> Iterator[str]:
        not_sold, not_so = list(SOLD.missed(universe)), list(other.missed(universe))
        return iter((*not_sold, *not_so) if not_sold and not_so else ())

    return missed


# Who meets whom.


def _checkout(process: Process, customer: Customer = ADA) -> Racer:
    bought = process.app.checkout.process_checkout(
        customer, "checkout-1", cart=cart("mug", 1), payment_method=VISA, shipping_address=HOME
    )
    return Racer(process, bought)


def _step(process: Process) -> Racer:
    return Racer(process, process.app.worker.run_due())


def _bought(universe: Universe, card: str = VISA) -> Order:
    """The order, once the shop needs nothing more of its customer, or asks them for something."""
    buy(universe, card)
    until_asked(universe)
    assert universe.order is not None, "it is bought"
    return universe.order


def two_for_the_last_one(universe: Universe, other: Process) -> tuple[Racer, Racer]:
    """Two customers want the one mug that is left."""
    return _checkout(universe.life), _checkout(other, BOB)


def a_double_click(universe: Universe, other: Process) -> tuple[Racer, Racer]:
    """One customer presses "buy" twice."""
    return _checkout(universe.life), _checkout(other)


def checkout_and_janitor(universe: Universe, other: Process) -> tuple[Racer, Racer]:
    """The janitor takes an order for left behind while its customer's call is still at work."""

    async def janitor() -> None:
        universe.pass_time(universe.settings.policy.lease_seconds + 1)
        await other.app.worker.run_due()

    return _checkout(universe.life), Racer(other, janitor())


def another_card_and_a_webhook(universe: Universe, other: Process) -> tuple[Racer, Racer]:
    """The customer tries another card while Stripe tells of the first one's decline."""
    order = _bought(universe, NO_FUNDS)
    return _another_card(universe.life, order), _notice(other, order)


def two_second_tries(universe: Universe, other: Process) -> tuple[Racer, Racer]:
    """Two tabs, and another card in each."""
    order = _bought(universe, NO_FUNDS)
    return _another_card(universe.life, order), _another_card(other, order, "pm_card_mastercard")


def another_card_at_the_deadline(universe: Universe, other: Process) -> tuple[Racer, Racer]:
    """The customer tries another card when the order's time is up, and the janitor sees to it."""
    order = _bought(universe, NO_FUNDS)
    work(universe, until=order.purchase.deadline_at - SECOND)
    universe.pass_time(1)
    return _another_card(universe.life, order), _step(other)


def _another_card(process: Process, order: Order, card: str = VISA) -> Racer:
    return Racer(process, process.app.checkout.pay_again(ADA, order.id, expected_try=1, payment_method=card))


def _notice(process: Process, order: Order) -> Racer:
    assert order.payment_id is not None, "it has a payment"
    return Racer(process, process.app.checkout.payment_changed(MERCHANT, order.payment_id))


def buy_and_cancel(universe: Universe, other: Process) -> tuple[Racer, Racer]:
    """The customer cancels in another tab while the order is under way."""

    async def cancel() -> object:
        order = universe.order
        return await other.app.checkout.cancel_order(ADA, order.id) if order is not None else None

    return _checkout(universe.life), Racer(other, cancel())


def bank_and_cancel(universe: Universe, other: Process) -> tuple[Racer, Racer]:
    """The customer answers the bank's question, and cancels in another tab."""
    order = _bought(universe, THREE_D_SECURE)

    async def come_back() -> object:
        assert order.payment_id is not None, "the bank asks about it"
        with suppress(CallRejected):  # it asks no more
            universe.stripe.authenticate(order.payment_id)
        return await universe.app.checkout.advance(ADA, order.id)

    return Racer(universe.life, come_back()), _cancel(other, order)


def pickup_and_cancel(universe: Universe, other: Process) -> tuple[Racer, Racer]:
    """The customer cancels when the carrier comes for the parcel."""
    order = _bought(universe)
    universe.pass_time(universe.settings.pickup_seconds)
    return _step(universe.life), _cancel(other, order)


def _cancel(process: Process, order: Order) -> Racer:
    return Racer(process, process.app.checkout.cancel_order(ADA, order.id))


def two_refunds(universe: Universe, other: Process) -> tuple[Racer, Racer]:
    """Two of the merchant's people give the money back."""
    order = _bought(universe)
    return _refund(universe.life, order), _refund(other, order)


def refund_and_webhook(universe: Universe, other: Process) -> tuple[Racer, Racer]:
    """The merchant gives the money back while Stripe tells of the payment."""
    order = _bought(universe)
    return _refund(universe.life, order), _notice(other, order)


def _refund(process: Process, order: Order) -> Racer:
    return Racer(process, process.app.checkout.refund_order(MERCHANT, order.id))


def two_workers(universe: Universe, other: Process) -> tuple[Racer, Racer]:
    """Two processes look after what is due: mails and business events."""
    buy(universe)
    universe.pass_time(1)
    return _step(universe.life), _step(other)


def two_workers_and_what_was_left_behind(universe: Universe, other: Process) -> tuple[Racer, Racer]:
    """Two processes find an order that a crash left half-way: its payment is made, and its id not stored."""
    universe.strike(Fault(4, "crash_after"))
    buy(universe)
    universe.pass_time(universe.settings.policy.lease_seconds + 1)
    return _step(universe.life), _step(other)


def two_workers_that_listen(universe: Universe, other: Process) -> tuple[Racer, Racer]:
    """Two processes work off a webhook, and carry business events to their handlers."""
    order = _bought(universe, THREE_D_SECURE)
    assert order.payment_id is not None, "the bank asks about it"
    universe.stripe.authenticate(order.payment_id)
    universe.pass_time(60)
    return _step(universe.life), _step(other)


RACES: Mapping[str, Race] = {
    "two_for_the_last_one": Race(two_for_the_last_one, Settings(stock=(("mug", 1),)), one_is_sold),
    "a_double_click": Race(a_double_click),
    "a_double_click_at_once": Race(a_double_click, AUTOMATIC_CAPTURE),
    "checkout_and_janitor": Race(checkout_and_janitor),
    "another_card_and_a_webhook": Race(another_card_and_a_webhook),
    "another_card_at_the_deadline": Race(another_card_at_the_deadline, ends=sold_or(UNPAID)),
    "two_second_tries": Race(two_second_tries),
    "buy_and_cancel": Race(buy_and_cancel, SLOW_CARRIER, sold_or(CANCELLED)),
    "bank_and_cancel": Race(bank_and_cancel, SLOW_CARRIER, sold_or(CANCELLED)),
    "pickup_and_cancel": Race(pickup_and_cancel, SLOW_CARRIER, sold_or(CANCELLED)),
    "two_refunds": Race(two_refunds, ends=TAKEN_BACK.missed),
    "refund_and_webhook": Race(refund_and_webhook, ends=TAKEN_BACK.missed),
    "two_workers": Race(two_workers),
    "two_workers_and_what_was_left_behind": Race(two_workers_and_what_was_left_behind),
    "two_workers_that_listen": Race(two_workers_that_listen, Settings(listens=True)),
}
"""Every race, by its name."""
