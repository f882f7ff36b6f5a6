"""What happens in billing besides the API: what customers and their banks do, and we in the dashboard."""

from __future__ import annotations

from payflows.errors import CallRejected
from payflows.subscriptions.billing import StripeInvoice, StripeSetup, StripeSubscription

from simulations.stripe.billing.changing import Change, Proration
from simulations.stripe.billing.credit_notes import CreditNote
from simulations.stripe.billing.customers import Customer
from simulations.stripe.billing.rules import BillingRules
from simulations.stripe.core.account import Account
from simulations.stripe.payments.resource import Payments


class BillingDashboard:
    """What we do by hand, and what customers do. What the rules do not allow is `CallRejected`.

    Args:
        account: whose it is.
        rules: what may happen.
        payments: its payment intents, and their dashboard.
    """

    def __init__(self, account: Account, rules: BillingRules, payments: Payments) -> None:
        self._account = account
        self._rules = rules
        self._book = rules.book
        self._payments = payments
        self._catch_up = account.agenda.catch_up

    def delete_customer(self, customer_id: str) -> None:
        """Delete a customer by hand: their subscriptions end, their cards go, and nothing is made for them any more."""
        self._catch_up()
        for subscription in self._book.of_customer(customer_id):
            if not subscription.has_ended:
                self._rules.ending.cancel(subscription, "cancellation_requested")
        for method in list(self._rules.methods.of_customer(customer_id)):
            self.remove_card(method.id)
        self._payments.dashboard.delete_customer(customer_id)

    def cancel_subscription_in_dashboard(self, stripe_subscription_id: str) -> StripeSubscription:
        """End a subscription now, by hand."""
        subscription = self._book.subscription(stripe_subscription_id)
        if not subscription.has_ended:
            self._rules.ending.cancel(subscription, "cancellation_requested")
        return subscription.as_subscription()

    def change_items_in_dashboard(
        self, stripe_subscription_id: str, price_id: str, quantity: int = 1
    ) -> StripeSubscription:
        """Have it bill something else by hand; what is prorated waits for the next invoice."""
        subscription = self._book.subscription(stripe_subscription_id)
        price = self._book.prices.find(price_id)
        change = Change(
            price, quantity, subscription.metered_price, Proration.CREATE_PRORATIONS, self._account.seconds()
        )
        self._rules.changing.make(subscription, change)
        return subscription.as_subscription()

    def change_card_in_dashboard(self, stripe_subscription_id: str, payment_method: str) -> StripeSubscription:
        """Give the customer a card by hand, and make it the subscription's default."""
        subscription = self._book.subscription(stripe_subscription_id)
        self._rules.set_default_payment_method(subscription, self._attach(payment_method, subscription.customer.id))
        return subscription.as_subscription()

    def set_customer_default(self, customer_id: str, payment_method: str) -> str:
        """Give the customer a card by hand, and make it their default, after their subscriptions'. Returns its id."""
        self._catch_up()
        customer = self._book.customer(customer_id)
        method_id = self._attach(payment_method, customer_id)
        self._set_default(customer, method_id)
        return method_id

    def remove_card(self, payment_method: str) -> None:
        """Remove a card by hand: it is charged no more, and no one's default."""
        self._catch_up()
        customer_id = self._rules.methods.saved(payment_method).customer
        self._rules.methods.detach(payment_method)
        if customer_id is not None:
            self._forget_default(self._book.customer(customer_id), payment_method)

    def _forget_default(self, customer: Customer, payment_method: str) -> None:
        if customer.default_payment_method == payment_method:
            self._set_default(customer, None)
        for subscription in self._book.of_customer(customer.id):
            if subscription.default_payment_method == payment_method:
                self._rules.set_default_payment_method(subscription, None)

    def pay_on_hosted_page(self, invoice_id: str, payment_method: str) -> StripeInvoice:
        """Pay an open invoice on Stripe's page, as its customer. Raises `PaymentDeclined` where the issuer says no."""
        invoice = self._book.invoice(invoice_id)
        if invoice.payment is None:
            raise CallRejected(f"{invoice_id} is {invoice.status}: there is nothing to pay.")
        self._payments.api.confirm(invoice.payment.intent.id, payment_method)
        return invoice.as_invoice()

    def mark_paid_out_of_band(self, invoice_id: str) -> StripeInvoice:
        """Mark an open invoice as paid outside of Stripe."""
        invoice = self._book.invoice(invoice_id)
        self._rules.invoicing.pay_out_of_band(invoice)
        return invoice.as_invoice()

    def mark_uncollectible(self, invoice_id: str) -> StripeInvoice:
        """Write an open invoice off."""
        invoice = self._book.invoice(invoice_id)
        self._rules.invoicing.mark_uncollectible(invoice)
        return invoice.as_invoice()

    def adjust_balance(self, customer_id: str, amount_minor: int, currency: str) -> int:
        """Change a customer's balance by hand, below 0 in their favour. Returns what it is then."""
        self._catch_up()
        customer = self._book.customer(customer_id)
        return self._book.change_balance(customer, amount_minor, "adjustment", currency).ending_balance

    def credit_in_dashboard(
        self, invoice_id: str, amount_minor: int, *, refund: int = 0, to_balance: int = 0, out_of_band: int = 0
    ) -> CreditNote:
        """Take a part of an invoice back by hand; such a credit note names no subscription."""
        return self._rules.crediting.credit(
            self._book.invoice(invoice_id),
            amount_minor,
            {},
            refund=refund,
            to_balance=to_balance,
            out_of_band=out_of_band,
        )

    def authenticate_setup(self, setup_id: str) -> StripeSetup:
        """Pass 3-D Secure for a set-up, as its customer."""
        self._catch_up()
        setup = self._book.setups.find(setup_id)
        self._rules.setting_up.authenticate(setup)
        return setup.as_setup()

    def fail_setup_authentication(self, setup_id: str) -> StripeSetup:
        """Fail 3-D Secure for a set-up, as its customer."""
        self._catch_up()
        setup = self._book.setups.find(setup_id)
        self._rules.setting_up.fail_authentication(setup)
        return setup.as_setup()

    def _set_default(self, customer: Customer, payment_method: str | None) -> None:
        customer.default_payment_method = payment_method
        self._account.changed(customer, {"customer.updated": customer})

    def _attach(self, payment_method: str, customer_id: str) -> str:
        method_id = self._rules.methods.usable_for(payment_method, customer_id)
        self._rules.methods.attach(method_id, customer_id)
        return method_id
