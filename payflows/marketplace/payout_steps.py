"""What a payout does: leave the balance once, and follow what the vendor's bank does with it."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from payflows.errors import AlreadyExists, CallRejected, NotFound
from payflows.kernel.changes import Change, Insert
from payflows.kernel.engine import Engine
from payflows.kernel.evolve import evolve
from payflows.marketplace.connect import (
    ACCOUNT_INVALID,
    BALANCE_INSUFFICIENT,
    PAYOUTS_NOT_ALLOWED,
    PayoutStatus,
    StripePayout,
)
from payflows.marketplace.ledger import post
from payflows.marketplace.messages import PAYOUTS, VENDORS
from payflows.marketplace.once import make_once
from payflows.marketplace.payout import Payout, PayoutState
from payflows.marketplace.payout_postings import payout_failed, payout_paid, payout_returned, payout_sent
from payflows.marketplace.step_context import StepContext
from payflows.marketplace.vendor import Vendor

WATCHED_DAYS = 7
"""For how long a payout that was paid is looked at: a bank sends it back within days."""

UNKNOWN_OF_A_CLOSED_ACCOUNT = "the account is closed, and what became of its payout is not known"
"""Why a payout is left to a person: Stripe shows us nothing of that account any more."""

_NOT_MADE = (BALANCE_INSUFFICIENT, PAYOUTS_NOT_ALLOWED, ACCOUNT_INVALID)
"""The codes of refusals after which the money is still the vendor's balance."""


class PayoutEngine(Engine[Payout]):
    """The one way in which payouts move.

    Args:
        context: the ports and the repositories.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._payouts = context.payouts
        followed = (PayoutState.SENT, PayoutState.PAID)
        steps = {PayoutState.CREATING: self.create, PayoutState.FAILED: self.rest}
        super().__init__(context.payouts, steps | dict.fromkeys(followed, self.follow))

    async def create(self, payout: Payout) -> Payout | None:
        """CREATING: make it, once."""
        context, connect = self._context, self._context.connect

        async def find() -> StripePayout | None:
            since = payout.changed_at - timedelta(days=2)
            found = await context.calls.call(lambda: connect.list_payouts(payout.account_id, created_from=since))
            return next((each for each in found if each.payout_id == payout.id), None)

        def make() -> Coroutine[Any, Any, StripePayout]:
            return connect.create_payout(payout.account_id, payout_id=payout.id, amount=payout.amount, key=payout.key)

        try:
            made = await make_once(context, self._payouts, payout, make, find)
        except CallRejected as error:
            if error.code != ACCOUNT_INVALID:
                raise
            return await self._unreadable(payout, error)
        if made is None:
            return None
        asked, answer = made
        if not isinstance(answer, CallRejected):
            return await self._sent(asked, answer)
        if answer.code not in _NOT_MADE:
            await self._payouts.back_off(asked, answer, asked_at=None)
            return None
        freed = await self._freed(asked)
        return await self._payouts.transition(asked, PayoutState.FAILED, *freed, failure_code=answer.code)

    async def follow(self, payout: Payout) -> Payout | None:
        """SENT, PAID: see what the bank has done with it."""
        context, connect = self._context, self._context.connect
        stripe_payout_id, now = payout.sent.stripe_payout_id, context.clock.now()
        try:
            seen = await context.calls.call(
                lambda: connect.retrieve_payout(payout.account_id, stripe_payout_id=stripe_payout_id)
            )
        except CallRejected as error:
            if error.code != ACCOUNT_INVALID:
                raise
            return await self._unreadable(payout, error)
        is_back = seen.status in (PayoutStatus.FAILED, PayoutStatus.CANCELED)
        if payout.status is PayoutState.SENT:
            if seen.status is PayoutStatus.PAID:
                paid = post(payout_paid(payout.sent, now))
                return await self._payouts.transition(payout, PayoutState.PAID, paid)
            if is_back:
                failed = post(payout_failed(payout.sent, now))
                return await self._payouts.transition(
                    payout, PayoutState.FAILED, failed, failure_code=seen.failure_code
                )
            return await self._payouts.schedule(payout, check_at=max(seen.arrives_at, now + timedelta(hours=6)))
        if is_back:
            returned = post(payout_returned(payout.sent, now))
            return await self._payouts.transition(payout, PayoutState.FAILED, returned, failure_code=seen.failure_code)
        is_watched = now < payout.changed_at + timedelta(days=WATCHED_DAYS)
        check_at = now + timedelta(days=1) if is_watched else None
        return await self._payouts.schedule(payout, check_at=check_at, is_watched=is_watched)

    async def adopt(self, vendor: Vendor, stripe_payout_id: str) -> Payout:
        """Store a payout that Stripe's schedule made, or the dashboard: it has left the balance.

        Raises:
            NotFound: it is ours, and its answer is still to be stored; or it is no payout of this account.
        """
        context, connect, account_id = self._context, self._context.connect, vendor.stored_account_id()
        try:
            seen = await context.calls.call(
                lambda: connect.retrieve_payout(account_id, stripe_payout_id=stripe_payout_id)
            )
        except CallRejected as error:
            raise NotFound(f"no such payout on this account: {error}") from error
        if seen.payout_id is not None:
            raise NotFound("a payout of ours, whose answer is still to be stored")
        payout = Payout(
            id=f"{vendor.id}:{stripe_payout_id}",
            status=PayoutState.SENT,
            changed_at=context.clock.now(),
            merchant_id=vendor.merchant_id,
            vendor_row_id=vendor.id,
            vendor_id=vendor.vendor_id,
            account_id=account_id,
            email=vendor.email,
            amount=seen.amount,
            stripe_payout_id=stripe_payout_id,
        )
        posted = post(payout_sent(payout.sent, context.clock.now()))
        try:
            await context.store.change(Insert(PAYOUTS, payout), posted)
        except AlreadyExists:  # another process has seen it, too
            return await self._payouts.get(payout.id)
        return payout

    async def rest(self, payout: Payout) -> None:
        """FAILED: its money is the vendor's balance again, and goes out with the next one."""
        if payout.due_at is not None:
            await self._payouts.schedule(payout)

    async def _unreadable(self, payout: Payout, error: CallRejected) -> None:
        """Leave one whose account is closed to a person; one that was paid is no longer watched."""
        if payout.status is PayoutState.PAID:
            await self._payouts.schedule(payout, is_watched=False)
        else:
            detail = f"{payout.id} of {payout.amount}: {error}"
            await self._payouts.request_review(payout, UNKNOWN_OF_A_CLOSED_ACCOUNT, detail)

    async def _sent(self, payout: Payout, made: StripePayout) -> Payout:
        """Store that it has left the balance, and let the vendor be paid out again."""
        sent = evolve(payout, stripe_payout_id=made.id).sent
        posted = post(payout_sent(sent, self._context.clock.now()))
        freed = await self._freed(payout)
        return await self._payouts.transition(
            payout, PayoutState.SENT, posted, *freed, stripe_payout_id=made.id, asked_at=None
        )

    async def _freed(self, payout: Payout) -> tuple[Change, ...]:
        vendor = await self._context.vendors.get(payout.vendor_row_id)
        if vendor.open_payout_id != payout.id:
            return ()
        return (self._context.next_version(VENDORS, vendor, open_payout_id=None),)
