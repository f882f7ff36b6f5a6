"""From paid to available: what Stripe has moved is read and posted, shares are sent, and what is held is let go."""

from __future__ import annotations

from datetime import datetime, timedelta

from payflows.kernel.changes import Change, Insert
from payflows.marketplace.accounts import receivable
from payflows.marketplace.connect import StripeCharge
from payflows.marketplace.input import vendor_row_id
from payflows.marketplace.ledger import JournalEntry, post
from payflows.marketplace.messages import MOVEMENTS, VENDORS
from payflows.marketplace.movement import Movement, MovementStatus, MovementType, movement_id
from payflows.marketplace.payout_postings import reserve_held, reserve_released
from payflows.marketplace.sale import Sale, SalePart, SaleStatus
from payflows.marketplace.sale_postings import (
    SentShare,
    became_available,
    destination_charge_captured,
    separate_charge_captured,
    stripe_fee_read,
)
from payflows.marketplace.step_context import StepContext
from payflows.money import Money

SHARE = "share"
"""The purpose of the transfer that a vendor is owed since the payment."""


class Booking:
    """What a sale does once it is paid.

    Args:
        context: the ports, the repositories and the ledger.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._sales = context.sales

    async def book(self, sale: Sale) -> Sale | None:
        """PAID: read the charge and what Stripe took for it; post that, and have the shares sent, in one step."""
        context, connect, charge_id = self._context, self._context.connect, sale.charge_id
        assert charge_id is not None, "it is paid"
        charge = await context.calls.call(lambda: connect.retrieve_charge(charge_id))
        if charge.balance_transaction_id is None:
            return await self._sales.schedule(sale, check_at=context.seconds_from_now(60))
        transaction_id = charge.balance_transaction_id
        entry = await context.calls.call(
            lambda: connect.retrieve_balance_transaction(None, balance_transaction_id=transaction_id)
        )
        now = context.clock.now()
        fee = post(stripe_fee_read(charge_id, estimated=sale.stripe_fee, charged_minor=entry.fee_minor, at=now))
        parts, changes = await self._captured(sale, charge, now)
        fees = (fee,) if fee.entries else ()
        return await self._sales.transition(
            sale,
            SaleStatus.BOOKED,
            *changes,
            *fees,
            parts=parts,
            application_fee_id=charge.application_fee_id,
            available_at=entry.available_at,
        )

    async def release(self, sale: Sale) -> Sale | None:
        """BOOKED: once Stripe lets the money be used, it is the vendors', less a reserve and what they owe."""
        context, now = self._context, self._context.clock.now()
        assert sale.available_at is not None, "it was read with the charge"
        unsent = [part for part in sale.parts if part.transfer_id is None]
        if sale.available_at > now or unsent:
            look_at = context.seconds_from_now(context.policy.pending_look_seconds)
            return await self._sales.schedule(sale, check_at=max(sale.available_at, look_at) if unsent else None)
        entries: list[JournalEntry] = []
        for part in sale.parts:
            if part.left_minor:
                currency = part.amount.currency
                entries.append(became_available(sale.id, part.vendor_id, part.left_minor, currency, now))
        parts, held = self._reserved(sale, now)
        recoveries = await self._recoveries(sale)
        posted = (post(*entries, *held),) if entries else ()
        policy = context.policy.payouts
        until = now + timedelta(days=policy.reserve_days) if held and policy is not None else None
        return await self._sales.transition(
            sale, SaleStatus.AVAILABLE, *posted, *recoveries, parts=parts, reserve_until=until
        )

    async def let_go(self, sale: Sale) -> Sale | None:
        """AVAILABLE: the reserve is the vendor's again once its time is over."""
        now, entries = self._context.clock.now(), []
        assert sale.reserve_until is not None, "something is held back"
        if sale.reserve_until > now:
            return None
        for part in sale.parts:
            if part.reserved_minor:
                held = Money(part.reserved_minor, part.amount.currency)
                entries.append(reserve_released(sale.id, part.vendor_id, held, now))
        parts = tuple(part._replace(reserved_minor=0) for part in sale.parts)
        return await self._sales.update(sale, post(*entries), parts=parts, reserve_until=None)

    async def _captured(
        self, sale: Sale, charge: StripeCharge, now: datetime
    ) -> tuple[tuple[SalePart, ...], list[Change]]:
        """Return the parts and what is posted of the charge: with the shares that are to be sent, if they are."""
        shares, first = [part.share for part in sale.parts], sale.parts[0]
        if sale.is_separate:
            entry = separate_charge_captured(sale.id, charge.id, shares, stripe_fee=sale.stripe_fee, at=now)
            movements = (Insert(MOVEMENTS, self._share(sale, part, now)) for part in sale.parts if part.net.minor)
            return sale.parts, [post(entry), *movements]
        assert charge.transfer_id is not None, "a destination charge is transferred when it is captured"
        connect, transfer_id = self._context.connect, charge.transfer_id
        transfer = await self._context.calls.call(lambda: connect.retrieve_transfer(transfer_id))
        sent = SentShare(
            first.vendor_id,
            first.account_id,
            transfer.amount,
            transfer.id,
            transfer.destination_payment_id or transfer.id,
        )
        entry = destination_charge_captured(
            sale.id,
            charge.id,
            first.share,
            sent,
            application_fee_id=charge.application_fee_id,
            stripe_fee=sale.stripe_fee,
            at=now,
        )
        return sale.with_part(first.vendor_id, transfer_id=transfer.id), [post(entry)]

    def _share(self, sale: Sale, part: SalePart, now: datetime) -> Movement:
        return Movement(
            id=movement_id(sale.id, SHARE, part.vendor_id),
            status=MovementStatus.MOVING,
            changed_at=now,
            lease_until=now,
            type=MovementType.SHARE,
            sale_id=sale.id,
            merchant_id=sale.order.merchant_id,
            purpose=SHARE,
            vendor_id=part.vendor_id,
            account_id=part.account_id,
            amount=part.net,
            source_id=sale.charge_id,
        )

    def _reserved(self, sale: Sale, now: datetime) -> tuple[tuple[SalePart, ...], list[JournalEntry]]:
        """Return the parts and what is posted of the reserve that is held back of each."""
        policy, parts, entries = self._context.policy.payouts, [], []
        for part in sale.parts:
            minor = 0 if policy is None else max(0, part.left_minor) * policy.reserve_bps // 10_000
            parts.append(part._replace(reserved_minor=minor))
            if minor:
                held = Money(minor, part.amount.currency)
                entries.append(reserve_held(sale.id, part.vendor_id, held, now))
        return tuple(parts), entries

    async def _recoveries(self, sale: Sale) -> list[Change]:
        """Return what takes from these shares what their vendors owe from before."""
        context, now = self._context, self._context.clock.now()
        changes: list[Change] = []
        for part in sale.parts:
            currency = part.amount.currency
            debt_minor = await context.ledger.balance_minor(receivable(part.vendor_id), currency)
            if debt_minor <= 0 or part.left_minor <= 0:
                continue
            under_way = await context.all_of(MOVEMENTS, f"vendor:{part.vendor_id}")
            debt_minor -= sum(each.amount.minor for each in under_way if _recovers(each))
            if debt_minor > 0:
                vendor = await context.vendors.get(vendor_row_id(sale.order.merchant_id, part.vendor_id))
                changes.append(context.next_version(VENDORS, vendor))  # of two sales one is worked out again
                changes.append(Insert(MOVEMENTS, self._recovery(sale, part, min(debt_minor, part.left_minor), now)))
        return changes

    def _recovery(self, sale: Sale, part: SalePart, minor: int, now: datetime) -> Movement:
        return Movement(
            id=movement_id(sale.id, "recovery", part.vendor_id),
            status=MovementStatus.MOVING,
            changed_at=now,
            lease_until=now,
            type=MovementType.REVERSAL,
            sale_id=sale.id,
            merchant_id=sale.order.merchant_id,
            purpose="recovery",
            vendor_id=part.vendor_id,
            account_id=part.account_id,
            amount=Money(minor, part.amount.currency),
            against=receivable(part.vendor_id),
            source_id=part.transfer_id,
        )


def _recovers(movement: Movement) -> bool:
    """Whether it takes back what a vendor owes, and is under way."""
    is_recovery = movement.against == receivable(movement.vendor_id)
    return is_recovery and movement.status is MovementStatus.MOVING
