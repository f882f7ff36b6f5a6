"""What really became of the money, for the checkers of a flow. Append-only; no flow reads it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import NamedTuple


class MovementKind(StrEnum):
    """Which way the money went."""

    CAPTURED = "captured"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    DISPUTED = "disputed"
    DISPUTE_WON = "dispute_won"


TO_US = (MovementKind.CAPTURED, MovementKind.REFUND_FAILED, MovementKind.DISPUTE_WON)
"""The kinds that bring money to us; the others take it away."""


class Movement(NamedTuple):
    """Money that moved.

    Attributes:
        at_us: when, in microseconds of virtual time.
        kind: which way.
        source_id: the object whose money it is, such as a payment intent.
        amount_minor: how much.
    """

    at_us: int
    kind: MovementKind
    source_id: str
    amount_minor: int

    @property
    def signed_minor(self) -> int:
        """Above 0 where it came to us."""
        return self.amount_minor if self.kind in TO_US else -self.amount_minor


class Ledger:
    """All movements in the order in which they happened."""

    __slots__ = ("_movements", "_of_source")

    def __init__(self) -> None:
        self._movements: list[Movement] = []
        self._of_source: dict[str, list[Movement]] = {}

    @property
    def movements(self) -> Sequence[Movement]:
        """All of them, oldest first."""
        return self._movements

    def record(self, movement: Movement) -> None:
        """Append one."""
        self._movements.append(movement)
        self._of_source.setdefault(movement.source_id, []).append(movement)

    def archive(self, source_ids: Collection[str], into: Ledger) -> None:
        """Move all movements of these objects into another ledger."""
        gone = [movement for movement in self._movements if movement.source_id in source_ids]
        self._movements = [movement for movement in self._movements if movement.source_id not in source_ids]
        for movement in gone:
            into.record(movement)
        for source_id in source_ids:
            self._of_source.pop(source_id, None)

    def captured_minor(self, source_id: str) -> int:
        """Return all that was ever taken."""
        moved = self._of_source.get(source_id, ())
        return sum(movement.amount_minor for movement in moved if movement.kind is MovementKind.CAPTURED)

    def net_minor(self, source_id: str) -> int:
        """Return what of it we still have."""
        return sum(movement.signed_minor for movement in self._of_source.get(source_id, ()))
