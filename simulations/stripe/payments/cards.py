"""Stripe's test payment methods, by Stripe's names: what the bank says to each. A row more is a card more.

Sources: docs.stripe.com/testing ("Cards by brand", "Declined payments", "Disputes", "Refunds", "3D Secure
authentication"), docs.stripe.com/payments/3d-secure/authentication-flow ("Test the 3DS flow") and
docs.stripe.com/payments/ach-direct-debit/set-up-payment ("Test account numbers").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from payflows.payments.model import Decline


class RefundCourse(Enum):
    """How a refund to a payment method goes."""

    SUCCEEDS = "succeeds"
    PENDING_THEN_SUCCEEDS = "pending_then_succeeds"
    SUCCEEDS_THEN_FAILS = "succeeds_then_fails"
    """It looks successful at first and has failed when it is fetched later (Stripe docs, "Refunds")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethod:
    """What is known of a test payment method.

    Attributes:
        type: Stripe's type, `card` or `us_bank_account`.
        decline: why the bank says no: of a card immediately, of a bank debit only when it should settle.
        three_d_secure: the customer must authenticate before the issuer is asked.
        disputed: the customer disputes the charge as fraudulent after it was captured.
        refund: how a refund goes.
        settles: whether a bank debit ever leaves `processing`.
        can_be_set_up: whether it may be given to a customer, though its charges are declined.
        is_trusted_once_set_up: whether, authenticated once, it is charged later without the customer.
    """

    type: str = "card"
    decline: Decline | None = None
    three_d_secure: bool = False
    disputed: bool = False
    refund: RefundCourse = RefundCourse.SUCCEEDS
    settles: bool = True
    can_be_set_up: bool = False
    is_trusted_once_set_up: bool = False

    @property
    def set_up_decline(self) -> Decline | None:
        """Why it cannot be given to a customer; None: it can."""
        return None if self.can_be_set_up or self.is_bank_debit else self.decline

    @property
    def is_bank_debit(self) -> bool:
        """Whether success or failure is known only days later (Stripe docs, "delayed notification")."""
        return self.type == "us_bank_account"


def _declined(decline_code: str) -> PaymentMethod:
    return PaymentMethod(decline=Decline("card_declined", decline_code))


def _debit(decline: str | None = None, *, disputed: bool = False, settles: bool = True) -> PaymentMethod:
    return PaymentMethod(
        type="us_bank_account",
        decline=Decline(decline) if decline else None,
        disputed=disputed,
        refund=RefundCourse.PENDING_THEN_SUCCEEDS,
        settles=settles,
    )


PAYMENT_METHODS: Mapping[str, PaymentMethod] = {
    "pm_card_visa": PaymentMethod(),
    "pm_card_visa_debit": PaymentMethod(),
    "pm_card_mastercard": PaymentMethod(),
    "pm_card_amex": PaymentMethod(),
    "pm_card_visa_chargeDeclined": _declined("generic_decline"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": _declined("insufficient_funds"),
    "pm_card_visa_chargeDeclinedLostCard": _declined("lost_card"),
    "pm_card_visa_chargeDeclinedStolenCard": _declined("stolen_card"),
    "pm_card_visa_chargeDeclinedVelocityLimitExceeded": _declined("card_velocity_exceeded"),
    "pm_card_chargeDeclinedFraudulent": _declined("fraudulent"),
    "pm_card_chargeDeclinedExpiredCard": PaymentMethod(decline=Decline("expired_card")),
    "pm_card_chargeDeclinedIncorrectCvc": PaymentMethod(decline=Decline("incorrect_cvc")),
    "pm_card_chargeDeclinedProcessingError": PaymentMethod(decline=Decline("processing_error")),
    "pm_card_chargeCustomerFail": PaymentMethod(
        decline=Decline("card_declined", "generic_decline"), can_be_set_up=True
    ),
    "pm_card_authenticationRequired": PaymentMethod(three_d_secure=True),
    "pm_card_authenticationRequiredOnSetup": PaymentMethod(three_d_secure=True, is_trusted_once_set_up=True),
    "pm_card_threeDSecure2Required": PaymentMethod(three_d_secure=True),
    "pm_card_threeDSecureRequiredChargeDeclined": PaymentMethod(
        three_d_secure=True, decline=Decline("card_declined", "generic_decline")
    ),
    "pm_card_createDispute": PaymentMethod(disputed=True),
    "pm_card_pendingRefund": PaymentMethod(refund=RefundCourse.PENDING_THEN_SUCCEEDS),
    "pm_card_refundFail": PaymentMethod(refund=RefundCourse.SUCCEEDS_THEN_FAILS),
    "pm_usBankAccount_success": _debit(),
    "pm_usBankAccount_accountClosed": _debit("account_closed"),
    "pm_usBankAccount_noAccount": _debit("no_account"),
    "pm_usBankAccount_insufficientFunds": _debit("insufficient_funds"),
    "pm_usBankAccount_debitNotAuthorized": _debit("debit_not_authorized"),
    "pm_usBankAccount_dispute": _debit(disputed=True),
    "pm_usBankAccount_processing": _debit(settles=False),
}
"""Every payment method that the simulated Stripe knows; all others are `resource_missing`."""
