"""Billing at the simulated Stripe, joined: the rules, the API, and what happens besides it."""

from __future__ import annotations

from simulations.stripe.billing.api import BillingApi
from simulations.stripe.billing.clocks import Clocks
from simulations.stripe.billing.dashboard import BillingDashboard
from simulations.stripe.billing.gateway import CALLS, SimulatedBillingGateway
from simulations.stripe.billing.pauses_api import PausesApi
from simulations.stripe.billing.rules import BillingRules
from simulations.stripe.billing.settings import USUAL_SETTINGS, BillingSettings
from simulations.stripe.core.account import Account
from simulations.stripe.payments.resource import Payments


class Billing:
    """All that an account does with subscriptions and invoices.

    Args:
        account: what all its resources share.
        payments: its payment intents.
        settings: what it has chosen.

    Attributes:
        rules: what may happen, by itself or on request.
        book: the objects.
        api: what each call does, for those who ask in HTTP.
        pauses: the same of pauses and usage.
        gateway: the port.
        dashboard: what we do by hand, and customers.
        clocks: the test clocks.
    """

    def __init__(self, account: Account, payments: Payments, settings: BillingSettings = USUAL_SETTINGS) -> None:
        self.rules = BillingRules(account, payments, settings)
        self.book = self.rules.book
        self.api = BillingApi(self.rules)
        self.pauses = PausesApi(self.rules)
        self.gateway = SimulatedBillingGateway(account.calls, self.api, self.pauses)
        self.dashboard = BillingDashboard(account, self.rules, payments)
        self.clocks = Clocks(account, self.rules, self.dashboard)
        account.faults.register(CALLS)
