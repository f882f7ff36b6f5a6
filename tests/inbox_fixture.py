"""An inbox whose subjects are worked on when a test says so, and a look at payments that can fail."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import datetime
from typing import Any, TypeVar

from payflows.kernel.inbox import Inbox, OnSubject
from payflows.kernel.queue_item import QueueItem
from payflows.kernel.retry import RetryPolicy
from payflows.store.memory import InMemoryStore
from payflows.stripe.webhooks.endpoint import WebhookEndpoint
from simulations.time.world import World
from tests.webhook_posts import NOW, SETTINGS, body_of, event, payment_intent, signed

T = TypeVar("T")

WAITS = RetryPolicy(first_delay_seconds=10, factor=3, max_delay_seconds=60, max_retries=3)
"""10 s, 30 s and 60 s, then never again."""


class SetClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("an inbox waits for nothing")

    async def sleep_until(self, at: datetime) -> None:
        raise AssertionError("an inbox waits for nothing")

    async def within(self, seconds: float, work: Coroutine[Any, Any, T]) -> T:
        return await work


class InboxFixture:
    """An inbox, and the look at payments behind it."""

    def __init__(self, retry: RetryPolicy = WAITS) -> None:
        self.store = InMemoryStore()
        self.clock = SetClock()
        self.retry = retry
        self.looked_at: list[str] = []
        self.trouble: BaseException | None = None
        self.inbox = self.another(self.look)

    async def look(self, payment_id: str) -> None:
        self.looked_at.append(payment_id)
        if self.trouble is not None:
            raise self.trouble

    def another(self, look: OnSubject) -> Inbox:
        """Another worker on the same store."""
        return Inbox(store=self.store, clock=self.clock, handlers={"payment": [look]}, retry=self.retry)

    def receive(
        self,
        event_id: str = "evt_1",
        payment_id: str = "pi_1",
        at: datetime = NOW,
        type: str = "payment_intent.succeeded",
    ) -> None:
        raw_body = body_of(event(type, about=payment_intent(id=payment_id), id=event_id))
        endpoint = WebhookEndpoint(self.inbox, SETTINGS)
        assert World().run(endpoint.receive(raw_body, signed(raw_body, at=at), at)).status == 200

    def work(self, at: datetime = NOW) -> int:
        """Work on all that is due; how many subjects that was."""
        self.clock.moment = at
        return World().run(self.inbox.drain(at))

    def work_until_nothing_is_left(self) -> datetime:
        """Let time pass from one due subject to the next; when the last one was."""
        last = NOW
        while due_at := World().run(self.inbox.due_at()):
            last = due_at
            self.work(last)
        return last

    def item(self, payment_id: str = "pi_1") -> QueueItem:
        return World().run(self.store.item("inbox", f":payment:{payment_id}"))
