"""A universe in which nothing went wrong, and in which a promise is then broken by hand."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from payflows.checkout.model import Order
from payflows.kernel.messages import BusinessEvent, EventType, OutboxEntry
from payflows.payments.model import CaptureMode
from simulations.checkout.checkers.final_state import InvariantBroken
from simulations.checkout.scripted_shop import VISA
from simulations.checkout.shop import HOME
from simulations.checkout.stories import STORIES
from simulations.checkout.subject import Settings
from simulations.checkout.user_actions import end
from simulations.search.interceptor import Interceptor
from simulations.search.plan import NO_FAULTS
from simulations.search.universe import Universe, Watch
from simulations.search.verdict import judge


def calm(story: str, settings: Settings | None = None, *, watch: Watch | None = None) -> Universe:
    """The story as it ends where nothing goes wrong."""
    universe = begun(story, settings, watch=watch)
    end(universe)
    return universe


def begun(story: str, settings: Settings | None = None, *, watch: Watch | None = None) -> Universe:
    """The story, told and not yet at its end."""
    universe = Universe(NO_FAULTS, settings or STORIES[story].settings, watch=watch)
    STORIES[story].tell(universe)
    return universe


def order_of(universe: Universe) -> Order:
    """The story's order, as stored."""
    order = universe.order
    assert order is not None
    return order


def payment_of(universe: Universe) -> str:
    """Its payment's id."""
    payment_id = order_of(universe).payment_id
    assert payment_id is not None
    return payment_id


def put(universe: Universe, order: Order) -> None:
    """Store it, whatever was there."""
    universe.store._orders[order.id] = order


def leave_to_a_person(universe: Universe) -> None:
    """The order waits for a person, who is told of it."""
    book = universe.app.checkout._book  # type: ignore[attr-defined]  # our checkout has one
    universe.ask(book.ask_for_review(order_of(universe), "no answer", "nobody answers"))
    end(universe)


def say(universe: Universe, type: EventType) -> None:
    """The business hears something of the order, whether it is so or not."""
    order = order_of(universe)
    event = BusinessEvent(f"{order.id} by hand", type, order.id, universe.clock.now(), order.purchase.price.total)
    universe.store._delivered[event.key] = OutboxEntry(event, delivered_at=universe.clock.now())
    universe.world.run(universe.store.add_event(event, ()))


def judged(universe: Universe) -> None:
    """Judge as the search does where no person may be needed."""
    judge(universe, may_need_a_person=False)


def broken(universe: Universe, look: Callable[[Universe], object] = judged) -> set[str]:
    """The numbers of the promises that somebody who looks finds broken."""
    with pytest.raises(InvariantBroken) as found:
        look(universe)
    return set(re.findall(r"\bI\d+b?\b", " ".join(found.value.breaches)))


def charge_once_more(universe: Universe, order: Order) -> None:
    """Make another payment for an order, and take its money."""
    stripe, total = universe.stripe, order.purchase.price.total
    key = f"another of {order.id}"
    made = universe.world.run(
        stripe.create_payment(order.id, amount=total, capture=CaptureMode.AUTOMATIC, stripe_customer_id=None, key=key)
    )
    universe.world.run(stripe.confirm_payment(made.id, payment_method=VISA, key=f"{key}, confirmed"))


def book(universe: Universe, order: Order) -> object:
    """Have the carrier sent for an order, by a call of the shop's."""
    carrier = Interceptor(universe.life, "carrier", universe.carrier)
    return universe.ask(carrier.book(order.id, goods=(), address=HOME))


def release(universe: Universe, order: Order) -> object:
    """Have an order's stock put back, by a call of the shop's."""
    inventory = Interceptor(universe.life, "inventory", universe.inventory)
    return universe.ask(inventory.release(order.id))
