"""Stripe's subscriptions, invoices and set-ups as the flow sees them: without what it does not need."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from payflows.money import Money


class BillingStatus(StrEnum):
    """Where a subscription stands, in Stripe's own words."""

    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    PAUSED = "paused"
    CANCELED = "canceled"


class InvoiceStatus(StrEnum):
    """Where an invoice stands, in Stripe's own words."""

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    UNCOLLECTIBLE = "uncollectible"
    VOID = "void"


class SetupStatus(StrEnum):
    """Where a set-up of a card stands, in Stripe's own words (`SetupIntent.status`)."""

    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


class TrialEnd(StrEnum):
    """What Stripe does at the end of a trial without a card (`trial_settings.end_behavior.missing_payment_method`)."""

    CANCEL = "cancel"
    PAUSE = "pause"
    CREATE_INVOICE = "create_invoice"


FIRST_INVOICE, RENEWAL = "subscription_create", "subscription_cycle"
"""The `billing_reason` of a subscription's first invoice, and of a renewal."""

DRAFT_SECONDS = 3_600
"""How long a renewal's invoice is a draft before it is final, and charged (docs, "Subscription invoices")."""

CHANGE = "subscription_update"
"""The `billing_reason` of an invoice for a change in a period, and of a last one for what was used."""

ALREADY_REPORTED = "meter_event_already_exists"
"""The code of a rejected report of usage that Stripe has already: it is delivered. Stripe itself gives none."""


class PauseBehavior(StrEnum):
    """What becomes of the invoices of a subscription whose collection is paused (`pause_collection.behavior`)."""

    KEEP_AS_DRAFT = "keep_as_draft"
    VOID = "void"
    MARK_UNCOLLECTIBLE = "mark_uncollectible"


class PausedCollection(NamedTuple):
    """That a subscription's invoices are not collected; its status stays.

    Attributes:
        behavior: what becomes of invoices that are made meanwhile.
        resumes_at: when Stripe collects again by itself; None: once it is asked to.
    """

    behavior: PauseBehavior
    resumes_at: datetime | None = None


class Items(NamedTuple):
    """What a subscription bills.

    Attributes:
        price_id: the licensed price, paid in advance.
        quantity: seats.
        metered_price_id: the price of what is used, paid in arrears; None: nothing is metered.
    """

    price_id: str
    quantity: int = 1
    metered_price_id: str | None = None


class ItemsChange(NamedTuple):
    """How a subscription's items are to change.

    Attributes:
        item_id: Stripe's id of the licensed item, `si_...`.
        metered_item_id: the same of the metered one; None: there is none yet.
        to: what the subscription is to bill.
    """

    item_id: str
    metered_item_id: str | None
    to: Items


class PendingUpdate(NamedTuple):
    """A change that Stripe makes once its invoice is paid (`pending_update`).

    Attributes:
        to: what the subscription then bills.
        expires_at: when Stripe drops it, and voids its invoice.
    """

    to: Items
    expires_at: datetime


class PreviewLine(NamedTuple):
    """A line of an invoice that is not made yet.

    Attributes:
        amount_minor: what it charges; below 0 what it credits.
        period_start: of the time that it is for.
        period_end: of the same.
    """

    amount_minor: int
    period_start: datetime
    period_end: datetime


class InvoicePreview(NamedTuple):
    """What a change would cost now.

    Attributes:
        total_minor: the sum of its lines; below 0 what would be credited to the customer's balance.
        amount_due: what would be collected, after the customer's balance was applied.
        lines: credits for unused time first.
    """

    total_minor: int
    amount_due: Money
    lines: tuple[PreviewLine, ...]


class SubscriptionTerms(NamedTuple):
    """What Stripe is asked for.

    Attributes:
        stripe_customer_id: who subscribes, `cus_...`.
        price_id: to what.
        quantity: seats.
        trial_days: 0 for none.
        trial_end: what happens at a trial's end where there is no card.
        metered_price_id: the price of what is used besides; None: nothing is metered.
    """

    stripe_customer_id: str
    price_id: str
    quantity: int = 1
    trial_days: int = 0
    trial_end: TrialEnd = TrialEnd.CANCEL
    metered_price_id: str | None = None


class StripeInvoice(NamedTuple):
    """An invoice, as read or answered.

    Attributes:
        id: Stripe's id, `in_...`.
        stripe_subscription_id: `sub_...`; None where no subscription made it.
        owner_id: our subscription, as the metadata name it that Stripe copied; None where they name none.
        status: Stripe's status.
        billing_reason: why it was made, such as `subscription_cycle`.
        total: what it is for, after the credits among its lines; 0 where they are more.
        amount_due: what of it is to be collected, after the customer's balance was applied.
        amount_paid: what has been paid.
        period_start: of the service that it bills (its first line's period).
        period_end: of the same.
        created_at: when it was made.
        payment_id: the payment intent of its default payment; None before it is finalised, and where nothing is due.
        attempted: whether its payment was ever tried.
        next_payment_attempt: when Stripe itself tries again; None: it does not.
        hosted_invoice_url: Stripe's page on which the customer can pay it; None before it is finalised.
        credited_minor: what credit notes gave back of it after it was paid (`post_payment_credit_notes_amount`).
        paid_at: when it was paid; None: it is not.
        balance_credit_minor: what its lines credit to the customer's balance, where they credit more than they charge.
        past_minor: what its lines bill for time before it was made, such as what was used.
    """

    id: str
    stripe_subscription_id: str | None
    owner_id: str | None
    status: InvoiceStatus
    billing_reason: str
    total: Money
    amount_due: Money
    amount_paid: Money
    period_start: datetime
    period_end: datetime
    created_at: datetime
    payment_id: str | None = None
    attempted: bool = False
    next_payment_attempt: datetime | None = None
    hosted_invoice_url: str | None = None
    credited_minor: int = 0
    paid_at: datetime | None = None
    balance_credit_minor: int = 0
    past_minor: int = 0


class StripeSubscription(NamedTuple):
    """A subscription of one licensed item, and a metered one at most, as read or answered.

    Attributes:
        id: Stripe's id, `sub_...`.
        owner_id: ours, as its metadata name it; None where they name none (stripe-mock never does).
        status: Stripe's word, which may be one that we do not know.
        stripe_customer_id: whose it is.
        price_id: what is subscribed to.
        quantity: seats.
        period_start: of the current period (on its item since the basil versions).
        period_end: of the same; during a trial the trial's end.
        trial_end: when its trial ends, or ended; None: it has none.
        cancel_at: when it will end; None: it goes on.
        ended_at: when it ended; None: it has not.
        payment_method: where the next charge looks first, `pm_...`; None: at the customer's default.
        setup_id: the set-up of a card that it waits for (`pending_setup_intent`), `seti_...`; None: it waits for none.
        paused_collection: how its collection is paused; None: it is not.
        latest_invoice: its newest invoice, with its payments.
        item_id: its licensed item, `si_...`.
        metered_item_id: its metered item; None: it has none.
        metered_price_id: what that bills.
        pending_update: a change that waits for its invoice to be paid.
    """

    id: str
    owner_id: str | None
    status: str
    stripe_customer_id: str
    price_id: str
    quantity: int
    period_start: datetime
    period_end: datetime
    trial_end: datetime | None = None
    cancel_at: datetime | None = None
    ended_at: datetime | None = None
    payment_method: str | None = None
    setup_id: str | None = None
    paused_collection: PausedCollection | None = None
    latest_invoice: StripeInvoice | None = None
    item_id: str = ""
    metered_item_id: str | None = None
    metered_price_id: str | None = None
    pending_update: PendingUpdate | None = None

    @property
    def items(self) -> Items:
        """What it bills."""
        return Items(self.price_id, self.quantity, self.metered_price_id)


class StripeSetup(NamedTuple):
    """A set-up of a card for later payments (`SetupIntent`).

    Attributes:
        id: Stripe's id, `seti_...`.
        status: Stripe's status.
        payment_method: the card that was tried last.
    """

    id: str
    status: SetupStatus
    payment_method: str | None = None


class CreditNote(NamedTuple):
    """A credit note of an invoice that was paid.

    Attributes:
        id: Stripe's id, `cn_...`.
        invoice_id: of which invoice.
        owner_id: our subscription, as its metadata name it.
        amount: what was credited.
    """

    id: str
    invoice_id: str
    owner_id: str | None
    amount: Money
