"""The rules of Connect, joined."""

from __future__ import annotations

from simulations.stripe.connect.accounts import ConnectedAccount
from simulations.stripe.connect.announcing import ConnectedEvents
from simulations.stripe.connect.balances import Balances
from simulations.stripe.connect.book import ConnectBook
from simulations.stripe.connect.onboarding import Onboarding
from simulations.stripe.connect.paying_out import PayingOut
from simulations.stripe.connect.payouts import Payout
from simulations.stripe.connect.settings import ConnectSettings
from simulations.stripe.connect.splitting import Splitting
from simulations.stripe.connect.transferring import Transferring
from simulations.stripe.core.account import Account
from simulations.stripe.core.errors import InvalidRequest


class ConnectRules:
    """What may happen at a platform, and to what.

    Args:
        account: the platform.
        settings: what it has agreed with Stripe.

    Attributes:
        settings: the same.
        book: the objects.
        balances: the platform's and the vendors'.
        events: of connected accounts.
        onboarding: what may happen to accounts.
        transferring: to transfers and fees.
        splitting: to charges, refunds and disputes.
        paying_out: to payouts.
    """

    def __init__(self, account: Account, settings: ConnectSettings) -> None:
        self.settings = settings
        self.book = ConnectBook()
        self.balances = Balances(account, settings)
        self.events = ConnectedEvents(account)
        self.onboarding = Onboarding(account, self.book, self.events)
        self.transferring = Transferring(account, self.book, self.balances, settings)
        self.splitting = Splitting(account, self.book, self.balances, self.transferring, settings)
        self.paying_out = PayingOut(account, self.balances, self.events, settings)

    def payout(self, account: ConnectedAccount, stripe_payout_id: str) -> Payout:
        """Return a payout of an account. Raises `InvalidRequest` (`resource_missing`)."""
        found = next((each for each in account.payouts if each.id == stripe_payout_id), None)
        if found is None:
            raise InvalidRequest(f"No such payout: '{stripe_payout_id}'", "resource_missing")
        return found
