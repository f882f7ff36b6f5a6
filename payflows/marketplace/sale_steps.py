"""What a sale does until it is paid: vendors are read anew, the intent is stored, tried, and followed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from payflows.errors import CallRejected, OutcomeUnknown
from payflows.kernel.aggregate import Review
from payflows.kernel.changes import Change
from payflows.kernel.evolve import evolve
from payflows.kernel.repository import MISCONFIGURED
from payflows.marketplace.connect import ACCOUNT_INVALID, TRANSFERS_INACTIVE
from payflows.marketplace.ledger import post
from payflows.marketplace.sale import Sale, SaleReason, SaleStatus
from payflows.marketplace.sale_postings import payment_abandoned
from payflows.marketplace.split_intent import SplitTerms
from payflows.marketplace.step_context import StepContext
from payflows.marketplace.vendor import status_of
from payflows.marketplace.volume import give_back, volume_of
from payflows.payments.collection import (
    ActionRequired,
    Authorised,
    Closed,
    Declined,
    Open,
    Outcome,
    Processing,
    Rejected,
    Succeeded,
    Undone,
    review_of_processing,
    shows_this_attempt,
)
from payflows.payments.model import Decline, Payment, PaymentStatus

PART_RECEIVED = "another amount was received"
"""Why a sale is in review of which only a part was taken, by other hands: it is not paid."""


class SaleSteps:
    """What a sale does while it is not paid.

    Args:
        context: the ports, the repositories and the payments core.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._sales = context.sales
        self._collection = context.collection

    async def create(self, sale: Sale) -> Sale | None:
        """PENDING: read the vendors anew, then make the intent and store its id before anything is tried with it.

        An intent of another try, left over by a lost answer, is never confirmed: its id is not stored, and it is
        cancelled later.
        """
        if reason := await self._reason_to_abandon(sale):
            return await self._abandon(sale, reason)
        if not sale.charge.orphan_possible:
            return await self._sales.update(sale, charge=evolve(sale.charge, orphan_possible=True))
        answer = await self._collection.create(sale.charge, SplitTerms.of(sale))
        if isinstance(answer, Payment):
            charge = evolve(sale.charge, payment_id=answer.id)
            return await self._sales.transition(sale, SaleStatus.PAYMENT_PROCESSING, charge=charge)
        if isinstance(answer, OutcomeUnknown):
            return await self._retry_with_new_key(sale, answer)
        is_inactive = isinstance(answer, CallRejected) and answer.code in (TRANSFERS_INACTIVE, ACCOUNT_INVALID)
        return await self._abandon(sale, SaleReason.VENDOR_INACTIVE if is_inactive else SaleReason.PAYMENT_REFUSED)

    async def attempt_payment(self, sale: Sale) -> Sale | None:
        """PAYMENT_PROCESSING: read the intent; unless it is settled, try the card and read again."""
        seen = await self._collection.look(sale.charge)
        if not isinstance(seen, Open):
            return await self._follow(sale, seen)
        if reason := await self._reason_to_abandon(sale):
            payment = seen.payment
            if payment.decline is not None and shows_this_attempt(sale.charge, payment):
                return await self._decline(sale, payment, payment.decline)
            return await self._abandon(sale, reason)
        return await self._follow(sale, await self._collection.attempt(sale.charge))

    async def wait_for_buyer(self, sale: Sale) -> Sale | None:
        """CUSTOMER_ACTION: rest until the buyer, a notice or the deadline comes."""
        seen = await self._collection.look(sale.charge)
        if not isinstance(seen, Open):
            return await self._follow(sale, seen)
        if reason := self._reason_to_give_up(sale):
            return await self._abandon(sale, reason)
        payment = seen.payment
        failed_authentication = (
            sale.charge.attempt.decline is None and payment.status is not PaymentStatus.REQUIRES_ACTION
        )
        if failed_authentication and payment.decline is not None:
            return await self._decline(sale, payment, payment.decline)
        return await self._sales.schedule(sale)

    async def abandon(self, sale: Sale) -> Sale | None:
        """ABANDONING: cancel the intent; only then fail, and give the vendors' volume back."""
        if sale.charge.payment_id is not None:
            match await self._collection.close(sale.charge):
                case Succeeded(payment):
                    return await self._enter_paid(sale, payment)
                case Processing(payment):
                    return await self._check_processing(sale, payment)
                case Undone(_, error):
                    return await self._retry_with_new_key(sale, error)
        now, parts = self._context.clock.now(), [part.share for part in sale.parts]
        undone: list[Change] = [post(payment_abandoned(sale.id, parts, now))]
        for part in sale.parts:
            volume = await volume_of(self._context.store, part.month)
            assert volume is not None, "it was counted"
            undone.append(give_back(volume, part.amount, now))
        assert sale.reason is not None, "a sale is abandoned for a reason"
        return await self._sales.transition(sale, SaleStatus.FAILED, *undone)

    async def clean_up(self, sale: Sale) -> Sale | None:
        """FAILED, AVAILABLE: cancel the intents that lost answers have left."""
        due_at = sale.next_orphan_check()
        if due_at is None or due_at > self._context.clock.now():
            return await self._sales.schedule(sale)
        if left := await self._context.orphans.cancel_all(sale.charge):
            return await self._retry_with_new_key(sale, left)
        looked_before = sale.charge.orphan_checked_at is not None
        charge = evolve(sale.charge, orphan_checked_at=self._context.clock.now(), orphan_possible=not looked_before)
        return await self._sales.schedule(sale, charge=charge)

    async def _follow(self, sale: Sale, outcome: Outcome) -> Sale | None:
        """Go where the payment is."""
        match outcome:
            case Succeeded(payment):
                return await self._enter_paid(sale, payment)
            case Authorised():
                return await self._abandon(sale, SaleReason.PAYMENT_CANCELLED)
            case Processing(payment):
                return await self._rest_in_processing(sale, payment)
            case Closed():
                return await self._abandon(sale, SaleReason.PAYMENT_CANCELLED)
            case Declined(payment, decline):
                return await self._decline(sale, payment, decline)
            case Rejected():
                return await self._abandon(sale, SaleReason.PAYMENT_REFUSED)
            case Undone(_, error):
                return await self._retry_with_new_key(sale, error)
            case ActionRequired():
                return await self._ask_buyer(sale)

    async def _decline(self, sale: Sale, payment: Payment, decline: Decline) -> Sale:
        charge = sale.charge.declined(decline, payment.charge_id)
        if sale.charge.attempt.number >= self._context.policy.max_tries:
            return await self._abandon(sale, SaleReason.CARDS_DECLINED, charge=charge)
        if sale.status is SaleStatus.CUSTOMER_ACTION:
            return await self._sales.record_progress(sale, charge=charge)
        return await self._ask_buyer(sale, charge=charge)

    async def _ask_buyer(self, sale: Sale, **changes: Any) -> Sale:
        if reason := self._reason_to_give_up(sale):
            return await self._abandon(sale, reason, **changes)
        return await self._sales.transition(sale, SaleStatus.CUSTOMER_ACTION, **changes)

    async def _rest_in_processing(self, sale: Sale, payment: Payment) -> Sale | None:
        if sale.status is not SaleStatus.PAYMENT_PROCESSING:
            return await self._sales.transition(sale, SaleStatus.PAYMENT_PROCESSING)
        if not sale.charge.is_processing:
            return await self._sales.update(sale, charge=evolve(sale.charge, is_processing=True))
        return await self._check_processing(sale, payment)

    async def _check_processing(self, sale: Sale, payment: Payment) -> Sale | None:
        """Look again later, and ask a person meanwhile, once the bank has been at work for longer than banks take."""
        now, patience_seconds = self._context.clock.now(), self._context.policy.processing_review_seconds
        review = review_of_processing(payment, since=sale.changed_at, now=now, patience_seconds=patience_seconds)
        return await self._sales.schedule(sale, check_at=self._look_at(), review=review)

    async def _enter_paid(self, sale: Sale, payment: Payment) -> Sale | None:
        if payment.covers(sale.charge.amount) and payment.charge_id is not None:
            charge = sale.charge.settled()
            return await self._sales.transition(sale, SaleStatus.PAID, charge=charge, charge_id=payment.charge_id)
        detail = f"{payment.id} received {payment.received} of {sale.charge.amount}"
        review = Review(PART_RECEIVED, detail, self._context.clock.now())
        return await self._sales.schedule(sale, check_at=self._look_at(), review=review)

    async def _abandon(self, sale: Sale, reason: SaleReason, **changes: Any) -> Sale:
        """Begin to abandon the sale: it fails once its payment can take no money."""
        return await self._sales.transition(sale, SaleStatus.ABANDONING, reason=reason, **changes)

    async def _reason_to_abandon(self, sale: Sale) -> SaleReason | None:
        """Return why an unpaid sale must not be pursued; the vendors are read anew before each charge."""
        if reason := self._reason_to_give_up(sale):
            return reason
        for part in sale.parts:
            if not await self._may_sell(part.account_id):
                return SaleReason.VENDOR_INACTIVE
        return None

    async def _may_sell(self, account_id: str) -> bool:
        try:
            connect = self._context.connect
            account = await self._context.calls.call(lambda: connect.retrieve_account(account_id))
        except CallRejected as error:
            if error.code != ACCOUNT_INVALID:
                raise
            return False
        return status_of(account).may_sell

    def _reason_to_give_up(self, sale: Sale) -> SaleReason | None:
        if sale.cancel_asked:
            return SaleReason.CANCEL_ASKED
        if self._context.clock.now() < sale.order.deadline_at:
            return None
        is_ours = sale.review is not None and sale.review.reason == MISCONFIGURED
        return SaleReason.MERCHANT_MISCONFIGURED if is_ours else SaleReason.DEADLINE_PASSED

    async def _retry_with_new_key(self, sale: Sale, error: OutcomeUnknown) -> None:
        """A read showed the step undone: the next try takes another key, for Stripe replays a stored 500 for a day."""
        sooner_seconds = self._context.policy.retry.max_delay_seconds // 2
        await self._sales.back_off(sale, error, max_seconds=sooner_seconds, charge=sale.charge.with_new_keys())

    def _look_at(self) -> datetime:
        return self._context.seconds_from_now(self._context.policy.pending_look_seconds)
