"""A business on a store of ours: what a story leaves there must be the same on every store."""

from __future__ import annotations

from typing import Any, ClassVar

from payflows.kernel.aggregate import Kind
from payflows.kernel.changes import OUTBOX
from payflows.kernel.handler_queue import PREFIX
from payflows.kernel.inbox import INBOX, WEBHOOKS
from payflows.marketplace.ledger import LEDGER
from simulations.search.app_system import AppSystem, ReadableStore


class OnAStore(AppSystem[Any]):
    """A system that works on the store that a test brings.

    Attributes:
        kinds: of which it keeps rows.
    """

    kinds: ClassVar[tuple[Kind[Any], ...]]
    _given: ReadableStore

    def recorded(self) -> object:
        """All that its store holds."""
        rows = [(each, self.store.transitions(kind, each.id)) for kind in self.kinds for each in self.store.all(kind)]
        queues = (OUTBOX, INBOX, *self.world.run(self.store.queues(PREFIX)))
        items = [(queue, list(self.store.all_items(queue))) for queue in queues]
        return rows, items, list(self.store.all_entries(WEBHOOKS)), list(self.store.all_entries(LEDGER))

    def _new_store(self) -> ReadableStore:
        return self._given
