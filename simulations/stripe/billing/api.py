"""What each API call of billing does once it is executed. Rules: `cycling`, `ending`, `invoicing`, `collecting`."""

from __future__ import annotations

from datetime import datetime

from payflows.errors import CallRejected, PaymentDeclined
from payflows.money import Money
from payflows.payments.invoice_payable import ACTION_REQUIRED
from payflows.payments.model import CustomerAction, PaymentStatus
from payflows.subscriptions.billing import (
    CreditNote,
    InvoicePreview,
    InvoiceStatus,
    ItemsChange,
    PreviewLine,
    StripeInvoice,
    StripeSetup,
    StripeSubscription,
    SubscriptionTerms,
)

from simulations.stripe.billing.changing import Change, Proration
from simulations.stripe.billing.invoices import Invoice, moment
from simulations.stripe.billing.prices import Price
from simulations.stripe.billing.rules import BillingRules
from simulations.stripe.billing.subscriptions import Subscription
from simulations.stripe.core.errors import InvalidRequest

MAX_TRIAL_DAYS = 730
MAX_SUBSCRIPTIONS = 500
"""The most that one customer may have at a time."""

MAX_SUBSCRIPTIONS_ON_A_TEST_CLOCK = 3


class BillingApi:
    """The API's work. An `InvalidRequest` comes before execution, other errors are its result.

    Args:
        rules: what may happen, and to what.
    """

    def __init__(self, rules: BillingRules) -> None:
        self._rules = rules
        self._book = rules.book

    # Subscriptions

    def create_subscription(self, subscription_id: str, terms: SubscriptionTerms) -> StripeSubscription:
        """Create a subscription, unpaid, with our id in its metadata."""
        customer, price = self._book.customer(terms.stripe_customer_id), self._book.licensed_price(terms.price_id)
        if terms.metered_price_id is not None:
            self._book.metered_price(terms.metered_price_id, beside=price)
        if terms.quantity < 1:
            raise InvalidRequest("The quantity must be at least 1.", "parameter_invalid_integer", "items[0][quantity]")
        if not 0 <= terms.trial_days <= MAX_TRIAL_DAYS:
            raise InvalidRequest(
                f"A trial is at most {MAX_TRIAL_DAYS} days long.", "parameter_invalid_integer", "trial_period_days"
            )
        if customer.currency not in (None, price.unit_amount.currency):
            raise InvalidRequest(f"You cannot combine currencies on a single customer: theirs is {customer.currency}.")
        living = [each for each in self._book.of_customer(customer.id) if not each.has_ended]
        most = MAX_SUBSCRIPTIONS if customer.test_clock is None else MAX_SUBSCRIPTIONS_ON_A_TEST_CLOCK
        if len(living) >= most:
            raise InvalidRequest(
                f"Customer {customer.id} has the most subscriptions allowed ({most}).",
                "customer_max_subscriptions",
            )
        return self._rules.cycling.create(subscription_id, customer, price, terms).as_subscription()

    def retrieve_subscription(self, stripe_subscription_id: str) -> StripeSubscription:
        """Read a subscription."""
        return self._book.subscriptions.find(stripe_subscription_id).as_subscription()

    def list_subscriptions(self, stripe_customer_id: str, subscription_id: str) -> tuple[StripeSubscription, ...]:
        """List the customer's subscriptions that name ours, newest first."""
        newest_first = reversed(self._book.of_customer(self._book.customer(stripe_customer_id).id))
        ours = (each for each in newest_first if each.metadata.get("subscription_id") == subscription_id)
        return tuple(subscription.as_subscription() for subscription in ours)

    def set_default_payment_method(self, stripe_subscription_id: str, payment_method: str) -> StripeSubscription:
        """Set where the next charges look first."""
        subscription = self._book.changeable(stripe_subscription_id)
        self._check_attached(payment_method, subscription.customer.id)
        self._rules.set_default_payment_method(subscription, payment_method)
        return subscription.as_subscription()

    def set_cancel_at_period_end(self, stripe_subscription_id: str, cancel: bool) -> StripeSubscription:
        """Have it end with its period, or go on."""
        subscription = self._book.changeable(stripe_subscription_id)
        self._rules.ending.set_at_period_end(subscription, cancel=cancel)
        return subscription.as_subscription()

    def cancel_subscription(self, stripe_subscription_id: str, prorate: bool, invoice_now: bool) -> StripeSubscription:
        """End it now. A credit for unused time needs a last invoice, which bills what waits for the next one too."""
        subscription = self._book.subscriptions.find(stripe_subscription_id)
        if subscription.has_ended:
            raise CallRejected(f"No such subscription: '{stripe_subscription_id}'", "resource_missing")
        self._rules.changing.cancel(
            subscription, "cancellation_requested", with_last_invoice=prorate or invoice_now, prorate=prorate
        )
        return subscription.as_subscription()

    # Plan changes

    def preview_change(
        self, stripe_subscription_id: str, change: ItemsChange, proration_at: datetime
    ) -> InvoicePreview:
        """Return what a change would cost that is invoiced now."""
        preview = self.preview_invoice(stripe_subscription_id, change, int(proration_at.timestamp()))
        lines = (PreviewLine(line.amount, moment(line.period_start), moment(line.period_end)) for line in preview.lines)
        return InvoicePreview(preview.total, Money(preview.amount_due, preview.currency), tuple(lines))

    def preview_invoice(self, stripe_subscription_id: str, change: ItemsChange, at: int) -> Invoice:
        """Return the invoice that a change would make now."""
        subscription = self._book.changeable(stripe_subscription_id)
        wanted = self._change_of(subscription, change, Proration.ALWAYS_INVOICE, at)
        return self._rules.changing.preview(subscription, wanted)

    def change_items(
        self, stripe_subscription_id: str, change: ItemsChange, proration_at: datetime | None
    ) -> StripeSubscription:
        """Have it bill something else: invoiced now, and made once that is paid; None: from the next renewal on."""
        at = None if proration_at is None else int(proration_at.timestamp())
        how = Proration.NONE if at is None else Proration.ALWAYS_INVOICE
        return self.update_items(stripe_subscription_id, change, how, at, waits_for_payment=at is not None)

    def update_items(
        self,
        stripe_subscription_id: str,
        change: ItemsChange,
        proration: Proration,
        at: int | None,
        *,
        waits_for_payment: bool,
    ) -> StripeSubscription:
        """Have it bill something else, prorated from a moment on; None: from now on."""
        subscription = self._book.changeable(stripe_subscription_id)
        wanted = self._change_of(subscription, change, proration, at)
        self._rules.changing.make(subscription, wanted._replace(waits_for_payment=waits_for_payment))
        return subscription.as_subscription()

    def _change_of(
        self, subscription: Subscription, change: ItemsChange, proration: Proration, at: int | None
    ) -> Change:
        if change.item_id != subscription.item_id:
            raise InvalidRequest(f"No such subscription item: '{change.item_id}'", "resource_missing")
        metered_price = self._metered_price_of(subscription, change)
        moment_of_change = self._rules.now() if at is None else at
        price = self._book.licensed_price(change.to.price_id)
        return Change(price, change.to.quantity, metered_price, proration, moment_of_change)

    def _metered_price_of(self, subscription: Subscription, change: ItemsChange) -> Price | None:
        """Return what a change has it bill by usage. An item that it does not name stays as it is."""
        metered, price_id = subscription.metered, change.to.metered_price_id
        if change.metered_item_id is not None and (metered is None or metered.id != change.metered_item_id):
            raise InvalidRequest(f"No such subscription item: '{change.metered_item_id}'", "resource_missing")
        if price_id is None:
            return subscription.metered_price if change.metered_item_id is None else None
        if metered is not None and change.metered_item_id is None:
            raise InvalidRequest("The simulated Stripe keeps one metered item of a subscription; name it.")
        return self._book.metered_price(price_id, beside=subscription.price)

    # Cards

    def attach_payment_method(self, payment_method: str, stripe_customer_id: str) -> str:
        """Give the customer a card. Raises `PaymentDeclined` where the issuer does not know it."""
        customer, methods = self._book.customer(stripe_customer_id), self._rules.methods
        decline = methods.find(payment_method).set_up_decline
        if decline is not None and not methods.is_attached(payment_method, customer.id):
            raise PaymentDeclined(decline.code, decline.decline_code)
        method_id = methods.usable_for(payment_method, customer.id)
        methods.attach(method_id, customer.id)
        return method_id

    def confirm_setup(self, setup_id: str, payment_method: str) -> StripeSetup:
        """Set a card up. Raises `PaymentDeclined` where the issuer says no."""
        setup = self._book.setups.find(setup_id)
        self._rules.setting_up.confirm(setup, payment_method)
        return setup.as_setup()

    def retrieve_setup(self, setup_id: str) -> StripeSetup:
        """Read a set-up."""
        return self._book.setups.find(setup_id).as_setup()

    def retrieve_setup_action(self, setup_id: str) -> CustomerAction | None:
        """Return what the customer's browser needs; None where the bank asks nothing."""
        setup = self._book.setups.find(setup_id)
        return None if setup.next_action is None else CustomerAction(setup.client_secret, setup.next_action)

    # Invoices

    def retrieve_invoice(self, invoice_id: str) -> StripeInvoice:
        """Read an invoice."""
        return self._book.invoices.find(invoice_id).as_invoice()

    def list_invoices(self, stripe_subscription_id: str) -> tuple[StripeInvoice, ...]:
        """List the subscription's invoices that are drafts or open, newest first."""
        newest_first = reversed(self._book.subscriptions.find(stripe_subscription_id).invoices)
        wanted = (InvoiceStatus.DRAFT, InvoiceStatus.OPEN)
        return tuple(invoice.as_invoice() for invoice in newest_first if invoice.status in wanted)

    def finalize_invoice(self, invoice_id: str) -> StripeInvoice:
        """Make a draft final, with `auto_advance=false`: it is not collected."""
        invoice = self._book.invoices.find(invoice_id)
        self._rules.collecting.finalise(invoice, auto_advance=False)
        return invoice.as_invoice()

    def pay_invoice(self, invoice_id: str, payment_method: str | None) -> StripeInvoice:
        """Try to pay an invoice now, without its customer. Raises `PaymentDeclined` where that does not succeed."""
        invoice = self._book.invoices.find(invoice_id)
        chosen = self._method_for(invoice, payment_method)
        if invoice.status is InvoiceStatus.DRAFT:
            self._rules.collecting.finalise(invoice, auto_advance=invoice.auto_advance)
        elif not invoice.is_collectable:
            raise CallRejected(f"You can only pay an open or uncollectible invoice; {invoice_id} is {invoice.status}.")
        if invoice.is_processing:
            raise CallRejected(f"A payment of {invoice_id} is processing.")
        if invoice.is_collectable:
            self._rules.collecting.attempt(invoice, chosen)
            _raise_failure(invoice)
        return invoice.as_invoice()

    def void_invoice(self, invoice_id: str) -> StripeInvoice:
        """Void an invoice."""
        invoice = self._book.invoices.find(invoice_id)
        self._rules.invoicing.void(invoice)
        return invoice.as_invoice()

    def credit_invoice(self, invoice_id: str, subscription_id: str, amount: Money, balance_minor: int) -> CreditNote:
        """Give a part of a paid invoice back, by a refund but for what goes to the balance."""
        invoice, metadata = self._book.invoices.find(invoice_id), {"subscription_id": subscription_id}
        if amount.currency != invoice.currency:
            raise InvalidRequest(f"{invoice_id} is in {invoice.currency}.")
        refund = amount.minor - balance_minor
        note = self._rules.crediting.credit(invoice, amount.minor, metadata, refund=refund, to_balance=balance_minor)
        return note.as_credit_note()

    def list_credit_notes(self, invoice_id: str) -> tuple[CreditNote, ...]:
        """List an invoice's credit notes, newest first."""
        return tuple(note.as_credit_note() for note in reversed(self._book.invoices.find(invoice_id).credit_notes))

    def _method_for(self, invoice: Invoice, payment_method: str | None) -> str:
        if payment_method is not None:
            self._check_attached(payment_method, invoice.customer.id)
            return payment_method
        assert invoice.subscription is not None, "each of ours is of one"
        usual = self._book.subscriptions.find(invoice.subscription).payment_method
        if usual is None:
            raise CallRejected("This customer has no default payment method.", "resource_missing")
        return usual

    def _check_attached(self, payment_method: str, customer_id: str) -> None:
        if not self._rules.methods.is_attached(payment_method, customer_id):
            raise InvalidRequest(
                f"The customer does not have a payment method with the ID {payment_method}.", "resource_missing"
            )


def _raise_failure(invoice: Invoice) -> None:
    assert invoice.payment is not None, "something was due"
    intent = invoice.payment.intent
    if intent.status is PaymentStatus.REQUIRES_ACTION:
        raise PaymentDeclined(ACTION_REQUIRED)
    error = intent.last_payment_error
    if intent.status is PaymentStatus.REQUIRES_PAYMENT_METHOD and error is not None:
        raise PaymentDeclined(error.code, error.decline_code, error.charge)
