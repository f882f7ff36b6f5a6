"""Connect at the simulated Stripe, joined: the rules, the API, and what happens besides it."""

from __future__ import annotations

from typing import NoReturn, cast

from simulations.stripe.connect.api import ConnectApi
from simulations.stripe.connect.dashboard import ConnectDashboard
from simulations.stripe.connect.gateway import CALLS, SimulatedMarketplaceGateway
from simulations.stripe.connect.rules import ConnectRules
from simulations.stripe.connect.settings import USUAL_CONNECT, ConnectSettings
from simulations.stripe.core.account import Account
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.payments.methods import Issuer
from simulations.stripe.payments.resource import Payments


class Connect:
    """All that a platform does with vendors. An account that is none refuses every call.

    Args:
        account: what all its resources share.
        issuer: answers for the buyers' banks.
        settings: what the platform has agreed with Stripe; None: the account is no platform.

    Attributes:
        payments: the account's payments, which settle here.
        rules: what may happen, by itself or on request.
        book: the objects.
        api: what each call does, for those who ask in HTTP.
        gateway: the port.
        dashboard: what vendors, banks and Stripe do, and we by hand.
        events: of connected accounts, for their own endpoint.
    """

    def __init__(self, account: Account, issuer: Issuer | None, settings: ConnectSettings | None) -> None:
        self.rules = ConnectRules(account, settings or USUAL_CONNECT)
        self.payments = Payments(account, issuer, None if settings is None else self.rules.splitting)
        self.book = self.rules.book
        api = cast(ConnectApi, _NoPlatform()) if settings is None else ConnectApi(account, self.payments, self.rules)
        self.api = api
        self.gateway = SimulatedMarketplaceGateway(account.calls, api)
        self.dashboard = ConnectDashboard(account, self.rules)
        self.events = self.rules.events
        account.faults.register(CALLS)


class _NoPlatform:
    """What an account that has not signed up for Connect answers."""

    def __getattr__(self, name: str) -> object:
        return _refuse


def _refuse(*params: object) -> NoReturn:
    raise InvalidRequest("You can only call this if you've signed up for Connect.")
