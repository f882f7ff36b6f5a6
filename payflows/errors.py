"""Everything that payflows raises, as one tree. What a call does about it is said where the call is made."""

from __future__ import annotations


class PayflowsError(Exception):
    """The root; catch it to catch all of ours. Every error can be rebuilt from its `args`.

    PayflowsError
    ├── InvalidInput               wrong input; nothing was written or called
    │   ├── InvalidMoney
    │   │   └── CurrencyMismatch
    │   ├── InvalidCart
    │   ├── InvalidCheckout       checkout id, customer, address or payment method
    │   ├── InvalidSubscription   a sign-up, a plan, seats, a trial or a card of a subscription
    │   ├── InvalidSale           a vendor, an order, an amount or a link of a marketplace
    │   ├── InvalidPolicy         a policy, scenario, setting, or part of another type
    │   ├── InvalidApiKey         not a test key
    │   ├── InvalidWebhookSecret  not a webhook endpoint's secret
    │   ├── InvalidWebhook        not proven to be Stripe's, or malformed
    │   ├── InvalidHandler        what `subscribe` was given
    │   ├── InvalidEvent          what `publish` was given
    │   ├── UnbalancedEntry       a journal entry that does not sum to zero
    │   ├── NotFound          no such thing, or not the caller's: both sound the same
    │   └── InvalidState    the status does not allow it
    │       └── UsageCapReached   the plan allows no more in this period
    ├── Conflict
    │   ├── CheckoutIdReused  same checkout id, other content
    │   ├── SignupIdReused    same sign-up id, other content
    │   ├── OrderIdReused     same order, refund or vendor id, other content
    │   ├── AlreadySubscribed the customer has a live subscription of the product
    │   ├── TrialUsed         the customer has had a trial of the product
    │   ├── StaleConfirmation what was confirmed is not what it would cost now
    │   ├── UsageIdReused     same usage id, other content
    │   ├── AlreadyExists     its id, key, reference or claim is taken
    │   └── VersionConflict   what is stored was changed since it was read
    ├── UnreadableRow       what is stored was written by other code: a newer schema, a field unknown here
    ├── PortError           a port could not be asked; the order rests and goes on by itself
    │   ├── CallNotSent    it was not done: connection refused, 429
    │   │   └── MerchantMisconfigured   Stripe refuses us: 401, 403, a request that we made wrong
    │   └── OutcomeUnknown    it may have been done: time-out, reset, 409 in progress, 5xx
    │       ├── ServerFailed       a 5xx: the call has ended, done or not
    │       └── UnreadableAnswer   the answer is another object, another order's, or in live mode
    ├── CallRejected           400, 404 or a key with other parameters: this call did nothing
    └── PaymentDeclined       402: the issuer said no to this one try
    """


class InvalidInput(PayflowsError):
    """Wrong input. Nothing was written, nothing was called."""


class InvalidMoney(InvalidInput):
    """An amount, currency or rate that cannot be."""


class CurrencyMismatch(InvalidMoney):
    """Arithmetic across currencies."""


class InvalidCart(InvalidInput):
    """A cart that cannot be sold."""


class InvalidCheckout(InvalidInput):
    """A checkout id, customer, address or payment method that cannot be used."""


class InvalidSubscription(InvalidInput):
    """A sign-up id, plan, number of seats, trial, customer or card that cannot be used for a subscription."""


class InvalidSale(InvalidInput):
    """A vendor, order, amount or link that cannot be used on a marketplace."""


class InvalidPolicy(InvalidInput):
    """A policy, scenario or setting outside what it allows."""


class InvalidApiKey(InvalidInput):
    """A Stripe key that is not a test key. The key itself is never part of the message."""


class InvalidWebhookSecret(InvalidInput):
    """A secret that cannot be a webhook endpoint's. The secret itself is never part of the message."""


class InvalidWebhook(InvalidInput):
    """A webhook that is not proven to be Stripe's, or is malformed. Its text is a fixed code, nothing that came."""


class InvalidHandler(InvalidInput):
    """A subscription that could never be called: unknown type, not a coroutine function, a name used twice."""


class InvalidEvent(InvalidInput):
    """What is no business event, or has no key under which it could be stored."""


class UnbalancedEntry(InvalidInput):
    """A journal entry that does not sum to zero in each currency: nothing of its step was written."""


class NotFound(InvalidInput):
    """No such thing, or it belongs to another party: the caller must not learn which."""


class InvalidState(InvalidInput):
    """The status of the order, or of the webhook, does not allow what was asked."""


class UsageCapReached(InvalidState):
    """The plan allows no more of it in this period; nothing was recorded."""


class Conflict(PayflowsError):
    """Two wishes that cannot both hold."""


class CheckoutIdReused(Conflict):
    """The same checkout id came again with other content."""


class SignupIdReused(Conflict):
    """The same sign-up id came again with other content."""


class OrderIdReused(Conflict):
    """The same id of an order, a refund or a vendor came again with other content."""


class AlreadySubscribed(Conflict):
    """The customer has a live subscription of the product: settle it, change it or end it first."""


class TrialUsed(Conflict):
    """The customer has had a trial of the product; without one they can subscribe."""


class StaleConfirmation(Conflict):
    """The amount that was confirmed, or the plan that it was for, is not what stands now: preview it again."""


class UsageIdReused(Conflict):
    """The same usage id came again with other content."""


class AlreadyExists(Conflict):
    """Its id, key, reference or claim is taken by another one that is stored."""


class VersionConflict(Conflict):
    """What is stored was changed since it was read; read it again.

    Args:
        kind: of what, such as "order" or "delivery".
        detail: which, and how far it has moved on; empty where that is not known.
    """

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = detail

    def __str__(self) -> str:
        return self.detail or f"the {self.kind} was changed since it was read"


class UnreadableRow(PayflowsError):
    """What is stored was written by other code, and this code cannot read it: a newer schema, an unknown field.

    It is never read halfway: a field that is dropped in silence would be lost with the next version that is stored.
    """


class PortError(PayflowsError):
    """A port could not be asked, or its answer was lost."""


class CallNotSent(PortError):
    """The call had no effect: the connection was refused, or Stripe answered 429."""


class MerchantMisconfigured(CallNotSent):
    """Stripe refuses us, whoever the customer is: a wrong, revoked or restricted key, or a request that we made wrong.

    It says nothing of the order: that waits, and goes on once the account is put right.
    """


class OutcomeUnknown(PortError):
    """The call may have had its effect: a time-out, a reset, a 409 in progress, a 5xx."""


class ServerFailed(OutcomeUnknown):
    """A 5xx: the call has ended, done or not, and its key may bring the same answer again for a day."""


class UnreadableAnswer(OutcomeUnknown):
    """The answer is not what was asked for: another object or order, another amount, live mode, or not in its form."""


class CallRejected(PayflowsError):
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
