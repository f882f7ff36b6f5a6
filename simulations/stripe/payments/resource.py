"""Payments at the simulated Stripe, joined: the book, the rules, the API, and what happens besides it."""

from __future__ import annotations

from simulations.stripe.core.account import Account
from simulations.stripe.payments.api import PaymentApi
from simulations.stripe.payments.book import PaymentBook
from simulations.stripe.payments.dashboard import CustomersAndBanks, Dashboard
from simulations.stripe.payments.disputing import Disputing
from simulations.stripe.payments.gateway import CALLS, SimulatedGateway
from simulations.stripe.payments.lifecycle import Lifecycle
from simulations.stripe.payments.refunding import Refunding


class Payments:
    """All that an account does with payments.

    Args:
        account: what all its resources share.

    Attributes:
        book: the payment intents.
        api: what each call does, for those who ask in HTTP.
        gateway: the port.
        dashboard: what we do by hand.
        outside: what customers and banks do.
    """

    def __init__(self, account: Account) -> None:
        refunding, disputing = Refunding(account), Disputing(account)
        lifecycle = Lifecycle(account, disputing)
        self.book = PaymentBook(account)
        self.api = PaymentApi(account, self.book, lifecycle, refunding)
        self.gateway = SimulatedGateway(account.calls, self.api)
        self.dashboard = Dashboard(self.book, lifecycle, refunding)
        self.outside = CustomersAndBanks(self.book, lifecycle, disputing)
        account.faults.register(CALLS)
