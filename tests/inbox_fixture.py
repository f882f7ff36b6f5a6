"""A desk at which webhooks come in and are worked off, for tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from payflows.kernel.inbox_entry import WebhookEntry
from payflows.store.webhook_table import WebhookTable

from payflows.kernel.inbox import Inbox, WebhookSettings
from payflows.kernel.retry import RetryPolicy
from simulations.time.world import World
from tests.webhook_posts import API_VERSION, NOW, SECRET, body_of, event, payment_intent, signed

WAITS = RetryPolicy(first_delay_seconds=10, factor=3, max_delay_seconds=60, max_retries=3)
"""10 s, 30 s and 60 s, then never again."""


class InboxFixture:
    """An inbox, and whoever looks at payments behind it."""

    def __init__(self, retry: RetryPolicy = WAITS) -> None:
        self.table = WebhookTable()
        self.settings = WebhookSettings(secrets=(SECRET,), api_version=API_VERSION, retry=retry)
        self.looked_at: list[str] = []
        self.trouble: BaseException | None = None
        self.inbox = self.another(self.look)

    async def look(self, payment_id: str) -> None:
        self.looked_at.append(payment_id)
        if self.trouble is not None:
            raise self.trouble

    def another(self, on_payment: Callable[[str], Awaitable[object]]) -> Inbox:
        """Another worker at the same table."""
        return Inbox(store=self.table, settings=self.settings, on_payment=on_payment)

    def receive(self, event_id: str = "evt_1", payment_id: str = "pi_1", at: datetime = NOW) -> None:
        raw_body = body_of(event(about=payment_intent(id=payment_id), id=event_id))
        assert World().run(self.webhooks.receive(raw_body, signed(raw_body, at=at), at)).status == 200

    def work(self, at: datetime = NOW) -> int:
        """Work off all that is due; how many that was."""
        worked_off = 0
        while World().run(self.inbox.run_once(at)):
            worked_off += 1
        return worked_off

    def work_until_nothing_is_left(self) -> datetime:
        """Let time pass from one due webhook to the next; when the last one was."""
        last = NOW
        while due_at := World().run(self.inbox.due_at()):
            last = due_at
            self.work(last)
        return last

    def entry(self, event_id: str = "evt_1") -> WebhookEntry:
        return World().run(self.inbox.entry(event_id))
