"""Invoices whose payment intents Stripe owns: the second kind of payable, as subscriptions will have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from payflows.errors import CallNotSent, CallRejected, OutcomeUnknown, PaymentDeclined
from payflows.money import Money
from payflows.payments.charge import Charge
from payflows.payments.model import Decline, Payment, PaymentStatus

NO_FUNDS = Decline("card_declined", "insufficient_funds")
DECLINED_CARD = "pm_without_funds"
BANK_DEBIT = "pm_bank_debit"


@dataclass
class Invoice:
    """One invoice at Stripe: open until it is paid or voided, with one intent that Stripe makes and keeps.

    Attributes:
        total: what is to be paid.
        status: its intent's.
        charged: each charge that took the money.
        decline: the last try's.
        tries: how many reached the issuer.
    """

    total: Money
    status: PaymentStatus = PaymentStatus.REQUIRES_PAYMENT_METHOD
    charged: list[str] = field(default_factory=list)
    decline: Decline | None = None
    tries: int = 0

    def as_payment(self, id: str) -> Payment:
        """Return it as a payment: an invoice is read, not its intent."""
        received = self.total if self.charged else Money(0, self.total.currency)
        charge_id = f"ch_{self.tries}" if self.tries else None
        returned = Money(0, self.total.currency)
        return Payment(id, None, self.status, self.total, received, returned, charge_id=charge_id, decline=self.decline)


class FakeInvoices:
    """A `Payable`: the invoice whose id the charge holds, with idempotent calls that may fail on either side.

    Args:
        faults: by the number of the call, from 1: "lost before" it was done, "lost after", or "not sent".
    """

    def __init__(self, faults: dict[int, str] | None = None) -> None:
        self.invoices: dict[str, Invoice] = {}
        self.calls = 0
        self._faults = faults or {}
        self._answers: dict[str, Payment | PaymentDeclined] = {}

    def add(self, id: str, total: Money) -> None:
        """Have Stripe finalise an invoice."""
        self.invoices[id] = Invoice(total)

    async def read(self, charge: Charge) -> Payment:
        """Return the invoice as it stands."""
        self._before()
        payment = self._of(charge).as_payment(charge.stored_payment_id())
        self._after()
        return payment

    async def attempt(self, charge: Charge) -> Payment:
        """Pay the invoice with the attempt's card."""
        self._before()
        answer = self._once(charge, charge.key(f"pay-{charge.attempt.number}"))
        self._after()
        if isinstance(answer, PaymentDeclined):
            raise answer
        return answer

    async def close(self, charge: Charge) -> Payment:
        """Void the invoice. Rejected once it is paid."""
        self._before()
        invoice = self._of(charge)
        if invoice.charged or invoice.status is PaymentStatus.PROCESSING:
            raise CallRejected("a paid invoice cannot be voided", code="invoice_not_editable")
        invoice.status = PaymentStatus.CANCELED
        self._after()
        return invoice.as_payment(charge.stored_payment_id())

    def _once(self, charge: Charge, key: str) -> Payment | PaymentDeclined:
        if key not in self._answers:
            self._answers[key] = self._pay(charge)
        return self._answers[key]

    def _pay(self, charge: Charge) -> Payment | PaymentDeclined:
        invoice = self._of(charge)
        if invoice.status is not PaymentStatus.REQUIRES_PAYMENT_METHOD:
            raise CallRejected(f"the invoice is {invoice.status}", code="invoice_not_payable")
        invoice.tries += 1
        if charge.attempt.payment_method == DECLINED_CARD:
            invoice.decline = NO_FUNDS
            return PaymentDeclined(NO_FUNDS.code, NO_FUNDS.decline_code, f"ch_{invoice.tries}")
        invoice.decline = None
        if charge.attempt.payment_method == BANK_DEBIT:
            invoice.status = PaymentStatus.PROCESSING
        else:
            invoice.status = PaymentStatus.SUCCEEDED
            invoice.charged.append(f"ch_{invoice.tries}")
        return invoice.as_payment(charge.stored_payment_id())

    def _of(self, charge: Charge) -> Invoice:
        return self.invoices[charge.stored_payment_id()]

    def _before(self) -> None:
        self.calls += 1
        fault = self._faults.get(self.calls)
        if fault == "not sent":
            raise CallNotSent("connection refused")
        if fault == "lost before":
            raise OutcomeUnknown("no answer")

    def _after(self) -> None:
        if self._faults.get(self.calls) == "lost after":
            raise OutcomeUnknown("no answer")


FAULTS: Sequence[str] = ("not sent", "lost before", "lost after")
