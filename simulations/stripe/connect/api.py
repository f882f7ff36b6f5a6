"""What each API call of Connect does once it is executed. The rules are in `rules`."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.marketplace.balances import Balance, BalanceTransaction, StripeDispute
from payflows.marketplace.connect import (
    AccountLink,
    ApplicationFee,
    ApplicationFeeRefund,
    BusinessType,
    SeparateCharge,
    Split,
    SplitRefund,
    StripeAccount,
    StripeCharge,
    StripePayout,
    Transfer,
    TransferReversal,
)
from payflows.money import CURRENCIES, Money
from payflows.payments.model import CaptureMode, Payment

from simulations.stripe.connect.answers import Window, as_charge, as_refund, as_transaction, moment
from simulations.stripe.connect.book import DisputeOfIntent
from simulations.stripe.connect.rules import ConnectRules
from simulations.stripe.connect.transferring import check_takes_transfers
from simulations.stripe.core.account import Account
from simulations.stripe.core.balance import BalanceBook, Entry
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.payments.resource import Payments
from simulations.stripe.payments.settlement import RefundShares
from simulations.stripe.payments.splits import IntentSplit


class ConnectApi:
    """The API's work. An `InvalidRequest` comes before execution, other errors are its result.

    Args:
        account: the platform.
        payments: its payment intents.
        rules: what may happen.
    """

    def __init__(self, account: Account, payments: Payments, rules: ConnectRules) -> None:
        self._account = account
        self._payments = payments
        self._rules = rules
        self._book = rules.book

    # Accounts

    def create_account(self, vendor_id: str, email: str, country: str, business_type: BusinessType) -> StripeAccount:
        """Make an express account."""
        return self._rules.onboarding.create(vendor_id, email, country, business_type).as_account()

    def retrieve_account(self, account_id: str) -> StripeAccount:
        """Read an account."""
        return self._book.account(account_id).as_account()

    def list_accounts(self, vendor_id: str, window: Window) -> tuple[StripeAccount, ...]:
        """List the vendor's accounts, newest first."""
        found = (each.as_account() for each in reversed(self._book.accounts) if not each.is_closed)
        ours = (each for each in found if each.vendor_id == vendor_id)
        return tuple(each for each in ours if window.holds(int(each.created_at.timestamp())))

    def create_account_link(self, account_id: str, refresh_url: str, return_url: str) -> AccountLink:
        """Make a link to Stripe's form."""
        self._book.account(account_id)
        expires = self._account.seconds() + self._rules.settings.link_lasts_seconds
        url = f"https://connect.stripe.example/setup/e/{account_id}/{self._account.clock.now_us}"
        return AccountLink(url, moment(expires))

    # Payments

    def create_split_payment(
        self, order_id: str, amount: Money, split: Split, capture: CaptureMode, customer: str | None
    ) -> Payment:
        """Create an intent, unconfirmed, that says who it is for."""
        if isinstance(split, SeparateCharge):
            wanted = IntentSplit(transfer_group=split.transfer_group)
        else:
            wanted = IntentSplit(split.account_id, split.application_fee.minor or None, order_id)
        return self.create_intent(order_id, amount, wanted, capture, customer)

    def create_intent(
        self, order_id: str, amount: Money, split: IntentSplit, capture: CaptureMode, customer: str | None
    ) -> Payment:
        """Create an intent, unconfirmed, that says where its money is to go."""
        if split.destination is not None:
            check_takes_transfers(self._book.account(split.destination), amount.currency)
        fee_minor = split.application_fee_amount or 0
        _check_step(Money(fee_minor, amount.currency))
        if fee_minor > amount.minor:
            raise InvalidRequest(
                "application_fee_amount must not be more than the amount of the charge.", None, "application_fee_amount"
            )
        return self._payments.api.create_split(order_id, amount, capture, customer, split)

    def retrieve_charge(self, charge_id: str) -> StripeCharge:
        """Read a charge."""
        return as_charge(self._book.charges.find(charge_id))

    def refund_part(
        self, payment_id: str, order_id: str, purpose: str, amount: Money, shares: RefundShares
    ) -> SplitRefund:
        """Refund a part."""
        _check_step(amount)
        metadata = {"order_id": order_id, "purpose": purpose}
        intent = self._payments.book.find(payment_id)
        return as_refund(self._payments.refunding.refund(intent, amount.minor, metadata, shares))

    def list_split_refunds(self, charge_id: str) -> tuple[SplitRefund, ...]:
        """List all refunds of a charge, newest first."""
        return tuple(as_refund(each) for each in reversed(self._book.charges.find(charge_id).intent.refunds))

    # Transfers and fees

    def create_transfer(
        self,
        order_id: str,
        purpose: str,
        account_id: str,
        amount: Money,
        charge_id: str | None,
        transfer_group: str,
    ) -> Transfer:
        """Send a vendor a share."""
        _check_step(amount)
        metadata = {"order_id": order_id, "purpose": purpose}
        account = self._book.account(account_id)
        return self._rules.transferring.send(account, amount, metadata, charge_id, transfer_group).as_transfer()

    def retrieve_transfer(self, transfer_id: str) -> Transfer:
        """Read a transfer."""
        return self._book.transfers.find(transfer_id).as_transfer()

    def list_transfers(self, transfer_group: str) -> tuple[Transfer, ...]:
        """List the transfers of a group, newest first."""
        return tuple(each.as_transfer() for each in self._book.transfers_of_group(transfer_group))

    def reverse_transfer(self, transfer_id: str, purpose: str, amount: Money) -> TransferReversal:
        """Take a part back."""
        _check_step(amount)
        transfer = self._book.transfers.find(transfer_id)
        return self._rules.transferring.reverse(transfer, amount.minor, {"purpose": purpose}).as_reversal()

    def list_reversals(self, transfer_id: str) -> tuple[TransferReversal, ...]:
        """List the reversals of a transfer, newest first."""
        return tuple(each.as_reversal() for each in reversed(self._book.transfers.find(transfer_id).reversals))

    def retrieve_application_fee(self, fee_id: str) -> ApplicationFee:
        """Read a fee."""
        return self._book.fees.find(fee_id).as_fee()

    def refund_application_fee(self, fee_id: str, purpose: str, amount: Money) -> ApplicationFeeRefund:
        """Give a part of a fee back."""
        _check_step(amount)
        fee = self._book.fees.find(fee_id)
        return self._rules.transferring.refund_fee(fee, amount.minor, {"purpose": purpose}).as_fee_refund()

    def list_application_fee_refunds(self, fee_id: str) -> tuple[ApplicationFeeRefund, ...]:
        """List the refunds of a fee, newest first."""
        return tuple(each.as_fee_refund() for each in reversed(self._book.fees.find(fee_id).refunds))

    # Balances

    def book_of(self, account_id: str | None) -> BalanceBook:
        """Return the entries of an account, or of the platform (None)."""
        return self._rules.balances.platform if account_id is None else self._book.account(account_id).balance

    def retrieve_balance(self, account_id: str | None) -> Balance:
        """Read what an account holds."""
        book, now = self.book_of(account_id), self._account.seconds()
        reserved = {
            currency: self._rules.balances.reserved(currency) if account_id is None else 0
            for currency in book.currencies
        }
        return Balance(
            {currency: book.available(currency, now) - reserved[currency] for currency in book.currencies},
            {currency: book.pending(currency, now) for currency in book.currencies},
            reserved,
        )

    def retrieve_balance_transaction(self, account_id: str | None, entry_id: str) -> BalanceTransaction:
        """Read one entry."""
        return as_transaction(self.book_of(account_id).find(entry_id), self._account.seconds())

    def list_balance_transactions(
        self, account_id: str | None, window: Window, source_id: str | None
    ) -> tuple[BalanceTransaction, ...]:
        """List entries, newest first."""
        now = self._account.seconds()
        return tuple(as_transaction(each, now) for each in self.entries(account_id, window, source_id))

    def entries(self, account_id: str | None, window: Window, source_id: str | None) -> list[Entry]:
        """Return the entries that are asked for, newest first."""
        book = self.book_of(account_id)
        if source_id is None:
            return book.made_between(*window)[::-1]
        return [each for each in reversed(book.of_source(source_id)) if window.holds(each.created)]

    # Payouts

    def create_payout(self, account_id: str, payout_id: str, amount: Money) -> StripePayout:
        """Send a vendor's money to the vendor's bank."""
        _check_step(amount)
        account, metadata = self._book.account(account_id), {"payout_id": payout_id}
        return self._rules.paying_out.pay_out(account, amount.minor, amount.currency, metadata).as_payout()

    def retrieve_payout(self, account_id: str, stripe_payout_id: str) -> StripePayout:
        """Read a payout."""
        return self._rules.payout(self._book.account(account_id), stripe_payout_id).as_payout()

    def list_payouts(self, account_id: str, window: Window) -> tuple[StripePayout, ...]:
        """List payouts, newest first; what was taken from the bank is none to the port."""
        newest_first = reversed(self._book.account(account_id).payouts)
        return tuple(each.as_payout() for each in newest_first if window.holds(each.created) and each.amount > 0)

    # Disputes

    def retrieve_dispute(self, dispute_id: str) -> StripeDispute:
        """Read a dispute."""
        return self._as_dispute(self._book.disputes.find(dispute_id))

    def submit_evidence(self, dispute_id: str, evidence: Mapping[str, str]) -> StripeDispute:
        """Submit evidence."""
        found = self._book.disputes.find(dispute_id)
        self._payments.disputing.submit_evidence(found.intent, found.dispute, evidence)
        return self._as_dispute(found)

    def accept_dispute(self, dispute_id: str) -> StripeDispute:
        """Accept that it is lost."""
        found = self._book.disputes.find(dispute_id)
        self._payments.disputing.accept(found.intent, found.dispute)
        return self._as_dispute(found)

    def _as_dispute(self, found: DisputeOfIntent) -> StripeDispute:
        dispute, now = found.dispute, self._account.seconds()
        entries = self._rules.balances.platform.of_source(dispute.id)
        return StripeDispute(
            id=dispute.id,
            payment_id=dispute.payment_intent,
            charge_id=dispute.charge,
            amount=Money(dispute.amount, dispute.currency),
            status=dispute.status,
            reason=dispute.reason,
            due_by=None if dispute.due_by is None else moment(dispute.due_by),
            has_evidence=bool(dispute.evidence),
            submissions=int(bool(dispute.evidence)),
            is_charge_refundable=dispute.is_inquiry,
            balance_transactions=tuple(as_transaction(entry, now) for entry in entries),
        )


def _check_step(amount: Money) -> None:
    step_minor = CURRENCIES[amount.currency].step_minor
    if amount.minor % step_minor:
        raise InvalidRequest(f"Amounts in {amount.currency} must be evenly divisible by {step_minor}.")
