"""How a merchant treats subscribers: frozen values. What is sold is in `plans`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from payflows.checks import instance_of, whole_number
from payflows.errors import InvalidPolicy
from payflows.kernel.retry import RetryPolicy
from payflows.subscriptions.billing import DRAFT_SECONDS, PauseBehavior, TrialEnd
from payflows.subscriptions.dunning import DunningPolicy


class OpenInvoices(StrEnum):
    """What becomes of invoices that are not paid when a subscription is cancelled now."""

    VOID = "void"
    """They are owed no more, nor is what was used and stands on them; drafts are voided too."""
    COLLECT = "collect"
    """They stay owed, and the card is tried once more."""


class UnusedTime(StrEnum):
    """What becomes of the paid time that is left when a subscription is cancelled now."""

    NOTHING = "nothing"
    CREDIT = "credit"
    """It is credited to the customer's balance: by Stripe, on a last invoice, or by credit notes where money that
    Stripe takes for paid was not paid, or went back."""
    REFUND = "refund"
    """It goes back to where it came from, card or balance, by a credit note of each invoice that was paid for it."""


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


class ChangeTiming(StrEnum):
    """When a plan change takes effect."""

    NOW = "now"
    """The rest of the period is prorated: an upgrade is paid for, a downgrade credited to the customer's balance."""
    AT_PERIOD_END = "at_period_end"
    """The next renewal bills the new price; until then the old plan may be used, and nothing is credited."""


class PauseMeans(StrEnum):
    """By what Stripe pauses a subscription."""

    COLLECTION = "pause_collection"
    """Its invoices are not collected; its status stays."""
    SUBSCRIPTION = "pause"
    """It makes no invoices, unused time is credited, and its status is `paused`. stripe-mock does not know it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PausePolicy:
    """What a pause is.

    Attributes:
        means: by what Stripe pauses.
        invoices: what becomes of invoices that are made meanwhile, where only their collection is paused. One that
            bills what was used before is collected all the same; what was kept as a draft is collected after the pause.
        keeps_access: the product may be used meanwhile, where only the collection is paused. If not, it may not be
            used either for the rest of a period whose invoice was voided, after the pause.

    Raises:
        InvalidPolicy: a value of another type.
    """

    means: PauseMeans = PauseMeans.COLLECTION
    invoices: PauseBehavior = PauseBehavior.VOID
    keeps_access: bool = False

    def __post_init__(self) -> None:
        instance_of("means", self.means, PauseMeans)
        instance_of("invoices", self.invoices, PauseBehavior)
        instance_of("keeps_access", self.keeps_access, bool)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionPolicy:
    """How a merchant treats subscribers.

    Attributes:
        trial_end: what happens at the end of a trial without a card.
        trial_notice_days: how long before a trial's end its customer is reminded.
        past_due_access_days: how long access lasts from the first unpaid invoice on, where nothing is dunned.
        dunning: how failed renewals are collected; None: they are not, and wait for another card.
        cancel: what becomes of money where a cancellation says nothing else.
        downgrade: when a cheaper plan takes effect where the customer does not say.
        preview_lasts_seconds: how long a previewed amount may be confirmed.
        pause: what a pause is.
        usage_settles_seconds: how long Stripe is given to count reported usage before a cancellation bills it.
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
    dunning: DunningPolicy | None = None
    cancel: CancelPolicy = field(default_factory=CancelPolicy)
    downgrade: ChangeTiming = ChangeTiming.AT_PERIOD_END
    preview_lasts_seconds: int = 1_800
    pause: PausePolicy = field(default_factory=PausePolicy)
    usage_settles_seconds: int = 120
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
        instance_of("dunning", self.dunning, DunningPolicy, None)
        instance_of("cancel", self.cancel, CancelPolicy)
        instance_of("downgrade", self.downgrade, ChangeTiming)
        whole_number("preview_lasts_seconds", self.preview_lasts_seconds, least=60, most=86_400)
        instance_of("pause", self.pause, PausePolicy)
        whole_number("usage_settles_seconds", self.usage_settles_seconds, most=3_600)
        whole_number("look_after_seconds", self.look_after_seconds, least=60, most=86_400)
        whole_number("unpaid_look_seconds", self.unpaid_look_seconds, least=3_600, most=7 * 86_400)
        whole_number("pending_look_seconds", self.pending_look_seconds, least=60, most=86_400)
        whole_number("lease_seconds", self.lease_seconds, least=1, most=300)
        whole_number("review_after_seconds", self.review_after_seconds, least=3_600, most=7 * 86_400)
        instance_of("retry", self.retry, RetryPolicy)
        if self.retry.max_delay_seconds > 300 or self.retry.max_retries is not None:
            raise InvalidPolicy("a subscription's retries wait at most 300 seconds each and have no last one")

    def access_until(self, unpaid_since: datetime) -> datetime:
        """Return when access ends where an invoice that was made then is not paid.

        As long as it is dunned, unless the policy says otherwise; the last step then has an hour.
        """
        dunning = self.dunning
        if dunning is None:
            return unpaid_since + timedelta(days=self.past_due_access_days)
        failed_at = unpaid_since + timedelta(seconds=DRAFT_SECONDS)
        if dunning.access_days is not None:
            return dunning.at(dunning.access_days, failed_at)
        return dunning.at(dunning.ends_on, failed_at) + timedelta(hours=1)
