"""Races: two processes that act concurrently, a row each. The orders of their calls are made in `interleavings`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order, OrderStatus
from payflows.clock import SECOND
from payflows.errors import CallRejected
from payflows.parties import Customer
from payflows.payments.model import CaptureMode

from simulations.checkout.expected import CANCELLED, SOLD, TAKEN_BACK, UNPAID, ExpectedEnd
from simulations.checkout.scripted_shop import ADA, BOB, HOMES, NO_FUNDS, THREE_D_SECURE, VISA, cart
from simulations.checkout.shop import MERCHANT
from simulations.checkout.stories import SLOW_CARRIER
from simulations.checkout.subject import IMPATIENT, Settings
from simulations.checkout.system import CheckoutSystem, app_of
from simulations.checkout.user_actions import buy, until_asked
from simulations.search.breach import Breach
from simulations.search.plan import Fault
from simulations.search.process import Process, Racer
from simulations.search.waiting import work

AUTOMATIC_CAPTURE = Settings(replace(IMPATIENT, capture=CaptureMode.AUTOMATIC))

Ends = Callable[[CheckoutSystem], Iterator[Breach]]
"""A breach where a race did not end as it must if nothing goes wrong."""


class Race(NamedTuple):
    """Two processes that act concurrently.

    Attributes:
        begin: brings the shop to where they meet, and sets both to work: the process that runs, and another one.
        settings: the shop that they meet in.
        ends: how it must end where nothing goes wrong, whoever is the first.
    """

    begin: Callable[[CheckoutSystem, Process], tuple[Racer, Racer]]
    settings: Settings = Settings()
    ends: Ends = SOLD.missed


# How races end.


def one_is_sold(shop: CheckoutSystem) -> Iterator[Breach]:
    """One of two orders got the goods, and the other one failed."""
    ended = [order.status for order in shop.store.all(ORDERS)]
    if sorted(status is OrderStatus.DELIVERED for status in ended) != [False, True]:
        yield Breach("I16", "", f"two wanted the last one, and their orders ended as {' and '.join(ended)}")


def sold_or(other: ExpectedEnd) -> Ends:
    """Whoever was the first: the goods for the money, or neither of them."""

    def missed(shop: CheckoutSystem) -> Iterator[Breach]:
        not_sold, not_so = list(SOLD.missed(shop)), list(other.missed(shop))
        return iter((*not_sold, *not_so) if not_sold and not_so else ())

    return missed


# Who meets whom.


def _checkout(process: Process, customer: Customer = ADA) -> Racer:
    bought = app_of(process).checkout.process_checkout(
        customer, "checkout-1", cart=cart("mug", 1), payment_method=VISA, shipping_address=HOMES[customer.id]
    )
    return Racer.of(process, bought)


def _step(process: Process) -> Racer:
    return Racer(process, app_of(process).worker.run_due(), "worker")


def _bought(shop: CheckoutSystem, card: str = VISA) -> Order:
    """The order, once the shop needs nothing more of its customer, or asks them for something."""
    buy(shop, card)
    until_asked(shop)
    assert shop.order is not None, "it is bought"
    return shop.order


def two_for_the_last_one(shop: CheckoutSystem, other: Process) -> tuple[Racer, Racer]:
    """Two customers want the one mug that is left."""
    return _checkout(shop.universe.process), _checkout(other, BOB)


def a_double_click(shop: CheckoutSystem, other: Process) -> tuple[Racer, Racer]:
    """One customer presses "buy" twice."""
    return _checkout(shop.universe.process), _checkout(other)


def checkout_and_worker(shop: CheckoutSystem, other: Process) -> tuple[Racer, Racer]:
    """The worker takes an order for left behind while its customer's call is still at work."""

    async def look_after() -> None:
        shop.pass_time(shop.settings.policy.lease_seconds + 1)
        await app_of(other).worker.run_due()

    return _checkout(shop.universe.process), Racer.of(other, look_after())


def another_card_and_a_webhook(shop: CheckoutSystem, other: Process) -> tuple[Racer, Racer]:
    """The customer tries another card while Stripe tells of the first one's decline."""
    order = _bought(shop, NO_FUNDS)
    return _another_card(shop.universe.process, order), _notice(shop, other, order)


def two_second_tries(shop: CheckoutSystem, other: Process) -> tuple[Racer, Racer]:
    """Two tabs, and another card in each."""
    order = _bought(shop, NO_FUNDS)
    return _another_card(shop.universe.process, order), _another_card(other, order, "pm_card_mastercard")


def another_card_at_the_deadline(shop: CheckoutSystem, other: Process) -> tuple[Racer, Racer]:
    """The customer tries another card when the order's time is up, and the worker sees to it."""
    order = _bought(shop, NO_FUNDS)
    work(shop, until=order.purchase.deadline_at - SECOND)
    shop.pass_time(1)
    return _another_card(shop.universe.process, order), _step(other)


def _another_card(process: Process, order: Order, card: str = VISA) -> Racer:
    return Racer.of(process, app_of(process).checkout.pay_again(ADA, order.id, expected_try=1, payment_method=card))


def _notice(shop: CheckoutSystem, process: Process, order: Order) -> Racer:
    assert order.payment_id is not None, "it has a payment"
    return Racer.of(process, shop.notify(order.payment_id, process))


def buy_and_cancel(shop: CheckoutSystem, other: Process) -> tuple[Racer, Racer]:
    """The customer cancels in another tab while the order is under way."""

    async def cancel() -> object:
        order = shop.order
        return await app_of(other).checkout.cancel_order(ADA, order.id) if order is not None else None

    return _checkout(shop.universe.process), Racer.of(other, cancel())


def bank_and_cancel(shop: CheckoutSystem, other: Process) -> tuple[Racer, Racer]:
    """The customer answers the bank's question, and cancels in another tab."""
    order = _bought(shop, THREE_D_SECURE)

    async def come_back() -> object:
        assert order.payment_id is not None, "the bank asks about it"
        with suppress(CallRejected):  # it asks no more
            shop.stripe.authenticate(order.payment_id)
        return await shop.app.checkout.advance(ADA, order.id)

    return Racer.of(shop.universe.process, come_back()), _cancel(other, order)


def pickup_and_cancel(shop: CheckoutSystem, other: Process) -> tuple[Racer, Racer]:
    """The customer cancels when the carrier comes for the parcel."""
    order = _bought(shop)
    shop.pass_time(shop.settings.pickup_seconds)
    return _step(shop.universe.process), _cancel(other, order)


def _cancel(process: Process, order: Order) -> Racer:
    return Racer.of(process, app_of(process).checkout.cancel_order(ADA, order.id))


def two_refunds(shop: CheckoutSystem, other: Process) -> tuple[Racer, Racer]:
    """Two of the merchant's people give the money back."""
    order = _bought(shop)
    return _refund(shop.universe.process, order), _refund(other, order)


def refund_and_webhook(shop: CheckoutSystem, other: Process) -> tuple[Racer, Racer]:
    """The merchant gives the money back while Stripe tells of the payment."""
    order = _bought(shop)
    return _refund(shop.universe.process, order), _notice(shop, other, order)


def _refund(process: Process, order: Order) -> Racer:
    return Racer.of(process, app_of(process).checkout.refund_order(MERCHANT, order.id))


def two_workers(shop: CheckoutSystem, other: Process) -> tuple[Racer, Racer]:
    """Two processes look after what is due: mails and business events."""
    buy(shop)
    shop.pass_time(1)
    return _step(shop.universe.process), _step(other)


def two_workers_and_what_was_left_behind(shop: CheckoutSystem, other: Process) -> tuple[Racer, Racer]:
    """Two processes find an order that a crash left half-way: its payment is made, and its id not stored."""
    shop.universe.strike(Fault(4, "crash_after"))
    buy(shop)
    shop.pass_time(shop.settings.policy.lease_seconds + 1)
    return _step(shop.universe.process), _step(other)


def two_workers_that_listen(shop: CheckoutSystem, other: Process) -> tuple[Racer, Racer]:
    """Two processes work off a webhook, and carry business events to their handlers."""
    order = _bought(shop, THREE_D_SECURE)
    assert order.payment_id is not None, "the bank asks about it"
    shop.stripe.authenticate(order.payment_id)
    shop.pass_time(60)
    return _step(shop.universe.process), _step(other)


RACES: Mapping[str, Race] = {
    "two_for_the_last_one": Race(two_for_the_last_one, Settings(stock=(("mug", 1),)), one_is_sold),
    "a_double_click": Race(a_double_click),
    "a_double_click_with_automatic_capture": Race(a_double_click, AUTOMATIC_CAPTURE),
    "checkout_and_worker": Race(checkout_and_worker),
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
