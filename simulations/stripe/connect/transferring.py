"""What may happen to transfers and application fees: sent, taken back in parts, refunded in parts.

Sources: docs.stripe.com/connect/separate-charges-and-transfers ("Reverse transfers");
API reference, "Create a transfer".
"""

from __future__ import annotations

from payflows.errors import CallRejected
from payflows.marketplace.connect import BALANCE_INSUFFICIENT, TRANSFERS_INACTIVE
from payflows.money import Money

from simulations.stripe.connect.accounts import ConnectedAccount
from simulations.stripe.connect.balances import Balances
from simulations.stripe.connect.book import ConnectBook
from simulations.stripe.connect.settings import ConnectSettings
from simulations.stripe.connect.transfers import ApplicationFee, FeeRefund, Reversal, Transfer
from simulations.stripe.core.account import Account
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.ids import derived_id


def check_takes_transfers(account: ConnectedAccount, currency: str) -> None:
    """Raise `CallRejected` where an account cannot be sent money of this currency."""
    if account.currency != currency:
        raise InvalidRequest(
            f"{account.id} is paid out in {account.currency}: conversion from {currency} is not offered."
        )
    if not account.takes_transfers:
        raise CallRejected(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers, "
            "crypto_transfers, legacy_payments",
            TRANSFERS_INACTIVE,
        )


class Transferring:
    """Moves money between the platform's balance and its vendors'.

    Args:
        account: the platform.
        book: where transfers are kept.
        balances: what they move.
        settings: what the platform has agreed with Stripe.
    """

    def __init__(self, account: Account, book: ConnectBook, balances: Balances, settings: ConnectSettings) -> None:
        self._account = account
        self._book = book
        self._balances = balances
        self._settings = settings

    def send(
        self,
        account: ConnectedAccount,
        amount: Money,
        metadata: dict[str, str],
        charge_id: str | None,
        transfer_group: str | None,
    ) -> Transfer:
        """Send a vendor a share of a charge, as far as that goes; or of what is available now (None)."""
        check_takes_transfers(account, amount.currency)
        available_on, now = self._account.seconds(), self._account.seconds()
        if charge_id is not None:
            intent, charge = self._book.charges.find(charge_id)
            group = intent.split.transfer_group
            if intent.currency != amount.currency or transfer_group not in (None, group):
                raise InvalidRequest(f"The transfer's currency and transfer_group must be those of {charge_id}.")
            if self._book.sent_of(charge_id) + amount.minor > charge.amount_captured:
                raise CallRejected(f"Transfers of more than {charge_id} cannot be made with it as source_transaction.")
            transfer_group = group
            available_on = self._balances.platform.of_source(charge_id)[0].available_on
        if available_on <= now and self._balances.available(amount.currency) < amount.minor:
            raise CallRejected("You have insufficient available funds in your Stripe account.", BALANCE_INSUFFICIENT)
        number = len(self._book.transfers)
        transfer_id = derived_id("tr", self._account.id, number)
        return self.make(
            Transfer(
                transfer_id,
                account,
                amount.minor,
                amount.currency,
                now,
                metadata,
                charge_id,
                transfer_group,
                available_on,
            )
        )

    def make(self, transfer: Transfer, fee_minor: int = 0) -> Transfer:
        """Book a transfer, of which the vendor pays the platform a fee."""
        source, amount, currency, day = transfer.id, transfer.amount, transfer.currency, transfer.available_on
        transfer.balance_transaction = self._balances.book("transfer", source, -amount, currency, available_on=day).id
        self._balances.book_of(
            transfer.account, "payment", transfer.destination_payment, amount, currency, fee=fee_minor, available_on=day
        )
        self._book.add_transfer(transfer)
        self._account.changed(transfer, {"transfer.created": transfer})
        return transfer

    def reverse(
        self, transfer: Transfer, amount_minor: int, metadata: dict[str, str], source_refund: str | None = None
    ) -> Reversal:
        """Take a part back. What is pending needs nothing available, and of a destination charge nothing does."""
        rest = transfer.amount - transfer.amount_reversed
        if not 0 < amount_minor <= rest:
            raise InvalidRequest(f"Reversal amount ({amount_minor}) is not within what was not reversed ({rest}).")
        self._book.account(transfer.account.id)
        if not transfer.is_of_destination_charge and transfer.available_on <= self._account.seconds():
            self._check_can_pay(transfer, amount_minor)
        reversal_id = f"trr_{transfer.id[3:]}{len(transfer.reversals):02d}"
        currency, day = transfer.currency, transfer.available_on
        entry = self._balances.book("transfer_refund", reversal_id, amount_minor, currency, available_on=day)
        created = self._account.seconds()
        reversal = Reversal(reversal_id, transfer, amount_minor, created, metadata, source_refund, entry.id)
        self._balances.book_of(
            transfer.account,
            "payment_refund",
            reversal.destination_payment_refund,
            -amount_minor,
            currency,
            available_on=day,
        )
        transfer.reversals.append(reversal)
        self._account.changed(transfer, {"transfer.reversed": transfer})
        return reversal

    def _check_can_pay(self, transfer: Transfer, amount_minor: int) -> None:
        lacking = amount_minor - max(0, self._balances.available_of(transfer.account, transfer.currency))
        reserves = self._balances.available(transfer.currency) if self._settings.has_connected_reserves else 0
        if lacking > reserves:
            raise CallRejected(
                f"{transfer.account.id} has insufficient available funds for this reversal.", BALANCE_INSUFFICIENT
            )

    def charge_fee(self, transfer: Transfer, charge_id: str, fee_id: str, amount_minor: int) -> ApplicationFee:
        """Book what the platform keeps of a destination charge; the vendor has paid it already."""
        currency, day = transfer.currency, transfer.available_on
        entry = self._balances.book("application_fee", fee_id, amount_minor, currency, available_on=day)
        fee = ApplicationFee(fee_id, transfer, charge_id, amount_minor, self._account.seconds(), entry.id)
        self._book.fees.add(fee_id, fee)
        self._account.changed(fee, {"application_fee.created": fee})
        return fee

    def refund_fee(self, fee: ApplicationFee, amount_minor: int, metadata: dict[str, str]) -> FeeRefund:
        """Give a part of a fee back to the vendor."""
        rest = fee.amount - fee.amount_refunded
        if not 0 < amount_minor <= rest:
            raise InvalidRequest(f"Refund amount ({amount_minor}) is not within what was not refunded ({rest}).")
        account, currency = self._book.account(fee.transfer.account.id), fee.transfer.currency
        refund_id, day = f"fr_{fee.id[4:]}{len(fee.refunds):02d}", fee.transfer.available_on
        entry = self._balances.book("application_fee_refund", refund_id, -amount_minor, currency, available_on=day)
        self._balances.book_of(account, "application_fee_refund", refund_id, amount_minor, currency, available_on=day)
        refund = FeeRefund(refund_id, fee, amount_minor, self._account.seconds(), metadata, entry.id)
        fee.refunds.append(refund)
        self._account.changed(fee, {"application_fee.refunded": fee})
        return refund
