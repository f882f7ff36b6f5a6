"""The payment methods that an account knows: Stripe's test names, which `cards` lists, and what its customers have.

Source: Stripe API reference, "The PaymentMethod object"; docs.stripe.com/testing: a test name such as `pm_card_visa`
makes a new payment method wherever a customer is given it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from payflows.errors import CallRejected
from payflows.money import Money

from simulations.stripe.core.account import Account
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.events import Json
from simulations.stripe.core.ids import derived_id
from simulations.stripe.payments.cards import PAYMENT_METHODS, PaymentMethod


class Issuer(Protocol):
    """The customers' banks, where a scenario answers for them."""

    def answer(self, payment_method: str, amount: Money, attempt: int, at: datetime) -> PaymentMethod:
        """Return how the payment method behaves now.

        Args:
            payment_method: its id, `pm_...`.
            amount: what is charged.
            attempt: which charge of the payment this is, from 1.
            at: when.
        """
        ...


@dataclass(slots=True, eq=False)
class SavedMethod:
    """A payment method that was made of a test name.

    Attributes:
        test_name: which.
        customer: who has it; None before it is attached, and after it was removed.
    """

    id: str
    test_name: str
    type: str
    created: int
    customer: str | None = None
    event_count: int = 0

    def changed(self) -> None:
        """Do nothing: no answer is kept."""

    def next_event_id(self) -> str:
        """Return the id of its next event."""
        self.event_count += 1
        return f"evt_{self.id[3:25]}{self.event_count - 1:02d}"

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        return {
            "id": self.id,
            "object": "payment_method",
            "billing_details": {},
            "created": self.created,
            "customer": self.customer,
            "livemode": False,
            "type": self.type,
        }


class PaymentMethods:
    """What payments are made with, and what the banks answer to them.

    Args:
        account: whose they are.
        issuer: answers for the banks; None: the test names do.
    """

    def __init__(self, account: Account, issuer: Issuer | None = None) -> None:
        self._account = account
        self._issuer = issuer
        self._rows = dict(PAYMENT_METHODS)
        self._saved: dict[str, SavedMethod] = {}
        self._made: Counter[tuple[str | None, str]] = Counter()

    def find(self, payment_method: str) -> PaymentMethod:
        """Return how it usually behaves. Raises `InvalidRequest` (`resource_missing`)."""
        row = self._rows.get(payment_method)
        if row is None:
            raise InvalidRequest(f"No such PaymentMethod: '{payment_method}'", "resource_missing", "payment_method")
        return row

    def answer(self, payment_method: str, amount: Money, attempt: int) -> PaymentMethod:
        """Return how it behaves now, before a charge."""
        if self._issuer is None:
            return self.find(payment_method)
        return self._issuer.answer(payment_method, amount, attempt, self._account.clock.now())

    def usable_for(self, payment_method: str, customer: str | None) -> str:
        """Return the id under which the customer pays with it: of a test name, a new one.

        Raises:
            CallRejected: it is another customer's.
        """
        saved = self._saved.get(payment_method)
        if saved is None:
            self.find(payment_method)
            return self._save(payment_method, customer).id
        if saved.customer not in (None, customer):
            raise CallRejected(f"The PaymentMethod {payment_method} belongs to another Customer.")
        return payment_method

    def attach(self, payment_method: str, customer: str) -> None:
        """Give it to the customer, unless they have it."""
        saved = self._saved[payment_method]
        if saved.customer is None:
            saved.customer = customer
            self._account.changed(saved, {"payment_method.attached": saved})

    def is_usable(self, payment_method: str) -> bool:
        """Return whether it is known, and was not removed."""
        return payment_method in self._rows

    def trust(self, payment_method: str) -> None:
        """Note that the customer has set it up: some are charged without them from then on."""
        row = self._rows[payment_method]
        if row.is_trusted_once_set_up:
            self._rows[payment_method] = replace(row, three_d_secure=False)

    def is_attached(self, payment_method: str, customer: str) -> bool:
        """Return whether the customer has it."""
        saved = self._saved.get(payment_method)
        return saved is not None and saved.customer == customer

    def detach(self, payment_method: str) -> None:
        """Take it from its customer: it cannot be charged any more."""
        saved = self.saved(payment_method)
        saved.customer = None
        del self._rows[payment_method]
        self._account.changed(saved, {"payment_method.detached": saved})

    def saved(self, payment_method: str) -> SavedMethod:
        """Return Stripe's own object. Raises `InvalidRequest` (`resource_missing`)."""
        saved = self._saved.get(payment_method)
        if saved is None:
            raise InvalidRequest(f"No such PaymentMethod: '{payment_method}'", "resource_missing", "payment_method")
        return saved

    def of_customer(self, customer: str) -> Iterator[SavedMethod]:
        """Return what the customer has, oldest first."""
        return (saved for saved in self._saved.values() if saved.customer == customer)

    def replace_card_behaviour(self, payment_method: str, behaves_as: PaymentMethod) -> None:
        """Have it behave otherwise from now on: a card that worked begins to be declined."""
        self.find(payment_method)
        self._rows[payment_method] = behaves_as

    def _save(self, test_name: str, customer: str | None) -> SavedMethod:
        method_id = derived_id("pm", customer, test_name, self._made[customer, test_name])
        self._made[customer, test_name] += 1
        saved = SavedMethod(method_id, test_name, self._rows[test_name].type, self._account.seconds())
        self._saved[method_id], self._rows[method_id] = saved, self._rows[test_name]
        return saved
