"""Answers that are another order's: a payment is ours only if id, order, amount and currency are those asked for."""

from __future__ import annotations

import pytest

from payflows.errors import UnreadableAnswer
from payflows.kernel.evolve import evolve
from payflows.money import Money
from payflows.payments.charge import Attempt, Charge
from payflows.payments.model import Payment, PaymentStatus
from simulations.checkout.testbed import CHECKOUT
from simulations.search.plan import read
from simulations.search.search import run

PRICE = Money(3_622, "usd")
CHARGE = Charge(owner_id="ord_1", amount=PRICE, attempt=Attempt(1, "pm_card_visa"), payment_id="pi_1")
PAID = Payment("pi_1", "ord_1", PaymentStatus.SUCCEEDED, PRICE, received=PRICE, returned=Money(0, "usd"))

FOREIGN = {
    "another payment": PAID._replace(id="pi_2"),
    "another order's": PAID._replace(order_id="ord_2"),
    "another amount": PAID._replace(amount=Money(3_621, "usd")),
    "another currency": PAID._replace(amount=Money(3_622, "eur")),
}


@pytest.mark.parametrize("answer", FOREIGN.values(), ids=FOREIGN)
def test_it_is_not_taken_for_ours(answer: Payment) -> None:
    with pytest.raises(UnreadableAnswer, match="was asked for, and pi_"):
        CHARGE.own(answer)


@pytest.mark.parametrize("answer", [PAID, PAID._replace(order_id=None)], ids=["ours", "without metadata"])
def test_its_own_is_taken(answer: Payment) -> None:
    assert CHARGE.own(answer) is answer


def test_a_new_payment_has_any_id_and_the_orders_amount() -> None:
    new = evolve(CHARGE, payment_id=None)

    assert new.own(PAID._replace(id="pi_9")).id == "pi_9"
    with pytest.raises(UnreadableAnswer):
        new.own(PAID._replace(order_id="ord_2"))


@pytest.mark.parametrize("call", [4, 6, 8])
def test_the_order_goes_on_by_itself(call: int) -> None:
    struck = run(CHECKOUT, "paid", read(f"{call}:answer_of_another"))

    assert not struck.breaches
    assert len(struck.sites) > len(run(CHECKOUT, "paid").sites)  # it was read, or asked for, again
