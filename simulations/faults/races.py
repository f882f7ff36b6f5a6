"""Who acts at once with whom: a row a race. In which order their calls follow each other is in `turns`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, NamedTuple

from payflows.actors import Customer

from simulations.faults.checkouts import Settings
from simulations.faults.people import buy, until_asked
from simulations.faults.searchable import Searchable
from simulations.faults.universe import Universe
from simulations.shop import HOME, MERCHANT
from simulations.story import ADA, BOB, NO_FUNDS, VISA, cart

Work = Coroutine[Any, Any, object]


class Race(NamedTuple):
    """Two who act at once.

    Attributes:
        begin: brings the universe to where they meet, and gives the work of both: the first one's is done by the
            process that runs, the other one's by the process beside it.
        settings: the shop that they meet in.
    """

    begin: Callable[[Universe, Searchable], tuple[Work, Work]]
    settings: Settings = Settings()


def _checkout(process: Searchable, customer: Customer = ADA) -> Work:
    return process.checkout.process_checkout(
        customer, "checkout-1", cart=cart("mug", 1), payment_method=VISA, shipping_address=HOME
    )


def two_for_the_last_one(universe: Universe, other: Searchable) -> tuple[Work, Work]:
    """Two customers want the one mug that is left."""
    return _checkout(universe.app), _checkout(other, BOB)


def a_double_click(universe: Universe, other: Searchable) -> tuple[Work, Work]:
    """One customer presses "buy" twice."""
    return _checkout(universe.app), _checkout(other)


def checkout_and_janitor(universe: Universe, other: Searchable) -> tuple[Work, Work]:
    """The janitor takes an order for left behind while its customer's call is still at work."""

    async def janitor() -> None:
        universe.pass_time(universe.settings.policy.lease_seconds + 1)
        await other.worker.step()

    return _checkout(universe.app), janitor()


def another_card_and_a_webhook(universe: Universe, other: Searchable) -> tuple[Work, Work]:
    """The customer tries another card while Stripe tells of the first one's decline."""
    buy(universe, NO_FUNDS)
    until_asked(universe)
    order = universe.order
    assert order is not None and order.payment_id is not None, "it waits for another card"
    pay_again = universe.app.checkout.pay_again
    second_try = pay_again(ADA, order.id, seen_try=order.attempt.number, payment_method=VISA)
    return second_try, other.checkout.payment_changed(MERCHANT, order.payment_id)


def two_second_tries(universe: Universe, other: Searchable) -> tuple[Work, Work]:
    """Two tabs, and another card in each."""
    buy(universe, NO_FUNDS)
    until_asked(universe)
    order = universe.order
    assert order is not None, "it waits for another card"
    return (
        universe.app.checkout.pay_again(ADA, order.id, seen_try=1, payment_method=VISA),
        other.checkout.pay_again(ADA, order.id, seen_try=1, payment_method="pm_card_mastercard"),
    )


def buy_and_cancel(universe: Universe, other: Searchable) -> tuple[Work, Work]:
    """The customer cancels in another tab while the order is under way."""

    async def cancel() -> object:
        order = universe.order
        return await other.checkout.cancel_order(ADA, order.id) if order is not None else None

    return _checkout(universe.app), cancel()


def two_workers(universe: Universe, other: Searchable) -> tuple[Work, Work]:
    """Two processes look after what is due: an order left behind, its mails and its business events."""
    buy(universe)
    universe.pass_time(1)
    return universe.app.worker.step(), other.worker.step()


RACES: Mapping[str, Race] = {
    "two_for_the_last_one": Race(two_for_the_last_one, Settings(stock=(("mug", 1),))),
    "a_double_click": Race(a_double_click),
    "checkout_and_janitor": Race(checkout_and_janitor),
    "another_card_and_a_webhook": Race(another_card_and_a_webhook),
    "two_second_tries": Race(two_second_tries),
    "buy_and_cancel": Race(buy_and_cancel, Settings(pickup_seconds=7_200)),
    "two_workers": Race(two_workers),
}
"""Every race, by its name."""
