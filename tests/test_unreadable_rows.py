"""Rows that other code wrote: each is put off and reported, and everything else goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, create_engine, select, update

from payflows.app import App, build_app
from payflows.checkout.business import CheckoutSetup
from payflows.checkout.inmemory.carrier import InMemoryCarrier
from payflows.checkout.inmemory.inventory import InMemoryInventory
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order, OrderStatus
from payflows.kernel.changes import OUTBOX
from payflows.store.sql import SqlStore, directly
from payflows.store.sql_tables import AGGREGATES, ITEMS
from simulations.checkout.scripted_shop import ADA, PRICES, STOCK, THREE_D_SECURE, cart
from simulations.checkout.shop import HOME
from simulations.stripe.simulated import SimulatedStripe
from simulations.time.hand_clock import HandClock

HOUR = 3_600


class FileShop:
    """A shop on one SQLite file, and a hand that writes into it."""

    def __init__(self, path: Path) -> None:
        self.clock = HandClock()
        self.stripe = SimulatedStripe(self.clock)
        self.store = SqlStore(path, run=directly)
        self._engine = create_engine(f"sqlite:///{path}")
        self.app = self._app()

    def buy(self, checkout_id: str) -> Order:
        asked = self.app.checkout.process_checkout(
            ADA, checkout_id, cart=cart(), payment_method=THREE_D_SECURE, shipping_address=HOME
        )
        return self.clock.run(asked)

    def status(self, order: Order) -> OrderStatus:
        return self.clock.run(self.store.get(ORDERS, order.id)).status

    def rewrite(self, table: Table, **changes: Any) -> None:
        """Write the first row as other code would."""
        with self._engine.begin() as connection:
            row = connection.execute(select(table).order_by(table.c.number)).first()
            assert row is not None, "there is one"
            body = json.dumps(json.loads(row.body) | changes)
            connection.execute(update(table).where(table.c.number == row.number).values(body=body))

    def close(self) -> None:
        self.store.close()
        self._engine.dispose()

    def _app(self) -> App:
        goods = InMemoryInventory(STOCK, clock=self.clock)
        setup = CheckoutSetup(prices=PRICES, inventory=goods, carrier=InMemoryCarrier(clock=self.clock))
        return build_app(gateway=self.stripe, checkout=setup, store=self.store, clock=self.clock)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[FileShop]:
    with closing(FileShop(tmp_path / "shop.sqlite")) as made:
        yield made


def test_an_order_that_cannot_be_read_is_put_off_and_the_others_go_on(
    shop: FileShop, caplog: pytest.LogCaptureFixture
) -> None:
    unreadable, other = shop.buy("checkout-1"), shop.buy("checkout-2")
    shop.rewrite(AGGREGATES, schema=99)
    shop.clock.pass_time(2 * HOUR)  # the deadline of both has passed

    due_at = shop.clock.run(shop.app.worker.run_due())

    assert shop.status(other) is OrderStatus.CANCELLED
    assert due_at is not None
    assert due_at > shop.clock.now()
    (reported,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert reported.getMessage().startswith(
        f"a stored aggregate cannot be read, and is put off: kind order, id {unreadable.id}, error UnreadableRow: "
    )


def test_it_goes_on_once_code_that_can_read_it_is_back(shop: FileShop) -> None:
    order = shop.buy("checkout-1")
    shop.rewrite(AGGREGATES, schema=99)
    shop.clock.pass_time(2 * HOUR)
    shop.clock.run(shop.app.worker.run_due())
    shop.rewrite(AGGREGATES, schema=1)

    shop.clock.pass_time(HOUR)
    shop.clock.run(shop.app.worker.run_due())

    assert shop.status(order) is OrderStatus.CANCELLED


def test_a_message_that_cannot_be_read_is_put_off_and_those_behind_it_go_on(
    shop: FileShop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.buy("checkout-1")
    shop.rewrite(ITEMS, schema=99)

    due_at = shop.clock.run(shop.app.worker.run_due())

    assert due_at is not None
    assert due_at > shop.clock.now()
    (left,) = [row for row in _rows(shop) if row.due_us is not None]
    assert json.loads(left.body)["schema"] == 99
    (reported,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert reported.getMessage().startswith("a stored item cannot be read, and is put off: queue outbox, error ")


def test_a_message_that_is_put_off_does_not_end_the_round(shop: FileShop) -> None:
    shop.buy("checkout-1")
    shop.buy("checkout-2")
    shop.rewrite(ITEMS, schema=99)

    shop.clock.run(shop.app.outbox.drain(shop.clock.now()))

    (left,) = [row for row in _rows(shop) if row.due_us is not None]
    assert json.loads(left.body)["schema"] == 99


def _rows(shop: FileShop) -> list[Any]:
    with shop._engine.begin() as connection:
        return list(connection.execute(select(ITEMS).where(ITEMS.c.queue == OUTBOX)))
