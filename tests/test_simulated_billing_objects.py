"""The simulated Stripe's objects of billing on the wire, in the shapes of the version that the SDK pins."""

from __future__ import annotations

from tests.billing_fixture import ADA, START, YEARLY, BillingFixture, first_of
from tests.stripe_openapi import validator_of


def test_periods_are_on_the_item_and_payments_in_the_invoice() -> None:
    """B14"""
    account = BillingFixture()
    subscription = account.active()
    words, invoice = subscription.to_stripe(), first_of(subscription)

    [item] = words["items"]["data"]  # type: ignore[index]  # Stripe's JSON
    assert item["current_period_start"] == START.timestamp()
    assert not words.keys() & {"current_period_start", "current_period_end"}
    assert not invoice.to_stripe().keys() & {"payment_intent", "subscription", "paid"}
    expanded = invoice.to_stripe() | invoice.expanded()
    validator_of("invoice").validate(expanded)
    assert invoice.payment is not None
    [payment] = expanded["payments"]["data"]  # type: ignore[index]
    assert payment["payment"]["payment_intent"] == invoice.payment.intent.id
    assert (payment["invoice"], payment["amount_requested"], payment["created"]) == (
        invoice.id,
        3000,
        START.timestamp(),
    )
    parent = {"metadata": {"subscription_id": "sub-1"}, "subscription": subscription.id}
    assert expanded["parent"]["subscription_details"] == parent  # type: ignore[index]


def test_products_prices_and_balance_transactions_are_stripes_too() -> None:
    account = BillingFixture()
    account.cancel(account.active(price=YEARLY), prorate=True)
    book, customer = account.stripe.billing.book, account.stripe.customer(ADA)

    assert customer.transactions
    for thing in (*book.products, *book.prices, customer, *customer.transactions):
        words = thing.to_stripe()
        validator_of(str(words["object"])).validate(words)
