"""A shop for stories about events: webhooks delivered by hand, handlers that fail, and what the store says of both."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from payflows.checkout.messages import ORDERS, EventType
from payflows.checkout.model import Order
from payflows.checks import instance_of, not_negative
from payflows.clock import SECOND
from payflows.errors import CallNotSent
from payflows.kernel.handler_queue import PREFIX
from payflows.kernel.inbox import WEBHOOKS, Webhook
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.queue_item import ItemStatus
from payflows.kernel.worker import Task
from payflows.parties import Customer
from payflows.stripe.webhooks.response import IgnoredReason, ResponseCode

from simulations.checkout.points_book import PointsBook
from simulations.checkout.scripted_shop import ScriptedShop
from simulations.network.link import Call, Latency, over_network
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.stripe.webhooks.deliveries import DeliveryKind, Try, TryEnding
from simulations.stripe.webhooks.sender import WebhookSender
from simulations.time.world import MICROSECONDS, START

if TYPE_CHECKING:
    import pandas as pd

IMPATIENT = Latency(((0, 120), (50, 340), (90, 700), (100, 1_900)))
"""How long Stripe takes in these stories: so long that one can see what came before what."""

PROMPT = DeliveryConditions(delay=Latency(((0, 300), (50, 800), (100, 3_000))))
"""A road on which webhooks come soon, and nothing goes wrong."""

ROUGH = DeliveryConditions(
    lost_share=0.3, answer_lost_share=0.2, duplicated_share=0.5, forged_share=0.5, replayed_share=0.3, foreign_share=0.2
)
"""A road on which much is lost, much comes twice, and much comes from others than Stripe."""


class Arrival(NamedTuple):
    """A webhook at our door.

    Attributes:
        at_us: when, in microseconds of virtual time.
        event_id: as its body says; not verified.
        code: what we answered.
    """

    at_us: int
    event_id: str
    code: ResponseCode


class Act(NamedTuple):
    """What a customer did at Stripe, beside the shop.

    Attributes:
        at_us: when, in microseconds of virtual time.
        payment_id: to which payment.
        what: in a few words.
    """

    at_us: int
    payment_id: str
    what: str


class WebhookShop(ScriptedShop):
    """A story shop that hears of its payments by webhooks, and lets handlers hear of its orders.

    Args:
        road: how webhooks travel.
        settings: as for `ScriptedShop`.

    Attributes:
        arrivals: every webhook that came to our door, and our answer.
        handler_calls: every call of a handler that subscribed by `listen`.
        acts: what customers did at Stripe.
    """

    sender: WebhookSender

    def __init__(self, *, road: DeliveryConditions = PROMPT, **settings: Any) -> None:
        instance_of("road", road, DeliveryConditions)
        self.arrivals: list[Arrival] = []
        self.handler_calls: list[Call] = []
        self.acts: list[Act] = []
        self._door_opens_us = 0
        super().__init__(webhooks=road, **{"gateway_latency": IMPATIENT, **settings})

    # What happens.

    async def receive_webhook(self, raw_body: bytes, headers: Mapping[str, str]) -> int:
        """Serve the endpoint and record what came; while the door is shut every connection is refused."""
        if self.world.now_us < self._door_opens_us:
            raise CallNotSent("webhook endpoint: connection refused")
        answer = await self.webhooks.receive(raw_body, headers, self.world.now())
        self.arrivals.append(Arrival(self.world.now_us, _id_in(raw_body), answer.code))
        await self.app.worker.poll(self.inbox.name)
        return answer.status

    def shut_door(self, *, minutes: float) -> None:
        """Make our endpoint unreachable for this long: a deployment, say."""
        not_negative("minutes", minutes)
        self._door_opens_us = self.world.now_us + round(60 * minutes * MICROSECONDS)

    def webhook(self, event_type: str, kind: DeliveryKind = DeliveryKind.GENUINE) -> ResponseCode | None:
        """Have the latest webhook of a type delivered once, by hand, and let it be worked off.

        Args:
            event_type: Stripe's name, such as "payment_intent.succeeded".
            kind: as what it comes; by Stripe itself unless said otherwise.

        Returns:
            What our endpoint answered; None: it was not reached.
        """
        instance_of("event_type", event_type, str)
        instance_of("kind", kind, DeliveryKind)
        knocks = len(self.arrivals)
        self.world.run(self.sender.deliver(self.sender.latest(event_type), kind))
        self.pass_time(seconds=20)
        return self.arrivals[knocks].code if len(self.arrivals) > knocks else None

    def authenticate(self, order: Order) -> None:
        """The customer passes 3-D Secure on the bank's page, and never comes back to the shop."""
        instance_of("order", order, Order)
        assert order.payment_id is not None, "the bank asks about a payment"
        self.acts.append(Act(self.world.now_us, order.payment_id, "3-D Secure"))
        self.stripe.authenticate(order.payment_id)

    def listen(self, event_type: EventType | str, book: PointsBook, *, name: str) -> None:
        """Let a handler hear of all business events of a type from now on, with a trace of its calls."""
        instance_of("book", book, PointsBook)
        traced = over_network(book, name, self.world, calls=self.handler_calls)
        self.app.bus.subscribe(event_type, traced.add, name=name)

    def replay_dead_letters(self) -> int:
        """A person has all dead letters of handlers tried again; how many those were."""
        replayed = self.world.run(self.app.bus.replay_all())
        self.pass_time(seconds=40)
        return replayed

    def points(self, book: PointsBook, customer: Customer) -> int:
        """What the store says that a customer has."""
        instance_of("book", book, PointsBook)
        instance_of("customer", customer, Customer)
        points = self.world.run(self.store.record(book.page_of(customer))).fields.get("points", 0)
        assert isinstance(points, int), "the book writes nothing else"
        return points

    # What the store says.

    def inbox_of(self, order: Order) -> pd.DataFrame:
        """The webhooks about an order's payments that are stored, and how far their subject has been worked on."""
        import pandas as pd

        return pd.DataFrame([self._inbox_row(webhook) for webhook in self.stored_webhooks(order)])

    def status_of(self, webhook: Webhook) -> ItemStatus:
        """Return how far what a webhook is about has been worked on."""
        if webhook.subject is None:
            return ItemStatus.IGNORED
        return self.world.run(self.store.item(self.inbox.name, webhook.owner)).status

    def _inbox_row(self, webhook: Webhook) -> dict[str, object]:
        row: dict[str, object] = {"received": _at(webhook.at), "webhook": webhook.type}
        if webhook.subject is None:
            return row | {"status": "ignored", "failures": 0, "due": "", "reason": webhook.ignored or ""}
        item = self.world.run(self.store.item(self.inbox.name, webhook.owner))
        rest = {"failures": item.failures, "due": _at(item.due_at), "reason": item.last_error or ""}
        return row | {"status": item.status.value, **rest}

    def deliveries_of(self, order: Order) -> pd.DataFrame:
        """The business events about an order on their way to handlers, and how far each has got."""
        import pandas as pd

        instance_of("order", order, Order)
        queues = self.world.run(self.store.queues(PREFIX))
        return pd.DataFrame(
            {
                "handler": queue.removeprefix(PREFIX),
                "business event": str(item.content.type),
                "status": item.status.value,
                "failures": item.failures,
                "due": _at(item.due_at),
                "reason": item.last_error or "",
            }
            for status in ItemStatus
            for queue in queues
            for item in self.world.run(self.store.items(queue, status))
            if isinstance(item.content, BusinessEvent) and item.content.subject == order.id
        )

    def stored_webhooks(self, order: Order) -> list[Webhook]:
        """The webhooks about an order's payments, oldest first; also of a payment that the order does not name yet."""
        payments = self._payments_of(order)
        events = {event.id for event in self.sender.events if event.owner_id in payments}
        webhooks = [webhook for webhook in self.store.all_entries(WEBHOOKS) if _is_about(webhook, payments, events)]
        wanted = [webhook for webhook in webhooks if webhook.ignored != IgnoredReason.UNWANTED_TYPE]
        return sorted(wanted, key=lambda webhook: (webhook.at, webhook.created_at, webhook.key))

    # What the others see.

    def tries_of(self, order: Order) -> pd.DataFrame:
        """What Stripe, and those who would like to be Stripe, sent about an order, and what each saw come of it."""
        return _table_of(self.knocks_of(order))

    def tries_by_answer(self) -> pd.DataFrame:
        """How many tries of each kind there were, by how our endpoint answered."""
        table = _table_of(self._knocks())
        answered = table["answer"].where(table["answer"] != "", table["seen"])
        return table.groupby(["kind", answered]).size().unstack(fill_value=0)

    def knocks_of(self, order: Order) -> Iterator[tuple[Try, ResponseCode | None]]:
        """Every try to tell us of an order's payment, oldest first, with what we answered where it reached us."""
        payments = self._payments_of(order)
        event_ids = tuple(event.id for event in self.sender.events if event.owner_id in payments)
        # An event that is not ours to heed has an id that begins with the id of the one that it imitates.
        return (knock for knock in self._knocks() if knock[0].event_id.startswith(event_ids))

    def _payments_of(self, order: Order) -> set[str]:
        instance_of("order", order, Order)
        return {payment.id for payment in self.stripe.payments_of_order(order.id)}

    def _knocks(self) -> Iterator[tuple[Try, ResponseCode | None]]:
        answers: defaultdict[tuple[int, str], deque[ResponseCode]] = defaultdict(deque)
        for came in self.arrivals:
            answers[came.at_us, came.event_id].append(came.code)
        for one in sorted(self.sender.tries, key=lambda one: one.at_us):
            reached = one.ending not in (TryEnding.LOST, TryEnding.UNREACHABLE)
            yield one, answers[one.at_us, one.event_id].popleft() if reached else None

    def tasks(self) -> pd.DataFrame:
        """What the worker looks after, and when each task is due next."""
        import pandas as pd

        queues = self.world.run(self.app.bus.queues())
        tasks: tuple[Task, ...] = (self.app.outbox, self.inbox, *queues)
        due = {task.name: self.world.run(task.due_at()) for task in tasks}
        due["due orders"] = self.world.run(self.store.due_at(ORDERS))
        return pd.DataFrame({"task": list(due), "due": [_at(moment) for moment in due.values()]})


def _is_about(webhook: Webhook, payments: Collection[str], events: Iterable[str]) -> bool:
    if webhook.subject is not None:
        return webhook.subject.id in payments
    # One that only imitates another has an id that begins with its id.
    return webhook.event_id.startswith(tuple(events))


def _id_in(raw_body: bytes) -> str:
    try:
        return str(json.loads(raw_body)["id"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""  # whatever that was


def _table_of(knocks: Iterable[tuple[Try, ResponseCode | None]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "at": _at(START + one.at_us // MICROSECONDS * SECOND),
            "webhook": one.type,
            "kind": one.kind.value,
            "try": one.number,
            "seen": str(one.status or one.ending.value),
            "answer": code.value if code else "",
        }
        for one, code in knocks
    )


def _at(moment: datetime | None) -> str:
    return f"{moment:%H:%M:%S}" if moment is not None else ""
