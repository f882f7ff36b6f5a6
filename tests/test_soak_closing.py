"""What a soak looks at every day: what should rest and does not, what is closed and judged, and what is gone then."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payflows.checkout.goods import HoldStatus, Quantity
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order, OrderStatus
from payflows.kernel.aggregate import Review
from payflows.kernel.changes import OUTBOX
from payflows.kernel.evolve import evolve
from payflows.kernel.handler_queue import PREFIX
from payflows.kernel.inbox import INBOX, WEBHOOKS
from simulations.checkout.soak.archiving import close, never_ending, orphaned, overdue
from simulations.checkout.soak.soak import STOCK, Soak
from simulations.search.breach import InvariantBroken, in_words
from simulations.stripe.core.ledger import Ledger

WHOLE_DAY = 86_400
RETURNED = (HoldStatus.RELEASED, HoldStatus.EXPIRED)


@pytest.fixture
def shop() -> Soak:
    """Four days old."""
    shop = Soak(2)
    live(shop, days=range(4))
    return shop


def live(shop: Soak, *, days: range) -> None:
    for day in days:
        shop.live(day)


def an_order(shop: Soak, *statuses: OrderStatus) -> Order:
    """Return one that only the shop has acted on."""
    visits = shop.customers.visits
    orders = (order for order in shop.universe.store.all(ORDERS) if not visits[order.purchase.checkout_id].by_hand)
    return next(order for order in orders if not statuses or order.status in statuses)


def put(shop: Soak, order: Order) -> None:
    """Store it, whatever was there."""
    shop.universe.store._tables[ORDERS.name].rows[order.id] = order


def said(shop: Soak) -> str:
    return in_words(overdue(shop.universe, shop.customers.visits))


class TestAtTheEndOfACalmDay:
    def test_everything_rests(self, shop: Soak) -> None:
        assert said(shop) == ""

    def test_what_is_overdue_does_not(self, shop: Soak) -> None:
        put(shop, evolve(an_order(shop), back_off_until=shop.universe.universe.own_clock.now() - timedelta(seconds=1)))

        assert "I14" in said(shop)

    def test_what_backs_off_does_not(self, shop: Soak) -> None:
        put(shop, evolve(an_order(shop), failures=1))

        assert "I28" in said(shop)

    def test_what_is_left_to_a_person_does_not(self, shop: Soak) -> None:
        put(shop, evolve(an_order(shop), review=Review("no answer", "no one answered", shop.universe.clock.now())))

        assert "left to a person: no answer" in said(shop)

    @pytest.mark.parametrize(
        "status",
        [
            OrderStatus.PENDING,
            OrderStatus.INVENTORY_RESERVED,
            OrderStatus.PAYMENT_PROCESSING,
            OrderStatus.CUSTOMER_ACTION,
            OrderStatus.AUTHORISED,
            OrderStatus.ABANDONING,
            OrderStatus.REFUNDING,
        ],
    )
    def test_what_should_have_passed_does_not(self, shop: Soak, status: OrderStatus) -> None:
        order = evolve(an_order(shop, OrderStatus.SHIPPED, OrderStatus.DELIVERED), status=status)
        put(shop, evolve(order, changed_at=order.changed_at - timedelta(hours=2)))

        assert f"is {status} since" in said(shop)

    def test_nor_what_is_paid_and_has_no_parcel(self, shop: Soak) -> None:
        order = an_order(shop, OrderStatus.SHIPPED)
        del shop.universe.carrier._shipments[order.id]
        put(shop, evolve(order, status=OrderStatus.PAID))

        assert "is paid since" in said(shop)


def test_what_never_ends_is_too_late(shop: Soak) -> None:
    order = an_order(shop)
    purchase = order.purchase._replace(placed_at=order.purchase.placed_at - timedelta(days=90))
    put(shop, evolve(order, purchase=purchase))

    assert [breach for breach in never_ending(shop.universe) if breach.subject == order.id]


def test_what_is_closed_is_judged(shop: Soak) -> None:
    """Two days later it is finished, and the money for it is not there."""
    visits, shipped = shop.customers.visits, OrderStatus.SHIPPED
    orders = (order for order in shop.universe.store.all(ORDERS) if order.status is shipped)
    order = next(order for order in orders if not visits[order.purchase.checkout_id].plans)
    payments = {payment.id for payment in shop.universe.stripe.payments_of_order(order.id)}
    shop.universe.stripe.account.ledger.archive(payments, Ledger())

    with pytest.raises(InvariantBroken, match=f"I1 {order.id} is delivered and 0.00"):
        live(shop, days=range(4, 8))


def test_what_belongs_to_no_order_is_seen(shop: Soak) -> None:
    order = an_order(shop, OrderStatus.SHIPPED)
    assert not list(orphaned(shop.universe))

    del shop.universe.store._tables[ORDERS.name].rows[order.id]

    assert {breach.promise for breach in orphaned(shop.universe)} == {"I1", "I12"}


def test_stock_that_is_held_for_no_order_is_seen(shop: Soak) -> None:
    until = shop.universe.clock.now() + timedelta(hours=1)
    shop.universe.clock.run(shop.universe.inventory.hold("ord_1", [Quantity("mug", 1)], expires_at=until))

    assert list(map(str, orphaned(shop.universe))) == ["I11 ord_1 holds stock for no order"]


# What is closed is gone.


def held(shop: Soak) -> dict[str, int]:
    """How much is kept, and where."""
    universe, sender = shop.universe, shop.universe.sender
    orders = universe.store._tables[ORDERS.name]
    assert sender is not None
    return {
        "orders": len(orders.rows),
        "logs": len(orders.log),
        "references": len(orders._owner_of),
        "customers": len(orders._groups),
        "messages": len(list(universe.store.all_items(OUTBOX))),
        "subjects of webhooks": len(list(universe.store.all_items(INBOX))),
        "deliveries": sum(len(list(queue.all())) for name, queue in universe.store._queues.items() if PREFIX in name),
        "records": len(universe.store._records),
        "webhooks": len(list(universe.store.all_entries(WEBHOOKS))),
        "payments": len(universe.stripe.payments.book.intents),
        "movements of money": len(universe.stripe.movements),
        "movements of stock": len(universe.inventory.movements),
        "holds": len(universe.inventory.holds()),
        "parcels": len(universe.carrier.shipments()),
        "mails": len(universe.mailer.sent),
        "events at Stripe": len(sender.events),
        "processes that crashed": len(universe.universe._gone),
        "visits": len(shop.customers.visits),
    }


def test_a_shop_of_weeks_holds_no_more_than_a_shop_of_days() -> None:
    shop, days = Soak(4), list[dict[str, int]]()

    for day in range(18):
        shop.live(day)
        days.append(held(shop))

    for name in days[0]:
        early, lately = max(day[name] for day in days[:12]), max(day[name] for day in days[15:])
        assert 0 < lately <= 1.5 * early, name


def test_what_is_closed_can_be_asked_for_no_more(shop: Soak) -> None:
    shop.universe.pass_time(WHOLE_DAY)

    closed = close(shop.universe, shop.customers.visits)

    assert closed
    for order in closed:
        assert not shop.universe.stripe.payments_of_order(order.id)
        assert not shop.universe.mailer.about(order.id)
        assert order.purchase.checkout_id not in shop.customers.visits
    assert not {order.id for order in closed} & {order.id for order in shop.universe.store.all(ORDERS)}


def test_what_has_left_is_bought_anew() -> None:
    """To the shelf it is as if the closed orders had never been."""
    shop = Soak(2)
    live(shop, days=range(10))
    inventory, status = shop.universe.inventory, shop.universe.inventory.holds()

    for product_id, initial in dict(STOCK).items():
        out = [move for move in inventory.movements if move.product_id == product_id and move.status is HoldStatus.HELD]
        gone = sum(move.quantity for move in out if status[move.hold_id].status not in RETURNED)
        assert inventory.initial[product_id] == initial
        assert inventory.available(product_id) == initial - gone
