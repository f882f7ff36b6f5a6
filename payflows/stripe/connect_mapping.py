"""Stripe's objects of Connect as the flow sees them: the one place that reads them."""

from __future__ import annotations

from collections.abc import Sequence

import stripe

from payflows.errors import UnreadableAnswer
from payflows.marketplace.balances import Balance, BalanceStatus, BalanceTransaction, StripeDispute
from payflows.marketplace.connect import (
    AccountLink,
    ApplicationFee,
    ApplicationFeeRefund,
    CapabilityStatus,
    PayoutStatus,
    Requirements,
    SplitRefund,
    StripeAccount,
    StripeCharge,
    StripePayout,
    Transfer,
    TransferReversal,
)
from payflows.money import Money
from payflows.payments.model import DisputeStatus, RefundStatus
from payflows.stripe.billing_fields import (
    modeless,
    moment_of,
    moment_or_none,
    object_of,
    part_of,
    text_of,
    text_or_none,
    whole_of,
)
from payflows.stripe.mapping import status_of, text_in

VENDOR, ORDER, PURPOSE, PAYOUT = "vendor_id", "order_id", "purpose", "payout_id"
"""The metadata's names for our vendor, our order, what something is for, and our payout."""


def account_of(answer: object) -> StripeAccount:
    """A vendor's account. A capability that was never requested stands nowhere."""
    found = modeless(answer, stripe.Account)
    capabilities, wanted = part_of(found.capabilities), part_of(found.requirements)

    def capability(name: str) -> CapabilityStatus:
        return status_of(CapabilityStatus, text_in(capabilities, name) or CapabilityStatus.UNREQUESTED, name)

    return StripeAccount(
        id=text_of(found, "id"),
        vendor_id=text_in(found.metadata, VENDOR),
        country=text_of(found, "country"),
        currency=text_of(found, "default_currency"),
        details_submitted=bool(found.details_submitted),
        charges_enabled=bool(found.charges_enabled),
        payouts_enabled=bool(found.payouts_enabled),
        transfers=capability("transfers"),
        card_payments=capability("card_payments"),
        requirements=Requirements(
            _texts(wanted, "currently_due"),
            _texts(wanted, "past_due"),
            moment_or_none(wanted, "current_deadline"),
            text_in(wanted, "disabled_reason"),
        ),
        created_at=moment_of(found, "created"),
    )


def link_of(answer: object) -> AccountLink:
    """A link to Stripe's form."""
    found = modeless(answer, stripe.AccountLink)
    return AccountLink(text_of(found, "url"), moment_of(found, "expires_at"))


def charge_of(answer: object) -> StripeCharge:
    """A charge, and where its money went."""
    found = object_of(answer, stripe.Charge)
    return StripeCharge(
        id=text_of(found, "id"),
        payment_id=text_of(found, "payment_intent"),
        amount=Money(whole_of(found, "amount_captured"), found.currency),
        balance_transaction_id=text_or_none(found, "balance_transaction"),
        transfer_id=text_or_none(found, "transfer"),
        application_fee_id=text_or_none(found, "application_fee"),
        transfer_group=text_in(found, "transfer_group"),
    )


def split_refund_of(answer: object) -> SplitRefund:
    """A refund, and what it took back from a vendor."""
    found = modeless(answer, stripe.Refund)
    return SplitRefund(
        id=text_of(found, "id"),
        payment_id=text_of(found, "payment_intent"),
        amount=_money(found),
        status=status_of(RefundStatus, text_of(found, "status"), text_of(found, "id")),
        purpose=text_in(found.metadata, PURPOSE),
        transfer_reversal_id=text_or_none(found, "transfer_reversal"),
        balance_transaction_id=text_or_none(found, "balance_transaction"),
        failure_balance_transaction_id=text_or_none(found, "failure_balance_transaction"),
    )


def transfer_of(answer: object) -> Transfer:
    """A vendor's share."""
    found = object_of(answer, stripe.Transfer)
    return Transfer(
        id=text_of(found, "id"),
        account_id=text_of(found, "destination"),
        amount=_money(found),
        reversed=Money(whole_of(found, "amount_reversed"), found.currency),
        order_id=text_in(found.metadata, ORDER),
        purpose=text_in(found.metadata, PURPOSE),
        charge_id=text_or_none(found, "source_transaction"),
        transfer_group=text_in(found, "transfer_group"),
        balance_transaction_id=text_or_none(found, "balance_transaction"),
        destination_payment_id=text_or_none(found, "destination_payment"),
    )


def reversal_of(answer: object) -> TransferReversal:
    """What was taken back of a share."""
    found = modeless(answer, stripe.TransferReversal)
    return TransferReversal(
        id=text_of(found, "id"),
        transfer_id=text_of(found, "transfer"),
        amount=_money(found),
        purpose=text_in(found.metadata, PURPOSE),
        balance_transaction_id=text_or_none(found, "balance_transaction"),
        destination_refund_id=text_or_none(found, "destination_payment_refund"),
        source_refund_id=text_or_none(found, "source_refund"),
    )


def fee_of(answer: object) -> ApplicationFee:
    """The platform's fee. Its `charge` is the vendor's payment: ours is where that came from."""
    found = object_of(answer, stripe.ApplicationFee)
    return ApplicationFee(
        id=text_of(found, "id"),
        account_id=text_of(found, "account"),
        charge_id=text_or_none(found, "originating_transaction") or text_of(found, "charge"),
        amount=_money(found),
        refunded=Money(whole_of(found, "amount_refunded"), found.currency),
        balance_transaction_id=text_or_none(found, "balance_transaction"),
    )


def fee_refund_of(answer: object) -> ApplicationFeeRefund:
    """What of the platform's fee went back."""
    found = modeless(answer, stripe.ApplicationFeeRefund)
    return ApplicationFeeRefund(
        id=text_of(found, "id"),
        fee_id=text_of(found, "fee"),
        amount=_money(found),
        purpose=text_in(found.metadata, PURPOSE),
        balance_transaction_id=text_or_none(found, "balance_transaction"),
    )


def balance_of(answer: object) -> Balance:
    """What an account holds. An account that is no platform's has nothing reserved."""
    found = object_of(answer, stripe.Balance)
    reserved = getattr(found, "connect_reserved", None) or []
    return Balance(_by_currency(found.available), _by_currency(found.pending), _by_currency(reserved))


def balance_transaction_of(answer: object) -> BalanceTransaction:
    """An entry of a balance.

    Raises:
        UnreadableAnswer: its net is not its amount without its fee.
    """
    found = modeless(answer, stripe.BalanceTransaction)
    read = BalanceTransaction(
        id=text_of(found, "id"),
        type=text_of(found, "type"),
        source_id=text_or_none(found, "source"),
        amount_minor=whole_of(found, "amount"),
        fee_minor=whole_of(found, "fee"),
        net_minor=whole_of(found, "net"),
        currency=text_of(found, "currency"),
        status=status_of(BalanceStatus, text_of(found, "status"), text_of(found, "id")),
        available_at=moment_of(found, "available_on"),
        created_at=moment_of(found, "created"),
    )
    if read.net_minor != read.amount_minor - read.fee_minor:
        raise UnreadableAnswer(f"{read.id} of {read.amount_minor} with a fee of {read.fee_minor} nets {read.net_minor}")
    return read


def payout_of(answer: object) -> StripePayout:
    """A payout to a vendor's bank. Raises `UnreadableAnswer` for one that takes money from there."""
    found = object_of(answer, stripe.Payout)
    return StripePayout(
        id=text_of(found, "id"),
        payout_id=text_in(found.metadata, PAYOUT),
        amount=_money(found),
        status=status_of(PayoutStatus, text_of(found, "status"), text_of(found, "id")),
        arrives_at=moment_of(found, "arrival_date"),
        failure_code=text_in(found, "failure_code"),
        balance_transaction_id=text_or_none(found, "balance_transaction"),
        failure_balance_transaction_id=text_or_none(found, "failure_balance_transaction"),
    )


def stripe_dispute_of(answer: object) -> StripeDispute:
    """A dispute, with its evidence and what it did to the platform's balance."""
    found = object_of(answer, stripe.Dispute)
    details = part_of(found.evidence_details)
    return StripeDispute(
        id=text_of(found, "id"),
        payment_id=text_of(found, "payment_intent"),
        charge_id=text_of(found, "charge"),
        amount=_money(found),
        status=status_of(DisputeStatus, text_of(found, "status"), text_of(found, "id")),
        reason=text_of(found, "reason"),
        due_by=moment_or_none(details, "due_by"),
        has_evidence=bool(details["has_evidence"]),
        submissions=whole_of(details, "submission_count"),
        is_charge_refundable=bool(found.is_charge_refundable),
        balance_transactions=tuple(balance_transaction_of(entry) for entry in found.balance_transactions),
    )


def _money(found: stripe.StripeObject) -> Money:
    minor = whole_of(found, "amount")
    if minor < 0:
        raise UnreadableAnswer(f"{text_in(found, 'id')} has the amount {minor}")
    return Money(minor, text_of(found, "currency"))


def _texts(found: stripe.StripeObject, field: str) -> tuple[str, ...]:
    return tuple(str(text) for text in getattr(found, field, None) or ())


def _by_currency(amounts: Sequence[stripe.StripeObject]) -> dict[str, int]:
    return {text_of(part, "currency"): whole_of(part, "amount") for part in amounts}
