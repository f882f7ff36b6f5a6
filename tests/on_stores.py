"""A business on a store of ours: what a story leaves there must be the same on every store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from payflows.kernel.aggregate import Kind
from payflows.kernel.changes import OUTBOX
from payflows.kernel.handler_queue import PREFIX
from payflows.kernel.inbox import INBOX, WEBHOOKS
from payflows.marketplace.ledger import LEDGER
from payflows.store.memory import InMemoryStore
from simulations.search.app_system import AppSystem, ReadableStore
from simulations.search.universe import Universe


class OnAStore(AppSystem[Any]):
    """A system that works on the store that a test brings.

    Attributes:
        kinds: of which it keeps rows.
    """

    kinds: ClassVar[tuple[Kind[Any], ...]]

    def __init__(self, store: ReadableStore, *given: Any) -> None:
        self._given = store
        super().__init__(Universe(), *given)
        self.tell()
        self.settle()

    def recorded(self) -> object:
        """All that its store holds."""
        rows = [(each, self.store.transitions(kind, each.id)) for kind in self.kinds for each in self.store.all(kind)]
        queues = (OUTBOX, INBOX, *self.world.run(self.store.queues(PREFIX)))
        items = [(queue, list(self.store.all_items(queue))) for queue in queues]
        return rows, items, list(self.store.all_entries(WEBHOOKS)), list(self.store.all_entries(LEDGER))

    def _new_store(self) -> ReadableStore:
        return self._given


def assert_ends_alike(played: Callable[[ReadableStore], OnAStore], store: ReadableStore) -> None:
    """Play a story on a store: it ends as it must, and leaves there what it leaves in memory."""
    system = played(store)

    broken = [*system.breaches(), *system.expected()]
    assert not broken, broken
    if not isinstance(store, InMemoryStore):
        assert system.recorded() == played(InMemoryStore()).recorded()
