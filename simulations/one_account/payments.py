"""Whose payments there are at Stripe: those of orders, of invoices and of sales."""

from __future__ import annotations

from payflows.checkout.messages import ORDERS
from payflows.kernel.store import StoreReader
from payflows.marketplace.messages import SALES
from payflows.subscriptions.messages import SUBSCRIPTIONS

from simulations.stripe.payments.objects import Charge
from simulations.stripe.payments.refunds_and_disputes import Dispute, Refund
from simulations.stripe.simulated import SimulatedStripe


def of_orders(store: StoreReader, stripe: SimulatedStripe) -> set[str]:
    """Return the ids of all payments that name an order of the checkout, those of lost answers too."""
    return {payment.id for order in store.all(ORDERS) for payment in stripe.payments_of_order(order.id)}


def of_sales(store: StoreReader, stripe: SimulatedStripe) -> set[str]:
    """Return the ids of all payments that name a sale of the marketplace."""
    return {payment.id for sale in store.all(SALES) for payment in stripe.payments_of_order(sale.id)}


def of_invoices(store: StoreReader, stripe: SimulatedStripe) -> set[str]:
    """Return the ids of all payments of the invoices of our subscriptions."""
    return {
        payment_id
        for ours in store.all(SUBSCRIPTIONS)
        for theirs in stripe.subscriptions_of(ours.id)
        for invoice in stripe.invoices_of(theirs.id)
        if (payment_id := invoice.as_invoice().payment_id) is not None
    }


def objects_of(stripe: SimulatedStripe, payment_id: str) -> set[str]:
    """Return the ids of what a payment's balance transactions come from: its charges, refunds and disputes."""
    intent = stripe.intent(payment_id)
    made: tuple[Charge | Refund | Dispute, ...] = (*intent.charges, *intent.refunds, *intent.disputes)
    return {each.id for each in made}
