"""The calibrated issuer as one customer's bank in the virtual world: it pays when the card would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from payflows.money import Money
from payflows.payments.model import Decline

from simulations.models.chance import case_of
from simulations.models.customer import new_card_pays
from simulations.models.issuer import Cause, Code, approves, cause_of, code_of
from simulations.models.renewals import RenewalParameters, renewal_fails
from simulations.models.tables import DunningTables
from simulations.stripe.payments.cards import PaymentMethod

HOUR = timedelta(hours=1)

TablesOfRenewal = Callable[[int], DunningTables]

_APPROVES = PaymentMethod()


@dataclass(slots=True)
class CalibratedFailure:
    """A renewal that was refused at first, until it is paid or its subscription ends.

    Attributes:
        case: by which all its chance is keyed.
        failed_at: when it was refused.
        cause: why; no decline says it.
        is_over: the card, or another one, has paid.
        cards: by which the customer gave another one, oldest first: the number of a notice, or 0 for none.
        left_on_notice: whether the customer left, and because of a notice; None: they have not left.
    """

    case: int
    failed_at: datetime
    cause: Cause
    is_over: bool = False
    cards: list[int] = field(default_factory=list)
    left_on_notice: bool | None = None

    @property
    def why(self) -> str:
        """The cause."""
        return self.cause.name.lower()

    def hour_of(self, at: datetime) -> int:
        """Return the hour since the failure to which a moment belongs."""
        return (at - self.failed_at + HOUR / 2) // HOUR


class Renewal(NamedTuple):
    """A renewal of which the bank was asked; number 0 is the sign-up's payment."""

    number: int
    case: int
    at: datetime
    failure: CalibratedFailure | None


class CalibratedBank:
    """One customer's bank: it knows its own card and account, and neither attempts nor reminders.

    Args:
        tables: what the models read in the month after a renewal, by its number.
        renewals: how often they fail.
        number: the customer's.
        seed: of all chance.

    Attributes:
        failures: the renewals that it refused at first, oldest first.
        latest: the newest renewal; not one that falls due while another is unpaid, which fails for the same cause.
    """

    def __init__(self, tables: TablesOfRenewal, renewals: RenewalParameters, number: int, seed: int) -> None:
        self._tables = tables
        self._renewals = renewals
        self._number = number
        self._seed = seed
        self.failures: list[CalibratedFailure] = []
        self.latest: Renewal | None = None
        self._new_card: int | None = None

    def answer(self, payment_method: str, amount: Money, attempt: int, at: datetime) -> PaymentMethod:
        """Return how the card behaves now."""
        latest = self.latest
        if latest is None:
            self.latest = Renewal(0, case_of(self._seed, self._number, 0), at, None)
            return _APPROVES
        failure = latest.failure
        if failure is not None and (attempt > 1 or not failure.is_over):
            return self._answer_again(latest, failure, at)
        if attempt == 1:
            self.latest = self._renewal(latest.number + 1, at)
        return self._decline_of(self.latest)

    def take_new_card(self, notice: int) -> None:
        """Let the customer have another card, which the next charge is made with.

        Args:
            notice: the number of the notice because of which it was given; 0: of none.
        """
        self._new_card = notice

    def _renewal(self, number: int, at: datetime) -> Renewal:
        case, fails = case_of(self._seed, self._number, number), self._renewals.failure_of(number)
        if not renewal_fails(case, fails, self._renewals.night_ratio, at.hour):
            return Renewal(number, case, at, None)
        failure = CalibratedFailure(case, at, Cause(cause_of(self._tables(number), case)))
        self.failures.append(failure)
        return Renewal(number, case, at, failure)

    def _answer_again(self, renewal: Renewal, failure: CalibratedFailure, at: datetime) -> PaymentMethod:
        """Answer to a charge after the first, by whichever card the customer has now."""
        tables = self._tables(renewal.number)
        if failure.is_over:
            return _APPROVES
        if self._new_card is None:
            failure.is_over = approves(tables, failure.case, failure.cause, failure.hour_of(at))
        else:
            failure.is_over = new_card_pays(tables, failure.case, self._new_card)
            self._new_card = None
        return _APPROVES if failure.is_over else self._decline_of(renewal)

    def _decline_of(self, renewal: Renewal | None) -> PaymentMethod:
        if renewal is None or renewal.failure is None:
            return _APPROVES
        failure = renewal.failure
        code = Code(code_of(self._tables(renewal.number), failure.case, failure.cause)).decline_code
        asks = code == "authentication_required"
        return PaymentMethod(decline=Decline(code if asks else "card_declined", code))
