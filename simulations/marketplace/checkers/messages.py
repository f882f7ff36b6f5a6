"""Business events and mails: delivered, taken once, and as often as what they tell of has happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from payflows.kernel.messages import Mail
from payflows.marketplace.messages import MOVEMENTS, PAYOUTS, SALES, EventType, MailKind
from payflows.marketplace.movement import MovementStatus, MovementType
from payflows.marketplace.payout import PayoutState
from payflows.marketplace.sale import SaleStatus

from simulations.marketplace.system import MarketplaceSystem
from simulations.search import delivery
from simulations.search.breach import Breach
from simulations.search.delivery import messages_in

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
    yield from delivery.breaches(system)
    events, mails = Counter[str](), Counter[str]()
    for message in messages_in(system.store):
        if isinstance(message, Mail):
            mails[message.kind] += 1
        else:
            events[message.type] += 1
    for event, mail in MAIL_OF.items():
        if events[event] != mails[mail]:
            yield Breach("I27", mail, f"{events[event]} times {event}, {mails[mail]} mails")
    yield from _as_often(system, events)


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
