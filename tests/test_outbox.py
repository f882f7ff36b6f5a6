"""The outbox carries what was stored: at least once, in order, to the right customer, and no crash loses any of it."""

from __future__ import annotations

import pytest

from payflows.checkout.messages import ORDERS, EventType
from payflows.checkout.model import Order, OrderStatus
from payflows.checkout.pricing import CartItem, CurrencyTerms, PriceList
from payflows.errors import CallNotSent, OutcomeUnknown
from payflows.kernel.bus import PaymentEventBus
from payflows.kernel.changes import OUTBOX, Change, Emit
from payflows.kernel.messages import BusinessEvent, Mail
from payflows.kernel.outbox import Outbox
from payflows.kernel.queue_item import QueueItem
from payflows.kernel.store import Mailer
from payflows.kernel.unit_of_work import UnitOfWork
from payflows.money import Money, Rate
from payflows.parties import Customer
from payflows.store.memory import InMemoryStore
from simulations.checkout.shop import HOME, Shop
from simulations.time.world import START, World

ADA = Customer(id="ada", email="ada@example.com")
BOB = Customer(id="bob", email="bob@example.com")
PRICES = PriceList({"mug": Money(1_450, "usd")}, {"usd": CurrencyTerms(tax=Rate(0), shipping=Money(0, "usd"))})
PLACED = BusinessEvent("ord_1:1:order.placed", EventType.ORDER_PLACED, "ord_1", START, Money(1_450, "usd"))


class PostOffice:
    """A mailer that says to whom each mail went, and can be in trouble."""

    def __init__(self) -> None:
        self.went: list[tuple[str, str]] = []
        self.trouble: Exception | None = None

    async def send(self, mail: Mail, *, to: str) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.went.append((str(mail.kind), to))


class ForgetfulStore(InMemoryStore):
    """A store in which the first `advance` of each item is a crash before it is done."""

    def __init__(self) -> None:
        super().__init__()
        self.crashed: set[str] = set()

    async def advance(self, before: QueueItem, after: QueueItem, *changes: Change) -> None:
        if before.queue == OUTBOX and before.key not in self.crashed:
            self.crashed.add(before.key)
            raise OutcomeUnknown("the process died here")
        await super().advance(before, after, *changes)


class Listener:
    """Keeps the events it receives."""

    def __init__(self) -> None:
        self.received: list[BusinessEvent] = []

    async def hear(self, event: BusinessEvent, work: UnitOfWork) -> None:
        self.received.append(event)


@pytest.fixture
def shop() -> Shop:
    """A shop whose outbox is emptied only when a test asks."""
    return Shop(prices=PRICES, stock={"mug": 9}, poll_seconds=None)


def buy(shop: Shop, customer: Customer = ADA) -> Order:
    return shop.world.run(
        shop.flow.process_checkout(
            customer,
            "checkout-1",
            cart=[CartItem("mug", 1)],
            payment_method="pm_card_visa",
            shipping_address=HOME,
        )
    )


def outbox_of(shop: Shop, mailer: Mailer) -> Outbox:
    """Another carrier of the same shop's messages."""
    return Outbox(store=shop.store, bus=shop.app.bus, mailer=mailer, kinds=[ORDERS], clock=shop.world)


def waiting(shop: Shop) -> list[str]:
    return [item.key for item in shop.store.all_items(OUTBOX) if item.finished_at is None]


def test_a_shipped_order_is_published_step_by_step(shop: Shop) -> None:
    listener = Listener()
    for event_type in EventType:
        shop.app.bus.subscribe(event_type, listener.hear, name=f"diary of {event_type}")

    order = buy(shop)
    assert listener.received == []
    shop.world.run(shop.app.outbox.deliver())
    assert listener.received == []
    shop.world.run(shop.app.worker.run_due())

    assert sorted(event.type for event in listener.received) == [
        "order.placed",
        "order.shipped",
        "payment.authorised",
        "payment.succeeded",
    ]
    assert {(event.subject, event.amount) for event in listener.received} == {(order.id, Money(1_450, "usd"))}
    assert [mail.kind for mail in shop.mailer.about(order.id)] == ["order_confirmed", "order_shipped"]


def test_nothing_is_carried_twice(shop: Shop) -> None:
    listener, post = Listener(), PostOffice()
    shop.app.bus.subscribe(EventType.ORDER_PLACED, listener.hear, name="ledger")
    outbox = outbox_of(shop, post)
    buy(shop)

    assert shop.world.run(outbox.deliver()) == 6
    assert shop.world.run(outbox.deliver()) == 0
    shop.world.run(shop.app.worker.run_due())

    assert len(listener.received) == 1
    assert [kind for kind, _ in post.went] == ["order_confirmed", "order_shipped"]


def test_there_is_one_message_per_key(shop: Shop) -> None:
    buy(shop, ADA)
    buy(shop, BOB)

    keys = [item.key for item in shop.store.all_items(OUTBOX)]

    assert len(keys) == len(set(keys)) == 12


def test_a_delivery_is_dated(shop: Shop) -> None:
    buy(shop)
    shop.world.run_for(90)
    now = shop.world.now()

    shop.world.run(shop.app.outbox.deliver())

    assert {item.finished_at for item in shop.store.all_items(OUTBOX)} == {now}


def test_each_mail_goes_to_its_orders_own_customer(shop: Shop) -> None:
    post = PostOffice()
    for customer in (ADA, BOB):
        buy(shop, customer)

    shop.world.run(outbox_of(shop, post).deliver())

    assert post.went == [
        ("order_confirmed", "ada@example.com"),
        ("order_shipped", "ada@example.com"),
        ("order_confirmed", "bob@example.com"),
        ("order_shipped", "bob@example.com"),
    ]


@pytest.mark.parametrize("trouble", [CallNotSent("no route to the mailer"), OutcomeUnknown("no answer")])
def test_a_mailer_in_trouble_keeps_its_mails_waiting_and_nothing_else(shop: Shop, trouble: Exception) -> None:
    listener, post = Listener(), PostOffice()
    shop.app.bus.subscribe(EventType.ORDER_SHIPPED, listener.hear, name="ledger")
    outbox = outbox_of(shop, post)
    order = buy(shop)

    post.trouble = trouble
    assert shop.world.run(outbox.deliver()) == 6  # two of them failed
    assert [key.split(":", 2)[2] for key in waiting(shop)] == ["mail:order_confirmed", "mail:order_shipped"]
    shop.world.run(shop.app.bus.deliver_due(shop.world.now()))
    assert len(listener.received) == 1
    post.trouble = None
    assert shop.world.run(outbox.deliver()) == 0  # they were put off for a while
    shop.world.run_for(20)
    assert shop.world.run(outbox.deliver()) == 2

    assert [kind for kind, _ in post.went] == ["order_confirmed", "order_shipped"]
    assert shop.world.run(shop.store.get(ORDERS, order.id)).status is OrderStatus.SHIPPED


def test_what_was_carried_before_a_crash_is_carried_again() -> None:
    world, store, listener = World(), ForgetfulStore(), Listener()
    bus = PaymentEventBus(event_types=[EventType], store=store, clock=world)
    bus.subscribe(EventType.ORDER_PLACED, listener.hear, name="ledger")
    outbox = Outbox(store=store, bus=bus, mailer=PostOffice(), kinds=[ORDERS], clock=world)
    world.run(store.change(Emit((PLACED,))))

    with pytest.raises(OutcomeUnknown):
        world.run(outbox.deliver())
    assert world.run(outbox.deliver()) == 1

    world.run(bus.deliver_due(world.now()))
    assert [event.key for event in listener.received] == [PLACED.key]  # carried twice, published once
    assert world.run(outbox.deliver()) == 0


def test_a_mail_that_is_not_accepted_is_tried_again_ever_more_rarely(shop: Shop) -> None:
    post = PostOffice()
    post.trouble = CallNotSent("no route to the mailer")
    outbox = outbox_of(shop, post)
    buy(shop)

    waits = []
    for _ in range(10):
        shop.world.run(outbox.deliver())
        due_at = shop.world.run(outbox.due_at())
        assert due_at is not None
        waits.append((due_at - shop.world.now()).total_seconds())
        shop.world.run(shop.world.sleep_until(due_at))

    assert waits == [20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600]
