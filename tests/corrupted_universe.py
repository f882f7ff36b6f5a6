"""A universe in which nothing went wrong, and in which a promise is then broken by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from payflows.checkout.messages import ORDERS, EventType
from payflows.checkout.model import Order
from payflows.kernel.aggregate import Transition
from payflows.kernel.changes import OUTBOX, Enqueue, outgoing
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.queue_item import QueueItem
from payflows.payments.model import CaptureMode
from payflows.store.memory import InMemoryStore
from simulations.checkout.checkers.webhooks import announced
from simulations.checkout.scripted_shop import VISA
from simulations.checkout.shop import HOME
from simulations.checkout.stories import STORIES
from simulations.checkout.subject import Factory, Settings, our_checkout
from simulations.checkout.user_actions import end
from simulations.checkout.verdict import JudgedCheckout, judge
from simulations.network.interceptor import Intercepted
from simulations.search.breach import InvariantBroken
from simulations.search.plan import NO_FAULTS, Plan
from simulations.search.transports import PORT_CALLS, Transport
from simulations.search.universe import Monitor, Universe


def checkout(
    plan: Plan = NO_FAULTS,
    settings: Settings = Settings(),  # noqa: B008 - a frozen value
    *,
    factory: Factory = our_checkout,
    monitor: Monitor | None = None,
    transport: Transport = PORT_CALLS,
) -> JudgedCheckout:
    """A checkout at the beginning of its universe."""
    return JudgedCheckout(Universe(plan, transport=transport, monitor=monitor), settings, factory=factory)


def calm(story: str, settings: Settings | None = None, *, monitor: Monitor | None = None) -> JudgedCheckout:
    """The story as it ends where nothing goes wrong."""
    universe = begun(story, settings, monitor=monitor)
    end(universe)
    return universe


def begun(story: str, settings: Settings | None = None, *, monitor: Monitor | None = None) -> JudgedCheckout:
    """Play the story, and stop before its end."""
    universe = checkout(NO_FAULTS, settings or STORIES[story].settings, monitor=monitor)
    STORIES[story].tell(universe)
    return universe


def order_of(universe: JudgedCheckout) -> Order:
    """The story's order, as stored."""
    order = universe.order
    assert order is not None
    return order


def payment_of(universe: JudgedCheckout) -> str:
    """Its payment's id."""
    payment_id = order_of(universe).payment_id
    assert payment_id is not None
    return payment_id


def kept_in_memory(universe: JudgedCheckout) -> InMemoryStore:
    """The universe's store, in which anything can be changed."""
    assert isinstance(universe.store, InMemoryStore), "these universes have no file"
    return universe.store


def put(universe: JudgedCheckout, order: Order) -> None:
    """Store it, whatever was there."""
    kept_in_memory(universe)._tables[ORDERS.name].rows[order.id] = order


def log_of(universe: JudgedCheckout) -> list[Transition]:
    """The log of the story's order, to be written in."""
    return kept_in_memory(universe)._tables[ORDERS.name].log[order_of(universe).id]


def event_key(universe: JudgedCheckout, type: EventType) -> str:
    """The key of the first business event of this type."""
    return next(event.key for event in announced(universe) if event.type == type)


def lose(universe: JudgedCheckout, key: str) -> QueueItem:
    """Take a message out of the outbox, as if it had never been put in."""
    return kept_in_memory(universe)._queues[OUTBOX].forget(key)


def leave_to_a_person(universe: JudgedCheckout) -> None:
    """Put the order up for review by a person."""
    orders = universe.app.checkout._orders  # type: ignore[attr-defined]  # our checkout has a repository
    universe.ask(orders.request_review(order_of(universe), "no answer", "no one answered"))
    end(universe)


def say(universe: JudgedCheckout, type: EventType) -> None:
    """The business hears something of the order, whether it is so or not."""
    order = order_of(universe)
    event = BusinessEvent(f"{order.id} by hand", type, order.id, universe.clock.now(), order.purchase.price.total)
    item = outgoing(event)
    universe.world.run(universe.store.change(Enqueue(item)))
    universe.world.run(universe.store.advance(item, item.done(universe.clock.now())))


def judged(universe: JudgedCheckout) -> None:
    """Judge as the search does where no person may be needed."""
    judge(universe, may_need_a_person=False)


def broken(universe: JudgedCheckout, look: Callable[[JudgedCheckout], object] = judged) -> set[str]:
    """Return the numbers of the promises that a check finds broken."""
    with pytest.raises(InvariantBroken) as found:
        look(universe)
    return {breach.promise for breach in found.value.breaches}


def charge_once_more(universe: JudgedCheckout, order: Order) -> None:
    """Make another payment for an order, and take its money."""
    stripe, total = universe.stripe, order.purchase.price.total
    key = f"another of {order.id}"
    made = universe.world.run(
        stripe.create_payment(order.id, amount=total, capture=CaptureMode.AUTOMATIC, stripe_customer_id=None, key=key)
    )
    universe.world.run(stripe.confirm_payment(made.id, payment_method=VISA, key=f"{key}, confirmed"))


def more_arrive(universe: JudgedCheckout, product_id: str, quantity: int) -> None:
    """Put more of a product on the shelf, as if it had been there from the start."""
    universe.inventory.initial[product_id] += quantity
    universe.inventory._available[product_id] += quantity


def book(universe: JudgedCheckout, order: Order) -> object:
    """Have the carrier sent for an order, by a call of the shop's."""
    return universe.ask(_port(universe, "carrier").book(order.id, goods=(), address=HOME))


def release(universe: JudgedCheckout, order: Order) -> object:
    """Have an order's stock put back, by a call of the shop's."""
    return universe.ask(_port(universe, "inventory").release(order.id))


def _port(universe: JudgedCheckout, name: str) -> Intercepted:
    """A port as the process that runs calls it."""
    return universe.universe.link(universe.universe.process, universe.connections()[name])
