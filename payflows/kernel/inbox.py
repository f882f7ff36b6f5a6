"""The inbox: webhooks, each stored once, then worked on by the subject that they are about.

A webhook is trusted only for the id of the object to read, so stale, duplicate and reordered ones are harmless. How one
is proven to be Stripe's, and parsed, is the endpoint's (`payflows.stripe.webhooks`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from payflows.checks import instance_of
from payflows.clock import Clock
from payflows.errors import AlreadyExists, InvalidInput, NotFound
from payflows.kernel.aggregate import Entry, EntryKind
from payflows.kernel.changes import Append, Arrive, Change
from payflows.kernel.durable_queue import DurableQueue
from payflows.kernel.queue_item import ItemStatus, QueueItem, WebhookSubject
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.store import Store

INBOX = "inbox"
_IGNORED = ":ignored"

THREE_DAYS = RetryPolicy(first_delay_seconds=20, factor=2, max_delay_seconds=3_600, max_retries=79)
"""Hourly after the first one and a half hours, for as long as Stripe itself would go on sending."""

OnSubject = Callable[[str], Awaitable[object]]
"""Reads an object at Stripe by its id, and lets what belongs to it go on.

It may be called for the same id again, at any time, in any order; it raises `NotFound` where the object is not its
business's, or not yet.
"""

OnConnected = Callable[[str, str], Awaitable[object]]
"""The same of an object on a connected account: called with the account's id, and the object's."""


@dataclass(frozen=True, kw_only=True)
class Webhook(Entry):
    """A webhook as it came in. What it says of the object is not kept: that is read from Stripe.

    Attributes:
        key: Stripe's id of the event, which makes a second delivery a duplicate; see `ignored_key` for those ignored.
        owner: the key of the subject that it is about; empty where it is ignored.
        at: when it first came in, by our clock.
        type: Stripe's event type.
        created_at: when it happened, by Stripe's clock.
        subject: what it is about; None where it is ignored.
        ignored: why it is not worked on; None where it is.
    """

    type: str
    created_at: datetime
    subject: WebhookSubject | None = None
    ignored: str | None = None

    @property
    def event_id(self) -> str:
        """Return Stripe's id of the event."""
        return self.key.removesuffix(_IGNORED)


WEBHOOKS = EntryKind(name="webhook", entry_type=Webhook)


def subject_key(subject: WebhookSubject) -> str:
    """Return the key under which webhooks about a subject are worked on together."""
    return f"{subject.source}:{subject.kind}:{subject.id}"


def ignored_key(event_id: str) -> str:
    """Return the key of a webhook that is ignored: sent again once it is not, it is no duplicate."""
    return event_id + _IGNORED


class Inbox(DurableQueue):
    """Keeps webhooks, and works on what they are about, one subject after another.

    A webhook that arrives while its subject is being worked on makes it due again.

    Args:
        store: where they are durable before Stripe is answered.
        clock: tells the time.
        handlers: what is done about a subject of each kind, tried in turn until one of them knows it.
        connected: the same for subjects on connected accounts.
        retry: when a subject that could not be read, or is not known yet, is tried again.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        handlers: Mapping[str, Sequence[OnSubject]],
        connected: Mapping[str, Sequence[OnConnected]] | None = None,
        retry: RetryPolicy = THREE_DAYS,
    ) -> None:
        instance_of("handlers", handlers, Mapping)
        super().__init__(INBOX, store=store, clock=clock, retry=retry)
        instance_of("connected", connected, Mapping, None)
        self._handlers = handlers
        self._connected = connected or {}

    def handles(self, subject_kind: str, *, is_connected: bool = False) -> bool:
        """Return whether any business knows subjects of this kind: all others the endpoint ignores."""
        return bool((self._connected if is_connected else self._handlers).get(subject_kind))

    async def take(self, webhook: Webhook) -> bool:
        """Store a webhook durably, and its subject as due; False, and nothing stored, where it is known already."""
        instance_of("webhook", webhook, Webhook, error=InvalidInput)
        changes: list[Change] = [Append(WEBHOOKS, (webhook,))]
        if webhook.subject is not None:
            key = subject_key(webhook.subject)
            changes.append(Arrive(QueueItem(INBOX, key, webhook.subject, webhook.at, webhook.at)))
        try:
            await self._store.change(*changes)
        except AlreadyExists:
            return False
        return True

    async def webhook(self, event_id: str) -> Webhook:
        """Return one webhook, by Stripe's id of the event. Raises `NotFound`."""
        instance_of("event_id", event_id, str, error=InvalidInput)
        try:
            return await self._store.entry(WEBHOOKS, event_id)
        except NotFound:
            return await self._store.entry(WEBHOOKS, ignored_key(event_id))

    async def _process(self, item: QueueItem) -> Sequence[Change]:
        subject = item.content
        assert isinstance(subject, WebhookSubject), "the inbox holds subjects"
        for handle in self._handlers_of(subject):
            try:
                await handle()
            except NotFound:
                continue
            return ()
        raise NotFound(f"no business knows this {subject.kind}")

    def _handlers_of(self, subject: WebhookSubject) -> Iterator[Callable[[], Awaitable[object]]]:
        if subject.source:
            for each in self._connected.get(subject.kind, ()):
                yield partial(each, subject.source, subject.id)
        else:
            for handle in self._handlers.get(subject.kind, ()):
                yield partial(handle, subject.id)

    def _status_after(self, error: Exception, *, is_final: bool) -> ItemStatus:
        if isinstance(error, NotFound):
            return ItemStatus.IGNORED if is_final else ItemStatus.UNMATCHED
        return super()._status_after(error, is_final=is_final)
