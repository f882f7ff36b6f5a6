"""What payments do to a platform's balance and its vendors': the `Settlement` of a platform.

Sources: docs.stripe.com/connect/destination-charges, docs.stripe.com/connect/charges ("Stripe fees", "Disputes");
API reference, "Create a refund".
"""

from __future__ import annotations

from payflows.errors import CallRejected

from simulations.stripe.connect.balances import Balances
from simulations.stripe.connect.book import ChargeOfIntent, ConnectBook, DisputeOfIntent
from simulations.stripe.connect.settings import ConnectSettings
from simulations.stripe.connect.transferring import Transferring, check_takes_transfers
from simulations.stripe.connect.transfers import ApplicationFee, Transfer
from simulations.stripe.core.account import Account
from simulations.stripe.core.balance import DAY_SECONDS, midnight_after
from simulations.stripe.payments.objects import Charge, PaymentIntent
from simulations.stripe.payments.refunds_and_disputes import Dispute, Refund
from simulations.stripe.payments.settlement import RefundShares
from simulations.stripe.payments.splits import ChargeSplit


class Splitting:
    """Books what payments move, and passes on what is a vendor's.

    Args:
        account: the platform.
        book: where charges, transfers and fees are kept.
        balances: what they move.
        transferring: the rules of transfers and fees.
        settings: Stripe's fees, and when money is available.
    """

    def __init__(
        self,
        account: Account,
        book: ConnectBook,
        balances: Balances,
        transferring: Transferring,
        settings: ConnectSettings,
    ) -> None:
        self._account = account
        self._book = book
        self._balances = balances
        self._transferring = transferring
        self._settings = settings

    def check(self, intent: PaymentIntent) -> None:
        """Raise `CallRejected` where the vendor of a destination charge cannot be sent money."""
        if intent.split.destination is not None:
            check_takes_transfers(self._book.account(intent.split.destination), intent.currency)

    def captured(self, intent: PaymentIntent, charge: Charge) -> None:
        """Book the charge with Stripe's fee; of a destination charge all of it is passed on, and our fee comes back."""
        amount, currency = charge.amount_captured, charge.currency
        day = midnight_after(self._account.seconds(), self._settings.available_after_days)
        kind = "payment" if charge.method.is_bank_debit else "charge"
        fee = self._settings.fee_of(amount)
        entry = self._balances.book(kind, charge.id, amount, currency, fee=fee, available_on=day)
        charge.split = ChargeSplit(entry.id, transfer_group=intent.split.transfer_group)
        self._book.charges.add(charge.id, ChargeOfIntent(intent, charge))
        if intent.split.destination is not None:
            self._pass_on(intent, charge, day)

    def _pass_on(self, intent: PaymentIntent, charge: Charge, day: int) -> None:
        assert intent.split.destination is not None, "a destination charge has one"
        account, letters = self._book.closed_or_open(intent.split.destination), charge.id[3:]
        amount, group = charge.amount_captured, intent.split.transfer_group or f"group_{intent.id}"
        fee_minor = min(intent.split.application_fee_amount or 0, amount)
        transfer = Transfer(
            f"tr_{letters}", account, amount, charge.currency, self._account.seconds(), {}, charge.id, group, day, True
        )
        self._transferring.make(transfer, fee_minor)
        fee_id = None
        if fee_minor:
            fee_id = self._transferring.charge_fee(transfer, charge.id, f"fee_{letters}", fee_minor).id
        charge.split = ChargeSplit(charge.split.balance_transaction, transfer.id, fee_id, group)

    def refunded(self, intent: PaymentIntent, charge: Charge, refund: Refund, shares: RefundShares) -> None:
        """Book a refund, and take back from the vendor what is asked for: both or neither."""
        transfer, fee = self._asked_back(charge, shares)
        share = _share(transfer.amount, transfer.refunded_charge, refund.amount, charge) if transfer else 0
        fee_share = _share(fee.amount, fee.refunded_charge, refund.amount, charge) if fee else 0
        if transfer is not None:
            share = min(share, transfer.amount - transfer.amount_reversed)
            if share:
                refund.transfer_reversal = self._transferring.reverse(transfer, share, {}, refund.id).id
            transfer.refunded_charge += refund.amount
        if fee is not None:
            fee_share = min(fee_share, fee.amount - fee.amount_refunded)
            if fee_share:
                self._transferring.refund_fee(fee, fee_share, {})
            fee.refunded_charge += refund.amount
        day = self._balances.platform.of_source(charge.id)[0].available_on
        entry = self._balances.book("refund", refund.id, -refund.amount, refund.currency, available_on=day)
        refund.balance_transaction = entry.id

    def _asked_back(self, charge: Charge, shares: RefundShares) -> tuple[Transfer | None, ApplicationFee | None]:
        """Return the transfer and the fee of which a part is to go back. Raises `CallRejected` where there is none."""
        transfer_id, fee_id = charge.split.transfer, charge.split.application_fee
        if shares.reverse_transfer and transfer_id is None:
            raise CallRejected(f"Charge {charge.id} has no transfer that could be reversed with it.")
        if shares.refund_application_fee and fee_id is None:
            raise CallRejected(f"Charge {charge.id} has no application fee that could be refunded.")
        if shares.refund_application_fee and not shares.reverse_transfer:
            raise CallRejected("The fee of a destination charge is refunded only where its transfer is reversed.")
        transfer = self._book.transfers.find(transfer_id) if shares.reverse_transfer and transfer_id else None
        fee = self._book.fees.find(fee_id) if shares.refund_application_fee and fee_id else None
        if transfer is not None:
            self._book.account(transfer.account.id)
        return transfer, fee

    def is_covered(self, refund: Refund) -> bool:
        """Return whether the platform's balance, pending money included, is not below 0."""
        return self._balances.platform.total(refund.currency) - self._balances.reserved(refund.currency) >= 0

    def refund_failed(self, refund: Refund) -> None:
        """Book that the money came back to the platform; what a vendor gave stays with it."""
        entry = self._balances.book("refund_failure", refund.id, refund.amount, refund.currency)
        refund.failure_balance_transaction = entry.id

    def dispute_opened(self, intent: PaymentIntent, dispute: Dispute) -> None:
        """Take note of it, and say when evidence is due."""
        dispute.due_by = self._account.seconds() + self._settings.evidence_days * DAY_SECONDS
        self._book.disputes.add(dispute.id, DisputeOfIntent(intent, dispute))

    def dispute_moved(self, dispute: Dispute, amount_minor: int) -> int:
        """Book what the platform pays or gets back, with Stripe's fee; no vendor's balance moves."""
        fee = self._dispute_fee(dispute, amount_minor)
        self._balances.book("adjustment", dispute.id, amount_minor, dispute.currency, fee=fee)
        return fee

    def _dispute_fee(self, dispute: Dispute, amount_minor: int) -> int:
        if amount_minor < 0:
            return self._settings.dispute_fee_minor
        is_won = amount_minor == dispute.withdrawn
        return -self._settings.dispute_fee_minor if is_won and self._settings.returns_dispute_fee else 0


def _share(whole: int, refunded_before: int, amount: int, charge: Charge) -> int:
    """Return the share of a refund, rounded half up so that the shares of all refunds sum to the whole."""
    captured = charge.amount_captured

    def up_to(refunded: int) -> int:
        return (2 * whole * refunded + captured) // (2 * captured)

    return up_to(refunded_before + amount) - up_to(refunded_before)
