"""Stripe as subscriptions see it: the port through which subscriptions and invoices are made, read and ended.

Money is collected and given back through `payflows.payments`: each of these invoices has a payment intent, which
Stripe owns, and which the `PaymentGateway` reads, confirms and refunds.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from payflows.kernel.ports import moves, reads, searches, writes
from payflows.money import Money
from payflows.payments.invoice_payable import InvoiceGateway
from payflows.payments.model import CustomerAction
from payflows.subscriptions.billing import (
    CreditNote,
    InvoicePreview,
    ItemsChange,
    PausedCollection,
    StripeInvoice,
    StripeSetup,
    StripeSubscription,
    SubscriptionTerms,
)


class BillingGateway(InvoiceGateway, Protocol):
    """Stripe Billing, as far as subscriptions need it.

    Besides `PortError` every call may raise `CallRejected`. An answer classifies its call, never the subscription:
    how that stands is read by its stored id.
    """

    # Subscriptions

    @writes
    async def create_subscription(
        self, subscription_id: str, terms: SubscriptionTerms, *, key: str
    ) -> StripeSubscription:
        """Make a subscription that names ours in its metadata.

        `payment_behavior=default_incomplete`: its first invoice is open, and its intent unconfirmed, so no money moves;
        it expires after 23 hours. With a trial it begins immediately, and waits for the set-up of a card. The card that
        pays first becomes the subscription's default (`save_default_payment_method=on_subscription`).
        """
        ...

    @reads
    async def retrieve_subscription(self, stripe_subscription_id: str) -> StripeSubscription:
        """Read a subscription, with its latest invoice."""
        ...

    @searches
    async def list_subscriptions(
        self, stripe_customer_id: str, *, subscription_id: str
    ) -> tuple[StripeSubscription, ...]:
        """Subscriptions of the customer whose metadata name ours, newest first, those that have ended too."""
        ...

    @writes
    async def set_default_payment_method(
        self, stripe_subscription_id: str, *, payment_method: str, key: str
    ) -> StripeSubscription:
        """Have the next charges take this card, which the customer must have."""
        ...

    @writes
    async def set_cancel_at_period_end(
        self, stripe_subscription_id: str, *, cancel: bool, key: str
    ) -> StripeSubscription:
        """Have it end with its period, or go on after all; its status stays."""
        ...

    @moves
    async def cancel_subscription(
        self, stripe_subscription_id: str, *, prorate: bool, invoice_now: bool, key: str
    ) -> StripeSubscription:
        """End it now; it is never revived. Its open invoices stay open, and Stripe collects them no more.

        With `prorate` the unused time is credited on a last invoice, which goes to the customer's balance. With
        `invoice_now` such a last invoice also bills what was used, and what waits for the next invoice; without either
        all that is lost. Stripe keeps no key of this request, a DELETE: made again, it is rejected with the code
        `resource_missing`.
        """
        ...

    # Plan changes and pauses

    @reads
    async def preview_change(
        self, stripe_subscription_id: str, *, change: ItemsChange, proration_at: datetime
    ) -> InvoicePreview:
        """Read what a change would cost that is prorated at this moment of the current period, invoiced now."""
        ...

    @moves
    async def change_items(
        self, stripe_subscription_id: str, *, change: ItemsChange, proration_at: datetime | None, key: str
    ) -> StripeSubscription:
        """Have it bill something else.

        With `proration_at` the difference is invoiced and collected immediately (`always_invoice`), and a change whose
        payment fails waits as its `pending_update` (`pending_if_incomplete`). None: nothing is prorated, and the next
        renewal bills the new price.
        """
        ...

    @writes
    async def pause_collection(
        self, stripe_subscription_id: str, *, paused: PausedCollection, key: str
    ) -> StripeSubscription:
        """Have the invoices that it makes from now on not collected; its status stays."""
        ...

    @writes
    async def resume_collection(self, stripe_subscription_id: str, *, key: str) -> StripeSubscription:
        """Have its invoices collected again; those that were made meanwhile stay as they are."""
        ...

    @moves
    async def pause_subscription(self, stripe_subscription_id: str, *, key: str) -> StripeSubscription:
        """Pause it: no invoices are made; unused time is credited, and usage billed, with the next one.

        Raises `MerchantMisconfigured` where there is no such call, as on stripe-mock.
        """
        ...

    @moves
    async def resume_subscription(self, stripe_subscription_id: str, *, key: str) -> StripeSubscription:
        """Make the invoice of a new period for one that is `paused`; no one collects it.

        It is active once that is paid, and past due once a try to pay it has failed. Not tried within 23 hours, or
        voided, it stays paused.
        """
        ...

    # Usage

    @writes
    async def report_usage(
        self, usage_id: str, *, stripe_customer_id: str, meter: str, quantity: int, used_at: datetime, key: str
    ) -> str:
        """Report usage under our id (a meter event's `identifier`), which Stripe knows for a day; returns that id.

        Args:
            usage_id: ours; reported again it is rejected with the code `ALREADY_REPORTED`.
            stripe_customer_id: who has used it.
            meter: the meter's `event_name`.
            quantity: how much, in whole units.
            used_at: when; up to 35 days ago, and 5 minutes ahead.
            key: the idempotency key.
        """
        ...

    # Cards

    @writes
    async def attach_payment_method(self, payment_method: str, *, stripe_customer_id: str, key: str) -> str:
        """Give the customer a card; its id, which for Stripe's test cards is another one.

        Raises `PaymentDeclined` where the issuer does not take it.
        """
        ...

    @writes
    async def confirm_setup(self, setup_id: str, *, payment_method: str, key: str) -> StripeSetup:
        """Set a card up for later payments. Raises `PaymentDeclined` where the issuer says no."""
        ...

    @reads
    async def retrieve_setup(self, setup_id: str) -> StripeSetup:
        """Read a set-up."""
        ...

    @reads
    async def retrieve_setup_action(self, setup_id: str) -> CustomerAction | None:
        """Read what the customer's browser needs to answer the bank about a set-up; None: it asks nothing."""
        ...

    # Invoices

    @reads
    async def retrieve_invoice(self, invoice_id: str) -> StripeInvoice:
        """Read an invoice, with its payments."""
        ...

    @searches
    async def list_invoices(self, stripe_subscription_id: str) -> tuple[StripeInvoice, ...]:
        """All invoices of the subscription that are drafts or open, newest first."""
        ...

    @writes
    async def finalize_invoice(self, invoice_id: str, *, key: str) -> StripeInvoice:
        """Make a draft final, without its being collected (`auto_advance=false`)."""
        ...

    @moves
    async def pay_invoice(self, invoice_id: str, *, payment_method: str | None, key: str) -> StripeInvoice:
        """Try to pay an open invoice now; None: by the card where Stripe looks first.

        Raises:
            PaymentDeclined: the issuer says no; its code is `invoice_payment_intent_requires_action` where the customer
                must authenticate.
        """
        ...

    @moves
    async def void_invoice(self, invoice_id: str, *, key: str) -> StripeInvoice:
        """Void an invoice that is open or uncollectible: it can take no money any more."""
        ...

    @moves
    async def credit_invoice(
        self, invoice_id: str, *, subscription_id: str, amount: Money, balance_minor: int = 0, key: str
    ) -> CreditNote:
        """Give back a part of a paid invoice, by a credit note: to the card, but for what goes to the balance.

        Args:
            invoice_id: of which invoice.
            subscription_id: ours.
            amount: how much.
            balance_minor: what of it is credited to the customer's balance; the rest is refunded.
            key: the idempotency key.
        """
        ...

    @searches
    async def list_credit_notes(self, invoice_id: str) -> tuple[CreditNote, ...]:
        """All credit notes of an invoice, newest first."""
        ...
