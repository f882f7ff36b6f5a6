"""The balances of a platform and its vendors: what each entry does to them, and what a vendor's debt does.

Source: docs.stripe.com/connect/account-balances ("Negative balances", "Understanding connected reserve balances").
"""

from __future__ import annotations

from collections import Counter
from functools import partial

from simulations.stripe.connect.accounts import ConnectedAccount
from simulations.stripe.connect.settings import ConnectSettings
from simulations.stripe.core.account import Account
from simulations.stripe.core.balance import DAY_SECONDS, BalanceBook, Entry, midnight_after


class Balances:
    """Books entries, and holds back of the platform's balance what its vendors owe.

    Args:
        account: the platform.
        settings: after how long Stripe takes what a vendor owes.

    Attributes:
        platform: the platform's entries.
    """

    def __init__(self, account: Account, settings: ConnectSettings) -> None:
        self._account = account
        self._settings = settings
        self._reserved: Counter[str] = Counter()
        self.platform = BalanceBook()

    def book(
        self, type: str, source: str, amount: int, currency: str, *, fee: int = 0, available_on: int | None = None
    ) -> Entry:
        """Append an entry to the platform's balance."""
        now = self._account.seconds()
        return self.platform.record(type, source, amount, currency, now=now, fee=fee, available_on=available_on)

    def book_of(
        self,
        account: ConnectedAccount,
        type: str,
        source: str,
        amount: int,
        currency: str,
        *,
        fee: int = 0,
        available_on: int | None = None,
    ) -> Entry:
        """Append an entry to a vendor's balance."""
        before = account.balance.total(currency)
        entry = account.balance.record(
            type,
            source,
            amount,
            currency,
            now=self._account.seconds(),
            fee=fee,
            fee_type="application_fee",
            available_on=available_on,
        )
        self._follow_debt(account, currency, before, account.balance.total(currency))
        return entry

    def available(self, currency: str) -> int:
        """Return what the platform may use: not what is held back."""
        return self.platform.available(currency, self._account.seconds()) - self._reserved[currency]

    def reserved(self, currency: str) -> int:
        """Return what is held back because vendors owe it (`connect_reserved`)."""
        return self._reserved[currency]

    def available_of(self, account: ConnectedAccount, currency: str) -> int:
        """Return what a vendor may use."""
        return account.balance.available(currency, self._account.seconds())

    def _follow_debt(self, account: ConnectedAccount, currency: str, before: int, after: int) -> None:
        self._reserved[currency] += max(0, -after) - max(0, -before)
        if after >= 0:
            account.owes_since.pop(currency, None)
        elif before >= 0:
            now = self._account.seconds()
            account.owes_since[currency] = now
            collect_at = now + self._settings.collects_after_days * DAY_SECONDS
            self._account.at(collect_at, partial(self._collect, account, currency, now))

    def _collect(self, account: ConnectedAccount, currency: str, owed_since: int) -> None:
        """Take from the platform what a vendor has owed for too long."""
        if account.owes_since.get(currency) != owed_since:
            return
        owed = -account.balance.total(currency)
        source = f"{account.id}collected{owed_since}"
        self.book("connect_collection_transfer", source, -owed, currency)
        self.book_of(account, "connect_collection_transfer", source, owed, currency)

    def debit_date(self) -> int:
        """Return when a bank is debited for what is owed now."""
        return midnight_after(self._account.seconds(), self._settings.debit_after_days)
