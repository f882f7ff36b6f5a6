"""What a vendor's row does: have an account made, once, and follow what Stripe says of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from payflows.errors import CallRejected
from payflows.kernel.aggregate import Review
from payflows.kernel.engine import Engine
from payflows.marketplace.accounts import VendorPot
from payflows.marketplace.connect import ACCOUNT_INVALID, StripeAccount
from payflows.marketplace.once import make_once
from payflows.marketplace.payout_begin import PayoutBegin
from payflows.marketplace.step_context import StepContext
from payflows.marketplace.vendor import LOOK_DAYS_WHEN_ACTIVE, Vendor, VendorStatus, status_of
from payflows.money import Money

ACCOUNT_REFUSED = "Stripe refuses the account"
"""Why a vendor is in review whose account cannot be made."""
OWED_TO_A_CLOSED_ACCOUNT = "the account is closed, and the vendor is still owed money"
"""Why a vendor is in review whose account is gone before all was paid out."""
_LOOK_DAYS = 1


class VendorEngine(Engine[Vendor]):
    """The one way in which vendors move.

    Args:
        context: the ports and the repositories.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._vendors = context.vendors
        self._payouts = PayoutBegin(context)
        followed = (VendorStatus.ONBOARDING, VendorStatus.ACTIVE, VendorStatus.RESTRICTED)
        steps = {VendorStatus.CREATING: self.create, VendorStatus.CLOSED: self.rest}
        super().__init__(context.vendors, steps | dict.fromkeys(followed, self.follow))

    async def create(self, vendor: Vendor) -> Vendor | None:
        """CREATING: make the account, once."""
        context, connect = self._context, self._context.connect

        async def find() -> StripeAccount | None:
            since = vendor.changed_at - timedelta(hours=1)
            found = await context.calls.call(lambda: connect.list_accounts(vendor_id=vendor.id, created_from=since))
            return found[-1] if found else None

        made = await make_once(
            context,
            self._vendors,
            vendor,
            lambda: connect.create_account(
                vendor.id,
                email=vendor.email,
                country=vendor.country,
                business_type=vendor.business_type,
                key=vendor.key("account"),
            ),
            find,
        )
        if made is None:
            return None
        asked, answer = made
        if isinstance(answer, CallRejected):
            return await self._vendors.request_review(asked, ACCOUNT_REFUSED, str(answer), asked_at=None)
        return await self._enter(asked, answer)

    async def follow(self, vendor: Vendor) -> Vendor | None:
        """ONBOARDING, ACTIVE, RESTRICTED: become what Stripe says, and pay out what is due."""
        account_id, connect = vendor.stored_account_id(), self._context.connect
        try:
            account = await self._context.calls.call(lambda: connect.retrieve_account(account_id))
        except CallRejected as error:
            if error.code != ACCOUNT_INVALID:
                raise
            return await self._close(vendor)
        if status_of(account) is not vendor.status:
            return await self._enter(vendor, account)
        if vendor.next_payout_at is not None and vendor.next_payout_at <= self._context.clock.now():
            return await self._payouts.begin(vendor, account)
        facts = _facts(account)
        differing = {name: value for name, value in facts.items() if getattr(vendor, name) != value}
        look_at = None
        is_active = vendor.status is VendorStatus.ACTIVE
        if not is_active or vendor.next_payout_at is None:
            look_at = self._context.clock.now() + timedelta(days=LOOK_DAYS_WHEN_ACTIVE if is_active else _LOOK_DAYS)
            look_at = min(look_at, vendor.next_payout_at or look_at)
        return await self._vendors.schedule(vendor, check_at=look_at, **differing)

    async def rest(self, vendor: Vendor) -> None:
        """CLOSED: nothing is to be done any more."""
        if vendor.due_at is not None:
            await self._vendors.schedule(vendor)

    async def _enter(self, vendor: Vendor, account: StripeAccount) -> Vendor:
        """Enter the status that the account says; from then on it is paid out."""
        payouts, now = self._context.policy.payouts, self._context.clock.now()
        next_at = vendor.next_payout_at
        if payouts is not None and next_at is None:
            next_at = now + timedelta(days=payouts.every_days)
        changes = {"account_id": account.id, "asked_at": None, "next_payout_at": next_at, **_facts(account)}
        if vendor.status is VendorStatus.CREATING:
            vendor = await self._vendors.transition(vendor, VendorStatus.ONBOARDING, **changes)
            return vendor if status_of(account) is VendorStatus.ONBOARDING else await self._enter(vendor, account)
        if status_of(account) is VendorStatus.CLOSED:
            return await self._close(vendor, **changes)
        return await self._vendors.transition(vendor, status_of(account), **changes)

    async def _close(self, vendor: Vendor, **changes: Any) -> Vendor:
        """Enter CLOSED: what the vendor is still owed can only be paid in another way, which is for a person."""
        ledger, currency, review = self._context.ledger, changes.get("currency", vendor.currency), None
        pots = (VendorPot.POSTED, VendorPot.AVAILABLE, VendorPot.RESERVED)
        if currency is not None:
            owed_minor = sum([await ledger.owed_minor(vendor.vendor_id, pot, currency) for pot in pots])
            if owed_minor > 0:
                detail, now = f"{vendor.vendor_id} is owed {Money(owed_minor, currency)}", self._context.clock.now()
                review = Review(OWED_TO_A_CLOSED_ACCOUNT, detail, now, blocks=True)
        return await self._vendors.transition(vendor, VendorStatus.CLOSED, review=review, **changes)


def _facts(account: StripeAccount) -> dict[str, Any]:
    return {
        "currency": account.currency,
        "transfers": account.transfers,
        "payouts_enabled": account.payouts_enabled,
        "requirements": account.requirements,
    }
