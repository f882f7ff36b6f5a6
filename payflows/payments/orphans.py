"""Orphans: payment intents that lost answers have left beside a charge's own, unconfirmed; they are cancelled."""

from __future__ import annotations

from payflows.errors import OutcomeUnknown
from payflows.kernel.calls import Calls
from payflows.payments.charge import Charge
from payflows.payments.gateway import PaymentGateway
from payflows.payments.model import Payment, PaymentStatus

ORPHAN_CHECK_SECONDS = 3_600
"""An intent left over by a crash is looked for after so long, and again after as long: Stripe's search runs up to a
minute behind, and may do so longer on a bad day."""


class Orphans:
    """Looks for orphans of a charge.

    Args:
        gateway: Stripe.
        calls: how it is called.
    """

    def __init__(self, gateway: PaymentGateway, calls: Calls) -> None:
        self._gateway = gateway
        self._calls = calls

    async def cancel_all(self, charge: Charge) -> OutcomeUnknown | None:
        """Cancel every intent that names the charge's owner and is not its own; what is left undone, if anything."""
        for found in await self._calls.call(lambda: self._gateway.search_payments(charge.owner_id)):
            if found.id != charge.payment_id and found.status is not PaymentStatus.CANCELED:
                orphan = await self._cancelled(found.id, key=charge.key(f"orphan-{found.id}"))
                if orphan.id != found.id or orphan.status is not PaymentStatus.CANCELED:
                    return OutcomeUnknown(f"{found.id}, left over, still reads {orphan.status}")
        return None

    async def _cancelled(self, payment_id: str, *, key: str) -> Payment:
        """Cancel an orphan, and return it as it then reads: its answer may be lost, and search is behind."""
        await self._calls.call_for_outcome(lambda: self._gateway.cancel_payment(payment_id, key=key))
        return await self._calls.call(lambda: self._gateway.retrieve_payment(payment_id))
