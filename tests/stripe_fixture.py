"""A simulated Stripe on a clock moved by hand, and its customers; every call returns its result."""

from __future__ import annotations

from datetime import datetime

from payflows.money import Money
from payflows.payments.model import CaptureMode, Dispute, Payment, PaymentStatus, Refund
from payflows.testing.gateway_customer import DECLINED, PRICE, VISA, Customer
from simulations.stripe.core.times import USUAL_TIMES, StripeTimes
from simulations.stripe.payments.objects import PaymentIntent
from simulations.stripe.simulated import SimulatedStripe
from simulations.time.hand_clock import HandClock
from simulations.time.world import START

ORDER = "order-1"
NOTHING = Money(0, "usd")

BROKE = "pm_card_visa_chargeDeclinedInsufficientFunds"
WITH_3DS = "pm_card_threeDSecure2Required"
BANK = "pm_usBankAccount_success"

STATUSES = [status for status in PaymentStatus if status is not PaymentStatus.REQUIRES_CONFIRMATION]
"""All that a payment of ours can have: it is given a card only when it is confirmed."""


class StripeFixture:
    """One shop's simulated Stripe."""

    def __init__(self, times: StripeTimes = USUAL_TIMES, *, start: datetime = START) -> None:
        self.clock = HandClock(start)
        self.stripe = SimulatedStripe(self.clock, times=times)
        self._customers: dict[str, Customer] = {}

    def customer(self, order: str = ORDER) -> Customer:
        """Whose order this is."""
        return self._customers.setdefault(order, Customer(self.stripe, order))

    def create(
        self,
        order: str = ORDER,
        *,
        capture: CaptureMode = CaptureMode.AUTOMATIC,
        amount: Money = PRICE,
        key: str | None = None,
    ) -> Payment:
        return self.clock.run(self.customer(order).create(capture=capture, amount=amount, key=key))

    def confirm(self, payment: Payment, card: str = VISA, *, key: str | None = None) -> Payment:
        return self.clock.run(self.customer().confirm(payment.id, card, key=key))

    def capture(self, payment: Payment, *, key: str | None = None) -> Payment:
        return self.clock.run(self.customer().capture(payment.id, key=key))

    def cancel(self, payment: Payment, *, key: str | None = None) -> Payment:
        return self.clock.run(self.customer().cancel(payment.id, key=key))

    def refund(self, payment: Payment, *, key: str | None = None, order: str = ORDER) -> Refund:
        return self.clock.run(self.customer(order).refund(payment.id, key=key))

    def read(self, payment: Payment) -> Payment:
        return self.clock.run(self.customer().read(payment.id))

    def found(self, order: str = ORDER) -> tuple[Payment, ...]:
        return self.clock.run(self.customer(order).search())

    def refunds(self, payment: Payment, order: str = ORDER) -> tuple[Refund, ...]:
        return self.clock.run(self.customer(order).refunds(payment.id))

    def disputes(self, payment: Payment) -> tuple[Dispute, ...]:
        return self.clock.run(self.customer().disputes(payment.id))

    def intent(self, payment: Payment) -> PaymentIntent:
        return self.stripe.intent(payment.id)

    def paid(self, card: str = VISA, order: str = ORDER) -> Payment:
        return self.confirm(self.create(order), card)

    def authorised(self, card: str = VISA) -> Payment:
        return self.confirm(self.create(capture=CaptureMode.MANUAL), card)

    def turned_down(self, card: str = DECLINED, *, capture: CaptureMode = CaptureMode.AUTOMATIC) -> Payment:
        payment = self.create(capture=capture)
        self.clock.run(self.customer().declined(payment.id, card))
        return self.read(payment)

    def in_status(self, status: PaymentStatus) -> Payment:
        """A payment that stands there."""
        match status:
            case PaymentStatus.REQUIRES_PAYMENT_METHOD:
                return self.create()
            case PaymentStatus.REQUIRES_ACTION:
                return self.paid(WITH_3DS)
            case PaymentStatus.PROCESSING:
                return self.paid(BANK)
            case PaymentStatus.REQUIRES_CAPTURE:
                return self.authorised()
            case PaymentStatus.SUCCEEDED:
                return self.paid()
            case _:
                return self.cancel(self.create())
