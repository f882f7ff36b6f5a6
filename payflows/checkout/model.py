"""An order, its statuses and the table of its legal transitions. What moves it along is in `flow.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from payflows.checkout.goods import Address
from payflows.checkout.pricing import Price
from payflows.parties import Customer
from payflows.payments.model import Decline


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


_S = OrderStatus

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
    MONEY_RETURNED = "refunded"
    PAYMENT_DISPUTED = "payment_disputed"

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

    def requests_the_same_as(self, other: Purchase) -> bool:
        """Whether both ask for the same goods to the same door."""
        return set(self.price.goods) == set(other.price.goods) and self.address == other.address


class Attempt(NamedTuple):
    """One try of one card.

    Attributes:
        number: 1 for the first card; `pay_again` names the one it saw.
        payment_method: Stripe's id, `pm_...`.
        previous_charge_id: the payment's latest charge when the try was stored: a decline that still shows this
            charge is an older try's.
        charge_id: the payment's latest charge when the try was turned down.
        decline: why it was turned down, once that is known.
    """

    number: int
    payment_method: str
    previous_charge_id: str | None = None
    charge_id: str | None = None
    decline: Decline | None = None

    def next(self, payment_method: str) -> Attempt:
        """The try that follows this one."""
        return Attempt(self.number + 1, payment_method, previous_charge_id=self.charge_id or self.previous_charge_id)

    def turned_down(self, decline: Decline, charge_id: str | None) -> Attempt:
        """This try, once it is known that the card was turned down."""
        return Attempt(self.number, self.payment_method, self.previous_charge_id, charge_id, decline)


@dataclass(frozen=True, slots=True)
class Review:
    """What a person needs to help an order that cannot go on by itself.

    Attributes:
        reason: what is in the way.
        detail: the last answer, with Stripe's ids and codes.
        since: when it was first seen.
    """

    reason: str
    detail: str
    since: datetime


@dataclass(frozen=True, kw_only=True)  # without slots, so that `evolve` can copy it
class Order:
    """An order as stored. Immutable: a step makes the next version and stores that.

    Attributes:
        id: derived from merchant, customer and checkout id.
        purchase: what was agreed.
        status: where it stands.
        version: raised by one with every change.
        changed_at: when the status was entered.
        due_at: when the janitor should look; None where only a person or a notice can move it on.
        waits: looks in vain since the last step that worked.
        attempt: the card that is being tried.
        payment_id: its one payment intent, once stored.
        key_generation: part of every idempotency key; raised once a read shows a step undone.
        hold_until: when its stock hold expires; None before it is held and once it is committed.
        reason: why it is not going to be fulfilled.
        cancel_asked: the customer or the merchant wants it cancelled.
        refund_asked: the merchant wants the money given back though the goods are gone.
        refund_id: our refund, once made.
        failed_refund_id: a refund that failed, after which the merchant asked for another.
        refunded: the refund is through.
        in_processing: the customer's bank is at work on the payment, for days maybe.
        refunded_minor: what of the payment had gone back, by whomever, when it was last looked at after a notice.
        payment_recheck_due: a notice about its money has come, and nobody could look yet.
        disputed: the customer's bank had taken the charge up when it was last looked at after a notice.
        tracking_number: the carrier's, once it has the parcel.
        review: what a person must look at.
        orphan_possible: a payment intent may exist beside `payment_id`, unconfirmed and harmless, to be cancelled;
            stored before another one is asked for.
        orphan_checked_at: when such intents were looked for; a second look ends the search.
    """

    id: str
    purchase: Purchase
    status: OrderStatus
    version: int
    changed_at: datetime
    due_at: datetime | None
    attempt: Attempt
    waits: int = 0
    payment_id: str | None = None
    key_generation: int = 1
    hold_until: datetime | None = None
    reason: Reason | None = None
    cancel_asked: bool = False
    refund_asked: bool = False
    refund_id: str | None = None
    failed_refund_id: str | None = None
    refunded: bool = False
    in_processing: bool = False
    refunded_minor: int = 0
    payment_recheck_due: bool = False
    disputed: bool = False
    tracking_number: str | None = None
    review: Review | None = None
    orphan_possible: bool = False
    orphan_checked_at: datetime | None = None

    def key(self, step: str) -> str:
        """The idempotency key of a step."""
        return f"{self.id}:{step}:{self.key_generation}"


class Transition(NamedTuple):
    """One row of the append-only log.

    Attributes:
        order_id: whose.
        version: the version that it made.
        before: the status it left; None when the order was placed.
        after: the status it entered.
        at: when, by the flow's clock.
        reason: why, where there is a reason.
    """

    order_id: str
    version: int
    before: OrderStatus | None
    after: OrderStatus
    at: datetime
    reason: str | None = None
