"""The payment intent of a sale: made as a destination charge of one vendor, or a separate charge of several."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from payflows.kernel.calls import Calls
from payflows.marketplace.connect import DestinationCharge, SeparateCharge, Split
from payflows.marketplace.gateway import MarketplaceGateway
from payflows.marketplace.sale import Sale
from payflows.payments.charge import Charge
from payflows.payments.gateway import PaymentGateway
from payflows.payments.model import CaptureMode, Payment
from payflows.payments.own_intent import IntentCollection, IntentTerms


@dataclass(frozen=True, slots=True)
class SplitTerms(IntentTerms):
    """How the intent of a sale is made.

    Attributes:
        split: whose it is.
    """

    split: Split

    @classmethod
    def of(cls, sale: Sale) -> SplitTerms:
        """Return those of a sale: of one vendor, or of several."""
        first = sale.parts[0]
        destination = DestinationCharge(first.account_id, first.application_fee)
        split = SeparateCharge(sale.id) if sale.is_separate else destination
        return cls(CaptureMode.AUTOMATIC, sale.order.customer.stripe_customer_id, split)


class SplitCollection(IntentCollection):
    """Collects the charges of sales.

    Args:
        payments: Stripe's payments.
        connect: Stripe Connect.
        calls: how both are called.
    """

    def __init__(self, payments: PaymentGateway, connect: MarketplaceGateway, calls: Calls) -> None:
        super().__init__(payments, calls)
        self._connect = connect

    def creating(self, charge: Charge, terms: IntentTerms) -> Coroutine[Any, Any, Payment]:
        """Return the call that makes the intent."""
        assert isinstance(terms, SplitTerms), "a sale says whose it is"
        return self._connect.create_split_payment(
            charge.owner_id,
            amount=charge.amount,
            split=terms.split,
            capture=terms.capture,
            stripe_customer_id=terms.stripe_customer_id,
            key=charge.key("create"),
        )
