"""What may happen to a payment intent: Stripe's statuses, and the bank's answers to each charge.

Sources: docs.stripe.com/payments/paymentintents/lifecycle,
docs.stripe.com/payments/place-a-hold-on-a-payment-method, and the API reference of the two objects.
"""

from __future__ import annotations

from functools import partial

from payflows.errors import CallRejected
from payflows.payments.model import CaptureMode, PaymentStatus

from simulations.stripe.core.account import Account
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.events import Changes, StripeObject
from simulations.stripe.core.ledger import MovementKind
from simulations.stripe.payments.cards import PaymentMethod
from simulations.stripe.payments.disputing import Disputing
from simulations.stripe.payments.methods import PaymentMethods
from simulations.stripe.payments.objects import Charge, PaymentError, PaymentIntent, next_action
from simulations.stripe.payments.settlement import Settlement

_P = PaymentStatus

MAY = {
    "confirm": (_P.REQUIRES_PAYMENT_METHOD, _P.REQUIRES_CONFIRMATION, _P.REQUIRES_ACTION),
    "authenticate": (_P.REQUIRES_ACTION,),
    "capture": (_P.REQUIRES_CAPTURE,),
    "settle": (_P.PROCESSING,),
    "cancel": (_P.REQUIRES_PAYMENT_METHOD, _P.REQUIRES_CONFIRMATION, _P.REQUIRES_ACTION, _P.REQUIRES_CAPTURE),
}
"""In which statuses what may be done; all else is `payment_intent_unexpected_state`.

Stripe lets some payment methods be cancelled while `processing`; here none may."""


def check_status(act: str, intent: PaymentIntent) -> None:
    """Raise `CallRejected` if the intent's status does not allow it."""
    if intent.status not in MAY[act]:
        raise CallRejected(
            f"You cannot {act} this PaymentIntent because it has a status of {intent.status}. "
            f"Only one with one of these statuses may be: {', '.join(MAY[act])}.",
            "payment_intent_unexpected_state",
        )


def check_not_owned(intent: PaymentIntent) -> None:
    """Raise `CallRejected` if an invoice made the intent: only voiding that cancels it."""
    if intent.owner is not None:
        raise CallRejected(
            f"You cannot cancel {intent.id} because an invoice manages it; void the invoice instead.",
            "payment_intent_unexpected_state",
        )


class Lifecycle:
    """Moves payment intents from status to status. Whether a status allows it is checked by the caller.

    Args:
        account: whose payments they are.
        disputing: opens the disputes of cards whose customers will complain.
        methods: what the issuers answer.
        settlement: what captures do to balances.
    """

    def __init__(self, account: Account, disputing: Disputing, methods: PaymentMethods, settlement: Settlement) -> None:
        self._account = account
        self._disputing = disputing
        self._methods = methods
        self._settlement = settlement

    def attempt(self, intent: PaymentIntent, payment_method: str, return_url: str | None = None) -> Charge | None:
        """Try a payment method: ask the bank, or where it wants that, the customer first (None)."""
        intent.payment_method = payment_method
        method = self._methods.answer(payment_method, intent.whole, len(intent.charges) + 1)
        if method.three_d_secure:
            self.require_authentication(intent, return_url)
            return None
        return self._charge(intent, payment_method, method)

    def authenticated(self, intent: PaymentIntent) -> Charge:
        """Ask the bank, whose customer has passed 3-D Secure."""
        assert intent.payment_method is not None, "it was confirmed with one"
        method = self._methods.answer(intent.payment_method, intent.whole, len(intent.charges) + 1)
        return self._charge(intent, intent.payment_method, method)

    def _charge(self, intent: PaymentIntent, payment_method: str, method: PaymentMethod) -> Charge:
        amount = intent.whole
        charge_id, created = intent.part_id("ch", len(intent.charges)), self._account.seconds()
        charge = Charge(charge_id, intent.id, amount.minor, amount.currency, payment_method, method, created)
        intent.charges.append(charge)
        intent.last_payment_error = intent.next_action = None
        if method.is_bank_debit:
            self._debit(intent, charge)
        elif method.decline is not None:
            self._decline(intent, charge)
        elif intent.capture_method is CaptureMode.MANUAL:
            self._authorise(intent, charge)
        else:
            self.take(intent, charge)
        return charge

    def require_authentication(self, intent: PaymentIntent, return_url: str | None) -> None:
        """Wait for the customer to pass 3-D Secure."""
        intent.status, intent.next_action = _P.REQUIRES_ACTION, next_action(intent.id, return_url)
        intent.last_payment_error = None
        self._changed(intent, {"payment_intent.requires_action": intent})

    def fail(self, intent: PaymentIntent, error: PaymentError, charge: Charge | None = None) -> None:
        """Ask for another payment method; the charge is the one that failed, if one was made."""
        intent.status, intent.last_payment_error = _P.REQUIRES_PAYMENT_METHOD, error
        intent.payment_method = intent.next_action = None
        intent.failures.append(error)
        changes: dict[str, StripeObject] = {"charge.failed": charge} if charge is not None else {}
        self._changed(intent, changes | {"payment_intent.payment_failed": intent})

    def take(self, intent: PaymentIntent, charge: Charge, amount_minor: int | None = None) -> None:
        """Capture the whole charge, or a part: the rest is released, which Stripe shows as refunded."""
        amount = charge.amount if amount_minor is None else amount_minor
        if not 0 < amount <= charge.amount:
            raise InvalidRequest(
                f"The amount to capture ({amount}) is not within the authorised one ({charge.amount})."
            )
        charge.captured, charge.amount_released = True, charge.amount - amount
        charge.amount_refunded = charge.amount_released
        intent.status = _P.SUCCEEDED
        intent.amount_received, intent.amount_capturable = amount, 0
        if charge.method.disputed:
            seconds = self._account.times.dispute_after_seconds
            self._account.later(seconds, partial(self._disputing.complain, intent))
        self._settlement.captured(intent, charge)
        event_type = "charge.captured" if intent.capture_method is CaptureMode.MANUAL else "charge.succeeded"
        changes: dict[str, StripeObject] = {event_type: charge, "payment_intent.succeeded": intent}
        self._account.moved(MovementKind.CAPTURED, intent, amount, changes)
        _follow(intent)

    def cancel(self, intent: PaymentIntent, reason: str | None) -> None:
        """Cancel; an authorisation is released, which Stripe shows as a refunded charge."""
        changes: dict[str, StripeObject] = {"payment_intent.canceled": intent}
        if intent.status is _P.REQUIRES_CAPTURE:
            charge = intent.charges[-1]
            charge.amount_refunded = intent.amount
            changes["charge.expired" if reason == "automatic" else "charge.refunded"] = charge
        intent.status, intent.canceled_at, intent.cancellation_reason = _P.CANCELED, self._account.seconds(), reason
        intent.amount_capturable, intent.next_action = 0, None
        self._changed(intent, changes)

    def _authorise(self, intent: PaymentIntent, charge: Charge) -> None:
        intent.status, intent.amount_capturable = _P.REQUIRES_CAPTURE, charge.amount
        self._account.later(self._account.times.authorisation_lasts_seconds, partial(self._expire, intent))
        changes: dict[str, StripeObject] = {
            "charge.succeeded": charge,
            "payment_intent.amount_capturable_updated": intent,
        }
        self._account.changed(intent, changes)

    def _expire(self, intent: PaymentIntent) -> None:
        if intent.status is _P.REQUIRES_CAPTURE:
            self.cancel(intent, "automatic")

    def _debit(self, intent: PaymentIntent, charge: Charge) -> None:
        intent.status, charge.status = _P.PROCESSING, "pending"
        if charge.method.settles:
            self._account.later(self._account.times.settle_after_seconds, partial(self.settle, intent, charge))
        self._changed(intent, {"charge.pending": charge, "payment_intent.processing": intent})

    def settle(self, intent: PaymentIntent, charge: Charge) -> None:
        """Let a bank debit succeed, or fail."""
        if charge.method.decline is not None:
            self._decline(intent, charge)
        else:
            charge.status = "succeeded"
            self.take(intent, charge)

    def _decline(self, intent: PaymentIntent, charge: Charge) -> None:
        charge.status, charge.failure = "failed", charge.method.decline
        assert charge.failure is not None
        decline = charge.failure
        self.fail(intent, PaymentError("card_error", decline.code, decline.decline_code, charge.id), charge)

    def _changed(self, intent: PaymentIntent, changes: Changes) -> None:
        self._account.changed(intent, changes)
        _follow(intent)


def _follow(intent: PaymentIntent) -> None:
    """Let the invoice that made the intent follow it."""
    if intent.owner is not None:
        intent.owner.payment_changed(intent)
