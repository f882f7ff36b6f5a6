"""Customers and banks of small years in tests: each does one thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from payflows.money import Money
from payflows.payments.model import Decline
from payflows.subscriptions.messages import MailKind
from simulations.stripe.payments.cards import PaymentMethod
from simulations.subscriptions.year.models import DAY_SECONDS, Act, Bank, Behaviour, Failure, Reaction
from simulations.time.draws import Draws
from simulations.time.world import START


@dataclass(frozen=True)
class LeavesInTheSecondMonth:
    """Customers who all cancel in their second month."""

    act: Act

    def behaviour(self, number: int, draws: Draws, bank: Bank) -> Behaviour:
        return self

    def leaves(self, month: int) -> Reaction | None:
        return Reaction(self.act, DAY_SECONDS) if month == 1 else None

    def reacts(self, mail: MailKind, number: int, at: datetime, *, is_signing_up: bool) -> Reaction | None:
        return None

    def after_charge(self) -> Sequence[Reaction]:
        return ()

    def does_now(self, reaction: Reaction) -> Act | None:
        return reaction.act


@dataclass(frozen=True)
class DeclinesAfter:
    """Banks that approve no charge after some days."""

    days: int

    failures: ClassVar[Sequence[Failure]] = ()

    def issuer(self, number: int, draws: Draws) -> Bank:
        return self

    def answer(self, payment_method: str, amount: Money, attempt: int, at: datetime) -> PaymentMethod:
        is_late = at >= START + timedelta(days=self.days)
        return PaymentMethod(decline=Decline("card_declined", "lost_card") if is_late else None)


@dataclass(frozen=True)
class FirstDeclinesThenAsks:
    """Banks that decline a renewal's first card, and ask about the second."""

    failures: ClassVar[Sequence[Failure]] = ()

    def issuer(self, number: int, draws: Draws) -> Bank:
        return self

    def answer(self, payment_method: str, amount: Money, attempt: int, at: datetime) -> PaymentMethod:
        if at < START + timedelta(days=10):
            return PaymentMethod()
        decline = Decline("card_declined", "insufficient_funds") if attempt == 1 else None
        return PaymentMethod(decline=decline, three_d_secure=attempt > 1)
