"""Stripe's objects as the flows see them: the one place that reads a payment intent or a refund."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

import stripe

from payflows.errors import UnreadableAnswer
from payflows.money import Money
from payflows.payments.model import (
    CustomerAction,
    Decline,
    Dispute,
    DisputeStatus,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)

_FAILED_3D_SECURE = "payment_intent_authentication_failure"
_Status = TypeVar("_Status", bound=StrEnum)


def payment_of(answer: object) -> Payment:
    """The payment that a payment intent stands for, read with its latest charge.

    Raises:
        UnreadableAnswer: not a payment intent, live mode, a status that payflows does not know, or money received
            without the charge, so that it cannot be seen whether it went back: what cannot be read must not
            end an order.
    """
    if not isinstance(answer, stripe.PaymentIntent):
        raise UnreadableAnswer(f"Stripe's answer is a {type(answer).__name__}, not a payment intent")
    if answer.livemode:
        raise UnreadableAnswer(f"payment {answer.id} is in live mode, and our key is not")
    charge = answer.latest_charge
    if isinstance(charge, str) and answer.amount_received:
        raise UnreadableAnswer(f"payment {answer.id} came without its charge; expand latest_charge")
    expanded = charge if isinstance(charge, stripe.Charge) else None
    return Payment(
        id=answer.id,
        order_id=order_id_of(answer),
        status=status_of(PaymentStatus, answer.status, f"payment {answer.id}"),
        amount=Money(answer.amount, answer.currency),
        received=Money(answer.amount_received, answer.currency),
        returned=Money(_returned_minor(answer, expanded), answer.currency),
        disputed=expanded.disputed if expanded else False,
        charge_id=charge_id_of(answer),
        decline=_decline_of(answer.last_payment_error),
    )


def customer_action_of(answer: object) -> CustomerAction | None:
    """What the customer's browser needs; None where the payment does not wait for the customer.

    Raises:
        UnreadableAnswer: not a payment intent, or one that waits and does not say what for.
    """
    if not isinstance(answer, stripe.PaymentIntent):
        raise UnreadableAnswer(f"Stripe's answer is a {type(answer).__name__}, not a payment intent")
    if answer.status != PaymentStatus.REQUIRES_ACTION:
        return None
    if not answer.client_secret or answer.next_action is None:
        raise UnreadableAnswer(f"payment {answer.id} waits for its customer, and does not say what for")
    return CustomerAction(answer.client_secret, answer.next_action.to_dict())


def refund_of(answer: object) -> Refund:
    """The refund as the flows see it.

    Raises:
        UnreadableAnswer: not a refund, a status that payflows does not know, or no payment named.
    """
    if not isinstance(answer, stripe.Refund):
        raise UnreadableAnswer(f"Stripe's answer is a {type(answer).__name__}, not a refund")
    money = Money(answer.amount, answer.currency)
    return Refund(
        answer.id, _named_payment_id(answer), money, status_of(RefundStatus, answer.status, f"refund {answer.id}")
    )


def dispute_of(answer: object) -> Dispute:
    """The dispute as the flows see it.

    Raises:
        UnreadableAnswer: not a dispute, a status that payflows does not know, or no payment named.
    """
    if not isinstance(answer, stripe.Dispute):
        raise UnreadableAnswer(f"Stripe's answer is a {type(answer).__name__}, not a dispute")
    money = Money(answer.amount, answer.currency)
    status = status_of(DisputeStatus, answer.status, f"dispute {answer.id}")
    return Dispute(answer.id, _named_payment_id(answer), money, status, _reinstated_minor(answer))


def order_id_of(found: stripe.PaymentIntent | stripe.Refund) -> str | None:
    """The order that its metadata name."""
    return text_in(found.metadata, "order_id")


def payment_id_of(found: stripe.Refund | stripe.Dispute) -> str | None:
    """The payment that goes back, or is disputed."""
    payment = found.payment_intent
    return payment.id if isinstance(payment, stripe.PaymentIntent) else payment


def _named_payment_id(found: stripe.Refund | stripe.Dispute) -> str:
    payment_id = payment_id_of(found)
    if payment_id is None:
        raise UnreadableAnswer(f"{found.object} {found.id} names no payment")
    return payment_id


def charge_id_of(intent: stripe.PaymentIntent) -> str | None:
    """The latest charge, expanded or not."""
    charge = intent.latest_charge
    return charge.id if isinstance(charge, stripe.Charge) else charge


def text_in(found: stripe.StripeObject | None, field: str) -> str | None:
    """A text that Stripe may leave out, leave empty or set to null."""
    value = found[field] if found is not None and field in found else None
    return value if isinstance(value, str) and value else None


def _returned_minor(intent: stripe.PaymentIntent, charge: stripe.Charge | None) -> int:
    """What went back of what was received: of a part captured, Stripe counts the released rest as refunded, too."""
    if charge is None:
        return 0
    released_minor = intent.amount - intent.amount_received if intent.amount_received else 0
    return max(0, charge.amount_refunded - released_minor)


def _reinstated_minor(dispute: stripe.Dispute) -> int:
    """What we have again of a dispute's amount, by the share of what was withdrawn: that may be in another currency."""
    moved = [entry.amount for entry in dispute.balance_transactions]
    withdrawn = -min(moved, default=0)
    return dispute.amount * max(0, withdrawn + sum(moved)) // withdrawn if withdrawn > 0 else 0


def status_of(kind: type[_Status], word: str | None, of: str) -> _Status:
    """Stripe's word as a status that payflows knows. Raises `UnreadableAnswer` for any other."""
    try:
        return kind(word or "")
    except ValueError:
        raise UnreadableAnswer(f"{of} has the unknown status {word!r}") from None


def _decline_of(error: stripe.PaymentIntent.LastPaymentError | None) -> Decline | None:
    """The last try's decline, where its error was one.

    A failed 3-D Secure is one too, though Stripe types it as an invalid request. The idempotency error that
    stripe-mock's default intent shows is none.
    """
    code = text_in(error, "code")
    if text_in(error, "type") != "card_error" and code != _FAILED_3D_SECURE:
        return None
    return Decline(code or "card_declined", text_in(error, "decline_code"))
