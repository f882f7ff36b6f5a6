"""All payment intents of an account: by id, by order, and what became of their money."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import reduce
from operator import add

from payflows.money import Money
from payflows.payments.model import Payment

from simulations.stripe.core.account import Account
from simulations.stripe.core.registry import Registry
from simulations.stripe.payments.objects import PaymentIntent


class PaymentBook:
    """The payment intents, and the orders that their metadata name.

    Args:
        account: whose payments they are.

    Attributes:
        deleted_customers: their ids, for which nothing can be created any more; any other customer exists.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._catch_up = account.agenda.catch_up
        self._of_order: dict[str, list[PaymentIntent]] = {}
        self.intents: Registry[PaymentIntent] = Registry("payment_intent")
        self.find = self.intents.find
        self.deleted_customers: set[str] = set()

    def of_order(self, order_id: str) -> list[PaymentIntent]:
        """Return the intents whose metadata name the order, oldest first."""
        return self._of_order.get(order_id, [])

    def add(self, order_id: str, intent: PaymentIntent) -> None:
        """Add an order's newest intent."""
        self._of_order.setdefault(order_id, []).append(intent)
        self.intents.add(intent.id, intent)

    def add_owned(self, intent: PaymentIntent) -> None:
        """Add an intent that an invoice made: its metadata name no order."""
        self.intents.add(intent.id, intent)

    def indexed(self, order_id: str) -> Iterator[PaymentIntent]:
        """Return what search finds of an order, newest first: it lags behind."""
        indexed_until = self._account.seconds() - self._account.times.search_lag_seconds
        return (intent for intent in reversed(self.of_order(order_id)) if intent.created <= indexed_until)

    # For checkers, tests and stories.

    def intent(self, payment_id: str) -> PaymentIntent:
        """Return Stripe's own object. Raises `CallRejected` (`resource_missing`)."""
        self._catch_up()
        return self.find(payment_id)

    def payments_of_order(self, order_id: str) -> tuple[Payment, ...]:
        """Return every payment whose metadata name the order, oldest first, without search's lag."""
        self._catch_up()
        return tuple([intent.as_payment() for intent in self._of_order.get(order_id, ())])

    def captured_for(self, order_id: str) -> Money:
        """Return all that was ever taken for an order."""
        return self._sum(order_id, self._account.ledger.captured_minor)

    def net_for(self, order_id: str) -> Money:
        """Return what of it we still have: without refunds and disputes."""
        return self._sum(order_id, self._account.ledger.net_minor)

    def archive(self, order_ids: Collection[str], into: PaymentBook) -> tuple[str, ...]:
        """Move all payments of these orders, which must be at rest, into another account. Returns their ids."""
        moved = {order_id: self._of_order.pop(order_id) for order_id in order_ids if order_id in self._of_order}
        payment_ids = tuple(intent.id for intents in moved.values() for intent in intents)
        into._of_order.update(moved)
        self.intents.move(payment_ids, into.intents)
        self._account.ledger.archive(payment_ids, into._account.ledger)
        return payment_ids

    def _sum(self, order_id: str, minor_of: Callable[[str], int]) -> Money:
        moved = [Money(minor_of(payment.id), payment.amount.currency) for payment in self.payments_of_order(order_id)]
        return reduce(add, moved or [Money(0, self._account.currency)])
