"""An order, its statuses and the table of its legal transitions. What moves it along is in `flow.py`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from payflows.checkout.goods import Address, Quantity
from payflows.checkout.pricing import Price
from payflows.clock import SECOND
from payflows.kernel.aggregate import Aggregate
from payflows.parties import Customer
from payflows.payments.charge import Attempt, Charge
from payflows.payments.orphans import ORPHAN_CHECK_SECONDS


class OrderStatus(StrEnum):
    """Where an order stands."""

    PENDING = "pending"
    INVENTORY_RESERVED = "inventory_reserved"
    PAYMENT_PROCESSING = "payment_processing"
    CUSTOMER_ACTION = "customer_action"
    AUTHORISED = "authorised"
    ABANDONING = "abandoning"
    PAID = "paid"
    REFUNDING = "refunding"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    PAYMENT_FAILED = "payment_failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether no transition leads out of it."""
        return not TRANSITIONS[self]

    @property
    def is_fulfilled(self) -> bool:
        """Whether the carrier has the goods, or the customer."""
        return self in _FULFILLED

    @property
    def is_unsold(self) -> bool:
        """Whether it ended, and the goods went back."""
        return self in _UNSOLD

    @property
    def is_at_leisure(self) -> bool:
        """Whether nothing moves it on but a notice: it is shipped, or has ended."""
        return self in _AT_LEISURE


_S = OrderStatus
_FULFILLED = (_S.SHIPPED, _S.DELIVERED)
_UNSOLD = (_S.PAYMENT_FAILED, _S.CANCELLED)

TRANSITIONS: Mapping[OrderStatus, Mapping[OrderStatus, str]] = {
    _S.PENDING: {
        _S.INVENTORY_RESERVED: "all lines held",
        _S.CANCELLED: "out of stock",
        _S.ABANDONING: "given up",
    },
    _S.INVENTORY_RESERVED: {
        _S.PAYMENT_PROCESSING: "payment intent stored",
        _S.ABANDONING: "given up",
    },
    _S.PAYMENT_PROCESSING: {
        _S.CUSTOMER_ACTION: "3-D Secure or declined",
        _S.AUTHORISED: "requires_capture",
        _S.PAID: "succeeded",
        _S.ABANDONING: "given up",
    },
    _S.CUSTOMER_ACTION: {
        _S.PAYMENT_PROCESSING: "another try",
        _S.AUTHORISED: "requires_capture",
        _S.PAID: "succeeded",
        _S.ABANDONING: "given up or too late",
    },
    _S.AUTHORISED: {
        _S.PAID: "stock committed, captured",
        _S.ABANDONING: "stock gone, expired, refused, cancel asked",
    },
    _S.ABANDONING: {
        _S.PAYMENT_FAILED: "intent cancelled, stock released",
        _S.CANCELLED: "intent cancelled, stock released",
        _S.PAID: "it proves paid",
        _S.REFUNDING: "a part was captured elsewhere",
    },
    _S.PAID: {
        _S.SHIPPED: "the carrier took it",
        _S.REFUNDING: "cannot be fulfilled, or cancel asked",
    },
    _S.REFUNDING: {
        _S.CANCELLED: "voided, refunded, stock returned",
        _S.SHIPPED: "the carrier has it already",
    },
    _S.SHIPPED: {_S.DELIVERED: "the carrier's notice"},
    _S.DELIVERED: {},
    _S.PAYMENT_FAILED: {},
    _S.CANCELLED: {},
}
"""From, to and when. The store refuses every other transition; the state diagram is drawn from this table."""

_AT_LEISURE = (_S.SHIPPED, *(status for status in OrderStatus if status.is_final))


class Reason(StrEnum):
    """Why an order is not going to be fulfilled."""

    OUT_OF_STOCK = "out_of_stock"
    CARDS_DECLINED = "cards_declined"
    DEADLINE_PASSED = "deadline_passed"
    PAYMENT_REFUSED = "payment_refused"
    PAYMENT_CANCELLED = "payment_cancelled"
    CAPTURE_REFUSED = "capture_refused"
    AUTHORISATION_EXPIRED = "authorisation_expired"
    STOCK_GONE = "stock_gone"
    CANCEL_ASKED = "cancel_asked"
    NOT_SHIPPABLE = "not_shippable"
    MONEY_RETURNED = "money_returned"
    PAYMENT_DISPUTED = "payment_disputed"
    MERCHANT_MISCONFIGURED = "merchant_misconfigured"

    @property
    def final_status(self) -> OrderStatus:
        """Where an order that is given up for this reason ends once its payment can take no money."""
        return _S.PAYMENT_FAILED if self in _PAYMENT_REASONS else _S.CANCELLED


_PAYMENT_REASONS = {
    Reason.CARDS_DECLINED,
    Reason.DEADLINE_PASSED,
    Reason.PAYMENT_REFUSED,
    Reason.PAYMENT_CANCELLED,
    Reason.CAPTURE_REFUSED,
    Reason.AUTHORISATION_EXPIRED,
}


class Purchase(NamedTuple):
    """What was agreed when the order was placed; it never changes.

    Attributes:
        merchant_id: who sells.
        checkout_id: the caller's own id of this checkout.
        customer: who buys.
        price: the lines and what they cost.
        address: where the parcel goes.
        placed_at: when.
        deadline_at: until when a card may be tried.
    """

    merchant_id: str
    checkout_id: str
    customer: Customer
    price: Price
    address: Address
    placed_at: datetime
    deadline_at: datetime

    def is_for(self, goods: Collection[Quantity], address: Address) -> bool:
        """Whether it is for these goods, in any order, to this address."""
        return set(self.price.goods) == set(goods) and self.address == address


@dataclass(frozen=True, kw_only=True)  # without slots, so that `evolve` can copy it
class Order(Aggregate):
    """An order as stored; its id is derived from merchant, customer and checkout id.

    Attributes:
        status: where it stands.
        purchase: what was agreed.
        charge: its money: what is collected, once, and given back.
        hold_until: when its stock hold expires; None before it is held and once it is committed.
        renew_hold_at: when that hold is renewed, while the payment is open.
        reason: why it is not going to be fulfilled.
        cancel_asked: the customer or the merchant wants it cancelled.
        tracking_number: the carrier's, once it has the parcel.
    """

    status: OrderStatus
    purchase: Purchase
    charge: Charge
    hold_until: datetime | None = None
    renew_hold_at: datetime | None = None
    reason: Reason | None = None
    cancel_asked: bool = False
    tracking_number: str | None = None

    def next_due(self) -> datetime | None:
        """Return when its customer's time is up or its hold is to be renewed, its money is open, or it has work."""
        if self.status is OrderStatus.CUSTOMER_ACTION:
            return min(self.purchase.deadline_at, self.renew_hold_at or self.purchase.deadline_at)
        if not self.status.is_at_leisure or self.charge.money_is_open:
            return self.changed_at
        return self.next_orphan_check()

    def next_orphan_check(self) -> datetime | None:
        """Return when payment intents left over by lost answers are looked for; None where there can be none."""
        if not self.charge.orphan_possible:
            return None
        return (self.charge.orphan_checked_at or self.changed_at) + ORPHAN_CHECK_SECONDS * SECOND

    def references(self) -> tuple[str, ...]:
        """Return the payment by which it is found."""
        payment_id = self.charge.payment_id
        return () if payment_id is None else (payment_id,)

    def groups(self) -> tuple[str, ...]:
        """Return its customer."""
        return (f"customer:{self.purchase.customer.id}",)

    def cause(self) -> str | None:
        """Return why it is not going to be fulfilled."""
        return self.reason.value if self.reason is not None else None

    def mail_address(self) -> str:
        """Return its customer's."""
        return self.purchase.customer.email

    @property
    def attempt(self) -> Attempt:
        """The card that is being tried."""
        return self.charge.attempt

    @property
    def payment_id(self) -> str | None:
        """Stripe's id of its payment intent, once stored."""
        return self.charge.payment_id

    @property
    def refunded(self) -> bool:
        """Whether its money has gone back."""
        return self.charge.refunded
