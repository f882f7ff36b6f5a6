"""The inbox's table, in memory: every webhook once, the next one that is due, and compare-and-set."""

from __future__ import annotations

from collections.abc import Collection

from payflows.errors import NotFound, VersionConflict
from payflows.kernel.inbox_entry import WebhookEntry, WebhookStatus
from payflows.store.due import DueQueue


class WebhookTable:
    """Webhooks as they came in and as far as they are worked off."""

    def __init__(self) -> None:
        # One dict a status: a list of the dead costs no walk through a million that are done.
        self._webhooks: dict[WebhookStatus, dict[str, WebhookEntry]] = {status: {} for status in WebhookStatus}
        self._webhooks_due = DueQueue()

    async def add_webhook(self, entry: WebhookEntry) -> bool:
        """Store a new webhook; False, and nothing stored, where its event id is known already."""
        if self._find_webhook(entry.event_id) is not None:
            return False
        self._keep_webhook(entry)
        return True

    async def webhook(self, event_id: str) -> WebhookEntry:
        """The webhook as stored. Raises `NotFound`."""
        entry = self._find_webhook(event_id)
        if entry is None:
            raise NotFound("no webhook with this event id has come in")
        return entry

    async def next_webhook(self) -> WebhookEntry | None:
        """The one that is due first, now or later; None where none will be."""
        event_id = self._webhooks_due.first()
        return None if event_id is None else self._find_webhook(event_id)

    async def save_webhook(self, before: WebhookEntry, after: WebhookEntry) -> None:
        """Replace `before` by `after`, or change nothing.

        Raises:
            VersionConflict: somebody else stored another version.
        """
        assert after.event_id == before.event_id and after.version == before.version + 1
        stored = self._find_webhook(before.event_id)
        if stored is None or stored.version != before.version:
            raise VersionConflict("webhook")
        del self._webhooks[stored.status][stored.event_id]
        self._keep_webhook(after)

    async def webhooks(self, status: WebhookStatus) -> tuple[WebhookEntry, ...]:
        """All that have this status, oldest first."""
        return tuple(sorted(self._webhooks[status].values(), key=lambda entry: (entry.received_at, entry.event_id)))

    def _archive_webhooks(self, event_ids: Collection[str], into: WebhookTable) -> None:
        for status, entries in self._webhooks.items():
            for event_id in [event_id for event_id in event_ids if event_id in entries]:
                into._webhooks[status][event_id] = entries.pop(event_id)

    def _find_webhook(self, event_id: str) -> WebhookEntry | None:
        for entries in self._webhooks.values():
            if event_id in entries:
                return entries[event_id]
        return None

    def _keep_webhook(self, entry: WebhookEntry) -> None:
        self._webhooks[entry.status][entry.event_id] = entry
        self._webhooks_due.put(entry.event_id, entry.due_at)
