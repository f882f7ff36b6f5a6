"""The `BillingGateway` port of the simulated Stripe: each method is a call with its key and its parameters."""

from __future__ import annotations

from datetime import datetime

from payflows.kernel.ports import methods_of
from payflows.money import Money
from payflows.payments.model import CustomerAction
from payflows.subscriptions.billing import (
    CreditNote,
    InvoicePreview,
    ItemsChange,
    PausedCollection,
    StripeInvoice,
    StripeSetup,
    StripeSubscription,
    SubscriptionTerms,
)
from payflows.subscriptions.gateway import BillingGateway

from simulations.stripe.billing.api import BillingApi
from simulations.stripe.billing.pauses_api import PausesApi
from simulations.stripe.core.calls import Calls

CALLS = tuple(methods_of(BillingGateway))
"""The calls of the port."""


class SimulatedBillingGateway:
    """The port's methods, which only name what each call does.

    Args:
        calls: answers them.
        api: does their work.
        pauses: the same of pauses and usage.
    """

    def __init__(self, calls: Calls, api: BillingApi, pauses: PausesApi) -> None:
        self._calls = calls
        self._make = calls.make
        self._api = api
        self._pauses = pauses

    async def create_subscription(
        self, subscription_id: str, terms: SubscriptionTerms, *, key: str
    ) -> StripeSubscription:
        """POST /v1/subscriptions, with `payment_behavior=default_incomplete`."""
        return await self._make("create_subscription", key, (subscription_id, terms), self._api.create_subscription)

    async def retrieve_subscription(self, stripe_subscription_id: str) -> StripeSubscription:
        """GET /v1/subscriptions/:id."""
        params = (stripe_subscription_id,)
        return await self._make("retrieve_subscription", None, params, self._api.retrieve_subscription)

    async def list_subscriptions(
        self, stripe_customer_id: str, *, subscription_id: str
    ) -> tuple[StripeSubscription, ...]:
        """GET /v1/subscriptions of the customer, with `status=all`."""
        params = (stripe_customer_id, subscription_id)
        return await self._make("list_subscriptions", None, params, self._api.list_subscriptions)

    async def set_default_payment_method(
        self, stripe_subscription_id: str, *, payment_method: str, key: str
    ) -> StripeSubscription:
        """POST /v1/subscriptions/:id with `default_payment_method`."""
        params = (stripe_subscription_id, payment_method)
        return await self._make("set_default_payment_method", key, params, self._api.set_default_payment_method)

    async def set_cancel_at_period_end(
        self, stripe_subscription_id: str, *, cancel: bool, key: str
    ) -> StripeSubscription:
        """POST /v1/subscriptions/:id with `cancel_at_period_end`."""
        params = (stripe_subscription_id, cancel)
        return await self._make("set_cancel_at_period_end", key, params, self._api.set_cancel_at_period_end)

    async def cancel_subscription(
        self, stripe_subscription_id: str, *, prorate: bool, invoice_now: bool, key: str
    ) -> StripeSubscription:
        """DELETE /v1/subscriptions/:id, with `prorate` and `invoice_now`; with a DELETE the key has no effect."""
        params = (stripe_subscription_id, prorate, invoice_now)
        return await self._calls.make_without_key("cancel_subscription", params, self._api.cancel_subscription)

    async def preview_change(
        self, stripe_subscription_id: str, *, change: ItemsChange, proration_at: datetime
    ) -> InvoicePreview:
        """POST /v1/invoices/create_preview, with `proration_behavior=always_invoice`."""
        params = (stripe_subscription_id, change, proration_at)
        return await self._make("preview_change", None, params, self._api.preview_change)

    async def change_items(
        self, stripe_subscription_id: str, *, change: ItemsChange, proration_at: datetime | None, key: str
    ) -> StripeSubscription:
        """POST /v1/subscriptions/:id with `items`, and how they are prorated."""
        params = (stripe_subscription_id, change, proration_at)
        return await self._make("change_items", key, params, self._api.change_items)

    async def pause_collection(
        self, stripe_subscription_id: str, *, paused: PausedCollection, key: str
    ) -> StripeSubscription:
        """POST /v1/subscriptions/:id with `pause_collection`."""
        return await self._make(
            "pause_collection", key, (stripe_subscription_id, paused), self._pauses.pause_collection
        )

    async def resume_collection(self, stripe_subscription_id: str, *, key: str) -> StripeSubscription:
        """POST /v1/subscriptions/:id with an empty `pause_collection`."""
        return await self._make("resume_collection", key, (stripe_subscription_id,), self._pauses.resume_collection)

    async def pause_subscription(self, stripe_subscription_id: str, *, key: str) -> StripeSubscription:
        """POST /v1/subscriptions/:id/pause."""
        return await self._make("pause_subscription", key, (stripe_subscription_id,), self._pauses.pause_subscription)

    async def resume_subscription(self, stripe_subscription_id: str, *, key: str) -> StripeSubscription:
        """POST /v1/subscriptions/:id/resume."""
        return await self._make("resume_subscription", key, (stripe_subscription_id,), self._pauses.resume_subscription)

    async def report_usage(
        self, usage_id: str, *, stripe_customer_id: str, meter: str, quantity: int, used_at: datetime, key: str
    ) -> str:
        """POST /v1/billing/meter_events."""
        params = (usage_id, stripe_customer_id, meter, quantity, used_at)
        return await self._make("report_usage", key, params, self._pauses.report_usage)

    async def attach_payment_method(self, payment_method: str, *, stripe_customer_id: str, key: str) -> str:
        """POST /v1/payment_methods/:id/attach."""
        params = (payment_method, stripe_customer_id)
        return await self._make("attach_payment_method", key, params, self._api.attach_payment_method)

    async def confirm_setup(self, setup_id: str, *, payment_method: str, key: str) -> StripeSetup:
        """POST /v1/setup_intents/:id/confirm."""
        return await self._make("confirm_setup", key, (setup_id, payment_method), self._api.confirm_setup)

    async def retrieve_setup(self, setup_id: str) -> StripeSetup:
        """GET /v1/setup_intents/:id."""
        return await self._make("retrieve_setup", None, (setup_id,), self._api.retrieve_setup)

    async def retrieve_setup_action(self, setup_id: str) -> CustomerAction | None:
        """GET /v1/setup_intents/:id, for what only the customer's browser needs."""
        return await self._make("retrieve_setup_action", None, (setup_id,), self._api.retrieve_setup_action)

    async def retrieve_invoice(self, invoice_id: str) -> StripeInvoice:
        """GET /v1/invoices/:id."""
        return await self._make("retrieve_invoice", None, (invoice_id,), self._api.retrieve_invoice)

    async def list_invoices(self, stripe_subscription_id: str) -> tuple[StripeInvoice, ...]:
        """GET /v1/invoices of the subscription, drafts and open ones."""
        return await self._make("list_invoices", None, (stripe_subscription_id,), self._api.list_invoices)

    async def finalize_invoice(self, invoice_id: str, *, key: str) -> StripeInvoice:
        """POST /v1/invoices/:id/finalize with `auto_advance=false`."""
        return await self._make("finalize_invoice", key, (invoice_id,), self._api.finalize_invoice)

    async def pay_invoice(self, invoice_id: str, *, payment_method: str | None, key: str) -> StripeInvoice:
        """POST /v1/invoices/:id/pay."""
        return await self._make("pay_invoice", key, (invoice_id, payment_method), self._api.pay_invoice)

    async def void_invoice(self, invoice_id: str, *, key: str) -> StripeInvoice:
        """POST /v1/invoices/:id/void."""
        return await self._make("void_invoice", key, (invoice_id,), self._api.void_invoice)

    async def credit_invoice(
        self, invoice_id: str, *, subscription_id: str, amount: Money, balance_minor: int = 0, key: str
    ) -> CreditNote:
        """POST /v1/credit_notes with `refund_amount` and `credit_amount`, and our subscription in the metadata."""
        params = (invoice_id, subscription_id, amount, balance_minor)
        return await self._make("credit_invoice", key, params, self._api.credit_invoice)

    async def list_credit_notes(self, invoice_id: str) -> tuple[CreditNote, ...]:
        """GET /v1/credit_notes of the invoice."""
        return await self._make("list_credit_notes", None, (invoice_id,), self._api.list_credit_notes)
