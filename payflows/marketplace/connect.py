"""Stripe Connect's accounts, charges, transfers and payouts as the flow sees them; balances are in `balances`."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from payflows.money import Money
from payflows.payments.model import RefundStatus

BALANCE_INSUFFICIENT = "balance_insufficient"
"""The code of a rejected transfer, reversal, refund or payout: the balance that pays for it is short."""
TRANSFERS_INACTIVE = "insufficient_capabilities_for_transfer"
"""The code of a rejected charge or transfer: the account's `transfers` capability is not active."""
ACCOUNT_INVALID = "account_invalid"
"""The code of a call about an account that is not ours, or was closed (a 403)."""
PAYOUTS_NOT_ALLOWED = "payouts_not_allowed"
"""The code of a rejected payout: the account's payouts are not enabled."""


class BusinessType(StrEnum):
    """What a vendor is, in Stripe's own words."""

    INDIVIDUAL = "individual"
    COMPANY = "company"
    NON_PROFIT = "non_profit"
    GOVERNMENT_ENTITY = "government_entity"


class CapabilityStatus(StrEnum):
    """Where a capability of an account stands, in Stripe's own words."""

    ACTIVE = "active"
    PENDING = "pending"
    INACTIVE = "inactive"
    UNREQUESTED = "unrequested"


class PayoutStatus(StrEnum):
    """Where a payout stands, in Stripe's own words."""

    PENDING = "pending"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    """Sent to the bank, which may still send it back: then it becomes failed, days later."""
    FAILED = "failed"
    CANCELED = "canceled"


class Requirements(NamedTuple):
    """What Stripe wants to know of an account.

    Attributes:
        currently_due: fields that are due by the deadline.
        past_due: fields that were due before; until they are given, the account is restricted.
        current_deadline: when what is due becomes past due.
        disabled_reason: why the account is restricted, in Stripe's words, such as `requirements.past_due`.
    """

    currently_due: tuple[str, ...] = ()
    past_due: tuple[str, ...] = ()
    current_deadline: datetime | None = None
    disabled_reason: str | None = None


class StripeAccount(NamedTuple):
    """A vendor's account at Stripe, as read or answered.

    Attributes:
        id: Stripe's id, `acct_...`.
        vendor_id: the vendor that its metadata name; None where they name none.
        country: by its two letters.
        currency: in which it is paid out (`default_currency`).
        details_submitted: its owner has been through Stripe's form.
        charges_enabled: it may take payments itself.
        payouts_enabled: its balance may be paid out.
        transfers: whether it may be sent a share; without it a charge for the vendor is refused.
        card_payments: the capability of that name.
        requirements: what Stripe wants to know.
        created_at: when it was made.
    """

    id: str
    vendor_id: str | None
    country: str
    currency: str
    details_submitted: bool
    charges_enabled: bool
    payouts_enabled: bool
    transfers: CapabilityStatus
    card_payments: CapabilityStatus
    requirements: Requirements
    created_at: datetime

    @property
    def is_rejected(self) -> bool:
        """Whether Stripe has closed it for good, or the platform has."""
        return (self.requirements.disabled_reason or "").startswith("rejected.")


class AccountLink(NamedTuple):
    """A page of Stripe's on which a vendor says who they are: for one visit, and minutes.

    Attributes:
        url: the page; it is the vendor's alone, and never stored.
        expires_at: when it ends.
    """

    url: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"AccountLink(expires_at={self.expires_at.isoformat()})"


class DestinationCharge(NamedTuple):
    """All of a charge goes to one vendor when it is captured, and the platform's fee comes back (`transfer_data`).

    Attributes:
        account_id: the vendor's.
        application_fee: what the platform keeps; at most what is captured.
    """

    account_id: str
    application_fee: Money


class SeparateCharge(NamedTuple):
    """A charge stays with the platform, which transfers shares of it.

    Attributes:
        transfer_group: joins it with its transfers.
    """

    transfer_group: str


Split = DestinationCharge | SeparateCharge
"""Who a charge is for."""


class StripeCharge(NamedTuple):
    """The charge of a payment, once the money was taken.

    Attributes:
        id: Stripe's id, `ch_...`.
        payment_id: the payment that it is of.
        amount: what was captured.
        balance_transaction_id: what it did to the platform's balance.
        transfer_id: of a destination charge, what went to the vendor.
        application_fee_id: of a destination charge, what came back as the platform's fee; None: there was none.
        transfer_group: joins it with its transfers.
    """

    id: str
    payment_id: str
    amount: Money
    balance_transaction_id: str | None
    transfer_id: str | None = None
    application_fee_id: str | None = None
    transfer_group: str | None = None


class Transfer(NamedTuple):
    """A vendor's share, on its way from the platform's balance to the vendor's.

    Attributes:
        id: Stripe's id, `tr_...`.
        account_id: the vendor's.
        amount: how much.
        reversed: how much of it was taken back.
        order_id: the order that its metadata name; None for that of a destination charge, which names none.
        purpose: what it is for, as its metadata say in our words; None likewise.
        charge_id: the charge whose money it is (`source_transaction`).
        transfer_group: joins it with its charge.
        balance_transaction_id: what it did to the platform's balance.
        destination_payment_id: what it is on the vendor's balance, `py_...`.
    """

    id: str
    account_id: str
    amount: Money
    reversed: Money
    order_id: str | None = None
    purpose: str | None = None
    charge_id: str | None = None
    transfer_group: str | None = None
    balance_transaction_id: str | None = None
    destination_payment_id: str | None = None


class TransferReversal(NamedTuple):
    """What was taken back of a transfer.

    Attributes:
        id: Stripe's id, `trr_...`.
        transfer_id: the transfer.
        amount: how much.
        purpose: what it is for, as its metadata say in our words; None: a refund made it, or the dashboard.
        balance_transaction_id: what it did to the platform's balance.
        destination_refund_id: what it is on the vendor's balance, `pyr_...`.
        source_refund_id: the refund that made it (`reverse_transfer`).
    """

    id: str
    transfer_id: str
    amount: Money
    purpose: str | None = None
    balance_transaction_id: str | None = None
    destination_refund_id: str | None = None
    source_refund_id: str | None = None


class SplitRefund(NamedTuple):
    """A refund of a split payment, or of a part.

    Attributes:
        id: Stripe's id, `re_...`.
        payment_id: the payment.
        amount: how much goes back to the buyer.
        status: Stripe's status; a refund may fail days after it had succeeded.
        purpose: what it is for, as its metadata say in our words; None: the dashboard made it.
        transfer_reversal_id: what was taken back of the vendor's share with it (`reverse_transfer`).
        balance_transaction_id: what it did to the platform's balance.
        failure_balance_transaction_id: what came back once it had failed.
    """

    id: str
    payment_id: str
    amount: Money
    status: RefundStatus
    purpose: str | None = None
    transfer_reversal_id: str | None = None
    balance_transaction_id: str | None = None
    failure_balance_transaction_id: str | None = None


class ApplicationFee(NamedTuple):
    """What the platform has kept of a destination charge.

    Attributes:
        id: Stripe's id, `fee_...`.
        account_id: the vendor's, which has paid it.
        charge_id: the platform's charge.
        amount: how much.
        refunded: how much of it went back to the vendor.
        balance_transaction_id: what it did to the platform's balance.
    """

    id: str
    account_id: str
    charge_id: str
    amount: Money
    refunded: Money
    balance_transaction_id: str | None = None


class ApplicationFeeRefund(NamedTuple):
    """What of a fee went back to the vendor.

    Attributes:
        id: Stripe's id, `fr_...`.
        fee_id: the fee.
        amount: how much.
        purpose: what it is for, as its metadata say in our words; None: a refund made it, or the dashboard.
        balance_transaction_id: what it did to the platform's balance.
    """

    id: str
    fee_id: str
    amount: Money
    purpose: str | None = None
    balance_transaction_id: str | None = None


class StripePayout(NamedTuple):
    """Money on its way from an account's balance to its owner's bank.

    Attributes:
        id: Stripe's id, `po_...`.
        payout_id: ours, that its metadata name; None: Stripe's schedule made it, or the dashboard.
        amount: how much.
        status: Stripe's status.
        arrives_at: when the bank is to have it.
        failure_code: why the bank sent it back.
        balance_transaction_id: what it did to the account's balance.
        failure_balance_transaction_id: what came back once it had failed.
    """

    id: str
    payout_id: str | None
    amount: Money
    status: PayoutStatus
    arrives_at: datetime
    failure_code: str | None = None
    balance_transaction_id: str | None = None
    failure_balance_transaction_id: str | None = None
