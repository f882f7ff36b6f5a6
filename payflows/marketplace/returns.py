"""What goes back: which movements a refund or a lost dispute calls for, and which undo it. No calls are made here.

The buyer is refunded first, by the platform. Then each vendor's share is taken back, less the part of the fee that the
platform gives up. A part that fails is finished later, and the buyer has the money.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from payflows.kernel.evolve import evolve
from payflows.marketplace.fees import fee_with_left, refunded_part
from payflows.marketplace.movement import Movement, MovementStatus, MovementType, movement_id
from payflows.marketplace.sale import Sale, SalePart, SentTransfer
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
        fee_minor = fee_share_minor(part, amount.minor) if returns_fee else 0
        reversal = Movement(
            id=movement_id(sale.id, purpose, vendor_id),
            status=MovementStatus.MOVING if after_id is None else MovementStatus.WAITING,
            changed_at=now,
            lease_until=now if after_id is None else None,
            type=MovementType.REVERSAL,
            sale_id=sale.id,
            merchant_id=sale.order.merchant_id,
            purpose=purpose,
            vendor_id=vendor_id,
            account_id=part.account_id,
            amount=Money(0, amount.currency),
            by_vendor=((vendor_id, amount.minor),),
            against=against,
            after_id=after_id,
            dispute_id=dispute_id,
        )
        movements += taken_from(part, reversal, amount.minor, fee_minor, sale.application_fee_id)
    return movements


def fee_share_minor(part: SalePart, minor: int) -> int:
    """Return what of its fee the platform gives up where so much more of a vendor's goods goes back."""
    currency = part.amount.currency
    before, now = Money(part.returned_minor, currency), Money(minor, currency)
    return refunded_part(part.application_fee, part.amount, before, now).minor


def with_fee_given(part: SalePart, minor: int) -> SalePart:
    """Return a part of whose fee so much was given back beside all refunds: so much less is left of it for these."""
    currency = part.amount.currency
    rest_minor = part.amount.minor - part.returned_minor
    left = Money(max(0, fee_share_minor(part, rest_minor) - minor), currency)
    fee = fee_with_left(part.application_fee, part.amount, Money(part.returned_minor, currency), left)
    given_minor = part.application_fee.minor - fee.minor  # the fee is the vendor's by `net`; what is more was not given
    return part._replace(application_fee=fee, taken_back_minor=part.taken_back_minor + given_minor - minor)


def taken_from(
    part: SalePart, reversal: Movement, amount_minor: int, fee_minor: int, application_fee_id: str | None
) -> list[Movement]:
    """Return what takes an amount back from the transfers that sent it; what they do not hold is owed.

    Of a destination charge all went to the vendor, and the fee came back: it goes to the vendor once more, by a
    movement. What else the platform gives up of its fee never left its balance: so much less is taken.

    Args:
        part: the vendor's.
        reversal: as each of them is, but for its amount.
        amount_minor: what went back.
        fee_minor: what of it the platform gives up.
        application_fee_id: a destination charge's.
    """
    returned_minor, sources = 0, list[tuple[SentTransfer, int]]()
    for transfer in part.transfers:
        if transfer.fee_left_minor:
            returned_minor = min(fee_minor, transfer.fee_left_minor, transfer.left_minor)
            fee_minor -= returned_minor
        minor = min(amount_minor - fee_minor, transfer.left_minor)
        if minor > 0:
            sources.append((transfer, minor))
            amount_minor -= minor
    owed_minor = amount_minor - fee_minor
    currency, first = reversal.amount.currency, evolve(reversal, fee_minor=fee_minor, owed_minor=owed_minor)
    if not sources:
        return [first] if amount_minor else []
    movements = []
    for number, (transfer, minor) in enumerate(sources, 1):
        one = first if number == 1 else _numbered(reversal, number)
        movements.append(evolve(one, amount=Money(minor, currency), source_id=transfer.id))
    if returned_minor:
        movements.append(fee_return_beside(reversal, returned_minor, application_fee_id))
    return movements


def fee_return_beside(reversal: Movement, minor: int, application_fee_id: str | None) -> Movement:
    """Return the movement that gives a vendor a part of a destination charge's fee, beside what is taken back."""
    returned = _named(reversal, f"{reversal.purpose}-fee")
    amount = Money(minor, reversal.amount.currency)
    return evolve(returned, type=MovementType.FEE_RETURN, amount=amount, source_id=application_fee_id)


def _numbered(movement: Movement, number: int) -> Movement:
    return _named(movement, f"{movement.purpose}-{number}")


def _named(movement: Movement, purpose: str) -> Movement:
    return evolve(movement, id=movement_id(movement.sale_id, purpose, movement.vendor_id), purpose=purpose)


def planned(parts: Iterable[SalePart], movements: Iterable[Movement], *, sign: int = 1) -> tuple[SalePart, ...]:
    """Return the parts once these movements are to take back from them; or, with a sign of -1, will not."""
    by_vendor = {part.vendor_id: part for part in parts}
    for each in movements:
        part, minor = by_vendor.get(each.vendor_id), sign * each.amount.minor
        if part is None or not minor:
            continue
        if each.type is MovementType.FEE_RETURN:
            first = part.transfers[0]
            part = part.with_transfer(first.id, fee_left_minor=first.fee_left_minor - minor)
        elif each.type is MovementType.REVERSAL:
            source = next((one for one in part.transfers if one.id == each.source_id), part.transfers[0])
            part = part.with_transfer(source.id, left_minor=source.left_minor - minor)
        by_vendor[each.vendor_id] = part
    return tuple(by_vendor.values())


def shared_among(sale: Sale, minor: int) -> Mapping[str, Money]:
    """Return, by vendor, what each bears of what went back: by what is left of their goods, and no more than that."""
    currency = sale.charge.amount.currency
    left = {part.vendor_id: part.amount.minor - part.returned_minor for part in sale.parts}
    borne_minor = min(minor, sum(left.values()))
    if not borne_minor:
        return {}
    shares = Money(borne_minor, currency).split(list(left.values()))
    return {vendor_id: share for vendor_id, share in zip(left, shares, strict=True) if share.minor}


def with_returned(
    parts: Iterable[SalePart], by_vendor: Sequence[tuple[str, int]], *, sign: int = 1
) -> tuple[SalePart, ...]:
    """Return the parts once these amounts, in minor units, go back; or, with a sign of -1, do not."""
    minor = dict(by_vendor)
    return tuple(
        part._replace(returned_minor=part.returned_minor + sign * minor.get(part.vendor_id, 0)) for part in parts
    )


def fees_returned(movements: Sequence[Movement]) -> dict[str, Money]:
    """Return, by the id of a reversal, what of the fee went back beside it: no more than it takes itself."""
    left: Counter[str] = Counter()
    for each in movements:
        if each.type is MovementType.FEE_RETURN:
            left[each.vendor_id] += each.amount.minor
    fees = {}
    for each in movements:
        if each.type is MovementType.REVERSAL and (minor := min(left[each.vendor_id], each.amount.minor)):
            left[each.vendor_id] -= minor
            fees[each.id] = Money(minor, each.amount.currency)
    return fees


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
        owed_minor=reversal.owed_minor,
        against=reversal.against,
        after_id=reversal.id,
    )


def debt_return_of(again: Movement, amount: Money, now: datetime) -> Movement:
    """Return the movement that sends a vendor what was kept from later sales for a debt that was none.

    Args:
        again: what undoes that the vendor bears it.
        amount: how much was kept.
        now: when that is known.
    """
    purpose = f"{again.purpose}-kept"
    return evolve(
        again,
        id=movement_id(again.sale_id, purpose, again.vendor_id),
        version=1,
        status=MovementStatus.MOVING,
        changed_at=now,
        lease_until=now,
        type=MovementType.DEBT_RETURN,
        purpose=purpose,
        amount=amount,
        fee_minor=0,
        owed_minor=0,
        after_id=None,
    )
