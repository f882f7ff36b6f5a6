"""All objects of billing of an account, by their ids, and what they belong to."""

from __future__ import annotations

from payflows.checks import instance_of
from payflows.errors import InvalidPolicy
from payflows.money import Money

from simulations.stripe.billing.customers import BalanceTransaction, Customer
from simulations.stripe.billing.invoices import Invoice
from simulations.stripe.billing.prices import MONTHS, Price, Product
from simulations.stripe.billing.setups import SetupIntent
from simulations.stripe.billing.subscriptions import Subscription
from simulations.stripe.core.account import Account
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.events import StripeObject
from simulations.stripe.core.ids import derived_id
from simulations.stripe.core.registry import Registry
from simulations.stripe.payments.objects import Charge


class BillingBook:
    """Prices, customers, subscriptions, invoices and set-ups.

    Args:
        account: whose they are.
        deleted_customers: the ids for which there is no customer any more; any other customer exists.
    """

    def __init__(self, account: Account, deleted_customers: set[str]) -> None:
        self._account = account
        self._catch_up = account.agenda.catch_up
        self._deleted = deleted_customers
        self._customers: dict[str, Customer] = {}
        self._of_owner: dict[str, list[Subscription]] = {}
        self._of_customer: dict[str, list[Subscription]] = {}
        self.products: Registry[Product] = Registry("product")
        self.prices: Registry[Price] = Registry("price")
        self.subscriptions: Registry[Subscription] = Registry("subscription")
        self.invoices: Registry[Invoice] = Registry("invoice")
        self.setups: Registry[SetupIntent] = Registry("setup_intent")

    def customer(self, customer_id: str) -> Customer:
        """Return the customer, who is there once named. Raises `InvalidRequest`: they were deleted."""
        if customer_id in self._deleted:
            raise InvalidRequest(f"No such customer: '{customer_id}'", "resource_missing")
        found = self._customers.get(customer_id)
        if found is None:
            found = self._customers[customer_id] = Customer(customer_id, self._account.seconds())
        return found

    def add_price(self, price_id: str, *, product: str, amount: Money, interval: str) -> Price:
        """Add a price, and its product unless it is known."""
        for name, text in (("price_id", price_id), ("product", product), ("interval", interval)):
            instance_of(name, text, str)
        instance_of("amount", amount, Money)
        if interval not in MONTHS:
            raise InvalidPolicy(f"interval must be one of {', '.join(MONTHS)}, got {interval!r}")
        created = self._account.seconds()
        self.products.add(product, Product(product, created))
        price = Price(price_id, self.products.find(product), amount, interval, created)
        self.prices.add(price_id, price)
        return price

    def add(self, subscription: Subscription) -> None:
        """Add a subscription."""
        self.subscriptions.add(subscription.id, subscription)
        self._of_customer.setdefault(subscription.customer.id, []).append(subscription)
        owner_id = subscription.metadata.get("subscription_id")
        if owner_id is not None:
            self._of_owner.setdefault(owner_id, []).append(subscription)

    def of_owner(self, owner_id: str) -> list[Subscription]:
        """Return the subscriptions whose metadata name ours, oldest first."""
        return self._of_owner.get(owner_id, [])

    def of_customer(self, customer_id: str) -> list[Subscription]:
        """Return the customer's subscriptions, oldest first, those that have ended too."""
        return self._of_customer.get(customer_id, [])

    def change_balance(
        self,
        customer: Customer,
        amount: int,
        type: str,
        currency: str,
        *,
        invoice: str | None = None,
        credit_note: str | None = None,
    ) -> BalanceTransaction:
        """Change a customer's balance: below 0 in their favour. What was changed once stays in the list."""
        transaction = BalanceTransaction(
            derived_id("cbtxn", customer.id, len(customer.transactions)),
            customer.id,
            amount,
            currency,
            customer.balance + amount,
            type,
            self._account.seconds(),
            invoice,
            credit_note,
        )
        customer.transactions.append(transaction)
        changes: dict[str, StripeObject] = {"customer.updated": customer}
        self._account.changed(customer, changes)
        return transaction

    # For checkers, tests and stories: as it is, without lag.

    def subscription(self, stripe_subscription_id: str) -> Subscription:
        """Return Stripe's own object. Raises `CallRejected` (`resource_missing`)."""
        self._catch_up()
        return self.subscriptions.find(stripe_subscription_id)

    def subscriptions_of(self, subscription_id: str) -> tuple[Subscription, ...]:
        """Return all that name our subscription, oldest first."""
        self._catch_up()
        return tuple(self.of_owner(subscription_id))

    def invoice(self, invoice_id: str) -> Invoice:
        """Return Stripe's own object. Raises `CallRejected` (`resource_missing`)."""
        self._catch_up()
        return self.invoices.find(invoice_id)

    def invoices_of(self, stripe_subscription_id: str) -> tuple[Invoice, ...]:
        """Return all invoices of a subscription, oldest first."""
        return tuple(self.subscription(stripe_subscription_id).invoices)

    def charges_of(self, invoice_id: str) -> tuple[Charge, ...]:
        """Return every try to pay the invoice that reached the bank, oldest first."""
        payment = self.invoice(invoice_id).payment
        return () if payment is None else tuple(payment.intent.charges)
