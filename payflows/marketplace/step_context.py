"""What every step of a marketplace works with: the ports, the repositories, the ledger and the payments core."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from payflows.checks import implements, instance_of
from payflows.clock import SECOND, Clock
from payflows.kernel.aggregate import A, Kind
from payflows.kernel.calls import Calls
from payflows.kernel.changes import Replace
from payflows.kernel.evolve import evolve
from payflows.kernel.repository import Repository
from payflows.kernel.store import Store
from payflows.marketplace.accounts import receivable
from payflows.marketplace.dispute_case import DisputeCase
from payflows.marketplace.fees import FeeSchedule
from payflows.marketplace.gateway import MarketplaceGateway
from payflows.marketplace.ledger import Ledger
from payflows.marketplace.messages import DISPUTES, MOVEMENTS, PAYOUTS, SALES, VENDORS
from payflows.marketplace.movement import Movement
from payflows.marketplace.payout import Payout
from payflows.marketplace.policy import MarketplacePolicy
from payflows.marketplace.return_postings import written_off_minor
from payflows.marketplace.sale import Sale
from payflows.marketplace.split_intent import SplitCollection
from payflows.marketplace.vendor import Vendor
from payflows.payments.gateway import PaymentGateway
from payflows.payments.orphans import Orphans


@dataclass(frozen=True, slots=True)
class StepContext:
    """What a step is given.

    Attributes:
        store: finds what belongs together.
        vendors: where their changes are written.
        sales: where theirs are.
        movements: where theirs are.
        disputes: where theirs are.
        payouts: where theirs are.
        payments: Stripe's payments.
        connect: Stripe Connect.
        collection: collects what buyers pay.
        orphans: cancels what lost answers have left.
        ledger: reads the ledger.
        calls: makes calls of ports.
        clock: tells the time.
        policy: the platform's.
        fees: what the platform keeps.
    """

    store: Store
    vendors: Repository[Vendor]
    sales: Repository[Sale]
    movements: Repository[Movement]
    disputes: Repository[DisputeCase]
    payouts: Repository[Payout]
    payments: PaymentGateway
    connect: MarketplaceGateway
    collection: SplitCollection
    orphans: Orphans
    ledger: Ledger
    calls: Calls
    clock: Clock
    policy: MarketplacePolicy
    fees: FeeSchedule

    @classmethod
    def over(
        cls,
        *,
        store: Store,
        payments: PaymentGateway,
        connect: MarketplaceGateway,
        clock: Clock,
        policy: MarketplacePolicy,
        fees: FeeSchedule,
    ) -> StepContext:
        """Return the context over these ports. Raises `InvalidPolicy` where one is none."""
        implements("store", store, Store)
        implements("payments", payments, PaymentGateway)
        implements("connect", connect, MarketplaceGateway)
        implements("clock", clock, Clock)
        instance_of("policy", policy, MarketplacePolicy)
        instance_of("fees", fees, FeeSchedule)
        calls = Calls(clock, policy.retry)
        repository: Any = partial(
            Repository,
            store=store,
            clock=clock,
            retry=policy.retry,
            lease_seconds=policy.lease_seconds,
            review_after_seconds=policy.review_after_seconds,
        )
        return cls(
            store=store,
            vendors=repository(VENDORS),
            sales=repository(SALES),
            movements=repository(MOVEMENTS),
            disputes=repository(DISPUTES),
            payouts=repository(PAYOUTS),
            payments=payments,
            connect=connect,
            collection=SplitCollection(payments, connect, calls),
            orphans=Orphans(payments, calls),
            ledger=Ledger(store),
            calls=calls,
            clock=clock,
            policy=policy,
            fees=fees,
        )

    def seconds_from_now(self, seconds: int) -> datetime:
        """Return the moment this many seconds from now."""
        return self.clock.now() + seconds * SECOND

    @property
    def doubt(self) -> timedelta:
        """Return after how long lists show what a call without an answer has made."""
        return self.policy.doubt_seconds * SECOND

    def next_version(self, kind: Kind[A], before: A, **changes: Any) -> Replace:
        """Return the change that writes an aggregate beside another one; whoever has read an older one conflicts."""
        now = self.clock.now()
        if changes.get("status", before.status) is not before.status:
            changes |= {"changed_at": now, "lease_until": now, "failures": 0, "review": None, "back_off_until": None}
        return Replace(kind, before, evolve(before, **changes, version=before.version + 1, updated_at=now))

    async def debt_minor(self, vendor_id: str, currency: str) -> int:
        """Return what a vendor owes the platform, less what is being kept of it from a sale."""
        debt_minor = await self.ledger.balance_minor(receivable(vendor_id), currency)
        if debt_minor <= 0:
            return debt_minor
        under_way = await self.all_of(MOVEMENTS, f"vendor:{vendor_id}")
        return debt_minor - sum(each.amount.minor for each in under_way if each.is_recovering)

    async def written_off_minor(self, vendor_id: str, currency: str) -> int:
        """Return how much of what a vendor owed stands written off."""
        return written_off_minor(await self.ledger.lines(receivable(vendor_id)), currency)

    async def all_of(self, kind: Kind[A], group: str) -> list[A]:
        """Return all aggregates of a group, oldest first."""
        found: list[A] = []
        while page := await self.store.find_all(kind, group, after=found[-1].id if found else None):
            found.extend(page)
        return found
