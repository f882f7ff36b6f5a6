"""Stripe as the flows see it: the port through which money is collected and given back."""

from __future__ import annotations

from typing import Protocol

from payflows.kernel.ports import moves, reads, searches, writes
from payflows.money import Money
from payflows.payments.model import CaptureMode, CustomerAction, Dispute, Payment, Refund


class PaymentGateway(Protocol):
    """Stripe, as far as a checkout needs it.

    Besides `PortError` every call may raise `CallRejected`. Which class one call's answer has says nothing of the
    payment: what became of the money is read by the payment's stored id.
    """

    @writes
    async def create_payment(
        self, order_id: str, *, amount: Money, capture: CaptureMode, stripe_customer_id: str | None, key: str
    ) -> Payment:
        """Make the order's payment intent, unconfirmed and without a payment method: it moves no money."""
        ...

    @moves
    async def confirm_payment(
        self, payment_id: str, *, payment_method: str, key: str, return_url: str | None = None
    ) -> Payment:
        """Try one card; where the bank asks the customer on its own page, they come back to `return_url`.

        Raises `PaymentDeclined` where the issuer says no.
        """
        ...

    @moves
    async def capture_payment(self, payment_id: str, *, key: str) -> Payment:
        """Take the whole of what was authorised."""
        ...

    @moves
    async def cancel_payment(self, payment_id: str, *, key: str) -> Payment:
        """Cancel the intent: from then on it can never take money. Refused once it has succeeded."""
        ...

    @reads
    async def retrieve_payment(self, payment_id: str) -> Payment:
        """Read the payment by its stored id; trusted whatever its metadata say."""
        ...

    @reads
    async def retrieve_customer_action(self, payment_id: str) -> CustomerAction | None:
        """Read what the customer's browser needs to answer the bank; None where the bank asks nothing."""
        ...

    @searches
    async def search_payments(self, order_id: str) -> tuple[Payment, ...]:
        """Payments whose metadata name the order. Up to a minute behind (Stripe docs, "Search")."""
        ...

    @moves
    async def refund_payment(self, payment_id: str, *, order_id: str, key: str) -> Refund:
        """Give back all that is left of the payment."""
        ...

    @searches
    async def list_refunds(self, payment_id: str, *, order_id: str) -> tuple[Refund, ...]:
        """Our refunds of the payment, newest first: those whose metadata name the order."""
        ...

    @reads
    async def list_disputes(self, payment_id: str) -> tuple[Dispute, ...]:
        """All disputes of the payment, newest first, those that are over too."""
        ...
