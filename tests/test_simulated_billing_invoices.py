"""Stories about invoices at the simulated Stripe: final, paid, void; and about the cards that pay them."""

from __future__ import annotations

import pytest

from payflows.errors import CallRejected, PaymentDeclined
from payflows.payments.invoice_payable import ACTION_REQUIRED
from payflows.payments.model import PaymentStatus
from payflows.subscriptions.billing import InvoiceStatus
from tests.billing_fixture import (
    BANK,
    DECLINED,
    HOUR,
    PRICE,
    START,
    VISA,
    WITH_3DS,
    BillingFixture,
    first_of,
    latest_of,
)


@pytest.fixture
def account() -> BillingFixture:
    return BillingFixture()


# Final, paid, void


def test_once_final_an_invoice_keeps_its_amounts(account: BillingFixture) -> None:
    """B25"""
    subscription = account.past_due()
    invoice = latest_of(subscription)

    with pytest.raises(CallRejected, match="already finalized"):
        account.finalize(invoice)

    assert (invoice.total, invoice.amount_due) == (3000, 3000)


def test_a_draft_must_be_finalised_before_it_can_be_voided(account: BillingFixture) -> None:
    """B25"""
    subscription = account.active()
    account.pass_until(START.replace(month=2))
    draft = latest_of(subscription)
    with pytest.raises(CallRejected, match="is draft"):
        account.void(draft)

    account.finalize(draft)

    assert account.void(draft).status is InvoiceStatus.VOID
    assert subscription.status == "active"


def test_paying_a_draft_makes_it_final_first(account: BillingFixture) -> None:
    subscription = account.active()
    account.pass_until(START.replace(month=2))

    answer = account.pay(latest_of(subscription))

    assert (answer.status, answer.amount_paid) == (InvoiceStatus.PAID, PRICE)
    account.pass_time(HOUR)
    assert len(account.stripe.charges_of(answer.id)) == 1


@pytest.mark.parametrize("act", [BillingFixture.pay, BillingFixture.void])
def test_what_is_paid_is_neither_paid_again_nor_voided(account: BillingFixture, act: object) -> None:
    subscription = account.active()
    assert callable(act)

    with pytest.raises(CallRejected, match="is paid"):
        act(account, first_of(subscription))

    assert len(account.stripe.charges_of(first_of(subscription).id)) == 1


def test_a_declined_payment_is_answered_with_the_issuers_reason(account: BillingFixture) -> None:
    subscription = account.past_due()

    declined = account.declined_pay(latest_of(subscription))

    charges = account.stripe.charges_of(latest_of(subscription).id)
    assert (declined.code, declined.decline_code) == ("card_declined", "insufficient_funds")
    assert declined.charge_id == charges[-1].id
    assert len(charges) == 2


def test_a_payment_that_must_be_authenticated_is_answered_with_a_code_of_its_kind(account: BillingFixture) -> None:
    subscription = account.past_due(WITH_3DS)

    assert account.declined_pay(latest_of(subscription)).code == ACTION_REQUIRED


def test_only_a_card_that_the_customer_has_can_pay(account: BillingFixture) -> None:
    subscription = account.past_due()
    someone_elses = account.attach(VISA, "cus_bob")

    for card in (VISA, someone_elses):
        with pytest.raises(CallRejected, match="does not have a payment method"):
            account.pay(latest_of(subscription), card)

    assert account.pay(latest_of(subscription), account.attach()).status is InvoiceStatus.PAID


def test_an_invoice_paid_outside_of_stripe_takes_no_money_any_more(account: BillingFixture) -> None:
    subscription = account.past_due()
    invoice = latest_of(subscription)

    account.stripe.mark_paid_out_of_band(invoice.id)

    assert subscription.status == "active"
    assert invoice.payment is not None
    assert invoice.payment.intent.status is PaymentStatus.CANCELED
    with pytest.raises(CallRejected, match="is paid"):
        account.pay(invoice, account.attach())


def test_an_invoice_is_not_voided_while_a_bank_is_at_work_on_it(account: BillingFixture) -> None:
    subscription = account.active(card=BANK)

    with pytest.raises(CallRejected, match="processing"):
        account.void(first_of(subscription))

    account.pass_time(days=4)
    assert first_of(subscription).status is InvoiceStatus.PAID


def test_a_refund_leaves_the_invoice_paid(account: BillingFixture) -> None:
    subscription = account.active()
    payment_id = first_of(subscription).as_invoice().payment_id
    assert payment_id is not None

    account.run(account.stripe.refund_payment(payment_id, order_id="sub-1", key="refund"))

    assert first_of(subscription).status is InvoiceStatus.PAID
    assert account.stripe.intent(payment_id).as_payment().returned == PRICE


# Cards


def test_a_test_card_that_is_attached_is_a_new_one_of_the_customers(account: BillingFixture) -> None:
    first, second, bobs = account.attach(), account.attach(), account.attach(customer="cus_bob")

    assert len({VISA, first, second, bobs}) == 4
    with pytest.raises(CallRejected, match="another Customer"):
        account.attach(first, "cus_bob")
    assert account.attach(first) == first


def test_a_card_that_is_declined_cannot_be_attached(account: BillingFixture) -> None:
    with pytest.raises(PaymentDeclined):
        account.attach(DECLINED)


def test_a_card_authenticated_once_is_charged_later_without_the_customer(account: BillingFixture) -> None:
    subscription = account.subscribe()
    payment = account.confirm_first(subscription, "pm_card_authenticationRequiredOnSetup")
    account.stripe.authenticate(payment.id)

    assert account.renew(subscription).status is InvoiceStatus.PAID
