"""Business events and mails: delivered, taken once, and as often as what they tell of has happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from payflows.kernel.changes import OUTBOX
from payflows.kernel.handler_queue import PREFIX
from payflows.kernel.inbox import INBOX
from payflows.kernel.messages import BusinessEvent, Mail
from payflows.kernel.queue_item import ItemStatus
from payflows.marketplace.messages import MOVEMENTS, PAYOUTS, SALES, EventType, MailKind
from payflows.marketplace.movement import MovementStatus, MovementType
from payflows.marketplace.payout import PayoutState
from payflows.marketplace.sale import SaleStatus

from simulations.marketplace.system import MarketplaceSystem
from simulations.search.breach import Breach

MAIL_OF: Mapping[EventType, MailKind] = {
    EventType.VENDOR_RESTRICTED: MailKind.VENDOR_RESTRICTED,
    EventType.SALE_PAID: MailKind.SALE_PAID,
    EventType.SALE_FAILED: MailKind.SALE_FAILED,
    EventType.SALE_ACTION_REQUIRED: MailKind.CARD_NEEDED,
    EventType.PAYOUT_FAILED: MailKind.PAYOUT_FAILED,
}
"""Written down once more: the flow's own table is what is checked."""


def breaches(system: MarketplaceSystem) -> Iterator[Breach]:
    """Every promise about messages that is broken."""
    events: Counter[str] = Counter()
    mails: Counter[str] = Counter()
    for item in system.store.all_items(OUTBOX):
        message = item.content
        if item.finished_at is None:
            yield Breach("I24", item.key, f"{item.key} was never delivered")
        if isinstance(message, Mail):
            mails[message.kind] += 1
            if message.key not in system.mailer.sent:
                yield Breach("I27", message.key, f"the mail {message.key} was never sent")
        elif isinstance(message, BusinessEvent):
            events[message.type] += 1
            record = system.clock.run(system.store.record(f"counted {message.key}"))
            if record.fields.get("times") != 1:
                yield Breach("I24", message.key, f"{message.key} was taken {record.fields.get('times', 0)} times")
    for event, mail in MAIL_OF.items():
        if events[event] != mails[mail]:
            yield Breach("I27", mail, f"{events[event]} times {event}, {mails[mail]} mails")
    yield from _as_often(system, events)
    for queue in (INBOX, *system.clock.run(system.store.queues(PREFIX))):
        for item in system.store.all_items(queue):
            if item.status not in (ItemStatus.PROCESSED, ItemStatus.IGNORED):
                yield Breach("I24", item.key, f"{queue} has {item.key} {item.status}: {item.last_error}")


def _as_often(system: MarketplaceSystem, events: Counter[str]) -> Iterator[Breach]:
    """I24: as often as it has happened, by the rows."""
    sales, movements = list(system.store.all(SALES)), list(system.store.all(MOVEMENTS))
    paid = (SaleStatus.PAID, SaleStatus.BOOKED, SaleStatus.AVAILABLE)
    refunds = [each for each in movements if each.type is MovementType.REFUND]
    payouts = list(system.store.all(PAYOUTS))
    exactly = {
        EventType.SALE_PAID: sum(each.status in paid for each in sales),
        EventType.SALE_FAILED: sum(each.status is SaleStatus.FAILED for each in sales),
        EventType.SALE_REFUNDED: sum(each.stripe_id is not None for each in refunds),
        EventType.SALE_REFUND_FAILED: sum(each.status is MovementStatus.FAILED for each in refunds),
        EventType.SHARE_OWED: sum(each.status is MovementStatus.OWED for each in movements),
        EventType.PAYOUT_SENT: sum(each.stripe_payout_id is not None for each in payouts),
        EventType.PAYOUT_FAILED: sum(each.status is PayoutState.FAILED for each in payouts),
    }
    for event, times in exactly.items():
        if events[event] != times:
            yield Breach("I24", event, f"{events[event]} times {event}, and not {times}")
