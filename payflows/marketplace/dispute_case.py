"""Disputes: a buyer's bank takes a payment up. The platform pays first, and the vendors once it is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from payflows.kernel.aggregate import Aggregate
from payflows.money import Money
from payflows.payments.model import DisputeStatus


class CaseStatus(StrEnum):
    """How a dispute stands."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"
    """An inquiry that is over, or one that was prevented: no money has moved."""


_S = CaseStatus

DISPUTE_TRANSITIONS: Mapping[CaseStatus, Mapping[CaseStatus, str]] = {
    _S.OPEN: {_S.WON: "the bank decides for us", _S.LOST: "against us", _S.CLOSED: "an inquiry ends"},
    _S.LOST: {_S.WON: "late"},
    _S.CLOSED: {_S.OPEN: "an inquiry becomes a dispute", _S.WON: "it became one, and was won", _S.LOST: "or lost"},
    _S.WON: {_S.LOST: "the bank decides again"},
}
"""From, to and when."""


def case_status_of(status: DisputeStatus) -> CaseStatus:
    """Return how a dispute stands that Stripe says this of."""
    if status.is_lost:
        return CaseStatus.LOST
    if status.is_open:
        return CaseStatus.OPEN
    return CaseStatus.WON if status is DisputeStatus.WON else CaseStatus.CLOSED


@dataclass(frozen=True, kw_only=True)  # without slots, so that `evolve` can copy it
class DisputeCase(Aggregate):
    """A dispute as stored; its id is Stripe's.

    Attributes:
        status: how it stands.
        sale_id: of which sale.
        merchant_id: on whose platform.
        amount: how much is disputed.
        due_by: when evidence is due.
        evidence: what is to be given to the bank, by the names of Stripe's fields.
        is_submitted: it was given.
        posted: the balance transactions that are in the ledger.
        recoveries: how often what was lost was taken from the vendors.
        recovered_minor: what of it they bear, or are to bear, as it stands.
        borne_minor: what of that the platform bears, for their goods were refunded already.
        key_generation: part of every idempotency key.
    """

    status: CaseStatus
    sale_id: str
    merchant_id: str
    amount: Money
    due_by: datetime | None = None
    evidence: tuple[tuple[str, str], ...] = ()
    is_submitted: bool = False
    posted: tuple[str, ...] = ()
    recoveries: int = 0
    recovered_minor: int = 0
    borne_minor: int = 0
    key_generation: int = 1

    def next_due(self) -> datetime | None:
        """Return when it is looked at, unless a check says later; once it is decided, a notice comes."""
        return self.changed_at if self.status is CaseStatus.OPEN else None

    def groups(self) -> tuple[str, ...]:
        """Return its sale."""
        return (f"sale:{self.sale_id}",)
