"""Payment intents and their charges as Stripe keeps them, with its own names. The rules are in `lifecycle`.

Source: Stripe API reference, "The PaymentIntent object", "The Charge object". `to_stripe` is held
against Stripe's OpenAPI by a test.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from payflows.money import Money
from payflows.payments.model import CaptureMode, Decline, Payment, PaymentStatus

from simulations.stripe.core.errors import message_of
from simulations.stripe.core.events import Json
from simulations.stripe.payments.cards import PaymentMethod
from simulations.stripe.payments.refunds_and_disputes import Dispute, Refund
from simulations.stripe.payments.splits import ALL_KEPT, NOT_SETTLED, ChargeSplit, IntentSplit


def next_action(payment_id: str, return_url: str | None) -> Json:
    """Return what the customer's browser is to do where 3-D Secure is asked for: in Stripe.js, or on a page."""
    if return_url is None:
        return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
    page = f"https://hooks.stripe.example/3ds/{payment_id}"
    return {"type": "redirect_to_url", "redirect_to_url": {"url": page, "return_url": return_url}}


@dataclass(frozen=True, slots=True)
class PaymentError:
    """Why a try failed: `last_payment_error`.

    Attributes:
        type: `card_error` where the bank said no, `invalid_request_error` where 3-D Secure failed.
        code: Stripe's error code.
        decline_code: the issuer's reason.
        charge: the failed charge; None where none was made.
    """

    type: str
    code: str
    decline_code: str | None = None
    charge: str | None = None

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        answer: Json = {"type": self.type, "code": self.code, "message": message_of(self.code)}
        optional = {"decline_code": self.decline_code, "charge": self.charge}
        return answer | {name: value for name, value in optional.items() if value is not None}


class IntentOwner(Protocol):
    """What made an intent, follows it, and alone may cancel it: an invoice."""

    def payment_changed(self, intent: PaymentIntent) -> None:
        """Follow a change of the intent."""
        ...


AUTHENTICATION_FAILED = PaymentError("invalid_request_error", "payment_intent_authentication_failure")


@dataclass(slots=True, eq=False)
class Charge:
    """One try that reached the bank.

    Attributes:
        method: what is known of its payment method.
        status: `succeeded`, `pending` (a bank debit under way) or `failed`.
        captured: the money was taken; a succeeded charge that is not captured is an authorisation.
        amount_refunded: what went back, also if still under way; of a cancelled authorisation all of it, and of one
            that was captured in part the rest.
        amount_released: what of an authorisation was not captured; it never was ours.
        disputed: the customer's bank took it up; it stays true when the dispute is won.
        charged_back: the customer's bank has the money: a dispute is open, or was lost.
        failure: why the bank said no.
        split: what it did to a platform's balance, and where its money went.
    """

    id: str
    payment_intent: str
    amount: int
    currency: str
    payment_method: str
    method: PaymentMethod
    created: int
    status: str = "succeeded"
    captured: bool = False
    amount_refunded: int = 0
    amount_released: int = 0
    disputed: bool = False
    charged_back: bool = False
    failure: Decline | None = None
    split: ChargeSplit = NOT_SETTLED

    @property
    def amount_captured(self) -> int:
        """What was taken."""
        return self.amount - self.amount_released if self.captured else 0

    @property
    def refunded(self) -> bool:
        """Whether all of it went back."""
        return self.amount_refunded == self.amount

    @property
    def outcome(self) -> Json | None:
        """What the network said; None while it has not."""
        if self.status == "pending":
            return None
        if self.failure is None:
            return {"type": "authorized", "network_status": "approved_by_network", "reason": None}
        if self.failure.decline_code == "fraudulent":
            return {
                "type": "blocked",
                "network_status": "not_sent_to_network",
                "reason": "highest_risk_level",
            }
        return {
            "type": "issuer_declined",
            "network_status": "declined_by_network",
            "reason": self.failure.decline_code or self.failure.code,
        }

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        return {
            "id": self.id,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": self.amount_captured,
            "amount_refunded": self.amount_refunded,
            "billing_details": {},
            "captured": self.captured,
            "created": self.created,
            "currency": self.currency,
            "disputed": self.disputed,
            "failure_code": self.failure.code if self.failure else None,
            "failure_message": message_of(self.failure.code) if self.failure else None,
            "livemode": False,
            "metadata": {},
            "outcome": self.outcome,
            "paid": self.status == "succeeded",
            "payment_intent": self.payment_intent,
            "payment_method": self.payment_method,
            "refunded": self.refunded,
            "status": self.status,
            **self.split.to_stripe(),
        }


@dataclass(slots=True, eq=False)
class PaymentIntent:
    """A payment that may succeed once.

    Attributes:
        whole: what is to be paid: `amount` and `currency` in one.
        charges: all tries that reached the bank, the latest last.
        failures: why tries failed, oldest first; Stripe itself shows only the last one.
        refunds: oldest first.
        disputes: oldest first; at most one is open.
        event_count: how many events of it there were, for the next one's id.
        owner: the invoice that made it; None: it was made through the API.
        split: where a platform's money is to go.
    """

    id: str
    whole: Money
    capture_method: CaptureMode
    customer: str | None
    metadata: dict[str, str]
    created: int
    status: PaymentStatus = PaymentStatus.REQUIRES_PAYMENT_METHOD
    amount_received: int = 0
    amount_capturable: int = 0
    payment_method: str | None = None
    last_payment_error: PaymentError | None = None
    next_action: Json | None = None
    canceled_at: int | None = None
    cancellation_reason: str | None = None
    charges: list[Charge] = field(default_factory=list)
    failures: list[PaymentError] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    event_count: int = 0
    owner: IntentOwner | None = None
    split: IntentSplit = ALL_KEPT
    _payment: Payment | None = None

    @property
    def amount(self) -> int:
        """What is to be paid, in minor units."""
        return self.whole.minor

    @property
    def currency(self) -> str:
        """Stripe's lower-case code."""
        return self.whole.currency

    @property
    def client_secret(self) -> str:
        """What the customer's browser is given to confirm it with."""
        return f"{self.id}_secret_{self.id[3:25]}"

    @property
    def latest_charge(self) -> Charge | None:
        """The last try that reached the bank."""
        return self.charges[-1] if self.charges else None

    def part_id(self, prefix: str, number: int) -> str:
        """Return the id of a charge, refund, dispute or event of it: the intent's own letters and a number."""
        return f"{prefix}_{self.id[3:25]}{number:02d}"

    def changed(self) -> None:
        """Forget the answer that was made before the change."""
        self._payment = None

    def next_event_id(self) -> str:
        """Return the id of its next event."""
        self.event_count += 1
        return self.part_id("evt", self.event_count - 1)

    def as_payment(self) -> Payment:
        """Return the intent as the port answers it; made once per change."""
        if self._payment is None:
            self._payment = self._make_payment()
        return self._payment

    def _make_payment(self) -> Payment:
        charge, error = self.latest_charge, self.last_payment_error
        return Payment(
            self.id,
            self.metadata.get("order_id"),
            self.status,
            self.whole,
            self._part(self.amount_received),
            self._part(charge.amount_refunded - charge.amount_released) if charge else _nothing(self.currency),
            charge is not None and charge.disputed,
            charge.id if charge else None,
            Decline(error.code, error.decline_code) if error else None,
        )

    def _part(self, minor: int) -> Money:
        """Return a part of the whole; money once made is not made again."""
        if minor == 0:
            return _nothing(self.currency)
        return self.whole if minor == self.whole.minor else Money(minor, self.currency)

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        return {
            "id": self.id,
            "object": "payment_intent",
            "amount": self.amount,
            "amount_capturable": self.amount_capturable,
            "amount_received": self.amount_received,
            "canceled_at": self.canceled_at,
            "cancellation_reason": self.cancellation_reason,
            "capture_method": self.capture_method.value,
            "client_secret": self.client_secret,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "last_payment_error": self.last_payment_error.to_stripe() if self.last_payment_error else None,
            "latest_charge": self.charges[-1].id if self.charges else None,
            "livemode": False,
            "metadata": dict(self.metadata),
            "next_action": self.next_action,
            "payment_method": self.payment_method,
            "status": self.status.value,
            **self.split.to_stripe(),
        }


@cache
def _nothing(currency: str) -> Money:
    return Money(0, currency)
