"""How a vendor bears a refund with which Stripe itself has taken the share back. No calls are made here.

What Stripe has moved is adopted: as far as the vendor is to bear it, it is the refund's; the rest stands beside it.
What Stripe did not take is taken as with any refund.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from payflows.kernel.evolve import evolve
from payflows.marketplace.accounts import BUYERS
from payflows.marketplace.connect import ApplicationFeeRefund, TransferReversal
from payflows.marketplace.dashboard_refunds import MovedWithRefund, purpose_in_dashboard
from payflows.marketplace.ledger import JournalEntry
from payflows.marketplace.movement import Movement, MovementStatus, MovementType, movement_id
from payflows.marketplace.movement_postings import entries_of
from payflows.marketplace.return_postings import taken_beyond
from payflows.marketplace.returns import fee_return_beside, fee_share_minor, with_fee_given
from payflows.marketplace.sale import Sale, SalePart
from payflows.money import Money


def movement_by_hand(
    sale: Sale, part: SalePart, made: TransferReversal | ApplicationFeeRefund, now: datetime
) -> Movement:
    """Return what other hands have moved as a movement of ours."""
    is_reversal, purpose = isinstance(made, TransferReversal), purpose_in_dashboard(made.id)
    return Movement(
        id=movement_id(sale.id, purpose, part.vendor_id),
        status=MovementStatus.DONE,
        changed_at=now,
        type=MovementType.REVERSAL if is_reversal else MovementType.FEE_RETURN,
        sale_id=sale.id,
        merchant_id=sale.order.merchant_id,
        purpose=purpose,
        vendor_id=part.vendor_id,
        account_id=part.account_id,
        amount=made.amount,
        against=BUYERS,
        source_id=made.transfer_id if isinstance(made, TransferReversal) else made.fee_id,
        stripe_id=made.id,
    )


class BorneByHand(NamedTuple):
    """A refund of a destination charge, with what Stripe has moved with it.

    Attributes:
        sale: of which, without the refund.
        refund: as adopted.
        moved: what Stripe has moved with it.
        returns_fee: the platform gives up the same part of its fee.
        now: when it is seen.
    """

    sale: Sale
    refund: Movement
    moved: MovedWithRefund
    returns_fee: bool
    now: datetime

    @property
    def borne_minor(self) -> int:
        """Return what the vendor has borne of the refund."""
        return min(self._to_bear_minor, self.moved.reversal.amount.minor)

    @property
    def rest(self) -> Mapping[str, Money]:
        """Return, by vendor, what is still to be taken: nothing, as a rule."""
        minor, vendor_id = self._to_bear_minor - self.borne_minor, self.sale.parts[0].vendor_id
        return {vendor_id: Money(minor, self.refund.amount.currency)} if minor else {}

    @property
    def beyond(self) -> Money:
        """Return what was taken from the vendor that is not for the refund."""
        taken = self.moved.reversal.amount
        return Money(taken.minor - self.borne_minor, taken.currency)

    @property
    def part(self) -> SalePart:
        """Return the vendor's part with all of it, but for the rest."""
        moved, part, fee_minor = self.moved, self.sale.parts[0], self._fee_minor
        first, taken_minor = part.transfers[0], moved.reversal.amount.minor
        part = part.with_transfer(
            first.id,
            left_minor=first.left_minor - taken_minor,
            fee_left_minor=first.fee_left_minor - moved.fee_minor - self._fee_due_minor,
        )._replace(
            returned_minor=part.returned_minor + self.borne_minor,
            taken_back_minor=part.taken_back_minor + taken_minor - fee_minor,
        )
        return with_fee_given(part, moved.fee_minor - fee_minor)

    def movements(self, beyond: Movement) -> list[Movement]:
        """Return what Stripe has moved, and what is due of the fee besides.

        Args:
            beyond: what was taken, where it is not for the refund.
        """
        reversal, left_minor = self._for_refund(self.moved.reversal), self._fee_minor
        movements = _split(reversal, self.borne_minor, beyond)
        for made in self.moved.fee_refunds:
            giving, own_minor = self._for_refund(made), min(left_minor, made.amount.minor)
            movements += _split(giving, own_minor, evolve(giving, after_id=None))
            left_minor -= own_minor
        if due_minor := self._fee_due_minor:
            due = fee_return_beside(reversal, due_minor, self.sale.application_fee_id)
            movements.append(evolve(due, status=MovementStatus.MOVING, lease_until=self.now, stripe_id=None))
        return movements

    def entries(self, beyond: Movement) -> list[JournalEntry]:
        """Return what is posted of what Stripe has moved.

        Args:
            beyond: what was taken, where it is not for the refund.
        """
        reversal, part = self.moved.reversal, self.sale.parts[0]
        entries = list[JournalEntry]()
        all_made: list[TransferReversal | ApplicationFeeRefund] = [reversal, *self.moved.fee_refunds]
        for made in all_made:
            entries += entries_of(self._for_refund(made), made, self.now, is_available=part.is_available)
        if self.beyond.minor:
            entries.append(taken_beyond(reversal.id, self.beyond, self.now, against=BUYERS, instead=beyond.against))
        return entries

    @property
    def _to_bear_minor(self) -> int:
        return sum(minor for _, minor in self.refund.by_vendor)

    @property
    def _fee_share_minor(self) -> int:
        """Return what of the fee goes with what the vendor has borne; all that Stripe gave, where we give nothing."""
        return fee_share_minor(self.sale.parts[0], self.borne_minor) if self.returns_fee else self.moved.fee_minor

    @property
    def _fee_minor(self) -> int:
        """Return what Stripe gave of that; what it gave beyond is given beside all refunds."""
        return min(self._fee_share_minor, self.moved.fee_minor)

    @property
    def _fee_due_minor(self) -> int:
        """Return what we are still to give of it, as far as Stripe has so much left."""
        moved, first = self.moved, self.sale.parts[0].transfers[0]
        left_minor = first.fee_left_minor - moved.fee_minor - moved.other_fee_minor
        return max(0, min(self._fee_share_minor - self._fee_minor, left_minor))

    def _for_refund(self, made: TransferReversal | ApplicationFeeRefund) -> Movement:
        """Return it as a movement that is undone with the refund, should that fail."""
        return evolve(movement_by_hand(self.sale, self.sale.parts[0], made, self.now), after_id=self.refund.id)


def _split(movement: Movement, own_minor: int, beyond: Movement) -> list[Movement]:
    """Return what of a movement is for the refund, and what is not, and stays if the refund fails.

    The first has Stripe's id: by it both are found.
    """
    beyond_minor, currency = movement.amount.minor - own_minor, movement.amount.currency
    if not beyond_minor:
        return [movement]
    purpose = f"{movement.purpose}-beyond"
    return [
        evolve(movement, amount=Money(own_minor, currency)),
        evolve(
            beyond,
            id=movement_id(movement.sale_id, purpose, movement.vendor_id),
            purpose=purpose,
            amount=Money(beyond_minor, currency),
            stripe_id=None,
        ),
    ]
