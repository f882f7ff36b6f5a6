"""Customers: their balance, and the card that their invoices are paid by where the subscription names none.

Source: Stripe API reference, "The Customer object", "The Customer Balance Transaction object";
docs.stripe.com/billing/customer/balance. A credit is below 0, a debt above.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from simulations.stripe.billing.objects import BillingObject
from simulations.stripe.core.events import Json


@dataclass(frozen=True, slots=True)
class BalanceTransaction:
    """A change of a customer's balance, which is never changed itself: it is undone by an opposite one.

    Attributes:
        amount: below 0 in the customer's favour.
        ending_balance: what the balance was after it.
        type: why, such as `applied_to_invoice`.
        invoice: which invoice it belongs to.
        credit_note: which credit note it belongs to.
    """

    id: str
    customer: str
    amount: int
    currency: str
    ending_balance: int
    type: str
    created: int
    invoice: str | None = None
    credit_note: str | None = None

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        return {
            "id": self.id,
            "object": "customer_balance_transaction",
            "amount": self.amount,
            "created": self.created,
            "credit_note": self.credit_note,
            "currency": self.currency,
            "customer": self.customer,
            "ending_balance": self.ending_balance,
            "invoice": self.invoice,
            "livemode": False,
            "metadata": {},
            "type": self.type,
        }


@dataclass(eq=False)
class Customer(BillingObject):
    """A customer, who exists as soon as an id is named.

    Attributes:
        default_payment_method: of `invoice_settings`: charged where the subscription names none.
        transactions: all changes of the balance, oldest first.
        invoices_made: how many, for the next one's number.
        test_clock: the test clock to which they belong for good.
    """

    id: str
    created: int
    currency: str | None = None
    default_payment_method: str | None = None
    transactions: list[BalanceTransaction] = field(default_factory=list)
    invoices_made: int = 0
    test_clock: str | None = None

    @property
    def balance(self) -> int:
        """What is applied to the next invoice, in minor units: below 0 a credit, above a debt."""
        return self.transactions[-1].ending_balance if self.transactions else 0

    def next_invoice_number(self) -> str:
        """Return the number of the next invoice."""
        self.invoices_made += 1
        return f"{self.id.partition('_')[2][:8].upper()}-{self.invoices_made:04d}"

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        return {
            "id": self.id,
            "object": "customer",
            "balance": self.balance,
            "created": self.created,
            "currency": self.currency,
            "default_source": None,
            "invoice_settings": {"default_payment_method": self.default_payment_method},
            "livemode": False,
            "metadata": {},
            "test_clock": self.test_clock,
        }
