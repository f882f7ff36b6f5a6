"""A payment and a refund as the flows see them: Stripe's objects without what no flow needs. No calls are made here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from payflows.errors import UnreadableAnswer
from payflows.money import Money


class CaptureMode(StrEnum):
    """When the money is taken, by Stripe's `capture_method`."""

    MANUAL = "manual"
    """Authorise at confirmation, capture later: nothing is taken before the goods are certain."""
    AUTOMATIC = "automatic"
    """Take it at confirmation: a failure after that costs a refund."""


class PaymentStatus(StrEnum):
    """Where a payment intent stands, in Stripe's own words."""

    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    REQUIRES_CAPTURE = "requires_capture"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


class RefundStatus(StrEnum):
    """Where a refund stands, in Stripe's own words."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class DisputeStatus(StrEnum):
    """Where a dispute stands, in Stripe's own words."""

    WARNING_NEEDS_RESPONSE = "warning_needs_response"
    """An inquiry: the customer's bank asks, and has moved no money."""
    WARNING_UNDER_REVIEW = "warning_under_review"
    WARNING_CLOSED = "warning_closed"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    APPEAL_NEEDS_RESPONSE = "appeal_needs_response"
    APPEAL_UNDER_REVIEW = "appeal_under_review"
    PREVENTED = "prevented"
    WON = "won"
    """By us. A dispute that was lost may still become one that is won."""
    LOST = "lost"

    @property
    def is_open(self) -> bool:
        """Whether the customer's bank has still to decide."""
        return self not in _CLOSED and not self.is_lost

    @property
    def is_lost(self) -> bool:
        """Whether the customer's bank keeps the money: what is appealed was lost, and stays so until it is won."""
        return self in _LOST


_CLOSED = (DisputeStatus.WARNING_CLOSED, DisputeStatus.PREVENTED, DisputeStatus.WON)
_LOST = (DisputeStatus.LOST, DisputeStatus.APPEAL_NEEDS_RESPONSE, DisputeStatus.APPEAL_UNDER_REVIEW)


@dataclass(frozen=True, slots=True)
class Decline:
    """Why a card was turned down.

    Attributes:
        code: Stripe's error code, such as `card_declined`.
        decline_code: the issuer's reason as Stripe names it; None where there is none.
    """

    code: str
    decline_code: str | None = None

    def __str__(self) -> str:
        return self.decline_code or self.code


class Payment(NamedTuple):
    """A payment intent, as read or answered.

    Attributes:
        id: Stripe's id, `pi_...`.
        order_id: the order its metadata name; None where they name none (stripe-mock never does).
        status: Stripe's status.
        amount: what is to be paid.
        received: what has been taken (`amount_received`).
        returned: what of it was refunded, by whomever (`latest_charge.amount_refunded`, without what was not captured).
        disputed: the customer's bank took the charge up (`latest_charge.disputed`); true for good, however it ended.
        charge_id: the latest charge; it changes with every try that reaches the issuer.
        decline: the last try's decline (`last_payment_error` of type `card_error`), which may be an old one.
    """

    id: str
    order_id: str | None
    status: PaymentStatus
    amount: Money
    received: Money
    returned: Money
    disputed: bool = False
    charge_id: str | None = None
    decline: Decline | None = None

    def covers(self, total: Money) -> bool:
        """Return whether the whole of `total` was received; a part is never accepted as paid."""
        return self.status is PaymentStatus.SUCCEEDED and self.received == total


@dataclass(frozen=True, slots=True)
class CustomerAction:
    """What a customer's browser needs to answer the bank, read from Stripe and never stored: it is theirs alone.

    Attributes:
        client_secret: what Stripe.js is given; it allows to confirm this one payment.
        next_action: Stripe's `next_action`: for Stripe.js (`use_stripe_sdk`), or a page to go to (`redirect_to_url`).
    """

    client_secret: str = field(repr=False)
    next_action: Mapping[str, object] = field(repr=False)

    def of(self, payment_id: str) -> CustomerAction:
        """Return it, which must be about this payment. Raises `UnreadableAnswer` for another one's."""
        if not self.client_secret.startswith(payment_id):
            raise UnreadableAnswer(f"{payment_id} was asked for, and the answer is about another payment")
        return self


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund of a payment.

    Attributes:
        id: Stripe's id, `re_...`.
        payment_id: the payment that goes back.
        amount: how much of it.
        status: Stripe's status; a refund may fail days after it had succeeded.
    """

    id: str
    payment_id: str
    amount: Money
    status: RefundStatus


@dataclass(frozen=True, slots=True)
class Dispute:
    """A customer's bank that takes a payment up.

    Attributes:
        id: Stripe's id, `dp_...`.
        payment_id: the payment that is disputed.
        amount: how much of it.
        status: Stripe's status.
        reinstated_minor: what of the amount we have again; also of a dispute that is lost, a part may be.
    """

    id: str
    payment_id: str
    amount: Money
    status: DisputeStatus
    reinstated_minor: int = 0

    @property
    def lost_minor(self) -> int:
        """Return what of our money the customer's bank keeps."""
        return self.amount.minor - self.reinstated_minor if self.status.is_lost else 0
