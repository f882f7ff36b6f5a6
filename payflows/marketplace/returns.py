"""What goes back: which movements a refund or a lost dispute calls for, and which undo it. No calls are made here.

The buyer is refunded first, by the platform. Then each vendor's share is taken back, less the part of the fee that the
platform gives up. Whatever of that fails is finished later, and the buyer has the money.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from payflows.kernel.evolve import evolve
from payflows.marketplace.fees import refunded_part
from payflows.marketplace.movement import Movement, MovementStatus, MovementType, movement_id
from payflows.marketplace.sale import Sale, SalePart
from payflows.money import Money


def refund_of(sale: Sale, amounts: Mapping[str, Money], purpose: str, now: datetime) -> Movement:
    """Return the movement that gives a buyer the sum of these amounts back.

    Args:
        sale: of which.
        amounts: by vendor, what goes back of their goods.
        purpose: once in a sale.
        now: when it is asked for.
    """
    first, *others = amounts.values()
    return Movement(
        id=movement_id(sale.id, purpose),
        status=MovementStatus.MOVING,
        changed_at=now,
        lease_until=now,
        type=MovementType.REFUND,
        sale_id=sale.id,
        merchant_id=sale.order.merchant_id,
        purpose=purpose,
        amount=sum(others, first),
        by_vendor=tuple((vendor_id, amount.minor) for vendor_id, amount in amounts.items()),
        source_id=sale.charge.payment_id,
    )


def recoveries_of(
    sale: Sale,
    amounts: Mapping[str, Money],
    purpose: str,
    now: datetime,
    *,
    against: str,
    returns_fee: bool,
    after_id: str | None = None,
    dispute_id: str | None = None,
) -> list[Movement]:
    """Return the movements that take from the vendors what went back of their goods.

    Args:
        sale: of which.
        amounts: by vendor, what goes back of their goods.
        purpose: once in a sale.
        now: when it is asked for.
        against: the account of the ledger on which it stands.
        returns_fee: the platform gives up the same part of its fee; else the vendor bears it.
        after_id: the movement that must be done before; None: none.
        dispute_id: for which recovery of a dispute; None: it is a refund.
    """
    movements = []
    for vendor_id, amount in amounts.items():
        part = sale.part_of(vendor_id)
        fee = refunded_part(part.application_fee, part.amount, Money(part.returned_minor, amount.currency), amount)
        reversal = evolve(
            _reversal(sale, part, purpose, now, after_id, against),
            dispute_id=dispute_id,
            by_vendor=((vendor_id, amount.minor),),
        )
        movements += _amounts(sale, part, reversal, amount, fee, returns_fee=returns_fee)
    return movements


def _reversal(sale: Sale, part: SalePart, purpose: str, now: datetime, after_id: str | None, against: str) -> Movement:
    """Return a reversal of a vendor's share, whose amount is still to be said."""
    return Movement(
        id=movement_id(sale.id, purpose, part.vendor_id),
        status=MovementStatus.MOVING if after_id is None else MovementStatus.WAITING,
        changed_at=now,
        lease_until=now if after_id is None else None,
        type=MovementType.REVERSAL,
        sale_id=sale.id,
        merchant_id=sale.order.merchant_id,
        purpose=purpose,
        vendor_id=part.vendor_id,
        account_id=part.account_id,
        amount=Money(0, part.amount.currency),
        against=against,
        after_id=after_id,
        source_id=part.transfer_id,
    )


def _amounts(
    sale: Sale, part: SalePart, reversal: Movement, amount: Money, fee: Money, *, returns_fee: bool
) -> list[Movement]:
    """Return the reversal with its amount: what is taken back, what the platform gives up, and what is owed beside it.

    Of a destination charge all went to the vendor, and the fee came back: it is given back by a movement.
    """
    if sale.is_separate and returns_fee:
        return [evolve(reversal, amount=amount - fee, fee_minor=fee.minor)]
    if sale.is_separate:
        taken_minor = min(amount.minor, part.left_minor)
        taken = Money(taken_minor, amount.currency)
        return [evolve(reversal, amount=taken, owed_minor=amount.minor - taken_minor)]
    movements = [evolve(reversal, amount=amount)]
    if returns_fee and fee.minor:
        purpose = f"{reversal.purpose}-fee"
        returned = evolve(
            reversal,
            id=movement_id(sale.id, purpose, part.vendor_id),
            type=MovementType.FEE_RETURN,
            purpose=purpose,
            amount=fee,
            source_id=sale.application_fee_id,
        )
        movements.append(returned)
    return movements


def with_returned(sale: Sale, by_vendor: Sequence[tuple[str, int]], *, sign: int = 1) -> tuple[SalePart, ...]:
    """Return the parts once these amounts, in minor units, go back; or, with a sign of -1, do not."""
    minor = dict(by_vendor)
    return tuple(
        part._replace(returned_minor=part.returned_minor + sign * minor.get(part.vendor_id, 0)) for part in sale.parts
    )


def again_of(reversal: Movement, fee: Money | None, now: datetime) -> Movement:
    """Return the movement that sends a vendor again what was taken back: it is theirs after all.

    Args:
        reversal: that took it back, done or on its way.
        fee: what of a destination charge's fee was given back with it; None: nothing.
        now: when that is known.
    """
    fee_minor = reversal.fee_minor + (0 if fee is None else fee.minor)
    taken_minor = reversal.amount.minor - (0 if fee is None else fee.minor)
    purpose = f"{reversal.purpose}-again"
    is_done = reversal.status is MovementStatus.DONE
    return Movement(
        id=movement_id(reversal.sale_id, purpose, reversal.vendor_id),
        status=MovementStatus.MOVING if is_done else MovementStatus.WAITING,
        changed_at=now,
        lease_until=now if is_done else None,
        type=MovementType.SHARE_AGAIN,
        sale_id=reversal.sale_id,
        merchant_id=reversal.merchant_id,
        purpose=purpose,
        vendor_id=reversal.vendor_id,
        account_id=reversal.account_id,
        amount=Money(taken_minor, reversal.amount.currency),
        fee_minor=fee_minor,
        against=reversal.against,
        after_id=reversal.id,
    )
