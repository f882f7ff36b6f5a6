"""Answers mixed up on the way: what was asked about one payment is answered about another's, which is paid."""

from __future__ import annotations

from dataclasses import replace

from payflows.payments.model import CustomerAction, Payment, PaymentStatus, Refund


def of_another(answer: object) -> object:
    """Return the answer as it would be about another payment; anything else as it is."""
    if isinstance(answer, Refund):
        return replace(answer, id="re_of_another", payment_id="pi_of_another")
    if isinstance(answer, CustomerAction):
        return replace(answer, client_secret="pi_of_another_secret")
    if isinstance(answer, Payment):
        paid = answer._replace(status=PaymentStatus.SUCCEEDED, received=answer.amount)
        return paid._replace(id="pi_of_another", order_id="another")
    return answer
