"""From paid to available: what Stripe has moved is read and posted, shares are sent, and what is held is let go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from payflows.kernel.changes import Change, Insert
from payflows.marketplace.accounts import receivable
from payflows.marketplace.connect import StripeCharge
from payflows.marketplace.input import vendor_row_id
from payflows.marketplace.ledger import JournalEntry, post
from payflows.marketplace.messages import MOVEMENTS, VENDORS
from payflows.marketplace.movement import Movement, MovementStatus, MovementType, movement_id
from payflows.marketplace.payout_postings import reserve_held, reserve_released
from payflows.marketplace.returns import planned
from payflows.marketplace.sale import Sale, SalePart, SaleStatus, SentTransfer
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
        """BOOKED: once Stripe lets the money be used, it is the vendors', less a reserve and what they owe.

        A share that cannot be sent keeps no other vendor waiting.
        """
        context, now = self._context, self._context.clock.now()
        assert sale.available_at is not None, "it was read with the charge"
        if sale.available_at > now:
            return await self._sales.schedule(sale)
        ready = [part for part in sale.parts if not part.is_available and not part.is_unsent]
        is_waiting = any(part.is_unsent for part in sale.parts)
        if is_waiting and not ready:
            look_at = context.seconds_from_now(context.policy.pending_look_seconds)
            return await self._sales.schedule(sale, check_at=look_at)
        released = [self._released(part, now) for part in ready]
        entries = [entry for part in released for entry in self._entries(sale, part, now)]
        changes: list[Change] = [post(*entries)] if entries else []
        recoveries, others = await self._recoveries(sale, ready)
        by_vendor = {part.vendor_id: part for part in released}
        parts = planned((by_vendor.get(part.vendor_id, part) for part in sale.parts), recoveries)
        changes += [*(Insert(MOVEMENTS, each) for each in recoveries), *others]
        if is_waiting:
            return await self._sales.update(sale, *changes, parts=parts)
        return await self._sales.transition(sale, SaleStatus.AVAILABLE, *changes, parts=parts)

    async def let_go(self, sale: Sale) -> Sale | None:
        """BOOKED, AVAILABLE: a reserve is the vendor's again once its time is over, or the share itself went back."""
        now, parts, entries = self._context.clock.now(), [], []
        for part in sale.parts:
            held_minor = part.held_minor(now)
            if held_minor < part.reserved_minor:
                freed = Money(part.reserved_minor - held_minor, part.amount.currency)
                subject = f"{sale.id}:{held_minor}" if held_minor else sale.id
                entries.append(reserve_released(subject, part.vendor_id, freed, now))
                until = part.reserve_until if held_minor else None
                part = part._replace(reserved_minor=held_minor, reserve_until=until)
            parts.append(part)
        return await self._sales.update(sale, post(*entries), parts=tuple(parts))

    async def _captured(
        self, sale: Sale, charge: StripeCharge, now: datetime
    ) -> tuple[tuple[SalePart, ...], list[Change]]:
        """Return the parts and what is posted of the charge: with the shares that are to be sent, if they are."""
        shares, first = [part.share for part in sale.parts], sale.parts[0]
        if sale.is_separate:
            entry = separate_charge_captured(sale.id, charge.id, shares, stripe_fee=sale.stripe_fee, at=now)
            owed = [part for part in sale.parts if part.net.minor]
            parts = tuple(
                part._replace(transfers=(SentTransfer(None, part.net.minor),)) if part in owed else part
                for part in sale.parts
            )
            return parts, [post(entry), *(Insert(MOVEMENTS, self._share(sale, part, now)) for part in owed)]
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
        made = SentTransfer(transfer.id, transfer.amount.minor, first.application_fee.minor)
        return (first._replace(transfers=(made,)),), [post(entry)]

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

    def _released(self, part: SalePart, now: datetime) -> SalePart:
        """Return a part once it is available, with the reserve that is held back of it."""
        policy = self._context.policy.payouts
        minor = 0 if policy is None else max(0, part.left_minor) * policy.reserve_bps // 10_000
        until = now + timedelta(days=policy.reserve_days) if minor and policy is not None else None
        return part._replace(is_available=True, reserved_minor=minor, reserve_until=until)

    def _entries(self, sale: Sale, part: SalePart, now: datetime) -> list[JournalEntry]:
        """Return what is posted of a part that becomes available."""
        entries, currency = [], part.amount.currency
        if part.left_minor:
            entries.append(became_available(sale.id, part.vendor_id, part.left_minor, currency, now))
        if part.reserved_minor:
            entries.append(reserve_held(sale.id, part.vendor_id, Money(part.reserved_minor, currency), now))
        return entries

    async def _recoveries(self, sale: Sale, parts: Sequence[SalePart]) -> tuple[list[Movement], list[Change]]:
        """Return what takes from these shares what their vendors owe from before, and what is written beside it."""
        context, now = self._context, self._context.clock.now()
        recoveries, changes = list[Movement](), list[Change]()
        for part in parts:
            source = max(part.transfers, key=lambda transfer: transfer.left_minor, default=None)
            most_minor = 0 if source is None else min(source.left_minor, part.left_minor)
            if source is None or most_minor <= 0:
                continue
            debt_minor = await context.debt_minor(part.vendor_id, part.amount.currency)
            if debt_minor > 0:
                vendor = await context.vendors.get(vendor_row_id(sale.order.merchant_id, part.vendor_id))
                changes.append(context.next_version(VENDORS, vendor))  # of two sales one is worked out again
                recoveries.append(self._recovery(sale, part, source, min(debt_minor, most_minor), now))
        return recoveries, changes

    def _recovery(self, sale: Sale, part: SalePart, source: SentTransfer, minor: int, now: datetime) -> Movement:
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
            source_id=source.id,
        )
