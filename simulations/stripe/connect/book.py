"""All objects of Connect at a platform: accounts, transfers, fees, and the charges and disputes that they are about."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from payflows.marketplace.connect import ACCOUNT_INVALID

from simulations.stripe.connect.accounts import ConnectedAccount
from simulations.stripe.connect.transfers import ApplicationFee, Transfer
from simulations.stripe.core.errors import AccountInvalid
from simulations.stripe.core.registry import Registry
from simulations.stripe.payments.objects import Charge, PaymentIntent
from simulations.stripe.payments.refunds_and_disputes import Dispute


class ChargeOfIntent(NamedTuple):
    """A charge that was captured, and its intent."""

    intent: PaymentIntent
    charge: Charge


class DisputeOfIntent(NamedTuple):
    """A dispute, and the intent whose money it is about."""

    intent: PaymentIntent
    dispute: Dispute


class ConnectBook:
    """Where the objects are found."""

    def __init__(self) -> None:
        self._accounts: dict[str, ConnectedAccount] = {}
        self._of_vendor: defaultdict[str, int] = defaultdict(int)
        self._of_group: defaultdict[str, list[Transfer]] = defaultdict(list)
        self._sent_of_charge: defaultdict[str, int] = defaultdict(int)
        self.transfers: Registry[Transfer] = Registry("transfer")
        self.fees: Registry[ApplicationFee] = Registry("application_fee")
        self.charges: Registry[ChargeOfIntent] = Registry("charge")
        self.disputes: Registry[DisputeOfIntent] = Registry("dispute")

    @property
    def accounts(self) -> tuple[ConnectedAccount, ...]:
        """All accounts, closed ones too, oldest first."""
        return tuple(self._accounts.values())

    def account(self, account_id: str) -> ConnectedAccount:
        """Return an account. Raises `AccountInvalid` for one that is closed, or not ours."""
        account = self._accounts.get(account_id)
        if account is None or account.is_closed:
            raise AccountInvalid(
                f"The provided key does not have access to account '{account_id}' (or that account does not exist). "
                "Application access may have been revoked.",
                ACCOUNT_INVALID,
            )
        return account

    def closed_or_open(self, account_id: str) -> ConnectedAccount:
        """Return an account to which money is on its way, even one that was closed since."""
        return self._accounts[account_id]

    def accounts_of_vendor(self, vendor_id: str) -> int:
        """Return how many accounts were made for a vendor."""
        return self._of_vendor[vendor_id]

    def add_account(self, account: ConnectedAccount) -> None:
        """Add an account."""
        self._of_vendor[account.metadata["vendor_id"]] += 1
        self._accounts[account.id] = account

    def add_transfer(self, transfer: Transfer) -> None:
        """Add a transfer."""
        self.transfers.add(transfer.id, transfer)
        if transfer.transfer_group is not None:
            self._of_group[transfer.transfer_group].append(transfer)
        if transfer.source_transaction is not None:
            self._sent_of_charge[transfer.source_transaction] += transfer.amount

    def transfers_of_group(self, transfer_group: str) -> tuple[Transfer, ...]:
        """Return the transfers of a group, newest first."""
        return tuple(reversed(self._of_group.get(transfer_group, ())))

    def sent_of(self, charge_id: str) -> int:
        """Return what of a charge was transferred, before anything came back."""
        return self._sent_of_charge.get(charge_id, 0)
