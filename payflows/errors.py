"""Everything that payflows raises, as one tree. What a call does about it is said where the call is made."""

from __future__ import annotations


class PayflowsError(Exception):
    """The root; catch it to catch all of ours. Every error can be rebuilt from its `args`.

    PayflowsError
    ├── Refused               wrong input; nothing was written or called
    │   ├── BadMoney
    │   │   └── CurrencyMismatch
    │   ├── BadCart
    │   ├── BadCheckout       checkout id, customer, address or payment method
    │   ├── BadPolicy         a policy, scenario or setting
    │   ├── BadApiKey         not a test key
    │   ├── BadWebhookSecret  not a webhook endpoint's secret
    │   ├── BadWebhook        not proven to be Stripe's, or malformed
    │   ├── BadHandler        what `subscribe` was given
    │   ├── BadEvent          what `publish` was given
    │   ├── UnknownOrder      no such order, or not the asker's: both sound the same
    │   ├── UnknownWebhook    nothing with this event id has come in
    │   ├── UnknownDelivery   nothing with this key was published to that handler
    │   └── NotPossibleNow    the status does not allow it
    ├── Conflict
    │   ├── CheckoutIdReused  same checkout id, other content
    │   └── Stale             somebody else changed it since it was read
    │       ├── StaleOrder
    │       ├── StaleRecord
    │       ├── StaleDelivery
    │       └── StaleWebhook
    ├── PortTrouble           a port could not be asked; the order rests and goes on by itself
    │   ├── CallNotStarted    it was not done: connection refused, 429
    │   └── OutcomeUnknown    it may have been done: time-out, reset, 409 in progress, 5xx
    ├── CallRefused           400, 401, 403, 404 or a key with other parameters: this call did nothing
    └── PaymentDeclined       402: the issuer said no to this one try
    """


class Refused(PayflowsError):
    """Wrong input. Nothing was written, nothing was called."""


class BadMoney(Refused):
    """An amount, currency or rate that cannot be."""


class CurrencyMismatch(BadMoney):
    """Arithmetic across currencies."""


class BadCart(Refused):
    """A cart that cannot be sold."""


class BadCheckout(Refused):
    """A checkout id, customer, address or payment method that cannot be used."""


class BadPolicy(Refused):
    """A policy, scenario or setting outside what it allows."""


class BadApiKey(Refused):
    """A Stripe key that is not a test key. The key itself is never part of the message."""


class BadWebhookSecret(Refused):
    """A secret that cannot be a webhook endpoint's. The secret itself is never part of the message."""


class BadWebhook(Refused):
    """A webhook that is not proven to be Stripe's, or is malformed. Its text is a fixed code, nothing that came."""


class BadHandler(Refused):
    """A subscription that could never be called: unknown type, not a coroutine function, a name used twice."""


class BadEvent(Refused):
    """What is no business event, or has no key under which it could be stored."""


class UnknownOrder(Refused):
    """No such order, or it belongs to somebody else: the asker must not learn which."""


class UnknownWebhook(Refused):
    """No webhook with this event id has come in."""


class UnknownDelivery(Refused):
    """No business event was published to this handler under this key."""


class NotPossibleNow(Refused):
    """The status of the order, or of the webhook, does not allow what was asked."""


class Conflict(PayflowsError):
    """Two wishes that cannot both hold."""


class CheckoutIdReused(Conflict):
    """The same checkout id came again with other content."""


class Stale(Conflict):
    """What is stored was changed since it was read; read it again."""


class StaleOrder(Stale):
    """The order was changed since it was read; read it again."""


class StaleRecord(Stale):
    """A handler's record was changed since it was read; read it again."""


class StaleDelivery(Stale):
    """The business event was delivered or replayed since it was read; what the other one stored stands."""


class StaleWebhook(Stale):
    """The webhook was worked off or replayed since it was read; what the other one stored stands."""


class PortTrouble(PayflowsError):
    """A port could not be asked, or its answer was lost."""


class CallNotStarted(PortTrouble):
    """The call had no effect: the connection was refused, or Stripe answered 429."""


class OutcomeUnknown(PortTrouble):
    """The call may have had its effect: a time-out, a reset, a 409 in progress, a 5xx."""


class CallRefused(PayflowsError):
    """The call was wrong or came too late and did nothing; it says nothing of earlier calls.

    Args:
        message: what was refused.
        code: Stripe's error code, such as `payment_intent_unexpected_state`; None where it gave none.
    """

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message, code)
        self.message = message
        self.code = code

    def __str__(self) -> str:
        return f"{self.message} ({self.code})" if self.code else self.message


class PaymentDeclined(PayflowsError):
    """The issuer declined one try of one card.

    Args:
        code: Stripe's error code, such as `card_declined`.
        decline_code: the issuer's reason as Stripe names it, such as `insufficient_funds`; None where there is none.
        charge_id: the failed charge; None where the card was turned down before one was made.
    """

    def __init__(self, code: str, decline_code: str | None = None, charge_id: str | None = None) -> None:
        super().__init__(code, decline_code, charge_id)
        self.code = code
        self.decline_code = decline_code
        self.charge_id = charge_id

    def __str__(self) -> str:
        return self.decline_code or self.code
