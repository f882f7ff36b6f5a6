"""What moves on the balance of an account at Stripe, as the flow sees it: balances, their entries, and disputes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from payflows.money import Money
from payflows.payments.model import DisputeStatus


class BalanceStatus(StrEnum):
    """Whether money on a balance may be used yet, in Stripe's own words."""

    PENDING = "pending"
    AVAILABLE = "available"


class Balance(NamedTuple):
    """What an account holds at Stripe, in minor units by currency; below 0 what it owes.

    Attributes:
        available: what may be transferred, refunded or paid out.
        pending: what becomes available on its date.
        connect_reserved: what Stripe holds back of a platform's because vendors owe.
    """

    available: Mapping[str, int]
    pending: Mapping[str, int]
    connect_reserved: Mapping[str, int]

    def total_minor(self, currency: str) -> int:
        """Return all that the account has, or owes, in a currency."""
        return sum(part.get(currency, 0) for part in self)


class BalanceTransaction(NamedTuple):
    """One entry of an account's balance at Stripe. Its net is its amount without its fee.

    Attributes:
        id: Stripe's id, `txn_...`.
        type: Stripe's word for what it is, such as `charge` or `transfer_refund`.
        source_id: the object that it comes from.
        amount_minor: below 0 where money went away.
        fee_minor: what was kept of it: Stripe's fee, or the platform's.
        net_minor: what the balance has changed by.
        currency: of all three.
        status: whether it may be used yet.
        available_at: from when on.
        created_at: when it was made.
    """

    id: str
    type: str
    source_id: str | None
    amount_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    status: BalanceStatus
    available_at: datetime
    created_at: datetime


class StripeDispute(NamedTuple):
    """A dispute with what it did to the platform's balance.

    Attributes:
        id: Stripe's id, `dp_...`.
        payment_id: the payment that is disputed.
        charge_id: its charge.
        amount: how much of it.
        status: Stripe's status.
        reason: the bank's, in Stripe's words, such as `fraudulent`.
        due_by: when evidence is due; None: it is too late, or none is wanted.
        has_evidence: some was given.
        submissions: how often it was submitted to the bank.
        is_charge_refundable: an inquiry is over once the buyer is refunded; a chargeback cannot be refunded.
        balance_transactions: what it has taken from the balance and given back, with Stripe's fee.
    """

    id: str
    payment_id: str
    charge_id: str
    amount: Money
    status: DisputeStatus
    reason: str
    due_by: datetime | None
    has_evidence: bool
    submissions: int
    is_charge_refundable: bool
    balance_transactions: tuple[BalanceTransaction, ...]

    @property
    def withdrawn_minor(self) -> int:
        """What it has taken from the platform as it stands, without fees; a part may be lost, and the rest back."""
        return -sum(entry.amount_minor for entry in self.balance_transactions)

    @property
    def fee_minor(self) -> int:
        """What Stripe has charged for it as it stands."""
        return sum(entry.fee_minor for entry in self.balance_transactions)
