"""The delivery of messages: each went out, each business event was taken once, and no queue has anything left.

How often a business should have sent each of them, its own checkers say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from payflows.kernel.changes import OUTBOX
from payflows.kernel.handler_queue import PREFIX
from payflows.kernel.inbox import INBOX
from payflows.kernel.messages import BusinessEvent, Mail
from payflows.kernel.queue_item import ItemStatus

from simulations.search.app_system import AppSystem, ReadableStore
from simulations.search.breach import Breach
from simulations.search.counting import times_taken


def messages_in(store: ReadableStore) -> Iterator[BusinessEvent | Mail]:
    """All business events and mails of a store, in the order in which they were published."""
    for item in store.all_items(OUTBOX):
        if isinstance(item.content, BusinessEvent | Mail):
            yield item.content


def breaches(system: AppSystem[Any]) -> Iterator[Breach]:
    """Check I24 and I27, when all is calm: of a program whose events are counted by `count_each`."""
    yield from _outbox(system)
    for queue in (INBOX, *system.clock.run(system.store.queues(PREFIX))):
        for item in system.store.all_items(queue):
            if item.status not in (ItemStatus.PROCESSED, ItemStatus.IGNORED):
                yield Breach("I24", item.key, f"{queue} has {item.key} {item.status}: {item.last_error}")


def _outbox(system: AppSystem[Any]) -> Iterator[Breach]:
    for item in system.store.all_items(OUTBOX):
        message = item.content
        if item.finished_at is None:
            yield Breach("I24", item.key, f"{item.key} was never delivered")
        if isinstance(message, Mail) and message.key not in system.mailer.sent:
            yield Breach("I27", message.key, f"the mail {message.key} was never sent")
        if isinstance(message, BusinessEvent):
            times = system.clock.run(times_taken(system.store, message))
            if times != 1:
                yield Breach("I24", message.key, f"{message.key} was taken {times} times")
