"""I32: whatever is asked of a checkout twice is done once, wherever its order stands; other content is refused."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from inspect import getmembers, iscoroutinefunction
from typing import Any

import pytest

from payflows.checkout.flow import EcommercePaymentFlow
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order, OrderStatus
from payflows.checkout.pricing import CartItem
from payflows.errors import CheckoutIdReused
from payflows.kernel.changes import OUTBOX
from payflows.kernel.evolve import evolve
from payflows.kernel.ports import Nature
from simulations.checkout.scripted_shop import VISA, cart
from simulations.checkout.shop import MERCHANT
from simulations.checkout.stories import STORIES
from simulations.checkout.verdict import JudgedCheckout
from simulations.search.plan import NO_FAULTS, Fault, Plan
from simulations.search.ports import Role
from tests.corrupted_universe import checkout
from tests.sample_orders import with_charge

Asked = Callable[[EcommercePaymentFlow, Order], Coroutine[Any, Any, object]]


def _bought_again(flow: EcommercePaymentFlow, order: Order) -> Coroutine[Any, Any, object]:
    bought = order.purchase
    items = [CartItem(*goods) for goods in bought.price.goods]
    return flow.process_checkout(
        bought.customer, bought.checkout_id, cart=items, payment_method=VISA, shipping_address=bought.address
    )


ASKED: dict[str, Asked] = {
    "process_checkout": _bought_again,
    "pay_again": lambda flow, order: flow.pay_again(
        order.purchase.customer, order.id, expected_try=order.attempt.number, payment_method=VISA
    ),
    "customer_action": lambda flow, order: flow.customer_action(order.purchase.customer, order.id),
    "cancel_order": lambda flow, order: flow.cancel_order(order.purchase.customer, order.id),
    "refund_order": lambda flow, order: flow.refund_order(MERCHANT, order.id),
    "settle_refund": lambda flow, order: flow.settle_refund(MERCHANT, order.id),
    "payment_changed": lambda flow, order: flow.payment_changed(MERCHANT, str(order.payment_id)),
    "shipment_changed": lambda flow, order: flow.shipment_changed(MERCHANT, order.id),
    "advance": lambda flow, order: flow.advance(order.purchase.customer, order.id),
    "order": lambda flow, order: flow.order(order.purchase.customer, order.id),
    "transitions": lambda flow, order: flow.transitions(order.purchase.customer, order.id),
}
"""Every public method, asked with the same words each time."""


def standings(story: str) -> Iterator[JudgedCheckout]:
    """Yield the story's universe after it was played, and as a crash after each change of the order leaves it."""
    calm = _played(story, NO_FAULTS)
    calls = [(number, site.nature) for number, site in enumerate(calm.sites, start=1) if site.role is Role.STORE]
    added, *changed = [(number, nature) for number, nature in calls if nature.changes]
    moved = [(number, nature) for number, nature in changed if nature.nature is Nature.EFFECT]
    yield calm
    for number, _ in (added, *moved):
        yield _played(story, (Fault(number, "crash_after"),))


def _played(story: str, plan: Plan) -> JudgedCheckout:
    universe = checkout(plan, STORIES[story].settings)
    STORIES[story].tell(universe)
    return universe


def truth(universe: JudgedCheckout) -> tuple[object, ...]:
    """All that there is: what is stored, and what became of money, goods and mails."""
    order = universe.order
    assert order is not None
    return (
        tuple(map(_as_it_stands, universe.store.all(ORDERS))),
        universe.store.transitions(ORDERS, order.id),
        tuple(universe.store.all_items(OUTBOX)),
        tuple(universe.stripe.movements),
        universe.stripe.payments_of_order(order.id),
        tuple(universe.inventory.movements),
        universe.inventory.holds(),
        universe.carrier.shipments(),
        dict(universe.mailer.sent),
    )


def _as_it_stands(order: Order) -> Order:
    """Of an order left to a person each look tries once more what was refused, under another key."""
    return order if order.review is None else evolve(with_charge(order, key_generation=0), version=0)


def asked(universe: JudgedCheckout, method: str, order: Order) -> object:
    """The answer; of an error its kind and words."""
    answer = universe.ask(ASKED[method](universe.app.checkout, order))  # type: ignore[arg-type]  # it is ours
    if isinstance(answer, Exception):
        return type(answer), str(answer)
    return _as_it_stands(answer) if isinstance(answer, Order) else answer


def test_every_public_method_is_asked() -> None:
    methods = {name for name, _ in getmembers(EcommercePaymentFlow, iscoroutinefunction) if not name.startswith("_")}

    assert set(ASKED) == methods


@pytest.mark.parametrize("method", ASKED)
@pytest.mark.parametrize("story", STORIES)
def test_what_is_asked_twice_is_done_once(story: str, method: str) -> None:
    for universe in standings(story):
        order = universe.order
        assert order is not None
        if method == "pay_again" and order.status is not OrderStatus.CUSTOMER_ACTION:
            continue  # it asks for no card yet: what comes too early is not done, and may be asked again

        first = asked(universe, method, order)
        once = truth(universe)
        again = asked(universe, method, order)

        assert truth(universe) == once, universe.universe.fired
        assert again == first, universe.universe.fired


@pytest.mark.parametrize("story", [story for story in STORIES if story != "store_away"])  # there no call is answered
def test_the_same_checkout_with_other_content_is_refused(story: str) -> None:
    for universe in standings(story):
        before, order = truth(universe), universe.order
        assert order is not None
        bought, elsewhere = order.purchase, replace(order.purchase.address, line1="2 Example Street")

        for items, address in ((cart("tray", 1), bought.address), (cart(), elsewhere)):
            answer = universe.ask(
                universe.app.checkout.process_checkout(
                    bought.customer, bought.checkout_id, cart=items, payment_method=VISA, shipping_address=address
                )
            )
            assert isinstance(answer, CheckoutIdReused)

        assert truth(universe) == before
