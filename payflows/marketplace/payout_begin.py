"""Beginning a payout: what of a vendor's balance may be paid out, and has come due."""

from __future__ import annotations

from datetime import timedelta

from payflows.kernel.changes import Insert
from payflows.marketplace.accounts import VendorPot, receivable
from payflows.marketplace.connect import StripeAccount
from payflows.marketplace.debts import Debts
from payflows.marketplace.messages import PAYOUTS
from payflows.marketplace.payout import Payout, PayoutState
from payflows.marketplace.policy import holding_days
from payflows.marketplace.step_context import StepContext
from payflows.marketplace.vendor import Vendor
from payflows.money import CURRENCIES, Money


class PayoutBegin:
    """Begins payouts: one at a time for a vendor.

    Args:
        context: the ports and the repositories.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._debts = Debts(context)

    async def begin(self, vendor: Vendor, account: StripeAccount) -> Vendor:
        """Store a payout of what is available, less what the vendor owes; or wait for the next day of payouts.

        Less than the minimum waits as long as Stripe lets money be held.
        """
        context, policy, now = self._context, self._context.policy.payouts, self._context.clock.now()
        assert policy is not None, "vendors are paid out"
        vendor, ledger, currency = await self._debts.collected(vendor), context.ledger, account.currency
        owed_minor = await ledger.owed_minor(vendor.vendor_id, VendorPot.AVAILABLE, currency)
        debt_minor = await ledger.balance_minor(receivable(vendor.vendor_id), currency)
        amount_minor = owed_minor - max(0, debt_minor)
        amount_minor -= amount_minor % CURRENCIES[currency].payout_step_minor  # the rest goes with a later one
        next_at = now + timedelta(days=policy.every_days)
        if amount_minor <= 0 or not account.payouts_enabled:
            return await context.vendors.update(vendor, next_payout_at=next_at, below_minimum_since=None)
        since = vendor.below_minimum_since or now
        if amount_minor < policy.minimum_minor and next_at <= since + timedelta(days=holding_days(vendor.country)):
            return await context.vendors.update(vendor, next_payout_at=next_at, below_minimum_since=since)
        number = vendor.payout_number + 1
        payout = Payout(
            id=f"{vendor.id}:payout-{number}",
            status=PayoutState.CREATING,
            changed_at=now,
            lease_until=now,
            merchant_id=vendor.merchant_id,
            vendor_row_id=vendor.id,
            vendor_id=vendor.vendor_id,
            account_id=vendor.stored_account_id(),
            email=vendor.email,
            amount=Money(amount_minor, currency),
        )
        return await context.vendors.update(
            vendor,
            Insert(PAYOUTS, payout),
            next_payout_at=next_at,
            below_minimum_since=None,
            payout_number=number,
            open_payout_id=payout.id,
        )
