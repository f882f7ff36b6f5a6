"""What happens at Connect besides the API: what vendors, their banks and Stripe do, and we in the dashboard."""

from __future__ import annotations

from functools import partial

from payflows.marketplace.connect import CapabilityStatus

from simulations.stripe.connect.accounts import ConnectedAccount
from simulations.stripe.connect.rules import ConnectRules
from simulations.stripe.core.account import Account


class ConnectDashboard:
    """Actions for stories.

    Args:
        account: the platform.
        rules: what may happen.
    """

    def __init__(self, account: Account, rules: ConnectRules) -> None:
        self._account = account
        self._rules = rules

    def _find(self, account_id: str) -> ConnectedAccount:
        self._account.agenda.catch_up()
        return self._rules.book.account(account_id)

    def submit_requirements(self, account_id: str) -> None:
        """Fill Stripe's form in, as the vendor does: all that is due is met, and a bank account given."""
        self._rules.onboarding.submit(self._find(account_id))

    def require(self, account_id: str, *fields: str, within_seconds: int) -> None:
        """Want to know something by a deadline; unmet then, it is past due and the account restricted."""
        deadline = self._account.seconds() + within_seconds
        self._rules.onboarding.require(self._find(account_id), fields, deadline)

    def set_capability(self, account_id: str, name: str, status: CapabilityStatus) -> None:
        """Switch one capability of an account, as Stripe does."""
        self._rules.onboarding.set_capability(self._find(account_id), name, status)

    def reject_account(self, account_id: str, reason: str = "fraud") -> None:
        """Restrict an account for good."""
        self._rules.onboarding.reject(self._find(account_id), reason)

    def close_account(self, account_id: str) -> None:
        """Take an account away from the platform, with what is on its balance."""
        self._rules.onboarding.close(self._find(account_id))

    def refuse_payouts(self, account_id: str) -> None:
        """Have the vendor's bank send every payout back, a day after it was paid."""
        self._find(account_id).bank_refuses = True

    def fail_payout(self, account_id: str, stripe_payout_id: str) -> None:
        """Send a payout back, paid or not."""
        account = self._find(account_id)
        self._rules.paying_out.fail(account, self._rules.payout(account, stripe_payout_id))

    def set_daily_payouts(self, account_id: str) -> None:
        """Have Stripe pay all out that is available, every midnight."""
        self._rules.paying_out.schedule_daily(self._find(account_id))

    def debit_negative_balances(self, account_id: str) -> None:
        """Let Stripe take what the vendor owes, and will owe, from the vendor's bank."""
        account = self._find(account_id)
        account.debits_bank = True
        self._debit(account)

    def _debit(self, account: ConnectedAccount) -> None:
        self._rules.paying_out.debit_bank(account, account.currency)
        self._account.at(self._rules.balances.debit_date(), partial(self._debit, account))

    def reverse_in_dashboard(self, transfer_id: str, amount_minor: int) -> None:
        """Take a part of a transfer back by hand; such a reversal names no purpose."""
        self._account.agenda.catch_up()
        self._rules.transferring.reverse(self._rules.book.transfers.find(transfer_id), amount_minor, {})

    def withdraw_from_platform(self, amount_minor: int, currency: str = "usd") -> None:
        """Pay a part of the platform's own balance out, so that it may be short."""
        self._move_platform("payout", -amount_minor, currency)

    def top_up_platform(self, amount_minor: int, currency: str = "usd") -> None:
        """Pay money into the platform's balance; it is available immediately."""
        self._move_platform("topup", amount_minor, currency)

    def _move_platform(self, type: str, amount_minor: int, currency: str) -> None:
        self._account.agenda.catch_up()
        number = len(tuple(self._rules.balances.platform))
        self._rules.balances.book(type, f"{type[:2]}_platform{number:06d}", amount_minor, currency)
