"""Transfers, their reversals and application fees as Stripe keeps them. Their rules are in `transferring`.

Source: Stripe API reference, "The Transfer object", "The Transfer Reversal object", "The Application Fee object".
"""

from __future__ import annotations

from dataclasses import dataclass, field

from payflows.marketplace import connect
from payflows.money import Money

from simulations.stripe.connect.accounts import ConnectedAccount
from simulations.stripe.core.events import Json


@dataclass(slots=True, eq=False)
class Transfer:
    """Money that went from the platform's balance to a vendor's.

    Attributes:
        metadata: ours name the order and the purpose; that of a destination charge names none.
        source_transaction: the charge whose money it is.
        available_on: when the vendor may use it.
        destination_payment: what the vendor's account shows of it.
        is_of_destination_charge: a charge made it.
        reversals: oldest first.
        refunded_charge: of how much of its charge refunds have reversed it.
    """

    id: str
    account: ConnectedAccount
    amount: int
    currency: str
    created: int
    metadata: dict[str, str]
    source_transaction: str | None
    transfer_group: str | None
    available_on: int
    is_of_destination_charge: bool = False
    balance_transaction: str = ""
    reversals: list[Reversal] = field(default_factory=list)
    refunded_charge: int = 0
    event_count: int = 0

    @property
    def destination_payment(self) -> str:
        """The id of what the vendor's account shows."""
        return f"py_{self.id[3:]}"

    @property
    def amount_reversed(self) -> int:
        """What was taken back."""
        return sum(reversal.amount for reversal in self.reversals)

    def changed(self) -> None:
        """Nothing is derived from it."""

    def next_event_id(self) -> str:
        """Return the id of its next event."""
        self.event_count += 1
        return f"evt_{self.id.replace('_', '')}{self.event_count - 1:02d}"

    def as_transfer(self) -> connect.Transfer:
        """Return the transfer as the port answers it."""
        return connect.Transfer(
            id=self.id,
            account_id=self.account.id,
            amount=Money(self.amount, self.currency),
            reversed=Money(self.amount_reversed, self.currency),
            order_id=self.metadata.get("order_id"),
            purpose=self.metadata.get("purpose"),
            charge_id=self.source_transaction,
            transfer_group=self.transfer_group,
            balance_transaction_id=self.balance_transaction,
            destination_payment_id=self.destination_payment,
        )

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        url = f"/v1/transfers/{self.id}/reversals"
        newest_first = [reversal.to_stripe() for reversal in reversed(self.reversals)]
        return {
            "id": self.id,
            "object": "transfer",
            "amount": self.amount,
            "amount_reversed": self.amount_reversed,
            "balance_transaction": self.balance_transaction,
            "created": self.created,
            "currency": self.currency,
            "description": None,
            "destination": self.account.id,
            "destination_payment": self.destination_payment,
            "livemode": False,
            "metadata": dict(self.metadata),
            "reversals": {
                "object": "list",
                "data": newest_first[:10],
                "has_more": len(newest_first) > 10,
                "url": url,
            },
            "reversed": self.amount_reversed == self.amount,
            "source_transaction": self.source_transaction,
            "source_type": "card",
            "transfer_group": self.transfer_group,
        }


@dataclass(slots=True, eq=False)
class Reversal:
    """What was taken back of a transfer.

    Attributes:
        metadata: ours name the purpose; one that a refund made names none.
        source_refund: the refund that made it.
    """

    id: str
    transfer: Transfer
    amount: int
    created: int
    metadata: dict[str, str]
    source_refund: str | None
    balance_transaction: str

    @property
    def destination_payment_refund(self) -> str:
        """The id of what the vendor's account shows."""
        return f"pyr_{self.id[4:]}"

    def as_reversal(self) -> connect.TransferReversal:
        """Return the reversal as the port answers it."""
        return connect.TransferReversal(
            id=self.id,
            transfer_id=self.transfer.id,
            amount=Money(self.amount, self.transfer.currency),
            purpose=self.metadata.get("purpose"),
            balance_transaction_id=self.balance_transaction,
            destination_refund_id=self.destination_payment_refund,
            source_refund_id=self.source_refund,
        )

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        return {
            "id": self.id,
            "object": "transfer_reversal",
            "amount": self.amount,
            "balance_transaction": self.balance_transaction,
            "created": self.created,
            "currency": self.transfer.currency,
            "destination_payment_refund": self.destination_payment_refund,
            "metadata": dict(self.metadata),
            "source_refund": self.source_refund,
            "transfer": self.transfer.id,
        }


@dataclass(slots=True, eq=False)
class ApplicationFee:
    """What the platform kept of a destination charge.

    Attributes:
        charge: the platform's charge.
        transfer: what the vendor was sent of it.
        refunds: oldest first.
        refunded_charge: of how much of its charge refunds have refunded it.
    """

    id: str
    transfer: Transfer
    charge: str
    amount: int
    created: int
    balance_transaction: str
    refunds: list[FeeRefund] = field(default_factory=list)
    refunded_charge: int = 0
    event_count: int = 0

    @property
    def amount_refunded(self) -> int:
        """What went back to the vendor."""
        return sum(refund.amount for refund in self.refunds)

    def changed(self) -> None:
        """Nothing is derived from it."""

    def next_event_id(self) -> str:
        """Return the id of its next event."""
        self.event_count += 1
        return f"evt_{self.id.replace('_', '')}{self.event_count - 1:02d}"

    def as_fee(self) -> connect.ApplicationFee:
        """Return the fee as the port answers it."""
        currency = self.transfer.currency
        return connect.ApplicationFee(
            id=self.id,
            account_id=self.transfer.account.id,
            charge_id=self.charge,
            amount=Money(self.amount, currency),
            refunded=Money(self.amount_refunded, currency),
            balance_transaction_id=self.balance_transaction,
        )

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        url = f"/v1/application_fees/{self.id}/refunds"
        newest_first = [refund.to_stripe() for refund in reversed(self.refunds)]
        return {
            "id": self.id,
            "object": "application_fee",
            "account": self.transfer.account.id,
            "amount": self.amount,
            "amount_refunded": self.amount_refunded,
            "application": "ca_simulated",
            "balance_transaction": self.balance_transaction,
            "charge": self.transfer.destination_payment,
            "created": self.created,
            "currency": self.transfer.currency,
            "fee_source": {"charge": self.transfer.destination_payment, "type": "charge"},
            "livemode": False,
            "originating_transaction": self.charge,
            "refunded": self.amount_refunded == self.amount,
            "refunds": {
                "object": "list",
                "data": newest_first[:10],
                "has_more": len(newest_first) > 10,
                "url": url,
            },
        }


@dataclass(slots=True, eq=False)
class FeeRefund:
    """What of a fee went back to the vendor.

    Attributes:
        metadata: ours name the purpose; one that a refund made names none.
    """

    id: str
    fee: ApplicationFee
    amount: int
    created: int
    metadata: dict[str, str]
    balance_transaction: str

    def as_fee_refund(self) -> connect.ApplicationFeeRefund:
        """Return it as the port answers it."""
        return connect.ApplicationFeeRefund(
            id=self.id,
            fee_id=self.fee.id,
            amount=Money(self.amount, self.fee.transfer.currency),
            purpose=self.metadata.get("purpose"),
            balance_transaction_id=self.balance_transaction,
        )

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        return {
            "id": self.id,
            "object": "fee_refund",
            "amount": self.amount,
            "balance_transaction": self.balance_transaction,
            "created": self.created,
            "currency": self.fee.transfer.currency,
            "fee": self.fee.id,
            "metadata": dict(self.metadata),
        }
