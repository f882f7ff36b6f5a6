"""What a failed call to Stripe means: the one place where the SDK's errors become ours.

| what came | what it says of this call | becomes |
|---|---|---|
| 402 `card_error` on a call that tries a card | the issuer said no, or asks | `PaymentDeclined` |
| 400, 404, any other 402 | it was wrong or too late and did nothing | `CallRejected` |
| `account_invalid`, a 403: a vendor's account is closed | it did nothing | `CallRejected` |
| 401, 403, a 400 for a request made wrong, no such call | we are refused, not this order | `MerchantMisconfigured` |
| 429, or no connection | it was not begun | `CallNotSent` |
| 5xx | it has ended, done or not | `ServerFailed`, an `OutcomeUnknown` |
| all else: 409, time-out, reset, an unreadable answer | it may have been done | `OutcomeUnknown` |

None of them says what became of the payment: that is read by its id. Only an answer in Stripe's own form
counts: a 403 with a proxy's page is unreadable.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import stripe

from payflows.errors import (
    CallNotSent,
    CallRejected,
    MerchantMisconfigured,
    OutcomeUnknown,
    PaymentDeclined,
    PortError,
    ServerFailed,
)
from payflows.marketplace.connect import ACCOUNT_INVALID
from payflows.payments.model import PaymentStatus
from payflows.stripe.http import NeverSent
from payflows.stripe.mapping import charge_id_of, text_in
from payflows.subscriptions.billing import ALREADY_REPORTED

GatewayError = PortError | CallRejected | PaymentDeclined

_REFUSED = (400, 402, 404)
_US_REFUSED = (401, 403)
_MADE_WRONG = frozenset(
    {
        "api_key_expired",
        "livemode_mismatch",
        "parameter_missing",
        "parameter_unknown",
        "parameters_exclusive",
        "platform_api_key_expired",
        "secret_key_required",
        "testmode_charges_only",
    }
)
"""Codes of requests that no customer's card can mend (docs.stripe.com/error-codes)."""

_NO_SUCH_CALL = "Unrecognized request URL"
"""How the message begins where there is no such endpoint: a 404 without a code."""

_HAS_IT_ALREADY = "An event already exists with identifier"
"""How the message begins where usage was reported before: a 400 without a code (langfuse/langfuse#16292)."""

_TRY_A_CARD = frozenset({"attach_payment_method", "confirm_payment", "confirm_setup", "pay_invoice"})
_SECRETS = (
    (re.compile(r"\b(sk|rk|pk)_(test|live)_\w+|\bwhsec_\w+"), "[key]"),
    (re.compile(r"[^@\s'\"<>:]+@[^@\s'\"<>]+"), "[e-mail]"),
    (re.compile(r"(?<!\w)\d(?:[ -]?\d){12,18}(?!\w)"), "[card number]"),
)


class Asked(NamedTuple):
    """What was asked of Stripe.

    Attributes:
        method: of the port, such as `capture_payment`.
        about: Stripe's id of the payment, or our id of the order.
    """

    method: str
    about: str

    def __str__(self) -> str:
        return f"{self.method} {self.about}"


def map_error(error: Exception, asked: Asked) -> GatewayError:
    """Our error for whatever came of the call, with nothing in its text that is secret or private."""
    if isinstance(error, NeverSent):
        return CallNotSent(f"{asked}: no connection to Stripe ({_cause(error)})")
    if isinstance(error, stripe.APIConnectionError):
        return OutcomeUnknown(f"{asked}: no answer from Stripe ({_cause(error)})")
    if isinstance(error, stripe.StripeError) and isinstance(error.error, stripe.ErrorObject):
        return _meaning_of_answer(error, error.error, asked)
    seen = f"status {error.http_status}" if isinstance(error, stripe.StripeError) else type(error).__name__
    return OutcomeUnknown(f"{asked}: Stripe's answer could not be read ({seen})")


def safe_cause(error: Exception) -> Exception | None:
    """The error as a cause that a traceback may show; None where its text would show more than ours does.

    The SDK puts the whole of an unreadable answer into its message, and stripe-mock the key into its own. What else it
    keeps of the answer is taken from it, for some pickle an error with its cause.
    """
    if isinstance(error, stripe.APIError) and not isinstance(error.error, stripe.ErrorObject):
        return None
    if redact(str(error)) != str(error):
        return None
    if isinstance(error, stripe.StripeError):
        error.http_body, error.json_body, error.headers, error.error = None, None, {}, None
        error.args = error.args[:1]
    return error


def redact(text: str) -> str:
    """The text with keys, e-mails and card numbers replaced."""
    for secret, name in _SECRETS:
        text = secret.sub(name, text)
    return text


def _meaning_of_answer(error: stripe.StripeError, answer: stripe.ErrorObject, asked: Asked) -> GatewayError:
    """By the status, which Stripe documents, and not by the SDK's classes, which follow it."""
    text = redact(_description(error, answer, asked))
    code, kind, status = text_in(answer, "code"), text_in(answer, "type"), error.http_status
    if status == 429 or (status == 400 and code == "rate_limit"):
        return CallNotSent(text)
    if status == 402 and kind == "card_error" and asked.method in _TRY_A_CARD:
        decline_code = text_in(answer, "decline_code")
        return PaymentDeclined(code or "card_declined", decline_code, _failed_charge(answer))
    if code == ACCOUNT_INVALID:
        return CallRejected(text, code)  # only calls about a vendor's account name one
    if status in _US_REFUSED or (status == 400 and code in _MADE_WRONG):
        return MerchantMisconfigured(text)
    message = text_in(answer, "message") or ""
    if status == 404 and code is None and message.startswith(_NO_SUCH_CALL):
        return MerchantMisconfigured(f"{text}; this version of Stripe, or stripe-mock, does not have this call")
    if status in _REFUSED:
        has_it_already = code is None and message.startswith(_HAS_IT_ALREADY)
        return CallRejected(text, ALREADY_REPORTED if has_it_already else code)
    return OutcomeUnknown(text) if status is None or status < 500 else ServerFailed(text)


def _description(error: stripe.StripeError, answer: stripe.ErrorObject, asked: Asked) -> str:
    """Return one line that a person can look the call up by."""
    message = (text_in(answer, "message") or "no message").rstrip(".")
    param = f" [{answer.param}]" if answer.param else ""
    request = f", request {error.request_id}" if error.request_id else ""
    return f"{asked}: Stripe answered {error.http_status}{request}: {message}{param}"


def _failed_charge(answer: stripe.ErrorObject) -> str | None:
    """Return the charge that failed; the latest one of an intent that waits for its customer is of an earlier try."""
    intent = answer.payment_intent
    has_failed = isinstance(intent, stripe.PaymentIntent) and intent.status != PaymentStatus.REQUIRES_ACTION
    return text_in(answer, "charge") or (charge_id_of(intent) if intent is not None and has_failed else None)


def _cause(error: stripe.APIConnectionError) -> str:
    return type(error.__cause__ or error).__name__
