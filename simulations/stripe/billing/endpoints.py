"""The HTTP endpoints of subscriptions, invoices, set-ups and credit notes. What they do is in `api`."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.subscriptions.billing import SubscriptionTerms, TrialEnd

from simulations.stripe.billing.invoices import Invoice
from simulations.stripe.billing.setups import SetupIntent
from simulations.stripe.billing.subscriptions import Subscription
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.events import Json, StripeObject
from simulations.stripe.http.endpoints import (
    EXPAND,
    Endpoint,
    Params,
    check_expand,
    list_page,
    money_of,
    only,
    truth_of,
    whole_number_of,
)
from simulations.stripe.simulated import SimulatedStripe

_SUBSCRIPTIONS = "/v1/subscriptions"
_INVOICES = "/v1/invoices"
_CREDIT_NOTES = "/v1/credit_notes"
_SETUPS = "/v1/setup_intents"
_OF_A_LIST = ("limit", "starting_after")
_GIVEN_BACK = ("refund_amount", "credit_amount")
_OWNER = "metadata[subscription_id]"
_MISSING_METHOD = "trial_settings[end_behavior][missing_payment_method]"
_BEHAVIOUR = "payment_behavior"
_SAVES = "payment_settings[save_default_payment_method]"


# Subscriptions


def find_subscription(stripe: SimulatedStripe, stripe_subscription_id: str) -> Subscription:
    """Return Stripe's own object. Raises `InvalidRequest` (`resource_missing`)."""
    return stripe.billing.book.subscriptions.find(stripe_subscription_id)


def _find_living(stripe: SimulatedStripe, stripe_subscription_id: str) -> Subscription:
    """To a DELETE, what has ended is not there any more."""
    subscription = find_subscription(stripe, stripe_subscription_id)
    if subscription.has_ended:
        raise InvalidRequest(f"No such subscription: '{stripe_subscription_id}'", "resource_missing")
    return subscription


def _create(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    only(params, _BEHAVIOUR, "default_incomplete")
    only(params, _SAVES, "on_subscription")
    terms = SubscriptionTerms(
        params["customer"],
        params["items[0][price]"],
        whole_number_of(params, "items[0][quantity]", "1"),
        whole_number_of(params, "trial_period_days", "0"),
        _trial_end_of(params),
        params.get("items[1][price]"),
    )
    made = stripe.billing.api.create_subscription(params[_OWNER], terms)
    return shown_subscription(find_subscription(stripe, made.id), params)


def _retrieve(stripe: SimulatedStripe, stripe_subscription_id: str, params: Params) -> Json:
    return shown_subscription(find_subscription(stripe, stripe_subscription_id), params)


def _list(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    only(params, "status", "all")
    customer = stripe.billing.book.customer(params["customer"])
    newest_first = reversed(stripe.billing.book.of_customer(customer.id))
    return list_page(
        _SUBSCRIPTIONS,
        [shown_subscription(each, params, "data.latest_invoice.payments") for each in newest_first],
        params,
    )


def _set_default(stripe: SimulatedStripe, stripe_subscription_id: str, params: Params) -> Json:
    stripe.billing.api.set_default_payment_method(stripe_subscription_id, params["default_payment_method"])
    return shown_subscription(find_subscription(stripe, stripe_subscription_id), params)


def _set_end(stripe: SimulatedStripe, stripe_subscription_id: str, params: Params) -> Json:
    stripe.billing.api.set_cancel_at_period_end(stripe_subscription_id, truth_of(params, "cancel_at_period_end"))
    return shown_subscription(find_subscription(stripe, stripe_subscription_id), params)


def _cancel(stripe: SimulatedStripe, stripe_subscription_id: str, params: Params) -> Json:
    prorate, invoice_now = (truth_of(params, name, "false") for name in ("prorate", "invoice_now"))
    if prorate:
        only(params, "invoice_now", "true")  # where it is false, the credit waits for an invoice that never comes
    stripe.billing.api.cancel_subscription(stripe_subscription_id, prorate, invoice_now)
    return shown_subscription(find_subscription(stripe, stripe_subscription_id), params)


def _trial_end_of(params: Params) -> TrialEnd:
    end = params.get(_MISSING_METHOD, TrialEnd.CREATE_INVOICE.value)
    if end not in tuple(TrialEnd):
        raise InvalidRequest(f"Invalid {_MISSING_METHOD}: must be one of {', '.join(TrialEnd)}", None, _MISSING_METHOD)
    return TrialEnd(end)


def shown_subscription(subscription: Subscription, params: Params, expandable: str = "latest_invoice.payments") -> Json:
    """Return the subscription, with its latest invoice and that one's payments where they were asked for."""
    check_expand(params, expandable)
    invoice = subscription.latest_invoice if EXPAND in params else None
    return subscription.to_stripe() | ({} if invoice is None else {"latest_invoice": _with_payments(invoice)})


# Cards and set-ups


def _attach(stripe: SimulatedStripe, payment_method: str, params: Params) -> Json:
    attached = stripe.billing.api.attach_payment_method(payment_method, params["customer"])
    return stripe.payments.methods.saved(attached).to_stripe()


def _find_setup(stripe: SimulatedStripe, setup_id: str) -> SetupIntent:
    return stripe.billing.book.setups.find(setup_id)


def _confirm_setup(stripe: SimulatedStripe, setup_id: str, params: Params) -> Json:
    stripe.billing.api.confirm_setup(setup_id, params["payment_method"])
    return _find_setup(stripe, setup_id).to_stripe()


def _retrieve_setup(stripe: SimulatedStripe, setup_id: str, _: Params) -> Json:
    return _find_setup(stripe, setup_id).to_stripe()


# Invoices and credit notes


def _find_invoice(stripe: SimulatedStripe, invoice_id: str) -> Invoice:
    return stripe.billing.book.invoices.find(invoice_id)


def _payment_of(stripe: SimulatedStripe, invoice_id: str) -> StripeObject:
    """What an error shows of a payment that failed; of an invoice without one, nothing that has a name there."""
    invoice = _find_invoice(stripe, invoice_id)
    return invoice if invoice.payment is None else invoice.payment.intent


def _retrieve_invoice(stripe: SimulatedStripe, invoice_id: str, params: Params) -> Json:
    return _invoice_shown(_find_invoice(stripe, invoice_id), params)


def _list_invoices(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    newest_first = reversed(find_subscription(stripe, params["subscription"]).invoices)
    return list_page(_INVOICES, [_invoice_shown(each, params, "data.payments") for each in newest_first], params)


def _finalise(stripe: SimulatedStripe, invoice_id: str, params: Params) -> Json:
    only(params, "auto_advance", "false")
    stripe.billing.api.finalize_invoice(invoice_id)
    return _invoice_shown(_find_invoice(stripe, invoice_id), params)


def _pay(stripe: SimulatedStripe, invoice_id: str, params: Params) -> Json:
    stripe.billing.api.pay_invoice(invoice_id, params.get("payment_method"))
    return _invoice_shown(_find_invoice(stripe, invoice_id), params)


def _void(stripe: SimulatedStripe, invoice_id: str, params: Params) -> Json:
    stripe.billing.api.void_invoice(invoice_id)
    return _invoice_shown(_find_invoice(stripe, invoice_id), params)


def _credit(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    invoice = _find_invoice(stripe, params["invoice"])
    amount, balance_minor = money_of(params, "amount", invoice.currency), whole_number_of(params, "credit_amount", "0")
    if whole_number_of(params, "refund_amount", "0") != amount.minor - balance_minor:
        raise InvalidRequest("The refund and credit amounts must equal the credit note's amount.")
    stripe.billing.api.credit_invoice(invoice.id, params[_OWNER], amount, balance_minor)
    return invoice.credit_notes[-1].to_stripe()


def _list_credit_notes(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    newest_first = reversed(_find_invoice(stripe, params["invoice"]).credit_notes)
    return list_page(_CREDIT_NOTES, [note.to_stripe() for note in newest_first], params)


def _invoice_shown(invoice: Invoice, params: Params, expandable: str = "payments") -> Json:
    check_expand(params, expandable)
    return _with_payments(invoice) if EXPAND in params else invoice.to_stripe()


def _with_payments(invoice: Invoice) -> Json:
    return invoice.to_stripe() | {"payments": invoice.expanded()["payments"]}


_SUBSCRIPTION = f"{_SUBSCRIPTIONS}/{{subscription_exposed_id}}"
_INVOICE = f"{_INVOICES}/{{invoice}}"
_SETUP = f"{_SETUPS}/{{intent}}"

ENDPOINTS: Mapping[str, Endpoint] = {
    "create_subscription": Endpoint(
        "POST",
        _SUBSCRIPTIONS,
        _create,
        needs=("customer", "items[0][price]", _BEHAVIOUR, _SAVES, _OWNER),
        may=("items[0][quantity]", "items[1][price]", "trial_period_days", _MISSING_METHOD, EXPAND),
    ),
    "retrieve_subscription": Endpoint("GET", _SUBSCRIPTION, _retrieve, find_subscription, may=(EXPAND,)),
    "list_subscriptions": Endpoint(
        "GET", _SUBSCRIPTIONS, _list, needs=("customer", "status"), may=(*_OF_A_LIST, EXPAND)
    ),
    "set_default_payment_method": Endpoint(
        "POST",
        _SUBSCRIPTION,
        _set_default,
        find_subscription,
        ("default_payment_method",),
        (EXPAND,),
        when="default_payment_method",
    ),
    "set_cancel_at_period_end": Endpoint(
        "POST", _SUBSCRIPTION, _set_end, find_subscription, ("cancel_at_period_end",), (EXPAND,)
    ),
    "cancel_subscription": Endpoint(
        "DELETE", _SUBSCRIPTION, _cancel, _find_living, may=("prorate", "invoice_now", EXPAND)
    ),
    "attach_payment_method": Endpoint(
        "POST", "/v1/payment_methods/{payment_method}/attach", _attach, needs=("customer",)
    ),
    "confirm_setup": Endpoint("POST", f"{_SETUP}/confirm", _confirm_setup, _find_setup, ("payment_method",)),
    "retrieve_setup": Endpoint("GET", _SETUP, _retrieve_setup, _find_setup),
    "retrieve_setup_action": Endpoint("GET", _SETUP, _retrieve_setup, _find_setup),
    "retrieve_invoice": Endpoint("GET", _INVOICE, _retrieve_invoice, _find_invoice, may=(EXPAND,)),
    "list_invoices": Endpoint("GET", _INVOICES, _list_invoices, needs=("subscription",), may=(*_OF_A_LIST, EXPAND)),
    "finalize_invoice": Endpoint(
        "POST", f"{_INVOICE}/finalize", _finalise, _find_invoice, ("auto_advance",), (EXPAND,)
    ),
    "pay_invoice": Endpoint(
        "POST", f"{_INVOICE}/pay", _pay, _find_invoice, may=("payment_method", EXPAND), shows=_payment_of
    ),
    "void_invoice": Endpoint("POST", f"{_INVOICE}/void", _void, _find_invoice, may=(EXPAND,)),
    "credit_invoice": Endpoint("POST", _CREDIT_NOTES, _credit, needs=("invoice", "amount", _OWNER), may=_GIVEN_BACK),
    "list_credit_notes": Endpoint("GET", _CREDIT_NOTES, _list_credit_notes, needs=("invoice",), may=_OF_A_LIST),
}
"""By the call of the gateway that makes the request. A set-up, and what its bank asks, are read by one request."""
