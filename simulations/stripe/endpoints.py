"""What each API call does once it is executed. Keys and troubles are in `payments`, rules in `account`."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

from payflows.errors import PaymentDeclined
from payflows.money import CURRENCIES, Money
from payflows.payments.model import CaptureMode, Payment, PaymentStatus, Refund

from simulations.stripe.account import StripeAccount
from simulations.stripe.cards import PAYMENT_METHODS
from simulations.stripe.objects import NEXT_ACTION, PaymentIntent
from simulations.stripe.troubles import InvalidRequest


class Endpoints(StripeAccount):
    """The account behind its API. An `InvalidRequest` comes before execution, other errors are its result."""

    def _create(self, order_id: str, amount: Money, capture: CaptureMode, customer: str | None) -> Payment:
        least_minor = CURRENCIES[amount.currency].least_charge_minor
        if amount.minor < least_minor:
            raise InvalidRequest(f"The amount must be at least {least_minor}.", "amount_too_small")
        of_order = self._of_order.setdefault(order_id, [])
        payment_id = _payment_id(order_id, len(of_order))
        intent = PaymentIntent(payment_id, amount, capture, customer, {"order_id": order_id}, self._seconds())
        of_order.append(intent)
        self._intents[payment_id] = intent
        self._changed(intent, {"payment_intent.created": intent})
        return intent.as_payment()

    def _confirm(self, payment_id: str, payment_method: str) -> Payment:
        intent = self._find(payment_id)
        method = PAYMENT_METHODS.get(payment_method)
        if method is None:
            raise InvalidRequest(f"No such PaymentMethod: '{payment_method}'", "resource_missing")
        if method.is_bank_debit and intent.capture_method is CaptureMode.MANUAL:
            raise InvalidRequest("A bank debit cannot be captured manually.", "payment_intent_invalid_parameter")
        self._allow("confirm", intent)
        intent.payment_method = payment_method
        if method.three_d_secure:
            self._ask_for_authentication(intent)
            return intent.as_payment()
        charge = self._charge(intent, payment_method)
        if charge.failure is not None:
            raise PaymentDeclined(charge.failure.code, charge.failure.decline_code, charge.id)
        return intent.as_payment()

    def _ask_for_authentication(self, intent: PaymentIntent) -> None:
        intent.status, intent.next_action = PaymentStatus.REQUIRES_ACTION, NEXT_ACTION
        intent.last_payment_error = None
        self._changed(intent, {"payment_intent.requires_action": intent})

    def _capture(self, payment_id: str) -> Payment:
        intent = self._find(payment_id)
        self._allow("capture", intent)
        self._take(intent, intent.charges[-1])
        return intent.as_payment()

    def _cancel(self, payment_id: str) -> Payment:
        intent = self._find(payment_id)
        self._allow("cancel", intent)
        self._void(intent, None)
        return intent.as_payment()

    def _retrieve(self, payment_id: str) -> Payment:
        return self._find(payment_id).as_payment()

    def _search(self, order_id: str) -> tuple[Payment, ...]:
        return tuple(intent.as_payment() for intent in self._indexed(order_id))

    def _indexed(self, order_id: str) -> Iterator[PaymentIntent]:
        """What search finds of an order, newest first."""
        indexed_until = self._seconds() - self._times.search_lag_seconds
        newest_first = reversed(self._of_order.get(order_id, []))
        return (intent for intent in newest_first if intent.created <= indexed_until)

    def _refund(self, payment_id: str, order_id: str) -> Refund:
        return self._give_back(self._find(payment_id), None, {"order_id": order_id}).as_refund()

    def _list_refunds(self, payment_id: str, order_id: str) -> tuple[Refund, ...]:
        newest_first = reversed(self._find(payment_id).refunds)
        ours = (refund for refund in newest_first if refund.metadata.get("order_id") == order_id)
        return tuple(refund.as_refund() for refund in ours)


def _payment_id(order_id: str, number: int) -> str:
    """Derived, never drawn: the order's first payment has the same id in every run."""
    return "pi_" + blake2b(f"{order_id}:{number}".encode(), digest_size=12).hexdigest()
