"""What a dispute does: follow Stripe, post what was taken and given back, and have the vendors bear what is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from payflows.errors import OutcomeUnknown
from payflows.kernel.changes import Change, Insert
from payflows.kernel.engine import Engine
from payflows.kernel.evolve import evolve
from payflows.marketplace.accounts import DISPUTES as DISPUTES_ACCOUNT
from payflows.marketplace.balances import StripeDispute
from payflows.marketplace.dispute_case import CaseStatus, DisputeCase, case_status_of
from payflows.marketplace.ledger import JournalEntry, post
from payflows.marketplace.messages import MOVEMENTS, SALES
from payflows.marketplace.movement_steps import MovementEngine
from payflows.marketplace.return_postings import borne_by_platform, dispute_reinstated, dispute_withdrawn, loss_undone
from payflows.marketplace.returns import planned, recoveries_of, shared_among, with_returned
from payflows.marketplace.step_context import StepContext
from payflows.money import Money


class DisputeEngine(Engine[DisputeCase]):
    """The one way in which disputes move.

    Args:
        context: the ports and the repositories.
        movements: moves what is taken from vendors.
    """

    def __init__(self, context: StepContext, movements: MovementEngine) -> None:
        self._context = context
        self._disputes = context.disputes
        self._movements = movements
        super().__init__(context.disputes, dict.fromkeys(CaseStatus, self.follow))

    async def follow(self, case: DisputeCase) -> DisputeCase | None:
        """Any status: give the bank our evidence, read how it stands, and post what has moved."""
        context, connect = self._context, self._context.connect
        if case.evidence and not case.is_submitted:
            return await self._submit(case)
        seen = await context.calls.call(lambda: connect.retrieve_dispute(case.id))
        entries, posted = self._entries(case, seen)
        status = case_status_of(seen.status)
        target_minor = max(0, seen.withdrawn_minor) if status is CaseStatus.LOST else 0
        if target_minor != case.recovered_minor:
            changes, borne_minor = await self._recovered(case, target_minor)
            entries += self._borne(case, borne_minor)
        else:
            changes, borne_minor = [], case.borne_minor
        facts: dict[str, Any] = {
            "posted": posted,
            "due_by": seen.due_by,
            "recovered_minor": target_minor,
            "borne_minor": borne_minor,
            "recoveries": case.recoveries + (target_minor > 0 and target_minor != case.recovered_minor),
        }
        if entries:
            changes.append(post(*entries))
        if status is not case.status:
            return await self._disputes.transition(case, status, *changes, **facts)
        differing = {name: value for name, value in facts.items() if getattr(case, name) != value}
        look_at = context.clock.now() + timedelta(days=1) if status is CaseStatus.OPEN else None
        return await self._disputes.schedule(case, *changes, check_at=look_at, **differing)

    async def _submit(self, case: DisputeCase) -> DisputeCase | None:
        """Give the bank our evidence, and read whether it has it; what it refuses is dropped, and it is followed on."""
        context, connect, evidence = self._context, self._context.connect, dict(case.evidence)
        key = f"{case.id}:evidence:{case.key_generation}"
        answer = await context.calls.call_for_outcome(
            lambda: connect.submit_evidence(case.id, evidence=evidence, key=key)
        )
        if isinstance(answer, StripeDispute):
            return await self._disputes.record_progress(case, is_submitted=True)
        seen = await context.calls.call(lambda: connect.retrieve_dispute(case.id))
        if seen.submissions:
            return await self._disputes.record_progress(case, is_submitted=True)
        if isinstance(answer, OutcomeUnknown):
            generation = case.key_generation + 1  # a read showed it undone, and Stripe replays a stored 500 for a day
            await self._disputes.back_off(case, answer, key_generation=generation)
            return None
        return await self._disputes.record_progress(case, evidence=())

    def _entries(self, case: DisputeCase, seen: StripeDispute) -> tuple[list[JournalEntry], tuple[str, ...]]:
        """Return what is to be posted of what Stripe has moved, and all that is posted then."""
        now, entries = self._context.clock.now(), []
        for moved in seen.balance_transactions:
            if moved.id not in case.posted:
                amount, fee = (Money(abs(minor), moved.currency) for minor in (moved.amount_minor, moved.fee_minor))
                post_it = dispute_withdrawn if moved.amount_minor < 0 else dispute_reinstated
                entries.append(post_it(case.id, moved.id, amount, fee, now))
        return entries, tuple(moved.id for moved in seen.balance_transactions)

    async def _recovered(self, case: DisputeCase, target_minor: int) -> tuple[list[Change], int]:
        """Return the changes that have the vendors bear so much of it, and what the platform bears of it."""
        changes: list[Change] = []
        sale = before = await self._context.sales.get(case.sale_id)
        if case.recovered_minor:  # else nothing of it is borne: it was never lost, or was won since
            group = f"dispute:{case.id}:{case.recoveries}"
            changes += await self._movements.undone(group)
            taken = await self._context.all_of(MOVEMENTS, group)
            by_vendor = tuple({pair for each in taken for pair in each.by_vendor})
            sale = evolve(sale, parts=with_returned(sale.parts, by_vendor, sign=-1))
        amounts = shared_among(sale, target_minor)
        movements = recoveries_of(
            sale,
            amounts,
            f"{case.id}-{case.recoveries + 1}",
            self._context.clock.now(),
            against=DISPUTES_ACCOUNT,
            returns_fee=self._context.policy.returns_fee,
            dispute_id=f"{case.id}:{case.recoveries + 1}",
        )
        changes += [Insert(MOVEMENTS, each) for each in movements]
        by_vendor = tuple((vendor_id, amount.minor) for vendor_id, amount in amounts.items())
        parts = planned(with_returned(sale.parts, by_vendor), movements)
        if parts != before.parts:
            changes.append(self._context.next_version(SALES, before, parts=parts))
        return changes, target_minor - sum(amount.minor for amount in amounts.values())

    def _borne(self, case: DisputeCase, borne_minor: int) -> list[JournalEntry]:
        """Return what is posted of what the platform bears: of goods whose buyer was refunded already."""
        difference, currency = borne_minor - case.borne_minor, case.amount.currency
        subject, now = f"{case.id}:{case.version}", self._context.clock.now()
        if difference > 0:
            return [borne_by_platform(subject, Money(difference, currency), now, against=DISPUTES_ACCOUNT)]
        if difference < 0:
            return [loss_undone(subject, Money(-difference, currency), now, against=DISPUTES_ACCOUNT)]
        return []
