"""A charge: what must be stored to collect one amount exactly once, and to give it back. Its owner embeds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from payflows.errors import UnreadableAnswer
from payflows.kernel.evolve import evolve
from payflows.money import Money
from payflows.payments.model import Decline, Payment


class Attempt(NamedTuple):
    """One try of one card.

    Attributes:
        number: 1 for the first card.
        payment_method: Stripe's id, `pm_...`.
        previous_charge_id: the payment's latest charge when the try was stored: a decline that still shows this
            charge is an older try's.
        charge_id: the payment's latest charge when the try was declined.
        decline: why it was declined, once that is known.
        return_url: where the customer comes back to from the bank's page; None: Stripe.js shows it in ours.
    """

    number: int
    payment_method: str
    previous_charge_id: str | None = None
    charge_id: str | None = None
    decline: Decline | None = None
    return_url: str | None = None

    def next(self, payment_method: str, return_url: str | None = None) -> Attempt:
        """Return the try that follows this one."""
        latest_charge_id = self.charge_id or self.previous_charge_id
        return Attempt(self.number + 1, payment_method, latest_charge_id, return_url=return_url)

    def declined(self, decline: Decline, charge_id: str | None) -> Attempt:
        """Return this try, once it is known that the card was declined."""
        return self._replace(charge_id=charge_id, decline=decline)


@dataclass(frozen=True, kw_only=True)  # without slots, so that `evolve` can copy it
class Charge:
    """One amount that an owner is to be charged, at most once.

    Attributes:
        owner_id: whose it is, as the payment's metadata and every idempotency key name it.
        amount: what is to be paid.
        attempt: the card that is being tried.
        payment_id: Stripe's object that decides, once its id is stored.
        key_generation: part of every idempotency key; raised once a read shows a step undone.
        is_processing: the customer's bank is at work on the payment, for days maybe.
        refund_asked: the money is to be given back.
        refund_id: our refund, once made.
        failed_refund_id: a refund that failed, after which another one was asked for.
        refunded: all of the money has gone back, by refunds, by disputes that were lost, or another way.
        settled_elsewhere: a person has made good another way what could not be refunded; no refund is made any more.
        refunded_minor: what of the payment had been refunded, by any hand, when that was last noted.
        disputed: the customer's bank had taken the payment up, and not decided, when that was last noted.
        lost_minor: what of the payment the customer's bank has taken for good, in disputes that were lost.
        recheck_due: a notice about the money has come, and it could not be read yet.
        orphan_possible: a payment intent may exist beside `payment_id`, unconfirmed and harmless, to be cancelled;
            stored before another one is asked for.
        orphan_checked_at: when such intents were looked for; a second look ends the search.
    """

    owner_id: str
    amount: Money
    attempt: Attempt
    payment_id: str | None = None
    key_generation: int = 1
    is_processing: bool = False
    refund_asked: bool = False
    refund_id: str | None = None
    failed_refund_id: str | None = None
    refunded: bool = False
    settled_elsewhere: bool = False
    refunded_minor: int = 0
    disputed: bool = False
    lost_minor: int = 0
    recheck_due: bool = False
    orphan_possible: bool = False
    orphan_checked_at: datetime | None = None

    @property
    def money_is_open(self) -> bool:
        """Return whether something is still to be done about its money: a refund, or a read that a notice asks for."""
        return (self.refund_asked and not self.refunded) or self.recheck_due

    def is_all_gone(self, payment: Payment) -> bool:
        """Return whether nothing is left of its money: it was refunded, or lost in disputes."""
        return payment.returned.minor + self.lost_minor >= payment.received.minor

    def key(self, step: str) -> str:
        """Return the idempotency key of a step."""
        return f"{self.owner_id}:{step}:{self.key_generation}"

    def settled(self) -> Charge:
        """Return it, once the bank is not at work on it any more."""
        return evolve(self, is_processing=False)

    def with_new_keys(self) -> Charge:
        """Return it so that its next steps take other keys: Stripe replays a stored 500 or refusal for a day."""
        return evolve(self, key_generation=self.key_generation + 1)

    def declined(self, decline: Decline, charge_id: str | None) -> Charge:
        """Return it, once it is known that the card of its attempt was declined."""
        return evolve(self, attempt=self.attempt.declined(decline, charge_id))

    def own(self, payment: Payment) -> Payment:
        """Return the payment that was asked for, which must be this charge's. Raises `UnreadableAnswer` for others."""
        own_id, owner = self.payment_id or payment.id, payment.order_id or self.owner_id
        if (payment.id, owner, payment.amount) != (own_id, self.owner_id, self.amount):
            text = f"{self.payment_id or 'a payment'} of {self.amount} for {self.owner_id} was asked for"
            raise UnreadableAnswer(f"{text}, and {payment.id} of {payment.amount} for {owner} was the answer")
        return payment

    def stored_payment_id(self) -> str:
        """Return the payment's id, which a step may use only because it was read back from the store."""
        assert self.payment_id is not None, "there is no payment yet"
        return self.payment_id
