"""Sales: what a buyer pays for the goods of one vendor or several, and how far its money has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from payflows.clock import SECOND
from payflows.kernel.aggregate import Aggregate
from payflows.marketplace.fees import ANY_CATEGORY
from payflows.marketplace.sale_postings import Share
from payflows.marketplace.volume import VolumeMonth
from payflows.money import Money
from payflows.parties import Customer
from payflows.payments.charge import Charge
from payflows.payments.orphans import ORPHAN_CHECK_SECONDS


class SaleStatus(StrEnum):
    """Where a sale stands."""

    PENDING = "pending"
    PAYMENT_PROCESSING = "payment_processing"
    CUSTOMER_ACTION = "customer_action"
    ABANDONING = "abandoning"
    FAILED = "failed"
    PAID = "paid"
    BOOKED = "booked"
    AVAILABLE = "available"

    @property
    def is_paid(self) -> bool:
        """Whether the buyer has paid."""
        return self in (SaleStatus.PAID, SaleStatus.BOOKED, SaleStatus.AVAILABLE)


_S = SaleStatus

SALE_TRANSITIONS: Mapping[SaleStatus, Mapping[SaleStatus, str]] = {
    _S.PENDING: {_S.PAYMENT_PROCESSING: "payment intent stored", _S.ABANDONING: "given up"},
    _S.PAYMENT_PROCESSING: {
        _S.CUSTOMER_ACTION: "3-D Secure or declined",
        _S.PAID: "succeeded",
        _S.ABANDONING: "given up",
    },
    _S.CUSTOMER_ACTION: {
        _S.PAYMENT_PROCESSING: "another try",
        _S.PAID: "succeeded",
        _S.ABANDONING: "given up or too late",
    },
    _S.ABANDONING: {_S.FAILED: "intent cancelled", _S.PAID: "it proves paid"},
    _S.PAID: {_S.BOOKED: "what Stripe has moved is in the ledger"},
    _S.BOOKED: {_S.AVAILABLE: "Stripe lets it be used"},
    _S.AVAILABLE: {},
    _S.FAILED: {},
}
"""From, to and when."""


class SaleReason(StrEnum):
    """Why a sale failed."""

    VENDOR_INACTIVE = "vendor_inactive"
    CARDS_DECLINED = "cards_declined"
    DEADLINE_PASSED = "deadline_passed"
    PAYMENT_REFUSED = "payment_refused"
    PAYMENT_CANCELLED = "payment_cancelled"
    CANCEL_ASKED = "cancel_asked"
    MERCHANT_MISCONFIGURED = "merchant_misconfigured"


CANCELLED = "cancelled"
"""The id of the refund of a sale that was cancelled, and whose payment succeeded all the same."""


class SentTransfer(NamedTuple):
    """A transfer of a vendor's share, and what of it is still to be taken back, if it must be.

    Attributes:
        id: Stripe's; None: it is still to be made.
        left_minor: what of it was not taken back, nor is being taken.
        fee_left_minor: of the transfer of a destination charge, what of the platform's fee was not given back.
    """

    id: str | None
    left_minor: int
    fee_left_minor: int = 0


class SalePart(NamedTuple):
    """A vendor's part of a sale; fee and tier are frozen with it.

    Attributes:
        vendor_id: whose goods.
        account_id: theirs at Stripe.
        amount: what the buyer pays for them.
        application_fee: what the platform keeps of it.
        month: in which the volume was counted.
        category: of what was sold.
        returned_minor: what of the amount goes back to the buyer, or to the buyer's bank.
        taken_back_minor: what of the vendor's share was taken back.
        reserved_minor: what of it is held back as a reserve.
        reserve_until: until when.
        transfers: of the share, and of what was sent of it again.
        is_available: Stripe lets the share be used.
    """

    vendor_id: str
    account_id: str
    amount: Money
    application_fee: Money
    month: VolumeMonth
    category: str = ANY_CATEGORY
    returned_minor: int = 0
    taken_back_minor: int = 0
    reserved_minor: int = 0
    reserve_until: datetime | None = None
    transfers: tuple[SentTransfer, ...] = ()
    is_available: bool = False

    @property
    def share(self) -> Share:
        """Return it as the ledger posts it."""
        return Share(self.vendor_id, self.account_id, self.amount, self.application_fee)

    @property
    def net(self) -> Money:
        """Return what is the vendor's."""
        return self.amount - self.application_fee

    @property
    def is_unsent(self) -> bool:
        """Whether a share of it is still to be sent."""
        return any(transfer.id is None for transfer in self.transfers)

    def held_minor(self, now: datetime) -> int:
        """Return what of its reserve may be held still: of a share that went back, no more than what is left of it."""
        is_over = self.reserve_until is None or self.reserve_until <= now
        return 0 if is_over else min(self.reserved_minor, max(0, self.left_minor))

    def with_transfer(self, known_id: str | None, **changes: Any) -> SalePart:
        """Return it with a transfer changed."""
        changed = (each._replace(**changes) if each.id == known_id else each for each in self.transfers)
        return self._replace(transfers=tuple(changed))

    @property
    def left_minor(self) -> int:
        """Return what of the vendor's share was not taken back."""
        return self.net.minor - self.taken_back_minor


class SaleOrder(NamedTuple):
    """What was agreed; it never changes.

    Attributes:
        merchant_id: whose platform.
        order_id: the caller's own id of this order.
        customer: who buys.
        placed_at: when.
        deadline_at: until when a card may be tried.
    """

    merchant_id: str
    order_id: str
    customer: Customer
    placed_at: datetime
    deadline_at: datetime


@dataclass(frozen=True, kw_only=True)  # without slots, so that `evolve` can copy it
class Sale(Aggregate):
    """A sale as stored; its id is derived from platform, customer and order id.

    Attributes:
        status: where it stands.
        order: what was agreed.
        parts: what is each vendor's.
        charge: its money: what is collected, once.
        charge_id: Stripe's charge, once it is paid.
        application_fee_id: of a sale of one vendor, Stripe's object of the platform's fee.
        stripe_fee: what Stripe is expected to charge.
        available_at: when Stripe lets its money be used.
        reason: why it failed.
        cancel_asked: it is not wanted any more.
        refund_ids: of the refunds that were asked for, the caller's own ids.
        transfers_recheck_due: a notice came about a share or a fee: they are to be read.
    """

    status: SaleStatus
    order: SaleOrder
    parts: tuple[SalePart, ...]
    charge: Charge
    stripe_fee: Money
    charge_id: str | None = None
    application_fee_id: str | None = None
    available_at: datetime | None = None
    reason: SaleReason | None = None
    cancel_asked: bool = False
    refund_ids: tuple[str, ...] = ()
    transfers_recheck_due: bool = False

    @property
    def is_recheck_due(self) -> bool:
        """Whether a notice came that was not looked into yet."""
        return self.charge.recheck_due or self.transfers_recheck_due

    @property
    def merchant_id(self) -> str:
        """Return on whose platform it is."""
        return self.order.merchant_id

    @property
    def is_refund_due(self) -> bool:
        """Whether it was cancelled while its payment was under way, and is still to be given back."""
        is_kept = any(part.returned_minor < part.amount.minor for part in self.parts)
        return self.cancel_asked and CANCELLED not in self.refund_ids and is_kept

    @property
    def is_separate(self) -> bool:
        """Whether the charge stays with the platform, which sends the shares: where there are several vendors."""
        return len(self.parts) > 1

    @property
    def reserve_until(self) -> datetime | None:
        """Until when a part of some share is held back: no longer, where more is held than is left of the share."""
        held = [(part, part.reserve_until) for part in self.parts if part.reserve_until is not None]
        if not held:
            return None
        return min(until if part.reserved_minor <= part.left_minor else self.changed_at for part, until in held)

    def part_of(self, vendor_id: str) -> SalePart:
        """Return a vendor's part."""
        return next(part for part in self.parts if part.vendor_id == vendor_id)

    def with_part(self, changed: SalePart) -> tuple[SalePart, ...]:
        """Return the parts, that of a vendor as it is now."""
        return tuple(changed if part.vendor_id == changed.vendor_id else part for part in self.parts)

    def next_due(self) -> datetime | None:
        """Return when its buyer's time is up, its money can be used, or it has work."""
        match self.status:
            case SaleStatus.CUSTOMER_ACTION:
                return self.order.deadline_at
            case SaleStatus.BOOKED | SaleStatus.AVAILABLE | SaleStatus.FAILED if not self.is_recheck_due:
                if self.status is SaleStatus.BOOKED and self.is_refund_due:
                    return self.changed_at
                available_at = self.available_at if self.status is SaleStatus.BOOKED else None
                times = (available_at, self.next_orphan_check(), self.reserve_until)
                return min([at for at in times if at is not None], default=None)
        return self.changed_at

    def next_orphan_check(self) -> datetime | None:
        """Return when payment intents left over by lost answers are looked for; None where there can be none."""
        if not self.charge.orphan_possible:
            return None
        return (self.charge.orphan_checked_at or self.changed_at) + ORPHAN_CHECK_SECONDS * SECOND

    def references(self) -> tuple[str, ...]:
        """Return the payment and the charge by which it is found."""
        return tuple(id for id in (self.charge.payment_id, self.charge_id) if id is not None)

    def groups(self) -> tuple[str, ...]:
        """Return its buyer and its vendors."""
        vendors = (f"vendor:{part.vendor_id}" for part in self.parts)
        return (f"customer:{self.order.customer.id}", *vendors)

    def cause(self) -> str | None:
        """Return why it failed."""
        return None if self.reason is None else self.reason.value

    def mail_address(self) -> str:
        """Return the buyer's."""
        return self.order.customer.email
