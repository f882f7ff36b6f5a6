"""Finished orders are moved into books of their own; to those that stay open it is as if they had never been."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payflows.checkout.goods import HoldStatus, Quantity
from payflows.checkout.inmemory.carrier import InMemoryCarrier
from payflows.checkout.inmemory.inventory import InMemoryInventory
from payflows.checkout.messages import ORDERS
from payflows.errors import NotFound
from payflows.kernel.messages import Mail, MailKind
from payflows.money import Money
from payflows.payments.model import CaptureMode
from payflows.store.mailbox import InMemoryMailer
from payflows.store.memory import InMemoryStore
from simulations.checkout.scripted_shop import VISA
from simulations.checkout.shop import HOME
from simulations.stripe.simulated import SimulatedStripe
from simulations.time.hand_clock import HandClock
from tests.test_store import an_order, told

MUG = (Quantity("mug", 1),)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def test_a_shelf_gets_back_what_was_taken_and_the_books_add_up(clock: HandClock) -> None:
    shelf, books = (InMemoryInventory({"mug": number}, clock=clock) for number in (5, 0))
    for hold_id in ("shipped", "released", "open", "stays"):
        clock.run(shelf.hold(hold_id, MUG, expires_at=clock.now() + timedelta(hours=1)))
    clock.run(shelf.commit("shipped"))
    clock.run(shelf.ship("shipped"))
    clock.run(shelf.release("released"))

    shelf.archive({"shipped", "released", "open", "never held"}, books)

    assert (shelf.initial["mug"], shelf.available("mug"), len(shelf.movements)) == (5, 4, 1)
    assert (books.initial["mug"], books.available("mug"), len(books.movements)) == (3, 1, 5)
    assert list(shelf.holds()) == ["stays"]
    assert books.holds()["shipped"].status is HoldStatus.SHIPPED


def test_an_archived_hold_expires_no_more(clock: HandClock) -> None:
    shelf, books = (InMemoryInventory({"mug": number}, clock=clock) for number in (5, 0))
    clock.run(shelf.hold("ord_1", MUG, expires_at=clock.now() + timedelta(hours=1)))

    shelf.archive({"ord_1"}, books)
    clock.pass_time(7_200)

    assert shelf.available("mug") == 5


def test_a_store_knows_an_archived_order_no_more() -> None:
    clock, store, books = HandClock(), InMemoryStore(), InMemoryStore()
    gone, stays = an_order("ord_1", due_at=clock.now()), an_order("ord_2", due_at=clock.now())
    for order in (gone, stays):
        clock.run(store.add_order(order, (told(order),)))
        clock.run(store.add_event(told(order), ()))
        clock.run(store.mark_delivered(told(order).key, clock.now()))

    store.archive({"ord_1"}, books, webhooks=(), records=())

    with pytest.raises(NotFound):
        clock.run(store.get(ORDERS, "ord_1"))
    assert clock.run(store.due_orders(clock.now())) == ("ord_2",)
    for here, order in ((store, stays), (books, gone)):
        assert list(here.orders()) == [order]
        assert [entry.message.order_id for entry in here.outbox()] == [order.id]
        assert here.published() == (told(order),)
        assert len(clock.run(here.transitions(order.id))) == 1


def test_an_accounts_money_goes_with_its_payments(clock: HandClock) -> None:
    stripe, books = SimulatedStripe(clock), SimulatedStripe(clock)
    price = Money(1_450, "usd")
    for order_id in ("ord_1", "ord_2"):
        make = stripe.create_payment(
            order_id, amount=price, capture=CaptureMode.AUTOMATIC, stripe_customer_id=None, key=order_id
        )
        payment = clock.run(make)
        clock.run(stripe.confirm_payment(payment.id, payment_method=VISA, key=f"{order_id}:confirm"))

    (payment_id,) = stripe.archive({"ord_1"}, books)

    assert books.intent(payment_id).amount_received == price.minor
    for account, here, away in ((stripe, "ord_2", "ord_1"), (books, "ord_1", "ord_2")):
        assert account.net_for(here) == price
        assert not account.payments_of_order(away)
        assert [movement.amount_minor for movement in account.movements] == [price.minor]


def test_parcels_and_mails_go_with_their_orders(clock: HandClock) -> None:
    carrier, mailer = InMemoryCarrier(clock=clock), InMemoryMailer()
    parcels, letters = InMemoryCarrier(clock=clock), InMemoryMailer()
    for order_id in ("ord_1", "ord_2"):
        clock.run(carrier.book(order_id, goods=MUG, address=HOME))
        clock.run(mailer.send(Mail(f"{order_id}:mail", MailKind.ORDER_SHIPPED, order_id), to="ada@example.com"))

    carrier.archive({"ord_1", "never booked"}, parcels)
    mailer.archive({"ord_1"}, letters)

    assert (list(carrier.shipments()), list(parcels.shipments())) == (["ord_2"], ["ord_1"])
    assert (list(mailer.sent), list(letters.sent)) == (["ord_2:mail"], ["ord_1:mail"])
