"""How a shop lets its customers pay: one frozen value. What is charged for what is in `pricing.py`."""

from __future__ import annotations

from dataclasses import dataclass, field

from payflows.checks import instance_of, whole_number
from payflows.errors import InvalidPolicy
from payflows.kernel.retry import RetryPolicy
from payflows.payments.model import CaptureMode


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutPolicy:
    """How a shop lets its customers pay.

    Attributes:
        capture: authorise first and capture once the stock is committed, or take the money immediately.
        max_tries: how many cards, or tries of one card, an order may have.
        deadline_seconds: from placing the order until it is given up unpaid.
        hold_seconds: how long stock is held at a time; renewed at half of it while the payment is open.
        lease_seconds: how long a step may take before the worker takes the order for interrupted.
        pending_look_seconds: how often a payment in `processing`, a pending refund or a booked parcel is looked at.
        review_after_seconds: how long an order may wait without progress before it is put up for review.
        processing_review_seconds: how long a payment may be `processing`, with goods set aside for it, before a person
            is asked; it is looked at further. Stripe's slowest debits (SEPA) take up to 14 business days: three weeks.
        retry: when a call without an answer is made again. Its waits are at most 300 seconds, for an unknown outcome
            is resolved within ten minutes once the other side is back; and an order is never given up for them.

    Raises:
        InvalidPolicy: a value outside its bounds.
    """

    capture: CaptureMode = CaptureMode.MANUAL
    max_tries: int = 3
    deadline_seconds: int = 3_600
    hold_seconds: int = 900
    lease_seconds: int = 90
    pending_look_seconds: int = 3_600
    review_after_seconds: int = 86_400
    processing_review_seconds: int = 21 * 86_400
    retry: RetryPolicy = field(default_factory=RetryPolicy)

    def __post_init__(self) -> None:
        if not isinstance(self.capture, CaptureMode):
            raise InvalidPolicy(f"capture must be CaptureMode.MANUAL or CaptureMode.AUTOMATIC, got {self.capture!r}")
        whole_number("max_tries", self.max_tries, least=1, most=10)
        whole_number("deadline_seconds", self.deadline_seconds, least=60, most=86_400)
        whole_number("hold_seconds", self.hold_seconds, least=60, most=86_400)
        whole_number("lease_seconds", self.lease_seconds, least=1, most=300)
        whole_number("pending_look_seconds", self.pending_look_seconds, least=60, most=86_400)
        whole_number("review_after_seconds", self.review_after_seconds, least=3_600, most=7 * 86_400)
        whole_number("processing_review_seconds", self.processing_review_seconds, least=3_600, most=90 * 86_400)
        instance_of("retry", self.retry, RetryPolicy)
        if self.retry.max_delay_seconds > 300 or self.retry.max_retries is not None:
            raise InvalidPolicy("an order's retries wait at most 300 seconds each and have no last one")
