"""The simulated Stripe's objects of billing on the wire, in the shapes of the version that the SDK pins."""

from __future__ import annotations

from payflows.subscriptions.billing import Items, ItemsChange
from simulations.stripe import BillingMode, BillingSettings
from tests.billing_fixture import ADA, DECLINED, MONTHLY, START, YEARLY, BillingFixture, first_of
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


def test_a_preview_is_a_draft_that_was_not_made() -> None:
    account = BillingFixture()
    subscription = account.active()
    change = ItemsChange(subscription.item_id, None, Items(MONTHLY, 2))

    words = account.stripe.billing.api.preview_invoice(subscription.id, change, subscription.period_start).to_stripe()

    validator_of("invoice").validate(words)
    assert (words["status"], words["number"], words["total"]) == ("draft", None, 3000)
    assert str(words["id"]).startswith("upcoming_in_")
    assert [invoice.id for invoice in account.stripe.billing.book.invoices] == [first_of(subscription).id]


def test_a_subscription_names_its_billing_mode_and_the_change_that_waits() -> None:
    account = BillingFixture(settings=BillingSettings(billing_mode=BillingMode.CLASSIC))
    subscription = account.failing(DECLINED)
    account.change(subscription, MONTHLY, 2)

    words = subscription.to_stripe()

    validator_of("subscription").validate(words)
    assert words["billing_mode"] == {"type": "classic", "flexible": None}
    [item] = words["pending_update"]["subscription_items"]  # type: ignore[index]  # Stripe's JSON
    assert (item["id"], item["quantity"]) == (subscription.item_id, 2)
