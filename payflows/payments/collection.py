"""Collecting one amount exactly once: the money argument, for whatever is to be paid.

1. A charge has one object at Stripe that decides (a payable). Its id is stored before anything is tried with it.
2. An answer classifies a call, never the payment: what became of the money is read from the object by its stored id.
3. Every try has a key, stored before it is made: the same try again is the same call.
4. A decline that the object shows may be a late answer of an older try: it counts only if it is this try's.
5. Before its owner fails, the payable is closed, and read as closed: from then on it can never take money.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol

from payflows.clock import SECOND
from payflows.errors import CallRejected, OutcomeUnknown, PaymentDeclined
from payflows.kernel.aggregate import Review
from payflows.kernel.calls import Calls
from payflows.payments.charge import Charge
from payflows.payments.model import Decline, Payment, PaymentStatus

PROCESSING_TOO_LONG = "processing for too long"
"""Why what is to be paid is in review whose payment neither succeeds nor fails: only the bank, or Stripe, knows why."""


class Payable(Protocol):
    """What is to be paid, as Stripe keeps it: an intent of our own, or an invoice whose intent Stripe owns.

    Each method calls one of a port's. What the last two return is of no account: what became of them is read.
    """

    async def read(self, charge: Charge) -> Payment:
        """Return it as it stands, by its stored id."""
        ...

    async def attempt(self, charge: Charge) -> object:
        """Try the charge's card, under the key of its attempt. Raises `PaymentDeclined` where the issuer says no."""
        ...

    async def close(self, charge: Charge) -> object:
        """Make certain that it never takes money. Rejected once it has."""
        ...


class Succeeded(NamedTuple):
    """The money was taken."""

    payment: Payment


class Authorised(NamedTuple):
    """The money is set aside, to be captured."""

    payment: Payment


class Processing(NamedTuple):
    """The customer's bank is at work on it."""

    payment: Payment


class Closed(NamedTuple):
    """It can take no money any more."""

    payment: Payment


class Open(NamedTuple):
    """Nothing has come of it yet: it may be tried."""

    payment: Payment


class ActionRequired(NamedTuple):
    """The customer's bank asks the customer."""

    payment: Payment


class Declined(NamedTuple):
    """The issuer said no to this try."""

    payment: Payment
    decline: Decline


class Rejected(NamedTuple):
    """Stripe refuses the call, and has not taken the money."""

    payment: Payment
    error: CallRejected | PaymentDeclined


class Undone(NamedTuple):
    """The call had no effect so far, though it may have begun: the next try takes another key."""

    payment: Payment
    error: OutcomeUnknown


Settled = Succeeded | Authorised | Processing | Closed
Outcome = Settled | ActionRequired | Declined | Rejected | Undone

_SETTLED: dict[PaymentStatus, type[Succeeded | Authorised | Processing | Closed]] = {
    PaymentStatus.SUCCEEDED: Succeeded,
    PaymentStatus.REQUIRES_CAPTURE: Authorised,
    PaymentStatus.PROCESSING: Processing,
    PaymentStatus.CANCELED: Closed,
}


class Collection:
    """Collects charges of one sort of payable.

    Args:
        payable: what is to be paid, at Stripe.
        calls: how it is called.
    """

    def __init__(self, payable: Payable, calls: Calls) -> None:
        self._payable = payable
        self._calls = calls

    async def read(self, charge: Charge) -> Payment:
        """Return the payment, by its stored id: what it says is what holds."""
        return charge.own(await self._calls.call(lambda: self._payable.read(charge)))

    async def look(self, charge: Charge) -> Settled | Open:
        """Read the payment, and try nothing."""
        payment = await self.read(charge)
        settled = _SETTLED.get(payment.status, Open)
        return settled(payment)

    async def attempt(self, charge: Charge) -> Outcome:
        """Try the charge's card, and read what became of it.

        A decline that the payment shows may be an older try's. Asked once more with its own key, this try is made if it
        was not, or its own answer comes again.
        """
        answer = await self._calls.call_for_outcome(lambda: self._payable.attempt(charge))
        return classify(charge, await self.read(charge), answer)

    async def attempt_once(self, charge: Charge, *, may_have_been_made: bool) -> Outcome:
        """Try the card where every try counts with its network: once, and again only if a read shows that undone.

        Args:
            charge: what is to be paid.
            may_have_been_made: an earlier call for this try was left without an answer.
        """
        if may_have_been_made:
            seen = classify(charge, await self.read(charge), OutcomeUnknown("what came of the try is not known"))
            if not isinstance(seen, Undone):
                return seen
        answer = await self._calls.once_for_outcome(lambda: self._payable.attempt(charge))
        return classify(charge, await self.read(charge), answer)

    async def close(self, charge: Charge) -> Closed | Succeeded | Processing | Undone:
        """Close the payable, and read what became of it: a refusal too may be an old answer."""
        answer = await self._calls.call_for_outcome(lambda: self._payable.close(charge))
        payment = await self.read(charge)
        match payment.status:
            case PaymentStatus.CANCELED:
                return Closed(payment)
            case PaymentStatus.SUCCEEDED:
                return Succeeded(payment)
            case PaymentStatus.PROCESSING:
                return Processing(payment)
        return undone(payment, answer)


def classify(charge: Charge, payment: Payment, answer: object) -> Outcome:
    """Return what became of a try, from the payment as read after it, and only then from its answer.

    Raises:
        OutcomeUnknown: the try was made, and the payment shows nothing of it yet.
    """
    settled = _SETTLED.get(payment.status)
    if settled is not None:
        return settled(payment)
    match answer:
        case PaymentDeclined():
            return Declined(payment, Decline(answer.code, answer.decline_code))
        case CallRejected():
            return Rejected(payment, answer)
        case OutcomeUnknown() if not shows_this_attempt(charge, payment):
            return Undone(payment, answer)
    if payment.status is PaymentStatus.REQUIRES_ACTION:
        return ActionRequired(payment)
    if payment.decline is not None:
        return Declined(payment, payment.decline)
    raise OutcomeUnknown(f"{payment.id} was confirmed and still reads {payment.status}")


def shows_this_attempt(charge: Charge, payment: Payment) -> bool:
    """Whether what an unsettled payment shows is this attempt's doing, and not an older one's."""
    attempt = charge.attempt
    if payment.status is PaymentStatus.REQUIRES_ACTION:
        return attempt.number == 1
    return payment.decline is not None and payment.charge_id not in (None, attempt.previous_charge_id)


def review_of_processing(payment: Payment, *, since: datetime, now: datetime, patience_seconds: int) -> Review | None:
    """Return what a person is asked about a bank that has been at work for longer than banks take; None before that."""
    if now < since + patience_seconds * SECOND:
        return None
    detail = f"{payment.id} of {payment.amount} is processing for more than {patience_seconds / 86_400:g} days"
    return Review(PROCESSING_TOO_LONG, detail, now)


def undone(payment: Payment, answer: object) -> Undone:
    """Return that a call has had no effect, with its own doubt where it left one."""
    if isinstance(answer, OutcomeUnknown):
        return Undone(payment, answer)
    refusal = f": {answer}" if isinstance(answer, CallRejected) else ""
    return Undone(payment, OutcomeUnknown(f"{payment.id} still reads {payment.status}{refusal}"))
