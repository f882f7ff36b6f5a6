"""Bugs in what a cancellation gives back, and where it goes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from payflows.kernel.evolve import evolve
from payflows.subscriptions.ending import Ending
from payflows.subscriptions.invoice import Invoice
from payflows.subscriptions.invoice_money import Unused, unused_of_each
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.wishes import Cancellation


class RefundsWhatWasCredited(Ending):
    """Unused time goes back to the card though a downgrade has credited it already."""

    async def _wind_up(
        self, subscription: Subscription, cancellation: Cancellation, ended_at: datetime
    ) -> list[Invoice]:
        self._ended_at = ended_at
        return await super()._wind_up(subscription, cancellation, ended_at)

    def _asked(
        self, invoice: Invoice, subscription: Subscription, cancellation: Cancellation, unused: Mapping[str, Unused]
    ) -> Invoice:
        return super()._asked(invoice, subscription, cancellation, unused_of_each([invoice], self._ended_at))


class CreditsWhatIsToBeRefunded(Ending):
    """All unused time goes to the customer's balance, also what was paid by card and is to be refunded."""

    def _asked(
        self, invoice: Invoice, subscription: Subscription, cancellation: Cancellation, unused: Mapping[str, Unused]
    ) -> Invoice:
        asked = super()._asked(invoice, subscription, cancellation, unused)
        return evolve(asked, balance_asked_minor=asked.credit_asked_minor)
