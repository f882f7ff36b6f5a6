"""What payments do to balances, and to the accounts of others: nothing, unless the account is a platform's."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from simulations.stripe.payments.objects import Charge, PaymentIntent
from simulations.stripe.payments.refunds_and_disputes import Dispute, Refund


class RefundShares(NamedTuple):
    """Who bears a refund besides us, in Stripe's own words.

    Attributes:
        reverse_transfer: the vendor, whose share of it is taken back.
        refund_application_fee: the platform, whose fee goes back to the vendor in part.
    """

    reverse_transfer: bool = False
    refund_application_fee: bool = False


ALL_OURS = RefundShares()


class Settlement(Protocol):
    """Follows each movement of a payment's money, before it is announced."""

    def check(self, intent: PaymentIntent) -> None:
        """Raise `CallRejected` where the intent's money could not go where it is to."""
        ...

    def captured(self, intent: PaymentIntent, charge: Charge) -> None:
        """Book what was captured, and pass on what is a vendor's."""
        ...

    def refunded(self, intent: PaymentIntent, charge: Charge, refund: Refund, shares: RefundShares) -> None:
        """Book a refund that is to be made. Raises `CallRejected`, with nothing booked, where it cannot be."""
        ...

    def is_covered(self, refund: Refund) -> bool:
        """Return whether the balance suffices for a refund that is booked: if not, it waits."""
        ...

    def refund_failed(self, refund: Refund) -> None:
        """Book that the money of a refund has come back."""
        ...

    def dispute_opened(self, intent: PaymentIntent, dispute: Dispute) -> None:
        """Take note of a dispute, and say when evidence is due."""
        ...

    def dispute_moved(self, dispute: Dispute, amount_minor: int) -> int:
        """Book what a dispute withdraws, below 0, or gives back. Returns Stripe's fee."""
        ...


class PlainSettlement:
    """The `Settlement` of an account that is no platform."""

    def check(self, intent: PaymentIntent) -> None:
        """All that is paid is ours."""

    def captured(self, intent: PaymentIntent, charge: Charge) -> None:
        """There is no one else."""

    def refunded(self, intent: PaymentIntent, charge: Charge, refund: Refund, shares: RefundShares) -> None:
        """We bear it."""

    def is_covered(self, refund: Refund) -> bool:
        """There is always enough."""
        return True

    def refund_failed(self, refund: Refund) -> None:
        """We have it again."""

    def dispute_opened(self, intent: PaymentIntent, dispute: Dispute) -> None:
        """Evidence may be given for ever."""

    def dispute_moved(self, dispute: Dispute, amount_minor: int) -> int:
        """It costs nothing."""
        return 0
