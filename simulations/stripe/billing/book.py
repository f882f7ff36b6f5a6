"""All objects of billing of an account, by their ids, and what they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from payflows.checks import instance_of
from payflows.errors import CallRejected, InvalidPolicy
from payflows.money import Money
from payflows.subscriptions.billing import BillingStatus

from simulations.stripe.billing.customers import BalanceTransaction, Customer
from simulations.stripe.billing.invoices import Invoice
from simulations.stripe.billing.meters import Aggregation, Meter, Meters
from simulations.stripe.billing.prices import MONTHS, Price, Product, UsagePricing
from simulations.stripe.billing.setups import SetupIntent
from simulations.stripe.billing.subscriptions import Subscription
from simulations.stripe.billing.tiers import Tier, TiersMode, check_tiers
from simulations.stripe.core.account import Account
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.events import StripeObject
from simulations.stripe.core.ids import derived_id
from simulations.stripe.core.registry import Registry
from simulations.stripe.payments.objects import Charge


class BillingBook:
    """Prices, meters, customers, subscriptions, invoices and set-ups.

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
        self.meters = Meters(account)

    def customer(self, customer_id: str) -> Customer:
        """Return the customer, who is there once named. Raises `InvalidRequest`: they were deleted."""
        if customer_id in self._deleted:
            raise InvalidRequest(f"No such customer: '{customer_id}'", "resource_missing")
        found = self._customers.get(customer_id)
        if found is None:
            found = self._customers[customer_id] = Customer(customer_id, self._account.seconds())
        return found

    def add_meter(self, event_name: str, aggregation: str = "sum") -> Meter:
        """Add a meter that counts the reports of an event: their `sum`, their `count`, or the `last` one."""
        instance_of("event_name", event_name, str)
        if aggregation not in tuple(Aggregation):
            raise InvalidPolicy(f"aggregation must be one of {', '.join(Aggregation)}, got {aggregation!r}")
        created = self._account.seconds()
        meter = Meter(derived_id("mtr", event_name, created), event_name, Aggregation(aggregation), created)
        self.meters.add(meter)
        return meter

    def add_price(
        self,
        price_id: str,
        *,
        product: str,
        amount: Money,
        interval: str,
        meter: str | None = None,
        unit_amount: Decimal | None = None,
        tiers: Sequence[Tier] = (),
        tiers_mode: str = "graduated",
    ) -> Price:
        """Add a price, and its product unless it is known.

        Args:
            price_id: its id.
            product: of what.
            amount: what one unit costs; of a price with tiers 0 of its currency.
            interval: `month` or `year`.
            meter: the event's name of the meter by which it is billed in arrears; None: by quantity, in advance.
            unit_amount: what one unit costs instead where that is no whole number of minor units.
            tiers: what usage costs by quantity.
            tiers_mode: `graduated` or `volume`.
        """
        for name, text in (("price_id", price_id), ("product", product), ("interval", interval)):
            instance_of(name, text, str)
        instance_of("amount", amount, Money)
        if interval not in MONTHS:
            raise InvalidPolicy(f"interval must be one of {', '.join(MONTHS)}, got {interval!r}")
        created = self._account.seconds()
        self.products.add(product, Product(product, created))
        usage = None if meter is None else self._usage_pricing(meter, amount, unit_amount, tiers, tiers_mode)
        price = Price(price_id, self.products.find(product), amount, interval, created, usage)
        self.prices.add(price_id, price)
        return price

    def _usage_pricing(
        self, meter: str, amount: Money, unit_amount: Decimal | None, tiers: Sequence[Tier], tiers_mode: str
    ) -> UsagePricing:
        if tiers_mode not in tuple(TiersMode):
            raise InvalidPolicy(f"tiers_mode must be one of {', '.join(TiersMode)}, got {tiers_mode!r}")
        each = Decimal(amount.minor) if unit_amount is None else unit_amount
        if tiers:
            check_tiers(tiers)
            if each:
                raise InvalidPolicy(f"amount must be 0 where tiers say what usage costs, got {amount}")
        return UsagePricing(self.meters.find(meter), each, tuple(tiers), TiersMode(tiers_mode))

    def licensed_price(self, price_id: str) -> Price:
        """Return a price that is billed by quantity. Raises `InvalidRequest`: there is none, or it is metered."""
        price = self.prices.find(price_id)
        if price.usage is not None:
            raise InvalidRequest(f"The simulated Stripe sells nothing by usage alone, and {price_id} is metered.")
        return price

    def metered_price(self, price_id: str, *, beside: Price) -> Price:
        """Return a price that is billed by usage, which can be an item of the same subscription as another price."""
        price = self.prices.find(price_id)
        if price.usage is None:
            raise InvalidRequest(f"{price_id} is not metered.")
        if (price.interval, price.unit_amount.currency) != (beside.interval, beside.unit_amount.currency):
            raise InvalidRequest(f"{price_id} must have the interval and the currency of {beside.id}.")
        return price

    def add(self, subscription: Subscription) -> None:
        """Add a subscription."""
        self.subscriptions.add(subscription.id, subscription)
        self._of_customer.setdefault(subscription.customer.id, []).append(subscription)
        owner_id = subscription.metadata.get("subscription_id")
        if owner_id is not None:
            self._of_owner.setdefault(owner_id, []).append(subscription)

    def changeable(self, stripe_subscription_id: str) -> Subscription:
        """Return a subscription that can be updated. Raises `CallRejected`: it has ended, or was never paid for."""
        subscription = self.subscriptions.find(stripe_subscription_id)
        if subscription.has_ended:
            raise CallRejected(f"You cannot update a subscription that is {subscription.status}.")
        if subscription.status is BillingStatus.INCOMPLETE:
            raise CallRejected("Of a subscription that is incomplete only metadata and default source can be updated.")
        return subscription

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
