"""Collecting over an invoice, the second kind of payable: charged once at most, and never after it is closed."""

from __future__ import annotations

from itertools import product
from typing import cast

import pytest

from payflows.errors import CallRejected, OutcomeUnknown, PaymentDeclined, PortError
from payflows.kernel.calls import Calls, Failure
from payflows.kernel.retry import RetryPolicy
from payflows.money import Money
from payflows.payments.charge import Attempt, Charge
from payflows.payments.collection import (
    ActionRequired,
    Closed,
    Collection,
    Declined,
    Open,
    Outcome,
    Processing,
    Rejected,
    Succeeded,
    Undone,
    classify,
    undone,
)
from payflows.payments.gateway import PaymentGateway
from payflows.payments.invoice_payable import ACTION_REQUIRED, DEFAULT_CARD, InvoicePayable
from payflows.payments.model import Decline, Payment, PaymentStatus
from simulations.time.hand_clock import HandClock
from tests.fake_invoices import BANK_DEBIT, DECLINED_CARD, FAULTS, NO_FUNDS, FakeInvoices

PRICE = Money(2_900, "usd")
GOOD_CARD = "pm_card_visa"
MOST_CALLS = 8
"""One and all its retries: the tries beyond are struck by no fault."""

SINGLES = list(product(range(1, MOST_CALLS + 1), FAULTS))


class Billing:
    """One invoice, its charge as an owner would store it, and the collection."""

    def __init__(self, faults: dict[int, str] | None = None) -> None:
        self.clock = HandClock()
        self.invoices = FakeInvoices(faults)
        self.invoices.add("in_1", PRICE)
        self.charge = Charge(owner_id="sub_1", amount=PRICE, attempt=Attempt(1, GOOD_CARD), payment_id="in_1")
        self.collection = Collection(self.invoices, Calls(self.clock, RetryPolicy()))

    def attempt(self, card: str) -> Outcome:
        """Try a card until it is known what became of it, as a flow does that backs off and looks again."""
        self.charge = Charge(
            owner_id="sub_1", amount=PRICE, attempt=self.charge.attempt._replace(payment_method=card), payment_id="in_1"
        )
        for _ in range(5):
            try:
                outcome = self.clock.run(self.collection.attempt(self.charge))
            except PortError:
                continue
            if not isinstance(outcome, Undone):
                return outcome
            self.charge = self.charge.with_new_keys() if self.shows_nothing() else self.charge
        raise AssertionError("it never became known")

    def shows_nothing(self) -> bool:
        return not self.invoices.invoices["in_1"].tries

    def close(self) -> Closed | Succeeded | Processing | Undone:
        """Close the invoice, until it is known that it is closed or paid."""
        for _ in range(5):
            try:
                outcome = self.clock.run(self.collection.close(self.charge))
            except PortError:
                continue
            if not isinstance(outcome, Undone):
                return outcome
        raise AssertionError("it never became known")

    @property
    def charged(self) -> list[str]:
        return self.invoices.invoices["in_1"].charged


def test_an_invoice_is_paid_by_its_card() -> None:
    billing = Billing()

    outcome = billing.attempt(GOOD_CARD)

    assert isinstance(outcome, Succeeded)
    assert outcome.payment.covers(PRICE)
    assert billing.charged == ["ch_1"]


def test_a_decline_leaves_it_open_for_another_card() -> None:
    billing = Billing()

    declined = billing.attempt(DECLINED_CARD)

    assert isinstance(declined, Declined)
    assert declined.decline == NO_FUNDS
    assert isinstance(billing.clock.run(billing.collection.look(billing.charge)), Open)
    billing.charge = billing.charge.declined(declined.decline, declined.payment.charge_id)
    billing.charge = Charge(
        owner_id="sub_1", amount=PRICE, attempt=billing.charge.attempt.next(GOOD_CARD), payment_id="in_1"
    )
    assert isinstance(billing.attempt(GOOD_CARD), Succeeded)


def test_a_bank_debit_is_processing_and_cannot_be_closed() -> None:
    billing = Billing()

    assert isinstance(billing.attempt(BANK_DEBIT), Processing)
    assert isinstance(billing.close(), Processing)


def test_what_is_closed_takes_no_money() -> None:
    billing = Billing()

    assert isinstance(billing.close(), Closed)
    assert isinstance(billing.attempt(GOOD_CARD), Closed)
    assert billing.charged == []


def test_closing_says_so_immediately() -> None:
    """It reads after it has closed; what was read before would mean another round, and a back-off."""
    billing = Billing()

    assert isinstance(billing.clock.run(billing.collection.close(billing.charge)), Closed)


@pytest.mark.parametrize(("call", "fault"), SINGLES)
def test_one_fault_at_any_call_never_leaves_a_closed_invoice_paid(call: int, fault: str) -> None:
    billing = Billing({call: fault})
    billing.attempt(DECLINED_CARD)

    ended = billing.close()

    assert isinstance(ended, Closed)
    assert billing.charged == []
    assert isinstance(billing.attempt(GOOD_CARD), Closed | Rejected)
    assert billing.charged == []


def test_two_faults_charge_once() -> None:
    for one, other in product(SINGLES, repeat=2):
        billing = Billing(dict([one, other]))

        assert isinstance(billing.attempt(GOOD_CARD), Succeeded), (one, other)
        assert len(billing.charged) == 1, (one, other)


UNPAID = Payment("in_1", "sub_1", PaymentStatus.REQUIRES_PAYMENT_METHOD, PRICE, Money(0, "usd"), Money(0, "usd"))
DECLINED_ANEW = UNPAID._replace(charge_id="ch_2", decline=NO_FUNDS)
DECLINED_BEFORE = UNPAID._replace(charge_id="ch_1", decline=NO_FUNDS)
ASKED = UNPAID._replace(status=PaymentStatus.REQUIRES_ACTION)
PAID = UNPAID._replace(status=PaymentStatus.SUCCEEDED, received=PRICE)
LOST, REFUSED, NO = (
    OutcomeUnknown("no answer"),
    CallRejected("not now"),
    PaymentDeclined("card_declined", "stolen_card"),
)


@pytest.mark.parametrize(
    ("number", "payment", "answer", "outcome"),
    [
        (2, PAID, LOST, Succeeded(PAID)),
        (2, PAID, REFUSED, Succeeded(PAID)),
        (2, UNPAID, NO, Declined(UNPAID, Decline("card_declined", "stolen_card"))),
        (2, UNPAID, REFUSED, Rejected(UNPAID, REFUSED)),
        (2, UNPAID, LOST, Undone(UNPAID, LOST)),
        (2, DECLINED_BEFORE, LOST, Undone(DECLINED_BEFORE, LOST)),
        (2, DECLINED_ANEW, LOST, Declined(DECLINED_ANEW, NO_FUNDS)),
        (2, DECLINED_ANEW, DECLINED_ANEW, Declined(DECLINED_ANEW, NO_FUNDS)),
        (1, ASKED, LOST, ActionRequired(ASKED)),
        (2, ASKED, LOST, Undone(ASKED, LOST)),
        (2, ASKED, ASKED, ActionRequired(ASKED)),
    ],
)
def test_the_payment_decides_and_only_then_the_answer(
    number: int, payment: Payment, answer: Payment | Failure, outcome: Outcome
) -> None:
    attempt = Attempt(number, GOOD_CARD, previous_charge_id="ch_1" if number > 1 else None)
    charge = Charge(owner_id="sub_1", amount=PRICE, attempt=attempt, payment_id="in_1")

    assert classify(charge, payment, answer) == outcome


def test_a_try_of_which_nothing_shows_is_in_doubt() -> None:
    with pytest.raises(OutcomeUnknown, match="in_1 was confirmed and still reads requires_payment_method"):
        classify(Billing().charge, UNPAID, UNPAID)


@pytest.mark.parametrize(
    ("answer", "doubt"),
    [
        (LOST, "no answer"),
        (REFUSED, "in_1 still reads requires_payment_method: not now"),
        (UNPAID, "in_1 still reads requires_payment_method"),
    ],
)
def test_what_could_not_be_closed_says_why(answer: Payment | Failure, doubt: str) -> None:
    assert str(undone(UNPAID, answer).error) == doubt


class AskedToPay:
    """What Stripe is asked to pay an invoice with."""

    def __init__(self) -> None:
        self.cards: list[str | None] = []

    async def pay_invoice(self, invoice_id: str, *, payment_method: str | None, key: str) -> None:
        self.cards.append(payment_method)

    async def void_invoice(self, invoice_id: str, *, key: str) -> None:
        raise AssertionError("it is to be paid")


@pytest.mark.parametrize(("card", "asked"), [(GOOD_CARD, GOOD_CARD), (DEFAULT_CARD, None)])
def test_without_a_card_of_ours_stripe_takes_the_customers_default(card: str, asked: str | None) -> None:
    """The word that stands for it in an attempt is no id of Stripe's."""
    invoices = AskedToPay()
    payable = InvoicePayable(cast(PaymentGateway, None), invoices)
    charge = Charge(owner_id="in_1", amount=PRICE, attempt=Attempt(2, card), payment_id="pi_1")

    HandClock().run(payable.attempt(charge))

    assert invoices.cards == [asked]


def test_a_try_that_may_have_been_made_is_not_made_again_before_it_is_known_undone() -> None:
    """Where every try counts: what a read shows of the first one is its answer."""
    billing = Billing()
    billing.attempt(DECLINED_CARD)
    tries = billing.invoices.invoices["in_1"].tries

    charge = billing.charge.with_new_keys()  # with the old one Stripe itself would make no second try

    seen = billing.clock.run(billing.collection.attempt_once(charge, may_have_been_made=True))

    assert isinstance(seen, Declined)
    assert billing.invoices.invoices["in_1"].tries == tries


@pytest.mark.parametrize("may_have_been_made", [False, True])
def test_a_try_that_was_not_made_is_made_once(may_have_been_made: bool) -> None:
    billing = Billing()

    seen = billing.clock.run(billing.collection.attempt_once(billing.charge, may_have_been_made=may_have_been_made))

    assert isinstance(seen, Succeeded)
    assert billing.charged == ["ch_1"]


class DecliningInvoices:
    """Declines every payment, with one code."""

    def __init__(self, code: str) -> None:
        self._code = code

    async def pay_invoice(self, invoice_id: str, *, payment_method: str | None, key: str) -> object:
        raise PaymentDeclined(self._code)

    async def void_invoice(self, invoice_id: str, *, key: str) -> object:
        raise AssertionError("it is not closed")


def test_that_the_customer_is_asked_is_no_decline_of_an_invoice() -> None:
    billing = Billing()
    payments = cast(PaymentGateway, billing.invoices)

    asked = billing.clock.run(InvoicePayable(payments, DecliningInvoices(ACTION_REQUIRED)).attempt(billing.charge))

    assert asked is None
    with pytest.raises(PaymentDeclined, match="card_declined"):
        billing.clock.run(InvoicePayable(payments, DecliningInvoices("card_declined")).attempt(billing.charge))
