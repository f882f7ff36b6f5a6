"""What may happen to payouts: made on request or by schedule, paid, and sent back by the bank after that.

Sources: docs.stripe.com/connect/manual-payouts; API reference, "The Payout object".
"""

from __future__ import annotations

from functools import partial

from payflows.errors import CallRejected
from payflows.marketplace.connect import BALANCE_INSUFFICIENT, PAYOUTS_NOT_ALLOWED, PayoutStatus
from payflows.money import CURRENCIES

from simulations.stripe.connect.accounts import ConnectedAccount
from simulations.stripe.connect.announcing import ConnectedEvents
from simulations.stripe.connect.balances import Balances
from simulations.stripe.connect.payouts import Payout
from simulations.stripe.connect.settings import ConnectSettings
from simulations.stripe.core.account import Account
from simulations.stripe.core.balance import midnight_after
from simulations.stripe.core.errors import InvalidRequest


class PayingOut:
    """Sends vendors' money to their banks.

    Args:
        account: the platform.
        balances: what is sent from.
        events: announces what changes.
        settings: how long it takes.
    """

    def __init__(
        self, account: Account, balances: Balances, events: ConnectedEvents, settings: ConnectSettings
    ) -> None:
        self._account = account
        self._balances = balances
        self._events = events
        self._settings = settings

    def pay_out(self, account: ConnectedAccount, amount_minor: int, currency: str, metadata: dict[str, str]) -> Payout:
        """Send a part of what is available."""
        if not account.payouts_enabled:
            raise CallRejected(f"Payouts of {account.id} are not enabled.", PAYOUTS_NOT_ALLOWED)
        step_minor = CURRENCIES[currency].payout_step_minor
        if amount_minor % step_minor:
            raise InvalidRequest(f"Payouts in {currency} must be evenly divisible by {step_minor}.", None, "amount")
        if self._balances.available_of(account, currency) < amount_minor:
            raise CallRejected("You have insufficient funds in your Stripe account.", BALANCE_INSUFFICIENT)
        return self._make(account, amount_minor, currency, metadata, automatic=False)

    def _make(
        self, account: ConnectedAccount, amount_minor: int, currency: str, metadata: dict[str, str], *, automatic: bool
    ) -> Payout:
        now = self._account.seconds()
        payout_id = f"po_{account.id[5:]}{len(account.payouts):04d}"
        arrives = max(now, midnight_after(now, self._settings.payout_days))
        entry = self._balances.book_of(account, "payout", payout_id, -amount_minor, currency)
        payout = Payout(payout_id, amount_minor, currency, now, arrives, metadata, entry.id, automatic)
        account.payouts.append(payout)
        self._account.at(arrives, partial(self._arrive, account, payout))
        self._events.announce(account, {"payout.created": payout})
        return payout

    def _arrive(self, account: ConnectedAccount, payout: Payout) -> None:
        if payout.status is PayoutStatus.IN_TRANSIT:
            payout.status = PayoutStatus.PAID
            self._events.announce(account, {"payout.paid": payout})
            if account.bank_refuses:
                back_on = midnight_after(self._account.seconds(), 1)
                self._account.at(back_on, partial(self.fail, account, payout))

    def fail(self, account: ConnectedAccount, payout: Payout) -> None:
        """Send it back, before it was paid or after; there are no more until the bank account is mended."""
        if payout.status is PayoutStatus.FAILED:
            return
        payout.status, payout.failure_code = PayoutStatus.FAILED, "account_closed"
        entry = self._balances.book_of(account, "payout_failure", payout.id, payout.amount, payout.currency)
        payout.failure_balance_transaction = entry.id
        account.has_bank = False
        self._events.announce(account, {"payout.failed": payout, "account.updated": account})

    def schedule_daily(self, account: ConnectedAccount) -> None:
        """Pay out all that is available, every midnight, as long as the schedule says so."""
        account.schedule = "daily"
        self._account.at(midnight_after(self._account.seconds(), 1), partial(self._pay_daily, account))

    def _pay_daily(self, account: ConnectedAccount) -> None:
        if account.schedule != "daily" or account.is_closed:
            return
        now = self._account.seconds()
        available = account.balance.available(account.currency, now)
        available -= available % CURRENCIES[account.currency].payout_step_minor
        if account.payouts_enabled and available > 0:
            paid = [each for each in account.balance if each.payout is None and each.is_available(now)]
            payout = self._make(account, available, account.currency, {}, automatic=True)
            for entry in paid:
                entry.payout = payout.id
        self.schedule_daily(account)

    def debit_bank(self, account: ConnectedAccount, currency: str) -> None:
        """Take from the vendor's bank what the vendor owes: a payout of less than nothing."""
        owed = -account.balance.total(currency)
        if owed > 0 and account.has_bank and account.debits_bank:
            self._make(account, -owed, currency, {}, automatic=True)
