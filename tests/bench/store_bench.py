"""What stores cost: bytes of a finished order, CPU at a hundred and a hundred thousand, SQLite beside plain sqlite3."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Coroutine, Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from payflows.checkout.messages import ORDERS, messages_for
from payflows.checkout.model import Order, OrderStatus
from payflows.clock import SECOND
from payflows.kernel.aggregate import Transition
from payflows.kernel.changes import OUTBOX, Enqueue, Insert, Replace, log_row, outgoing
from payflows.kernel.evolve import evolve
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.queue_item import ItemStatus, QueueItem
from payflows.kernel.store import Store
from payflows.kernel.worker import Worker
from payflows.store.memory import InMemoryStore
from payflows.store.sql import SqlStore, directly
from simulations.time.world import START, World
from tests.bench.plain_sqlite import PlainSqlite
from tests.bench.ratio import Ratio, race, ratio_of
from tests.sample_orders import an_order, with_charge

ROUNDS = 10
FINISHED = 10_000
FEW, MANY = 100, 100_000
SQLITE_ORDERS = 40
CALLS = 200

_S = OrderStatus
PATH = (_S.INVENTORY_RESERVED, _S.PAYMENT_PROCESSING, _S.AUTHORISED, _S.PAID, _S.SHIPPED, _S.DELIVERED)


def ratios(rounds: int = ROUNDS) -> list[Ratio]:
    """The stores' ratios."""
    return [_bytes_of_an_order(), *_at_scale(rounds), _on_sqlite(rounds), _idle(rounds)]


# Memory


def versions(number: int) -> Iterator[Order]:
    """Each version of an order that is bought, paid, sent and delivered."""
    order = an_order(f"ord_{number}")
    yield order
    for status in PATH:
        order = evolve(order, status=status, version=order.version + 1, changed_at=order.changed_at + 20 * SECOND)
        if status is _S.PAYMENT_PROCESSING:
            order = with_charge(order, payment_id=f"pi_{number}")
        yield order


def _bytes_of_an_order() -> Ratio:
    ours, plain = (_traced(keep) / FINISHED for keep in (_in_the_store, _in_dicts))
    how = f"tracemalloc, {FINISHED:,} orders; {ours:,.0f} bytes and {plain:,.0f}"
    return Ratio(
        "bytes of a finished order in memory / of the same values in plain dicts and lists", (ours / plain,), how, 1.5
    )


def _traced(keep: Callable[[], object]) -> int:
    tracemalloc.start()
    kept = keep()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return size


def _in_the_store() -> object:
    store = InMemoryStore()
    for number in range(FINISHED):
        _drive(live(store, number))
    return store


async def live(store: Store, number: int) -> None:
    """Store an order's life, and deliver all that it announces."""
    before: Order | None = None
    for order in versions(number):
        await store.change(Insert(ORDERS, order) if before is None else Replace(ORDERS, before, order))
        before = order
    while (item := await store.next_item(OUTBOX)) is not None:
        await store.advance(item, item.done(item.came_at))


def _in_dicts() -> object:
    orders: dict[str, Order] = {}
    of_payment: dict[str, str] = {}
    of_customer: dict[str, list[str]] = {}
    log: dict[str, list[Transition]] = {}
    items: dict[str, QueueItem] = {}
    for number in range(FINISHED):
        before: Order | None = None
        for order in versions(number):
            orders[order.id] = order
            if (row := log_row(before, order)) is not None:
                log.setdefault(order.id, []).append(row)
            for message in messages_for(before, order):
                item = outgoing(message)
                items[item.key] = item.done(item.came_at)
            before = order
        of_payment[str(order.payment_id)] = order.id
        of_customer.setdefault(order.purchase.customer.id, []).append(order.id)
    return orders, of_payment, of_customer, log, items


# A hundred and a hundred thousand


def _at_scale(rounds: int) -> Iterator[Ratio]:
    few, many = _store_of(FEW), _store_of(MANY)
    now = START + timedelta(days=30)
    how = f"{MANY:,} in the store / {FEW}"
    reads: dict[str, Callable[[InMemoryStore], Coroutine[Any, Any, object]]] = {
        f"{FEW} orders due": lambda store: store.due(ORDERS, now, FEW),
        "the dead letters": lambda store: store.items("handler points", ItemStatus.DEAD),
        "when something is due": lambda store: store.due_at(ORDERS),
    }
    for name, read in reads.items():
        by_many, by_few = race((_times(read, many), _times(read, few)), rounds)
        yield Ratio(f"{name}, of {MANY:,} / of {FEW}", ratio_of(by_many, by_few), how, 3.0)


def _store_of(number: int) -> InMemoryStore:
    """Orders that are due, one after another; a handler that is done with its events, and has a few dead letters."""
    store = InMemoryStore()
    for each in range(number):
        order = evolve(an_order(f"ord_{each}"), lease_until=START + each * SECOND)
        _drive(store.change(Insert(ORDERS, order)))
        event = BusinessEvent(f"event_{each}", "order.placed", order.id, START, order.charge.amount)
        item = QueueItem("handler points", event.key, event, START, START)
        _drive(store.change(Enqueue(item)))
        after = item.failed(ItemStatus.DEAD, "no answer", None) if each < 10 else item.done(START)
        _drive(store.advance(item, after))
    return store


def _times(read: Callable[[InMemoryStore], Coroutine[Any, Any, object]], store: InMemoryStore) -> Callable[[int], None]:
    def run(_: int) -> None:
        for _ in range(CALLS):
            _drive(read(store))

    return run


# SQLite


def _on_sqlite(rounds: int) -> Ratio:
    with TemporaryDirectory() as folder:
        ours, plain = race((lambda _: _by_our_store(folder), lambda _: _by_hand(folder)), rounds)
    milliseconds = sorted(ours)[rounds // 2] / SQLITE_ORDERS * 1_000
    how = f"{SQLITE_ORDERS} orders of 7 versions with their messages delivered; {milliseconds:.1f} ms an order"
    return Ratio(
        "an order's work on our SQLite store / on sqlite3 by hand, the same rows and commits",
        ratio_of(ours, plain),
        how,
    )


def _by_our_store(folder: str) -> None:
    path = Path(folder, "ours.db")
    store = SqlStore(path, run=directly)
    for number in range(SQLITE_ORDERS):
        _drive(live(store, number))
    store.close()
    _remove(path)


def _by_hand(folder: str) -> None:
    path = Path(folder, "plain.db")
    plain = PlainSqlite(path)
    for number in range(SQLITE_ORDERS):
        before: Order | None = None
        for order in versions(number):
            plain.write(before, order, messages_for(before, order))
            before = order
        plain.deliver_all()
    plain.close()
    _remove(path)


def _remove(path: Path) -> None:
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()


# The worker


class NothingDue:
    """A task for which nothing is due."""

    name = "nothing"

    async def due_at(self) -> None:
        return None

    async def run_once(self, now: object) -> bool:
        raise AssertionError("nothing is due")


def _idle(rounds: int) -> Ratio:
    year, busy = race((lambda _: _idle_for(365), lambda _: _drive(live(InMemoryStore(), 1))), rounds)
    how = f"{sorted(year)[rounds // 2] * 1_000:.0f} ms of CPU for a year"
    return Ratio(
        "a worker's year with nothing to do / one order's work on the store in memory", ratio_of(year, busy), how
    )


def _idle_for(days: int) -> None:
    world = World()
    worker = Worker([NothingDue()], clock=world, on_change=InMemoryStore().on_change)
    world.start(worker.run())
    world.run(world.sleep(days * 86_400))


def _drive(work: Coroutine[Any, Any, object]) -> None:
    """Run what waits for nothing."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("it waits for something")
