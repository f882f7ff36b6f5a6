"""Setup intents: a card that is set up for later payments.

Source: Stripe API reference, "The SetupIntent object".
"""

from __future__ import annotations

from dataclasses import dataclass

from payflows.subscriptions.billing import SetupStatus, StripeSetup

from simulations.stripe.billing.objects import BillingObject
from simulations.stripe.core.events import Json
from simulations.stripe.payments.objects import PaymentError


@dataclass(eq=False)
class SetupIntent(BillingObject):
    """A set-up of a card, which moves no money.

    Attributes:
        subscription: the one that waits for it; no field of Stripe's.
        last_setup_error: why the last try failed.
        next_action: what the customer's browser is to do, where the bank asks them.
    """

    id: str
    customer: str
    subscription: str
    created: int
    status: SetupStatus = SetupStatus.REQUIRES_PAYMENT_METHOD
    payment_method: str | None = None
    last_setup_error: PaymentError | None = None
    next_action: Json | None = None

    @property
    def client_secret(self) -> str:
        """What the customer's browser is given to confirm it with."""
        return f"{self.id}_secret_{self.id[5:27]}"

    def as_setup(self) -> StripeSetup:
        """Return it as the port answers it."""
        return StripeSetup(self.id, self.status, self.payment_method)

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        return {
            "id": self.id,
            "object": "setup_intent",
            "cancellation_reason": None,
            "client_secret": self.client_secret,
            "created": self.created,
            "customer": self.customer,
            "last_setup_error": self.last_setup_error.to_stripe() if self.last_setup_error else None,
            "livemode": False,
            "metadata": {},
            "next_action": self.next_action,
            "payment_method": self.payment_method,
            "payment_method_types": ["card"],
            "status": self.status.value,
            "usage": "off_session",
        }
