"""Payments at the simulated Stripe, joined: the book, the rules, the API, and what happens besides it."""

from __future__ import annotations

from simulations.stripe.core.account import Account
from simulations.stripe.payments.api import PaymentApi
from simulations.stripe.payments.book import PaymentBook
from simulations.stripe.payments.dashboard import CustomersAndBanks, Dashboard
from simulations.stripe.payments.disputing import Disputing
from simulations.stripe.payments.gateway import CALLS, SimulatedGateway
from simulations.stripe.payments.lifecycle import Lifecycle
from simulations.stripe.payments.methods import Issuer, PaymentMethods
from simulations.stripe.payments.refunding import Refunding


class Payments:
    """All that an account does with payments.

    Args:
        account: what all its resources share.
        issuer: answers for the customers' banks; None: the cards' test names do.

    Attributes:
        methods: what payments are made with.
        lifecycle: the rules of payment intents, which billing follows too.
        refunding: the rules of refunds, likewise.
        book: the payment intents.
        api: what each call does, for those who ask in HTTP.
        gateway: the port.
        dashboard: what we do by hand.
        outside: what customers and banks do.
    """

    def __init__(self, account: Account, issuer: Issuer | None = None) -> None:
        refunding, disputing = Refunding(account), Disputing(account)
        self.methods = PaymentMethods(account, issuer)
        self.lifecycle = Lifecycle(account, disputing, self.methods)
        self.refunding = refunding
        self.book = PaymentBook(account)
        self.api = PaymentApi(account, self.book, self.lifecycle, refunding, self.methods)
        self.gateway = SimulatedGateway(account.calls, self.api)
        self.dashboard = Dashboard(self.book, self.lifecycle, refunding)
        self.outside = CustomersAndBanks(self.book, self.lifecycle, disputing)
        account.faults.register(CALLS)
