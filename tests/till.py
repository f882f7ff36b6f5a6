"""A simulated Stripe on a clock moved by hand, in short words. Every call has a key of its own unless given one."""

from __future__ import annotations

from payflows.errors import PaymentDeclined
from payflows.money import Money
from payflows.payments.model import CaptureMode, Payment, PaymentStatus, Refund
from simulations.stripe.core.times import USUAL_TIMES, StripeTimes
from simulations.stripe.payments.objects import PaymentIntent
from simulations.stripe.simulated import SimulatedStripe
from simulations.time.hand_clock import HandClock

ORDER = "order-1"
PRICE = Money(4999, "usd")
NOTHING = Money(0, "usd")

VISA = "pm_card_visa"
DECLINED = "pm_card_visa_chargeDeclined"
BROKE = "pm_card_visa_chargeDeclinedInsufficientFunds"
WITH_3DS = "pm_card_threeDSecure2Required"
BANK = "pm_usBankAccount_success"

STATUSES = [status for status in PaymentStatus if status is not PaymentStatus.REQUIRES_CONFIRMATION]
"""All that a payment of ours can have: it is given a card only when it is confirmed."""


class Till:
    """One shop's simulated Stripe."""

    def __init__(self, times: StripeTimes = USUAL_TIMES) -> None:
        self.clock = HandClock()
        self.stripe = SimulatedStripe(self.clock, times=times)
        self._keys = 0

    def new_key(self) -> str:
        self._keys += 1
        return f"key-{self._keys}"

    def create(
        self,
        order: str = ORDER,
        *,
        capture: CaptureMode = CaptureMode.AUTOMATIC,
        amount: Money = PRICE,
        key: str | None = None,
    ) -> Payment:
        return self.clock.run(
            self.stripe.create_payment(
                order, amount=amount, capture=capture, stripe_customer_id=None, key=key or self.new_key()
            )
        )

    def confirm(self, payment: Payment, card: str = VISA, *, key: str | None = None) -> Payment:
        return self.clock.run(self.stripe.confirm_payment(payment.id, payment_method=card, key=key or self.new_key()))

    def capture(self, payment: Payment, *, key: str | None = None) -> Payment:
        return self.clock.run(self.stripe.capture_payment(payment.id, key=key or self.new_key()))

    def cancel(self, payment: Payment, *, key: str | None = None) -> Payment:
        return self.clock.run(self.stripe.cancel_payment(payment.id, key=key or self.new_key()))

    def refund(self, payment: Payment, *, key: str | None = None, order: str = ORDER) -> Refund:
        return self.clock.run(self.stripe.refund_payment(payment.id, order_id=order, key=key or self.new_key()))

    def read(self, payment: Payment) -> Payment:
        return self.clock.run(self.stripe.retrieve_payment(payment.id))

    def found(self, order: str = ORDER) -> tuple[Payment, ...]:
        return self.clock.run(self.stripe.search_payments(order))

    def refunds(self, payment: Payment, order: str = ORDER) -> tuple[Refund, ...]:
        return self.clock.run(self.stripe.list_refunds(payment.id, order_id=order))

    def intent(self, payment: Payment) -> PaymentIntent:
        return self.stripe.intent(payment.id)

    def paid(self, card: str = VISA, order: str = ORDER) -> Payment:
        return self.confirm(self.create(order), card)

    def authorised(self, card: str = VISA) -> Payment:
        return self.confirm(self.create(capture=CaptureMode.MANUAL), card)

    def turned_down(self, card: str = DECLINED, *, capture: CaptureMode = CaptureMode.AUTOMATIC) -> Payment:
        payment = self.create(capture=capture)
        try:
            self.confirm(payment, card)
        except PaymentDeclined:
            return self.read(payment)
        raise AssertionError(f"{card} was not declined")

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
