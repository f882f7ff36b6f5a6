"""A customer of a gateway, any gateway, in short words. Every call has its own key unless given one."""

from __future__ import annotations

from payflows.errors import PaymentDeclined
from payflows.money import Money
from payflows.payments.gateway import PaymentGateway
from payflows.payments.model import CaptureMode, Dispute, Payment, Refund

PRICE = Money(4999, "usd")
VISA = "pm_card_visa"
DECLINED = "pm_card_visa_chargeDeclined"


class Customer:
    """One order at a gateway. Keys begin with the order's id."""

    def __init__(self, gateway: PaymentGateway, order_id: str) -> None:
        self.gateway = gateway
        self.order_id = order_id
        self._keys = 0

    def new_key(self) -> str:
        """Return a key that was not used before."""
        self._keys += 1
        return f"{self.order_id}:{self._keys}"

    async def create(
        self, *, capture: CaptureMode = CaptureMode.AUTOMATIC, amount: Money = PRICE, key: str | None = None
    ) -> Payment:
        """Create a payment for the order."""
        return await self.gateway.create_payment(
            self.order_id, amount=amount, capture=capture, stripe_customer_id=None, key=key or self.new_key()
        )

    async def confirm(self, payment_id: str, card: str = VISA, *, key: str | None = None) -> Payment:
        """Try a card."""
        return await self.gateway.confirm_payment(payment_id, payment_method=card, key=key or self.new_key())

    async def capture(self, payment_id: str, *, key: str | None = None) -> Payment:
        """Take what is authorised."""
        return await self.gateway.capture_payment(payment_id, key=key or self.new_key())

    async def cancel(self, payment_id: str, *, key: str | None = None) -> Payment:
        """Cancel the payment."""
        return await self.gateway.cancel_payment(payment_id, key=key or self.new_key())

    async def refund(self, payment_id: str, *, key: str | None = None) -> Refund:
        """Give all of it back."""
        return await self.gateway.refund_payment(payment_id, order_id=self.order_id, key=key or self.new_key())

    async def read(self, payment_id: str) -> Payment:
        """Return the payment as it stands."""
        return await self.gateway.retrieve_payment(payment_id)

    async def refunds(self, payment_id: str) -> tuple[Refund, ...]:
        """Return the payment's refunds."""
        return await self.gateway.list_refunds(payment_id, order_id=self.order_id)

    async def disputes(self, payment_id: str) -> tuple[Dispute, ...]:
        """Return the payment's disputes."""
        return await self.gateway.list_disputes(payment_id)

    async def search(self) -> tuple[Payment, ...]:
        """Return the order's payments."""
        return await self.gateway.search_payments(self.order_id)

    async def paid(self, card: str = VISA, *, key: str | None = None) -> Payment:
        """Create a payment, and try a card."""
        return await self.confirm((await self.create()).id, card, key=key)

    async def authorised(self, card: str = VISA) -> Payment:
        """Create a payment that is captured later, and try a card."""
        return await self.confirm((await self.create(capture=CaptureMode.MANUAL)).id, card)

    async def declined(self, payment_id: str, card: str = DECLINED, *, key: str | None = None) -> PaymentDeclined:
        """Return how a card is declined."""
        try:
            await self.confirm(payment_id, card, key=key)
        except PaymentDeclined as declined:
            return declined
        raise AssertionError(f"{card} was not declined")
