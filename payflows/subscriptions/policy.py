"""How a merchant treats subscribers: frozen values. What is sold is in `plans`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from payflows.checks import instance_of, whole_number
from payflows.errors import InvalidPolicy
from payflows.kernel.retry import RetryPolicy
from payflows.subscriptions.billing import TrialEnd


class OpenInvoices(StrEnum):
    """What becomes of invoices that are not paid when a subscription is cancelled now."""

    VOID = "void"
    """They are owed no more; drafts are voided too."""
    COLLECT = "collect"
    """They stay owed, and the card is tried once more."""


class UnusedTime(StrEnum):
    """What becomes of the paid time that is left when a subscription is cancelled now."""

    NOTHING = "nothing"
    CREDIT = "credit"
    """Stripe credits it to the customer's balance, on a last invoice."""
    REFUND = "refund"
    """It goes back to the card, by a credit note of the invoice that was paid for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPolicy:
    """What becomes of money when a subscription is cancelled before its period ends.

    Attributes:
        open_invoices: of what is not paid.
        unused_time: of what was paid and is not used.

    Raises:
        InvalidPolicy: a value of another type.
    """

    open_invoices: OpenInvoices = OpenInvoices.VOID
    unused_time: UnusedTime = UnusedTime.NOTHING

    def __post_init__(self) -> None:
        instance_of("open_invoices", self.open_invoices, OpenInvoices)
        instance_of("unused_time", self.unused_time, UnusedTime)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionPolicy:
    """How a merchant treats subscribers.

    Attributes:
        trial_end: what happens at the end of a trial without a card.
        trial_notice_days: how long before a trial's end its customer is reminded.
        past_due_access_days: how long access lasts from the first unpaid invoice on, while it is being collected.
        cancel: what becomes of money where a cancellation says nothing else.
        look_after_seconds: how long after Stripe should have acted, and no webhook came, we look ourselves.
        unpaid_look_seconds: how often a subscription is looked at while an invoice of it is unpaid.
        pending_look_seconds: how often a payment in `processing` or a refund under way is looked at.
        lease_seconds: how long a step may take before the worker takes the subscription for interrupted.
        review_after_seconds: how long it may wait without progress before a person is asked.
        retry: when a call without an answer is made again; its waits are at most 300 seconds, and none is the last.

    Raises:
        InvalidPolicy: a value outside its bounds.
    """

    trial_end: TrialEnd = TrialEnd.CANCEL
    trial_notice_days: int = 3
    past_due_access_days: int = 14
    cancel: CancelPolicy = field(default_factory=CancelPolicy)
    look_after_seconds: int = 2 * 3_600
    unpaid_look_seconds: int = 86_400
    pending_look_seconds: int = 3_600
    lease_seconds: int = 90
    review_after_seconds: int = 86_400
    retry: RetryPolicy = field(default_factory=RetryPolicy)

    def __post_init__(self) -> None:
        instance_of("trial_end", self.trial_end, TrialEnd)
        whole_number("trial_notice_days", self.trial_notice_days, most=30)
        whole_number("past_due_access_days", self.past_due_access_days, most=365)
        instance_of("cancel", self.cancel, CancelPolicy)
        whole_number("look_after_seconds", self.look_after_seconds, least=60, most=86_400)
        whole_number("unpaid_look_seconds", self.unpaid_look_seconds, least=3_600, most=7 * 86_400)
        whole_number("pending_look_seconds", self.pending_look_seconds, least=60, most=86_400)
        whole_number("lease_seconds", self.lease_seconds, least=1, most=300)
        whole_number("review_after_seconds", self.review_after_seconds, least=3_600, most=7 * 86_400)
        instance_of("retry", self.retry, RetryPolicy)
        if self.retry.max_delay_seconds > 300 or self.retry.max_retries is not None:
            raise InvalidPolicy("a subscription's retries wait at most 300 seconds each and have no last one")
