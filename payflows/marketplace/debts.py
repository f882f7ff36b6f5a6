"""Debts of vendors: what Stripe takes from the platform in their place is found; what is not paid is written off."""

from __future__ import annotations

from datetime import timedelta

from payflows.errors import CallRejected
from payflows.marketplace.accounts import VendorPot, receivable, stripe_balance
from payflows.marketplace.connect import ACCOUNT_INVALID
from payflows.marketplace.ledger import post
from payflows.marketplace.policy import MAX_HOLDING_DAYS
from payflows.marketplace.return_postings import written_off
from payflows.marketplace.sale_postings import SentShare, share_sent
from payflows.marketplace.step_context import StepContext
from payflows.marketplace.vendor import Vendor
from payflows.money import Money

_COLLECTED = "connect_collection_transfer"
"""Stripe's word for what it takes from a platform because a vendor's balance was below zero for too long."""
_SOUGHT_DAYS = 2 * MAX_HOLDING_DAYS
"""For how far back it is looked for: balances are looked at more often than that."""


class Debts:
    """Keeps what vendors owe.

    Args:
        context: the ports and the repositories.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context

    async def collected(self, vendor: Vendor) -> Vendor:
        """Post what Stripe has taken from the platform for a vendor: from then on the vendor owes it to us."""
        context, currency, account_id = self._context, vendor.currency, vendor.account_id
        if currency is None or account_id is None:
            return vendor
        if await context.ledger.owed_minor(vendor.vendor_id, VendorPot.AVAILABLE, currency) >= 0:
            return vendor
        now, connect = context.clock.now(), context.connect
        known = {line.source_id for line in await context.ledger.lines(stripe_balance(account_id))}
        begins, ends = now - timedelta(days=_SOUGHT_DAYS), now + timedelta(days=1)
        try:
            moved = await context.calls.call(
                lambda: connect.list_balance_transactions(account_id, created_from=begins, created_before=ends)
            )
        except CallRejected as error:
            if error.code != ACCOUNT_INVALID:
                raise
            return vendor  # its balance cannot be read any more
        entries = []
        for each in moved:
            if each.type == _COLLECTED and each.source_id is not None and each.source_id not in known:
                amount = Money(each.amount_minor, each.currency)
                sent = SentShare(vendor.vendor_id, account_id, amount, each.source_id, each.source_id)
                against = receivable(vendor.vendor_id)
                entries.append(share_sent(sent, now, against=against, pot=VendorPot.AVAILABLE))
        if not entries:
            return vendor
        return await context.vendors.update(vendor, post(*entries))

    async def write_off(self, vendor: Vendor) -> Money:
        """Post that a vendor will not pay what is owed. Returns how much that is: nothing, the second time."""
        context = self._context
        vendor = await self.collected(vendor)
        currency = vendor.currency or context.fees.currency
        owed = Money(max(0, await context.debt_minor(vendor.vendor_id, currency)), currency)
        if owed.minor:
            subject = f"{vendor.id}:{vendor.version}"
            posted = post(written_off(subject, vendor.vendor_id, owed, context.clock.now()))
            await context.vendors.update(vendor, posted)
        return owed
