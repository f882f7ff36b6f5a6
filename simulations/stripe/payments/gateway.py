"""The `PaymentGateway` port of the simulated Stripe: each method is a call with its key and its parameters."""

from __future__ import annotations

from payflows.kernel.ports import methods_of
from payflows.money import Money
from payflows.payments.gateway import PaymentGateway
from payflows.payments.model import CaptureMode, CustomerAction, Dispute, Payment, Refund

from simulations.stripe.core.calls import Calls
from simulations.stripe.payments.api import PaymentApi

CALLS = tuple(methods_of(PaymentGateway))
"""The calls of the port."""


class SimulatedGateway:
    """The port's methods, which only name what each call does.

    Args:
        calls: answers them.
        api: does their work.
    """

    def __init__(self, calls: Calls, api: PaymentApi) -> None:
        self._make = calls.make
        self._api = api

    async def create_payment(
        self, order_id: str, *, amount: Money, capture: CaptureMode, stripe_customer_id: str | None, key: str
    ) -> Payment:
        """POST /v1/payment_intents, unconfirmed, with the order in the metadata."""
        params = (order_id, amount, capture, stripe_customer_id)
        return await self._make("create_payment", key, params, self._api.create)

    async def confirm_payment(
        self, payment_id: str, *, payment_method: str, key: str, return_url: str | None = None
    ) -> Payment:
        """POST /v1/payment_intents/:id/confirm."""
        return await self._make("confirm_payment", key, (payment_id, payment_method, return_url), self._api.confirm)

    async def capture_payment(self, payment_id: str, *, key: str) -> Payment:
        """POST /v1/payment_intents/:id/capture, the whole."""
        return await self._make("capture_payment", key, (payment_id,), self._api.capture)

    async def cancel_payment(self, payment_id: str, *, key: str) -> Payment:
        """POST /v1/payment_intents/:id/cancel."""
        return await self._make("cancel_payment", key, (payment_id,), self._api.cancel)

    async def retrieve_payment(self, payment_id: str) -> Payment:
        """GET /v1/payment_intents/:id."""
        return await self._make("retrieve_payment", None, (payment_id,), self._api.retrieve)

    async def retrieve_customer_action(self, payment_id: str) -> CustomerAction | None:
        """GET /v1/payment_intents/:id, for what only the customer's browser needs."""
        return await self._make("retrieve_customer_action", None, (payment_id,), self._api.retrieve_customer_action)

    async def search_payments(self, order_id: str) -> tuple[Payment, ...]:
        """GET /v1/payment_intents/search by metadata, newest first."""
        return await self._make("search_payments", None, (order_id,), self._api.search)

    async def refund_payment(self, payment_id: str, *, order_id: str, key: str) -> Refund:
        """POST /v1/refunds, all that is left, with the order in the metadata."""
        return await self._make("refund_payment", key, (payment_id, order_id), self._api.refund)

    async def list_refunds(self, payment_id: str, *, order_id: str) -> tuple[Refund, ...]:
        """GET /v1/refunds of the payment."""
        return await self._make("list_refunds", None, (payment_id, order_id), self._api.list_refunds)

    async def list_disputes(self, payment_id: str) -> tuple[Dispute, ...]:
        """GET /v1/disputes of the payment."""
        return await self._make("list_disputes", None, (payment_id,), self._api.list_disputes)
