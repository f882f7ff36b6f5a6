"""The errors of the simulated Stripe: those of the port, as finely distinguished as HTTP does."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.errors import CallNotSent, CallRejected, MerchantMisconfigured, OutcomeUnknown, ServerFailed


class NoConnection(CallNotSent):
    """The connection was refused."""


class TooManyRequests(CallNotSent):
    """429, before anything is looked at."""


class Unauthorised(MerchantMisconfigured):
    """401: no such key, or one that was revoked; before anything is looked at."""


class NoAnswer(OutcomeUnknown):
    """No answer within the caller's time-out."""


class ConnectionBroken(OutcomeUnknown):
    """The connection breaks in the middle of the answer."""


class KeyInUse(OutcomeUnknown):
    """409: the first call with this key is still running."""


class OtherParameters(CallRejected):
    """400: the key was first used for another call, or with other parameters."""


class InvalidRequest(CallRejected):
    """Refused before execution, so that nothing is stored under the key: an unknown id, a bad parameter.

    Args:
        message: what was refused.
        code: Stripe's error code; None where it gives none.
        param: the parameter that was wrong, by its name over HTTP; None where it is not one alone.
    """

    def __init__(self, message: str, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message, code)
        self.param = param
        if param is not None:
            self.args = (message, code, param)


class AccountInvalid(InvalidRequest):
    """403: a connected account that is closed, or not ours."""


class FailedUnstored(ServerFailed):
    """A 500 of which nothing is stored: the next call with the same key is executed anew."""


_MESSAGES: Mapping[str, str] = {
    "card_declined": "Your card was declined.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "payment_intent_authentication_failure": "The provided PaymentMethod has failed authentication.",
}


def message_of(code: str) -> str:
    """Return Stripe's message to the customer, by error code."""
    return _MESSAGES.get(code, "The payment failed.")
