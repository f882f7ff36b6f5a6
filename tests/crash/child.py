"""The process that is killed: it runs a checkout on a file, and calls the outside world over a pipe."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import Engine, event

from payflows.app import App
from payflows.checkout.model import Order, OrderStatus
from payflows.kernel.inbox import Webhook
from payflows.kernel.queue_item import WebhookSubject
from payflows.kernel.store import Store
from payflows.store.sql import SqlStore, directly
from simulations.checkout.scripted_shop import ADA, NO_FUNDS, VISA, cart
from simulations.checkout.shop import HOME, MERCHANT
from simulations.checkout.subject import Ports, Settings, our_checkout
from simulations.time.hand_clock import HandClock

T = TypeVar("T")

DAY = 86_400

OpenStore = Callable[[Path], Store]
"""Opens the store of a file; found by its name in the child."""


def sql_store(path: Path) -> Store:
    """Ours."""
    return SqlStore(path, run=directly)


class Request(NamedTuple):
    """A call of the outside world."""

    port: str
    method: str
    args: tuple[object, ...] = ()
    kwargs: dict[str, object] = {}  # noqa: RUF012 - never changed


class Answer(NamedTuple):
    """What a call was answered with, or the error that it raised."""

    value: object = None
    error: Exception | None = None


class Countdown:
    """Notes the points at which the process may die, and kills it at one of them.

    Args:
        dies_at: the number of the point, from 1; None: it lives.
    """

    def __init__(self, dies_at: int | None) -> None:
        self.points: list[str] = []
        self._dies_at = dies_at

    def reach(self, point: str) -> None:
        self.points.append(point)
        if len(self.points) == self._dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def reach_statement(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.reach(" ".join(statement.split()[:3]))


class Outside:
    """The outside world, as the child reaches it: calls of any port, and the clock."""

    def __init__(self, pipe: Connection, countdown: Countdown) -> None:
        self._pipe = pipe
        self._countdown = countdown

    def ask(self, request: Request) -> object:
        self._pipe.send(request)
        answer: Answer = self._pipe.recv()
        if answer.error is not None:
            raise answer.error
        return answer.value

    async def call(self, port: str, method: str, *args: object, **kwargs: object) -> object:
        """Every call is a point: what comes before it is stored, and the call is not made."""
        self._countdown.reach(f"{port}.{method}")
        return self.ask(Request(port, method, args, kwargs))

    # As a clock

    def now(self) -> datetime:
        return cast(datetime, self.ask(Request("clock", "now")))

    async def sleep(self, seconds: float) -> None:
        self.ask(Request("clock", "pass_time", (seconds,)))

    async def sleep_until(self, moment: datetime) -> None:
        await self.sleep(max(0.0, (moment - self.now()).total_seconds()))

    async def within(self, seconds: float, work: Coroutine[Any, Any, T]) -> T:
        return await work


class RemotePort:
    """A port whose every method is a call of the outside world."""

    def __init__(self, name: str, outside: Outside) -> None:
        self._name = name
        self._outside = outside

    def __getattr__(self, method: str) -> Callable[..., Awaitable[object]]:
        return partial(self._outside.call, self._name, method)


class Sale(NamedTuple):
    """What customer and merchant do.

    Attributes:
        cards: those that the customer tries, in turn.
        is_refunded: the merchant gives the money back.
    """

    cards: tuple[str, ...] = (VISA,)
    is_refunded: bool = False


PAID, REFUNDED = Sale(), Sale(cards=(NO_FUNDS, VISA), is_refunded=True)


class Script:
    """What happens while the process runs, when it is first started and after its crash: all of it, once more."""

    def __init__(self, app: App, outside: Outside) -> None:
        self._app = app
        self._outside = outside
        self._run = HandClock().run

    def play(self, sale: Sale) -> None:
        """The customer buys, the worker runs, the parcel arrives; and the money goes back where it is to."""
        checkout = self._app.checkout
        first, *others = sale.cards
        order = self._remembered(
            checkout.process_checkout(ADA, "checkout-1", cart=cart(), payment_method=first, shipping_address=HOME)
        )
        for card in others:
            if order.status is OrderStatus.CUSTOMER_ACTION:
                tried = order.attempt.number
                order = self._remembered(checkout.pay_again(ADA, order.id, expected_try=tried, payment_method=card))
        self._work()
        self._take_webhook(order)
        self._run(self._outside.sleep(3 * DAY))
        self._run(checkout.shipment_changed(MERCHANT, order.id))
        if sale.is_refunded:
            self._run(checkout.refund_order(MERCHANT, order.id))
        self._work()

    def _remembered(self, asked: Coroutine[object, object, Order]) -> Order:
        """Ask, and keep what the customer is answered with."""
        order = self._run(asked)
        self._outside.ask(Request("customer", "append", (order,)))
        return order

    def _take_webhook(self, order: Order) -> None:
        """Stripe sends it until it is answered, so again after a crash."""
        inbox, now = self._app.inbox, self._outside.now()
        assert inbox is not None and order.payment_id is not None, "it listens, and has sold something"  # noqa: PT018 - not a test
        subject = WebhookSubject("", "payment", order.payment_id)
        succeeded = Webhook(
            key="evt_1",
            owner=order.payment_id,
            at=now,
            type="payment_intent.succeeded",
            created_at=now,
            subject=subject,
        )
        self._run(inbox.take(succeeded))
        self._work()

    def _work(self) -> None:
        """Let the worker run, and time pass, until nothing is due any more."""
        while (due_at := self._run(self._app.worker.run_due())) is not None:
            self._run(self._outside.sleep_until(due_at))


def live(path: Path, pipe: Connection, dies_at: int | None, open_store: OpenStore, sale: Sale) -> None:
    """Run the checkout of a file to its end, or to the point at which the process dies.

    Points are: each SQL statement, `BEGIN` and `COMMIT` among them, each call of the outside world, and the end.
    """
    countdown = Countdown(dies_at)
    event.listen(Engine, "before_cursor_execute", countdown.reach_statement)
    outside = Outside(pipe, countdown)
    ports = {name: RemotePort(name, outside) for name in ("gateway", "inventory", "carrier", "mailer")}
    given = Ports(**ports, store=open_store(path), clock=outside)  # type: ignore[arg-type]  # each has all methods
    app = our_checkout(given, Settings(listens=True))
    Script(app, outside).play(sale)
    countdown.reach("the end")
    outside.ask(Request("parent", "extend", (countdown.points,)))
