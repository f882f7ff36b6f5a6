"""Stripe Billing as subscriptions see it: subscriptions, invoices and set-ups of cards, on the official SDK."""

from __future__ import annotations

import stripe

from payflows.money import Money
from payflows.payments.model import CustomerAction
from payflows.stripe.billing_changes import SUBSCRIPTION as _SUBSCRIPTION
from payflows.stripe.billing_changes import StripeBillingChanges
from payflows.stripe.billing_mapping import (
    OWNER,
    credit_note_of,
    invoice_of,
    payment_method_id_of,
    setup_action_of,
    setup_of,
    subscription_of,
)
from payflows.stripe.billing_pauses import StripeBillingPauses
from payflows.stripe.calls import MAX_ON_A_PAGE, all_of, ask, check_payment_method
from payflows.stripe.errors import Asked
from payflows.stripe.mapping import text_in
from payflows.subscriptions.billing import (
    CreditNote,
    InvoiceStatus,
    StripeInvoice,
    StripeSetup,
    StripeSubscription,
    SubscriptionTerms,
)

_INVOICE = ["payments"]
_UNSETTLED = (InvoiceStatus.DRAFT, InvoiceStatus.OPEN)


class StripeBilling(StripeBillingChanges, StripeBillingPauses):
    """A `BillingGateway` on Stripe's test mode or on stripe-mock; `StripeGateway.billing` is one.

    Like the gateway it repeats nothing.

    Args:
        client: the gateway's, with its connections and its key.
    """

    def __init__(self, client: stripe.StripeClient) -> None:
        StripeBillingChanges.__init__(self, client)
        StripeBillingPauses.__init__(self, client)
        self._credit_notes = client.v1.credit_notes
        self._setups = client.v1.setup_intents
        self._payment_methods = client.v1.payment_methods

    # Subscriptions

    async def create_subscription(
        self, subscription_id: str, terms: SubscriptionTerms, *, key: str
    ) -> StripeSubscription:
        """Make a subscription, unpaid. Of ours Stripe learns the id and no more."""
        wanted: stripe.params.SubscriptionCreateParams = {
            "customer": terms.stripe_customer_id,
            "items": _items_of(terms),
            "payment_behavior": "default_incomplete",
            "payment_settings": {"save_default_payment_method": "on_subscription"},
            "metadata": {OWNER: subscription_id},
            "expand": _SUBSCRIPTION,
        }
        if terms.trial_days:
            wanted["trial_period_days"] = terms.trial_days
            wanted["trial_settings"] = {"end_behavior": {"missing_payment_method": terms.trial_end.value}}
        call = self._subscriptions.create_async(wanted, {"idempotency_key": key})
        return await ask(Asked("create_subscription", subscription_id), call, subscription_of)

    async def retrieve_subscription(self, stripe_subscription_id: str) -> StripeSubscription:
        """Read a subscription, with its latest invoice."""
        call = self._subscriptions.retrieve_async(stripe_subscription_id, {"expand": _SUBSCRIPTION})
        return await ask(Asked("retrieve_subscription", stripe_subscription_id), call, subscription_of)

    async def list_subscriptions(
        self, stripe_customer_id: str, *, subscription_id: str
    ) -> tuple[StripeSubscription, ...]:
        """Subscriptions of the customer whose metadata name ours; what a list brings beside them is not believed."""
        call = self._subscriptions.list_async(
            {
                "customer": stripe_customer_id,
                "status": "all",
                "limit": MAX_ON_A_PAGE,
                "expand": [f"data.{field}" for field in _SUBSCRIPTION],
            }
        )

        def ours(found: list[stripe.Subscription]) -> tuple[StripeSubscription, ...]:
            named = [one for one in found if text_in(one.metadata, OWNER) == subscription_id]
            newest_first = sorted(named, key=lambda one: one.created, reverse=True)
            return tuple(subscription_of(one) for one in newest_first)

        return await ask(Asked("list_subscriptions", subscription_id), all_of(call), ours)

    async def set_default_payment_method(
        self, stripe_subscription_id: str, *, payment_method: str, key: str
    ) -> StripeSubscription:
        """Have the next charges take this card."""
        check_payment_method(payment_method)
        call = self._subscriptions.update_async(
            stripe_subscription_id,
            {"default_payment_method": payment_method, "expand": _SUBSCRIPTION},
            {"idempotency_key": key},
        )
        return await ask(Asked("set_default_payment_method", stripe_subscription_id), call, subscription_of)

    async def set_cancel_at_period_end(
        self, stripe_subscription_id: str, *, cancel: bool, key: str
    ) -> StripeSubscription:
        """Have it end with its period, or go on after all."""
        call = self._subscriptions.update_async(
            stripe_subscription_id,
            {"cancel_at_period_end": cancel, "expand": _SUBSCRIPTION},
            {"idempotency_key": key},
        )
        return await ask(Asked("set_cancel_at_period_end", stripe_subscription_id), call, subscription_of)

    async def cancel_subscription(
        self, stripe_subscription_id: str, *, prorate: bool, invoice_now: bool, key: str
    ) -> StripeSubscription:
        """End it now. Stripe keeps no key of this request, a DELETE: made again, it is rejected.

        A credit for unused time is never left waiting for an invoice that would not come: it makes the last one too.
        """
        call = self._subscriptions.cancel_async(
            stripe_subscription_id,
            {"prorate": prorate, "invoice_now": prorate or invoice_now, "expand": _SUBSCRIPTION},
            {"idempotency_key": key},
        )
        return await ask(Asked("cancel_subscription", stripe_subscription_id), call, subscription_of)

    # Cards

    async def attach_payment_method(self, payment_method: str, *, stripe_customer_id: str, key: str) -> str:
        """Give the customer a card. Raises `PaymentDeclined` where the issuer does not take it."""
        check_payment_method(payment_method)
        call = self._payment_methods.attach_async(
            payment_method, {"customer": stripe_customer_id}, {"idempotency_key": key}
        )
        return await ask(Asked("attach_payment_method", stripe_customer_id), call, payment_method_id_of)

    async def confirm_setup(self, setup_id: str, *, payment_method: str, key: str) -> StripeSetup:
        """Set a card up for later payments."""
        check_payment_method(payment_method)
        call = self._setups.confirm_async(setup_id, {"payment_method": payment_method}, {"idempotency_key": key})
        return await ask(Asked("confirm_setup", setup_id), call, setup_of)

    async def retrieve_setup(self, setup_id: str) -> StripeSetup:
        """Read a set-up."""
        return await ask(Asked("retrieve_setup", setup_id), self._setups.retrieve_async(setup_id), setup_of)

    async def retrieve_setup_action(self, setup_id: str) -> CustomerAction | None:
        """Read what the customer's browser needs to answer the bank about a set-up; None: it asks nothing."""
        call = self._setups.retrieve_async(setup_id)
        return await ask(Asked("retrieve_setup_action", setup_id), call, setup_action_of)

    # Invoices

    async def retrieve_invoice(self, invoice_id: str) -> StripeInvoice:
        """Read an invoice, with its payments."""
        call = self._invoices.retrieve_async(invoice_id, {"expand": _INVOICE})
        return await ask(Asked("retrieve_invoice", invoice_id), call, invoice_of)

    async def list_invoices(self, stripe_subscription_id: str) -> tuple[StripeInvoice, ...]:
        """All its drafts and open invoices. One list of all: between a list of each, a draft may become open."""
        call = self._invoices.list_async(
            {
                "subscription": stripe_subscription_id,
                "limit": MAX_ON_A_PAGE,
                "expand": [f"data.{field}" for field in _INVOICE],
            }
        )

        def unsettled(found: list[stripe.Invoice]) -> tuple[StripeInvoice, ...]:
            read = [invoice_of(one) for one in found if one.status in _UNSETTLED]
            its_own = [invoice for invoice in read if invoice.stripe_subscription_id == stripe_subscription_id]
            return tuple(sorted(its_own, key=lambda invoice: invoice.created_at, reverse=True))

        return await ask(Asked("list_invoices", stripe_subscription_id), all_of(call), unsettled)

    async def finalize_invoice(self, invoice_id: str, *, key: str) -> StripeInvoice:
        """Make a draft final, without its being collected."""
        call = self._invoices.finalize_invoice_async(
            invoice_id, {"auto_advance": False, "expand": _INVOICE}, {"idempotency_key": key}
        )
        return await ask(Asked("finalize_invoice", invoice_id), call, invoice_of)

    async def pay_invoice(self, invoice_id: str, *, payment_method: str | None, key: str) -> StripeInvoice:
        """Try to pay an open invoice now. Raises `PaymentDeclined` where the issuer says no, or asks the customer."""
        wanted: stripe.params.InvoicePayParams = {"expand": _INVOICE}
        if payment_method is not None:
            check_payment_method(payment_method)
            wanted["payment_method"] = payment_method
        call = self._invoices.pay_async(invoice_id, wanted, {"idempotency_key": key})
        return await ask(Asked("pay_invoice", invoice_id), call, invoice_of)

    async def void_invoice(self, invoice_id: str, *, key: str) -> StripeInvoice:
        """Void an invoice that is open or uncollectible."""
        call = self._invoices.void_invoice_async(invoice_id, {"expand": _INVOICE}, {"idempotency_key": key})
        return await ask(Asked("void_invoice", invoice_id), call, invoice_of)

    # Credit notes

    async def credit_invoice(
        self, invoice_id: str, *, subscription_id: str, amount: Money, balance_minor: int = 0, key: str
    ) -> CreditNote:
        """Give back a part of a paid invoice, by a credit note: to the card, but for what goes to the balance."""
        wanted: stripe.params.CreditNoteCreateParams = {
            "invoice": invoice_id,
            "amount": amount.minor,
            "metadata": {OWNER: subscription_id},
        }
        if balance_minor < amount.minor:
            wanted["refund_amount"] = amount.minor - balance_minor
        if balance_minor:
            wanted["credit_amount"] = balance_minor
        call = self._credit_notes.create_async(wanted, {"idempotency_key": key})
        return await ask(Asked("credit_invoice", invoice_id), call, credit_note_of)

    async def list_credit_notes(self, invoice_id: str) -> tuple[CreditNote, ...]:
        """All credit notes of an invoice, newest first; what is of another one is not believed."""
        call = self._credit_notes.list_async({"invoice": invoice_id, "limit": MAX_ON_A_PAGE})

        def of_the_invoice(found: list[stripe.CreditNote]) -> tuple[CreditNote, ...]:
            newest_first = sorted(found, key=lambda note: note.created, reverse=True)
            return tuple(note for note in map(credit_note_of, newest_first) if note.invoice_id == invoice_id)

        return await ask(Asked("list_credit_notes", invoice_id), all_of(call), of_the_invoice)


def _items_of(terms: SubscriptionTerms) -> list[stripe.params.SubscriptionCreateParamsItem]:
    """Return the licensed item, then the metered one, which has no quantity."""
    licensed: stripe.params.SubscriptionCreateParamsItem = {"price": terms.price_id, "quantity": terms.quantity}
    return [licensed] if terms.metered_price_id is None else [licensed, {"price": terms.metered_price_id}]
