"""The rules of billing, joined: what the API, the dashboard and time itself act by."""

from __future__ import annotations

from simulations.stripe.billing.book import BillingBook
from simulations.stripe.billing.changing import Changing
from simulations.stripe.billing.collecting import Collecting
from simulations.stripe.billing.crediting import Crediting
from simulations.stripe.billing.cycling import Cycling
from simulations.stripe.billing.ending import Ending
from simulations.stripe.billing.invoicing import Invoicing
from simulations.stripe.billing.metering import Metering
from simulations.stripe.billing.pausing import Pausing
from simulations.stripe.billing.setting_up import SettingUp
from simulations.stripe.billing.settings import BillingSettings
from simulations.stripe.billing.subscriptions import Subscription
from simulations.stripe.core.account import Account
from simulations.stripe.payments.resource import Payments


class BillingRules:
    """All that may happen in billing.

    Args:
        account: whose it is.
        payments: its payment intents, some of which invoices own.
        settings: what the account has chosen.
    """

    def __init__(self, account: Account, payments: Payments, settings: BillingSettings) -> None:
        self._account = account
        self.methods = payments.methods
        self.book = BillingBook(account, payments.book.deleted_customers)
        self.metering = Metering(account, self.book)
        self.invoicing = Invoicing(account, self.book, payments.lifecycle, self.metering)
        self.ending = Ending(account, self.invoicing)
        self.collecting = Collecting(account, self.book, payments, self.invoicing, self.ending, settings)
        self.cycling = Cycling(
            account, self.book, self.invoicing, self.collecting, self.ending, settings.billing_mode, self.metering
        )
        self.pausing = Pausing(account, self.invoicing, self.collecting, self.cycling, self.metering)
        self.changing = Changing(account, self.invoicing, self.collecting, self.ending, payments.methods, self.metering)
        self.setting_up = SettingUp(account, self.book, payments.methods)
        self.crediting = Crediting(account, self.book, self.invoicing, payments.refunding)

    def now(self) -> int:
        """Return the present in Unix seconds."""
        return self._account.seconds()

    def set_default_payment_method(self, subscription: Subscription, payment_method: str | None) -> None:
        """Set where the next charges look first; None: at the customer's default."""
        if subscription.default_payment_method != payment_method:
            subscription.default_payment_method = payment_method
            self._account.changed(subscription, {"customer.subscription.updated": subscription})
