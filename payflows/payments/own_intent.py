"""A payment intent of our own: created unconfirmed, stored, confirmed, and cancelled before its owner fails."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from payflows.errors import CallRejected, OutcomeUnknown, PaymentDeclined, UnreadableAnswer
from payflows.kernel.calls import Calls, Failure
from payflows.payments.charge import Charge
from payflows.payments.collection import Closed, Collection, Rejected, Succeeded, Undone, undone
from payflows.payments.gateway import PaymentGateway
from payflows.payments.model import CaptureMode, Payment, PaymentStatus


class OwnIntent:
    """A `Payable`: the payment intent whose id the charge holds. Each call is one of the gateway's, not yet awaited.

    Args:
        gateway: Stripe.
    """

    def __init__(self, gateway: PaymentGateway) -> None:
        self._gateway = gateway

    def read(self, charge: Charge) -> Coroutine[Any, Any, Payment]:
        """Return the intent as it stands."""
        return self._gateway.retrieve_payment(charge.stored_payment_id())

    def attempt(self, charge: Charge) -> Coroutine[Any, Any, Payment]:
        """Confirm it with the attempt's card."""
        attempt = charge.attempt
        key = charge.key(f"confirm-{attempt.number}")
        return self._gateway.confirm_payment(
            charge.stored_payment_id(),
            payment_method=attempt.payment_method,
            key=key,
            return_url=attempt.return_url,
        )

    def close(self, charge: Charge) -> Coroutine[Any, Any, Payment]:
        """Cancel it."""
        return self._gateway.cancel_payment(charge.stored_payment_id(), key=charge.key("cancel"))


@dataclass(frozen=True, slots=True)
class IntentTerms:
    """How an intent is made.

    Attributes:
        capture: whether the money is taken when it is confirmed, or later.
        stripe_customer_id: whose saved cards are used; None for a guest.
    """

    capture: CaptureMode
    stripe_customer_id: str | None


class IntentCollection(Collection):
    """Collects charges over payment intents of our own.

    Args:
        gateway: Stripe.
        calls: how it is called.
    """

    def __init__(self, gateway: PaymentGateway, calls: Calls) -> None:
        super().__init__(OwnIntent(gateway), calls)
        self._gateway = gateway

    async def create(self, charge: Charge, terms: IntentTerms) -> Payment | Failure:
        """Make the intent, unconfirmed; its id is stored before it is tried. Raises `CallNotSent`.

        A doubt is an answer here, and no reason to try again immediately: under a key that Stripe has lost, each try
        makes another intent.
        """

        async def create() -> Payment | OutcomeUnknown:
            try:
                return charge.own(await self._calls.once(lambda: self.creating(charge, terms)))
            except OutcomeUnknown as doubt:
                return doubt

        return await self._calls.call_for_outcome(create)

    def creating(self, charge: Charge, terms: IntentTerms) -> Coroutine[Any, Any, Payment]:
        """Return the call that makes the intent."""
        return self._gateway.create_payment(
            charge.owner_id,
            amount=charge.amount,
            capture=terms.capture,
            stripe_customer_id=terms.stripe_customer_id,
            key=charge.key("create"),
        )

    async def owner_of(self, payment_id: str) -> str | None:
        """Read whose payment it is, where no charge has stored its id: by its metadata; None where they name no one."""
        try:
            payment = await self._calls.call(lambda: self._gateway.retrieve_payment(payment_id))
        except CallRejected:
            return None
        if payment.id != payment_id:
            raise UnreadableAnswer(f"{payment_id} was asked for, and {payment.id} was the answer")
        return payment.order_id

    async def capture(self, charge: Charge) -> Succeeded | Closed | Rejected | Undone:
        """Take the whole of what was authorised, and read what became of it."""
        payment_id, key = charge.stored_payment_id(), charge.key("capture")
        answer = await self._calls.call_for_outcome(lambda: self._gateway.capture_payment(payment_id, key=key))
        payment = await self.read(charge)
        if payment.status is PaymentStatus.SUCCEEDED:
            return Succeeded(payment)
        if payment.status is PaymentStatus.CANCELED:
            return Closed(payment)
        if isinstance(answer, CallRejected | PaymentDeclined):
            return Rejected(payment, answer)
        return undone(payment, answer)
