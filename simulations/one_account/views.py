"""Views of what three businesses share, as one of them would have it alone: its messages, and its money at Stripe.

The checkers of a business compare its books with all that there is; here that is what belongs to it. What belongs to
none, the account's own checkers find.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import cast

from payflows.kernel.changes import OUTBOX
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.queue_item import QueueItem, WebhookSubject

from simulations.search.app_system import ReadableStore
from simulations.stripe.core.ledger import Movement
from simulations.stripe.simulated import SimulatedStripe


class _View:
    """Something that is as it was, but for what a view overrides."""

    def __init__(self, behind: object) -> None:
        self._behind = behind

    def __getattr__(self, name: str) -> object:
        return getattr(self._behind, name)


def with_messages_of(store: ReadableStore, words: Collection[str]) -> ReadableStore:
    """Return a store in whose outbox are only the events and mails of one business, by their types and kinds."""
    return cast(ReadableStore, _StoreOfOne(store, frozenset(words)))


class _StoreOfOne(_View):
    def __init__(self, store: ReadableStore, words: Collection[str]) -> None:
        super().__init__(store)
        self._store, self._words = store, words

    def all_items(self, queue: str) -> Iterator[QueueItem]:
        items = self._store.all_items(queue)
        return items if queue != OUTBOX else (item for item in items if _word(item) in self._words)


def _word(item: QueueItem) -> str:
    message = item.content
    assert not isinstance(message, WebhookSubject), "the outbox holds messages"
    return message.type if isinstance(message, BusinessEvent) else message.kind


def with_movements_of(stripe: SimulatedStripe, payment_ids: Callable[[], Collection[str]]) -> SimulatedStripe:
    """Return a Stripe at which only the money of these payments has moved."""
    return cast(SimulatedStripe, _StripeOfOne(stripe, payment_ids))


class _StripeOfOne(_View):
    def __init__(self, stripe: SimulatedStripe, payment_ids: Callable[[], Collection[str]]) -> None:
        super().__init__(stripe)
        self._stripe, self._payment_ids = stripe, payment_ids

    @property
    def movements(self) -> Sequence[Movement]:
        ours = self._payment_ids()
        return [movement for movement in self._stripe.movements if movement.source_id in ours]
