"""How Stripe collects an invoice: final after an hour, charged to the card where it looks first, tried again or not.

Sources: docs.stripe.com/invoicing/integration/automatic-advancement-collection,
docs.stripe.com/billing/revenue-recovery/smart-retries, docs.stripe.com/billing/subscriptions/overview.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from payflows.money import Money
from payflows.payments.model import CaptureMode, PaymentStatus
from payflows.subscriptions.billing import FIRST_INVOICE, BillingStatus, InvoiceStatus, PauseBehavior

from simulations.stripe.billing.book import BillingBook
from simulations.stripe.billing.ending import Ending
from simulations.stripe.billing.invoice_payments import InvoicePayment
from simulations.stripe.billing.invoices import Invoice
from simulations.stripe.billing.invoicing import Invoicing
from simulations.stripe.billing.settings import HARD_DECLINES, AfterRetries, BillingSettings
from simulations.stripe.billing.subscriptions import Subscription
from simulations.stripe.core.account import Account
from simulations.stripe.core.events import StripeObject
from simulations.stripe.core.ids import derived_id
from simulations.stripe.payments.objects import PaymentIntent
from simulations.stripe.payments.resource import Payments


class Collecting:
    """Finalises, charges and retries invoices; it owns their payment intents.

    Args:
        account: whose they are.
        book: where they are kept.
        payments: the account's payment intents.
        invoicing: the rules of invoices.
        ending: the rules by which subscriptions end.
        settings: what the account has chosen.
    """

    def __init__(
        self,
        account: Account,
        book: BillingBook,
        payments: Payments,
        invoicing: Invoicing,
        ending: Ending,
        settings: BillingSettings,
    ) -> None:
        self._account = account
        self._book = book
        self._payments = payments
        self._invoicing = invoicing
        self._ending = ending
        self._settings = settings

    def plan(self, invoice: Invoice) -> None:
        """Have a draft finalised and charged once its time has come; one that does not advance stays a draft."""
        if invoice.automatically_finalizes_at is not None:
            self._account.at(invoice.automatically_finalizes_at, partial(self._advance, invoice))

    def open(self, invoice: Invoice, *, auto_advance: bool) -> None:
        """Make it final, with an intent for what is due; the subscription does not follow yet."""
        self._invoicing.finalise(invoice, auto_advance=auto_advance)
        if invoice.status is InvoiceStatus.OPEN:
            self._add_payment(invoice)

    def finalise(self, invoice: Invoice, *, auto_advance: bool) -> None:
        """Make it final, with an intent for what is due; charge nothing."""
        self.open(invoice, auto_advance=auto_advance)
        self._invoicing.follow(invoice)

    def collect(self, invoice: Invoice, payment_method: str | None, *, auto_advance: bool) -> None:
        """Make it final and charge it, within the request."""
        self.open(invoice, auto_advance=auto_advance)
        if invoice.is_collectable:
            self.attempt(invoice, payment_method)

    def leave(self, invoice: Invoice) -> None:
        """Do with a draft what a pause of its collection says; one that is to be kept stays as it is."""
        match invoice.paused:
            case PauseBehavior.VOID:
                self._invoicing.void_draft(invoice)
            case PauseBehavior.MARK_UNCOLLECTIBLE:
                self.open(invoice, auto_advance=False)
                if invoice.status is InvoiceStatus.OPEN:
                    self._invoicing.mark_uncollectible(invoice)

    def attempt(self, invoice: Invoice, payment_method: str | None) -> None:
        """Charge an open invoice. Where there is no card, that is a failed attempt too."""
        assert invoice.payment is not None, "something is due"
        if payment_method is None:
            return self._fail(invoice, asks_customer=False)
        self._payments.lifecycle.attempt(invoice.payment.intent, payment_method)

    def payment_changed(self, invoice: Invoice, intent: PaymentIntent) -> None:
        """Follow the intent of an invoice."""
        match intent.status:
            case PaymentStatus.SUCCEEDED:
                self._count_attempt(invoice)
                self._keep_method(invoice, intent)
                self._invoicing.pay(invoice)
            case PaymentStatus.PROCESSING:
                self._count_attempt(invoice)
                self._keep_method(invoice, intent)
                self._account.changed(invoice, {"invoice.updated": invoice})
                self._invoicing.follow(invoice)
            case PaymentStatus.REQUIRES_ACTION:
                self._fail(invoice, asks_customer=True)
            case PaymentStatus.REQUIRES_PAYMENT_METHOD:
                self._fail(invoice, asks_customer=False)

    def _add_payment(self, invoice: Invoice) -> None:
        now, intent_id = self._account.seconds(), derived_id("pi", invoice.id)
        due = Money(invoice.amount_due, invoice.currency)
        intent = PaymentIntent(intent_id, due, CaptureMode.AUTOMATIC, invoice.customer.id, {}, now)
        intent.owner = _Follower(self, invoice)
        invoice.payment = InvoicePayment(invoice.part_id("inpay", 0), invoice.id, intent, due.minor, now)
        invoice.changed()
        self._payments.book.add_owned(intent)
        self._account.changed(intent, {"payment_intent.created": intent})

    def _advance(self, invoice: Invoice) -> None:
        """Finalise a draft by itself, and charge it, also one whose subscription has ended since."""
        if not (invoice.status is InvoiceStatus.DRAFT and invoice.auto_advance):
            return
        if invoice.paused is not None:
            return self.leave(invoice)
        self.collect(invoice, self._subscription_of(invoice).payment_method, auto_advance=True)

    def _retry(self, invoice: Invoice, at: int) -> None:
        """Try again by itself; where the card was declined for good, or a bank is at work, it is only counted."""
        if invoice.next_payment_attempt != at or invoice.status is not InvoiceStatus.OPEN:
            return
        invoice.attempt_count += 1
        self._plan_retry(invoice)
        payment_method = self._subscription_of(invoice).payment_method
        if payment_method is None or payment_method == invoice.hard_declined or invoice.is_processing:
            self._account.changed(invoice, {"invoice.updated": invoice})
            return self._give_up_after_last(invoice)
        self.attempt(invoice, payment_method)

    def _fail(self, invoice: Invoice, *, asks_customer: bool) -> None:
        """Note a failed attempt; the first one plans the next, and the others leave the plan as it is."""
        if invoice.status is not InvoiceStatus.OPEN:  # written off: nothing follows from another try
            return invoice.changed()
        subscription = self._subscription_of(invoice)
        if subscription.waits_too_long_for(invoice, self._account.seconds()):
            return self._invoicing.void(invoice)
        is_first_invoice = invoice.billing_reason == FIRST_INVOICE
        if is_first_invoice and subscription.status is BillingStatus.ACTIVE:  # its debit was under way, and bounced
            return self._invoicing.void(invoice)
        invoice.hard_declined = _hard_declined(invoice)
        if self._count_attempt(invoice) and subscription.payment_method is not None and not is_first_invoice:
            self._plan_retry(invoice)
        changes: dict[str, StripeObject] = {"invoice.payment_action_required": invoice} if asks_customer else {}
        self._account.changed(invoice, changes | {"invoice.payment_failed": invoice})
        self._invoicing.follow(invoice)
        if not is_first_invoice:
            self._give_up_after_last(invoice)

    def _count_attempt(self, invoice: Invoice) -> bool:
        """Count the first attempt, whoever makes it. Returns whether this is it."""
        is_first = not invoice.attempted
        if is_first:
            invoice.attempted, invoice.attempt_count = True, 1
        return is_first

    def _plan_retry(self, invoice: Invoice) -> None:
        retries, now = self._settings.retries, self._account.seconds()
        invoice.next_payment_attempt = None
        if retries is None or not invoice.auto_advance:
            return
        first_at = invoice.transitions["finalized_at"]
        at = invoice.next_payment_attempt = retries.next_at(invoice.id, invoice.attempt_count, first_at, now)
        if at is not None:
            self._account.at(at, partial(self._retry, invoice, at))

    def _give_up_after_last(self, invoice: Invoice) -> None:
        """Do what the account has chosen, once no further attempt is planned."""
        subscription = self._subscription_of(invoice)
        if invoice.next_payment_attempt is not None or not invoice.auto_advance or subscription.has_ended:
            return
        match self._settings.after_retries:
            case AfterRetries.CANCEL:
                self._ending.cancel(subscription, "payment_failed")
            case AfterRetries.MARK_UNPAID if subscription.status is not BillingStatus.UNPAID:
                subscription.status = BillingStatus.UNPAID
                self._account.changed(subscription, {"customer.subscription.updated": subscription})

    def _keep_method(self, invoice: Invoice, intent: PaymentIntent) -> None:
        """Make what pays the subscription's default (`save_default_payment_method=on_subscription`)."""
        assert intent.payment_method is not None, "it was paid with one"
        subscription, methods = self._subscription_of(invoice), self._payments.methods
        if not methods.is_usable(intent.payment_method):  # it was removed while its bank was at work
            return
        methods.attach(intent.payment_method, invoice.customer.id)
        methods.trust(intent.payment_method)
        if subscription.has_ended or subscription.default_payment_method == intent.payment_method:
            return
        subscription.default_payment_method = intent.payment_method
        self._account.changed(subscription, {"customer.subscription.updated": subscription})

    def _subscription_of(self, invoice: Invoice) -> Subscription:
        assert invoice.subscription is not None, "each of ours is of one"
        return self._book.subscriptions.find(invoice.subscription)


class _Follower(NamedTuple):
    """An invoice, as the owner of its payment intent."""

    collecting: Collecting
    invoice: Invoice

    def payment_changed(self, intent: PaymentIntent) -> None:
        """Follow the intent."""
        self.collecting.payment_changed(self.invoice, intent)


def _hard_declined(invoice: Invoice) -> str | None:
    """Return the payment method that is not charged again by itself, where the last try says so."""
    if invoice.payment is None:
        return None
    intent = invoice.payment.intent
    if intent.status is PaymentStatus.REQUIRES_ACTION:
        return intent.payment_method
    charge = intent.latest_charge
    if charge is None or charge.outcome is None or charge.outcome["reason"] not in HARD_DECLINES:
        return None
    return charge.payment_method
