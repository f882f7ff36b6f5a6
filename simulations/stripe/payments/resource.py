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
from simulations.stripe.payments.settlement import PlainSettlement, Settlement


class Payments:
    """All that an account does with payments.

    Args:
        account: what all its resources share.
        issuer: answers for the customers' banks; None: the cards' test names do.
        settlement: what payments do to balances; None: no one reads any.

    Attributes:
        methods: what payments are made with.
        lifecycle: the rules of payment intents, which billing follows too.
        refunding: the rules of refunds, likewise.
        disputing: the rules of disputes, for those who answer them.
        book: the payment intents.
        api: what each call does, for those who ask in HTTP.
        gateway: the port.
        dashboard: what we do by hand.
        outside: what customers and banks do.
    """

    def __init__(self, account: Account, issuer: Issuer | None = None, settlement: Settlement | None = None) -> None:
        settles = settlement or PlainSettlement()
        refunding = Refunding(account, settles)
        disputing = Disputing(account, refunding, settles)
        self.methods = PaymentMethods(account, issuer)
        self.lifecycle = Lifecycle(account, disputing, self.methods, settles)
        self.refunding, self.disputing = refunding, disputing
        self.book = PaymentBook(account)
        self.api = PaymentApi(account, self.book, self.lifecycle, refunding, self.methods, settles)
        self.gateway = SimulatedGateway(account.calls, self.api)
        self.dashboard = Dashboard(self.book, self.lifecycle, refunding)
        self.outside = CustomersAndBanks(self.book, self.lifecycle, disputing)
        account.faults.register(CALLS)
