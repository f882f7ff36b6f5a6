"""A store and a mailbox that give finished orders away, so that a shop of years holds no more than one of weeks."""

from __future__ import annotations

from collections.abc import Collection

from payflows.checkout.messages import ORDERS
from payflows.kernel.changes import OUTBOX
from payflows.kernel.handler_queue import PREFIX
from payflows.kernel.inbox import INBOX, WEBHOOKS
from payflows.kernel.messages import BusinessEvent, Mail
from payflows.kernel.queue_item import QueueItem, WebhookSubject
from payflows.store.mailbox import InMemoryMailer
from payflows.store.memory import InMemoryStore


class ArchivingStore(InMemoryStore):
    """A store in memory that gives finished orders to another one, with all that is kept about them."""

    def archive(
        self,
        order_ids: Collection[str],
        payment_ids: Collection[str],
        into: ArchivingStore,
        *,
        webhooks: Collection[str],
    ) -> None:
        """Move orders with which nothing will happen any more.

        Args:
            order_ids: which; nothing of theirs is due, and the outbox has delivered all their messages.
            payment_ids: their payments'.
            into: where they go.
            webhooks: those about them, by their events' ids; one that is ignored names no payment.
        """
        here, there = self._tables[ORDERS.name], into._tables[ORDERS.name]
        for order_id in order_ids:
            order, log = here.rows.pop(order_id), here.log.pop(order_id)
            here.remove(order)
            there.keep(None, order)
            there.log[order_id] = log
        for queue in (OUTBOX, INBOX, *[name for name in self._queues if name.startswith(PREFIX)]):
            self._archive_items(queue, {*order_ids, *payment_ids}, into)
        self._archive_webhooks(set(webhooks), into)

    def archive_records(self, names: Collection[str], into: ArchivingStore) -> None:
        """Move handlers' records."""
        into._records.update((name, self._records.pop(name)) for name in names if name in self._records)

    def _archive_items(self, queue: str, subjects: Collection[str], into: ArchivingStore) -> None:
        for item in [item for item in self.all_items(queue) if _subject_of(item) in subjects]:
            into._queues[queue].keep(self._queues[queue].forget(item.key))

    def _archive_webhooks(self, event_ids: Collection[str], into: ArchivingStore) -> None:
        table = self._entries[WEBHOOKS.name]
        about = [webhook for webhook in self.all_entries(WEBHOOKS) if webhook.event_id in event_ids]
        table.remove(about)
        into._entries[WEBHOOKS.name].keep(about)


class ArchivingMailer(InMemoryMailer):
    """A mailbox that gives mails to another one."""

    def archive(self, order_ids: Collection[str], into: InMemoryMailer) -> None:
        """Move all mails about these orders."""
        for key in [key for key, mail in self.sent.items() if mail.subject in order_ids]:
            into.sent[key], into.recipients[key] = self.sent.pop(key), self.recipients.pop(key)


def _subject_of(item: QueueItem) -> str:
    content: BusinessEvent | Mail | WebhookSubject = item.content
    return content.id if isinstance(content, WebhookSubject) else content.subject
