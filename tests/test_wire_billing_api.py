"""The HTTP API of billing, asked without the SDK: paths, parameters, bodies and errors, as Stripe documents them."""

from __future__ import annotations

from typing import Any

import pytest

from payflows.money import Money
from payflows.testing.gateway_checks_of_invoices import ASKS_LATER, DECLINED_LATER
from payflows.testing.gateway_customer import DECLINED, VISA
from tests.http_caller import INTENTS, Caller, Params, error_in

SUBSCRIPTIONS = "/v1/subscriptions"
INVOICES = "/v1/invoices"
CREDIT_NOTES = "/v1/credit_notes"
SETUPS = "/v1/setup_intents"

A_SUBSCRIPTION = {
    "customer": "cus_1",
    "items[0][price]": "price_1",
    "items[0][quantity]": "2",
    "payment_behavior": "default_incomplete",
    "payment_settings[save_default_payment_method]": "on_subscription",
    "metadata[subscription_id]": "subs-1",
}
A_TRIAL = {"trial_period_days": "14", "trial_settings[end_behavior][missing_payment_method]": "cancel"}
WITH_INVOICE = {"expand[0]": "latest_invoice.payments"}
WITH_PAYMENTS = {"expand[0]": "payments"}


class Subscriber(Caller):
    """An HTTP client whose account has one monthly price."""

    def __init__(self) -> None:
        super().__init__()
        self.stripe.add_price("price_1", product="prod_1", amount=Money(2000, "usd"), interval="month")

    def subscribe(self, **params: str) -> dict[str, Any]:
        """A new subscription, with its invoice and payments."""
        made: dict[str, Any] = self.post(SUBSCRIPTIONS, A_SUBSCRIPTION | WITH_INVOICE | params).json()
        return made

    def trial(self) -> dict[str, Any]:
        """A new trial."""
        return self.subscribe(**A_TRIAL)

    def attach(self, card: str = VISA) -> str:
        """A card that the customer has."""
        attached: str = self.post(f"/v1/payment_methods/{card}/attach", {"customer": "cus_1"}).json()["id"]
        return attached

    def invoice(self) -> str:
        """An open invoice."""
        invoice_id: str = self.subscribe()["latest_invoice"]["id"]
        return invoice_id

    def paid_invoice(self) -> str:
        """A paid one."""
        invoice_id = self.invoice()
        self.post(f"{INVOICES}/{invoice_id}/pay", {"payment_method": self.attach()})
        return invoice_id


@pytest.fixture
def caller() -> Subscriber:
    return Subscriber()


# Answers.


def test_a_subscriptions_life(caller: Subscriber) -> None:
    made = caller.subscribe()
    invoice = made["latest_invoice"]
    (payment,) = invoice["payments"]["data"]
    caller.post(f"{INTENTS}/{payment['payment']['payment_intent']}/confirm", {"payment_method": VISA})
    path = f"{SUBSCRIPTIONS}/{made['id']}"
    active = caller.get(path, **WITH_INVOICE).json()
    ending = caller.post(path, {"cancel_at_period_end": "true"}).json()
    ended = caller.delete(path, prorate="false", invoice_now="false").json()

    assert [step["status"] for step in (made, active, ending, ended)] == ["incomplete", "active", "active", "canceled"]
    assert (invoice["status"], invoice["amount_due"], invoice["billing_reason"]) == (
        "open",
        4000,
        "subscription_create",
    )
    assert (active["latest_invoice"]["status"], active["metadata"]) == ("paid", {"subscription_id": "subs-1"})
    assert ending["cancel_at"] == ending["items"]["data"][0]["current_period_end"]


def test_what_is_not_expanded_comes_as_its_id_or_not_at_all(caller: Subscriber) -> None:
    made = caller.subscribe()

    plain = caller.get(f"{SUBSCRIPTIONS}/{made['id']}").json()
    invoice = caller.get(f"{INVOICES}/{plain['latest_invoice']}").json()

    assert plain["latest_invoice"] == made["latest_invoice"]["id"]
    assert "payments" not in invoice
    assert "payments" in caller.get(f"{INVOICES}/{plain['latest_invoice']}", **WITH_PAYMENTS).json()


def test_a_trials_set_up(caller: Subscriber) -> None:
    trial = caller.trial()
    path = f"{SETUPS}/{trial['pending_setup_intent']}"

    before, done = caller.get(path).json(), caller.post(f"{path}/confirm", {"payment_method": VISA}).json()

    after = caller.get(f"{SUBSCRIPTIONS}/{trial['id']}").json()
    assert (trial["status"], trial["latest_invoice"]["payments"]["data"]) == ("trialing", [])
    assert (before["status"], done["status"]) == ("requires_payment_method", "succeeded")
    assert (after["default_payment_method"], after["pending_setup_intent"]) == (done["payment_method"], None)


def test_lists_are_newest_first_and_have_pages(caller: Subscriber) -> None:
    first, second, third = (caller.subscribe()["id"] for _ in range(3))
    asked = {"customer": "cus_1", "status": "all", "limit": "2"}

    one = caller.get(SUBSCRIPTIONS, **asked).json()
    two = caller.get(SUBSCRIPTIONS, **asked, starting_after=second).json()

    assert ([found["id"] for found in one["data"]], one["has_more"]) == ([third, second], True)
    assert ([found["id"] for found in two["data"]], two["has_more"]) == ([first], False)
    assert caller.get(SUBSCRIPTIONS, **asked, starting_after="sub_unknown").status_code == 400


def test_an_invoices_credit_notes_are_listed(caller: Subscriber) -> None:
    invoice = caller.paid_invoice()
    note = {"invoice": invoice, "amount": "500", "refund_amount": "500", "metadata[subscription_id]": "subs-1"}

    made = caller.post(CREDIT_NOTES, note).json()

    assert caller.get(CREDIT_NOTES, invoice=invoice).json()["data"] == [made]
    assert caller.get(INVOICES, subscription=caller.stripe.invoice(invoice).subscription or "").json()["data"]


# Errors.


def test_a_declined_invoice_shows_its_payment_and_a_declined_set_up_itself(caller: Subscriber) -> None:
    setup = caller.trial()["pending_setup_intent"]

    pay = caller.post(f"{INVOICES}/{caller.invoice()}/pay", {"payment_method": caller.attach(DECLINED_LATER)})
    confirm = caller.post(f"{SETUPS}/{setup}/confirm", {"payment_method": DECLINED})

    assert error_in(pay) == error_in(confirm) == (402, "card_error", "card_declined")
    assert pay.json()["error"]["payment_intent"]["status"] == "requires_payment_method"
    assert pay.json()["error"]["charge"] == pay.json()["error"]["payment_intent"]["latest_charge"]
    assert confirm.json()["error"]["setup_intent"]["id"] == setup


def test_an_invoice_that_asks_its_customer_is_a_card_error_too(caller: Subscriber) -> None:
    answer = caller.post(f"{INVOICES}/{caller.invoice()}/pay", {"payment_method": caller.attach(ASKS_LATER)})

    assert error_in(answer) == (402, "card_error", "invoice_payment_intent_requires_action")
    assert answer.json()["error"]["payment_intent"]["status"] == "requires_action"


def test_a_cancellation_made_again_is_a_404_whatever_its_key(caller: Subscriber) -> None:
    """Stripe API reference, Idempotent requests: with a DELETE a key has no effect."""
    path = f"{SUBSCRIPTIONS}/{caller.subscribe()['id']}"
    caller.delete(path, key="k")

    again = [caller.delete(path, key="k"), caller.delete(path)]

    assert [error_in(answer) for answer in again] == [(404, "invalid_request_error", "resource_missing")] * 2
    assert caller.get(path).status_code == 200


def test_what_the_status_does_not_allow_is_a_400(caller: Subscriber) -> None:
    path = f"{INVOICES}/{caller.paid_invoice()}"

    answers = [caller.post(f"{path}/void"), caller.post(f"{path}/finalize", {"auto_advance": "false"})]

    assert [answer.status_code for answer in answers] == [400, 400]


@pytest.mark.parametrize(
    "path",
    [f"{SUBSCRIPTIONS}/sub_unknown", f"{INVOICES}/in_unknown", f"{SETUPS}/seti_unknown"],
)
def test_what_is_not_there_is_a_404(caller: Subscriber, path: str) -> None:
    assert error_in(caller.get(path)) == (404, "invalid_request_error", "resource_missing")


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"customer": ""}, "parameter_missing"),
        ({"items[0][price]": "price_unknown"}, "resource_missing"),
        ({"items[0][quantity]": "many"}, "parameter_invalid_integer"),
        ({"trial_period_days": "731"}, "parameter_invalid_integer"),
        ({"trial_settings[end_behavior][missing_payment_method]": "wait"}, None),
        ({"payment_behavior": "allow_incomplete"}, None),
        ({"expand[0]": "customer"}, None),
        ({"coupon": "25off"}, "parameter_unknown"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused_and_leaves_the_key_free(
    caller: Subscriber, params: Params, code: str | None
) -> None:
    refused = caller.post(SUBSCRIPTIONS, A_SUBSCRIPTION | params, key="k")

    assert error_in(refused) == (400, "invalid_request_error", code)
    assert caller.post(SUBSCRIPTIONS, A_SUBSCRIPTION, key="k").status_code == 200


def test_a_change_that_is_not_understood_is_refused(caller: Subscriber) -> None:
    subscription, invoice = caller.subscribe()["id"], caller.paid_invoice()

    refused = [
        caller.post(f"{SUBSCRIPTIONS}/{subscription}", {"cancel_at_period_end": "maybe"}),
        caller.post(f"{SUBSCRIPTIONS}/{subscription}", {"quantity": "3"}),
        caller.delete(f"{SUBSCRIPTIONS}/{subscription}", prorate="true", invoice_now="false"),
        caller.post(f"{INVOICES}/{invoice}/finalize", {"auto_advance": "true"}),
        caller.post(
            CREDIT_NOTES,
            {"invoice": invoice, "amount": "500", "refund_amount": "1", "metadata[subscription_id]": "subs-1"},
        ),
        caller.post(
            CREDIT_NOTES,
            {"invoice": invoice, "amount": "9" * 9, "refund_amount": "9" * 9, "metadata[subscription_id]": "subs-1"},
        ),
        caller.get(SUBSCRIPTIONS, customer="cus_1", status="active"),
    ]

    assert {answer.status_code for answer in refused} == {400}
    assert caller.get(f"{SUBSCRIPTIONS}/{subscription}").json()["status"] == "incomplete"
