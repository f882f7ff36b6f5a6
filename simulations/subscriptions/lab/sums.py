"""What each subscriber adds to the measures, and the sums over all of them; what is made of the sums is in `measures`.

Scalar functions, for a compiler and for Python. They add in the order of subscribers, so that both get the same sums.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from simulations.models.dunning import Outcome
from simulations.subscriptions.lab.calendar import DAY
from simulations.subscriptions.lab.columns import (
    ATTEMPTS,
    CARDS,
    ENDED_AT,
    ENDED_BY,
    FAILED_AT,
    NOTICES,
    OUTCOME,
    OVER_AT,
    PAID,
    SIGNED_UP_AT,
    SUBSCRIBER,
    TOTAL_MINOR,
    EndedBy,
)
from simulations.subscriptions.lab.tables import CostTable, Integers, Matrix
from simulations.subscriptions.year.dunning import HORIZON_DAYS
from simulations.subscriptions.year.measures import MONTH


class Measure(IntEnum):
    """The measures in the order of their sums, first those per failed renewal; `measures` says what each is."""

    RECOVERED = 0
    CARD_UPDATED = 1
    RETRY_SUCCEEDED = 2
    CUSTOMER_CANCELLED = 3
    RAN_OUT = 4
    NET_MINOR = 5
    ANNOYANCE = 6
    ATTEMPTS = 7
    NOTICES = 8
    INVOLUNTARY_CHURN = 9
    COLLECTED_MINOR = 10


OF_FAILURES = Measure.INVOLUNTARY_CHURN.value
MONTH_SECONDS = MONTH.total_seconds()

Numbers = list[float]


class Sums(NamedTuple):
    """Where sums are kept, all zero at first. By each measure a run has two numbers: above, and below.

    Attributes:
        adds: by number and measure, what the subscriber adds who is looked at.
        sums: by number and measure, over all subscribers.
        products: by two numbers and measure, of the one with the other.
        ends: by run, outcome and day, how many failed renewals ended so.
    """

    adds: list[Numbers]
    sums: list[Numbers]
    products: list[list[Numbers]]
    ends: list[Matrix]


def add_up(
    costs: CostTable,
    until: int,
    first: int,
    lives: list[Matrix],
    episodes: Matrix,
    spans: Matrix,
    sums: Sums,
) -> None:
    """Add up a block of subscribers.

    Args:
        costs: of collecting.
        until: the second at which their time is over.
        first: the number of the first of them.
        lives: by run, a row each.
        episodes: those of the first run in the order of subscribers, then those of the next.
        spans: by run, where its episodes begin, which moves on, and where they end.
        sums: what is added to.
    """
    for place in range(len(lives[0])):
        for run in range(len(lives)):
            life, span = lives[run][place], spans[run]
            above, below = sums.adds[2 * run], sums.adds[2 * run + 1]
            look_at_life(until, life, above, below)
            while span[0] < span[1] and episodes[span[0]][SUBSCRIBER] == first + place:
                episode = episodes[span[0]]
                span[0] += 1
                if episode[FAILED_AT] + HORIZON_DAYS * DAY <= until:
                    look_at_failure(costs, life[TOTAL_MINOR], episode, above, below)
                    count_end(episode, sums.ends[run])
        add(sums)


def look_at_life(until: int, life: Integers, above: Numbers, below: Numbers) -> None:
    """Write what a subscriber adds, failed renewals aside."""
    for measure in range(OF_FAILURES):
        above[measure] = below[measure] = 0.0
    ended_at = life[ENDED_AT] if life[ENDED_BY] != EndedBy.NOTHING else until
    above[Measure.INVOLUNTARY_CHURN] = life[ENDED_BY] == EndedBy.DUNNING
    below[Measure.INVOLUNTARY_CHURN] = (ended_at - life[SIGNED_UP_AT]) / MONTH_SECONDS
    above[Measure.COLLECTED_MINOR] = life[PAID] * life[TOTAL_MINOR]
    below[Measure.COLLECTED_MINOR] = 1.0


def look_at_failure(costs: CostTable, amount: int, episode: Integers, above: Numbers, below: Numbers) -> None:
    """Add a failed renewal to what its subscriber adds."""
    outcome, attempts, notices = episode[OUTCOME], episode[ATTEMPTS], episode[NOTICES]
    by_card = outcome == Outcome.UPDATED_AFTER_NOTICE or outcome == Outcome.UPDATED_SPONTANEOUSLY
    by_customer = outcome == Outcome.CANCELLED_ON_NOTICE or outcome == Outcome.CANCELLED_OTHERWISE
    is_retried = outcome == Outcome.RETRY_SUCCEEDED
    is_paid = by_card or is_retried
    tries = attempts + episode[CARDS]
    declines = tries - is_paid
    kept = amount * (1 - costs.processing_share) - costs.processing_fixed_minor
    asked = costs.contact_share * costs.contact_minor * (notices + declines + 1)
    above[Measure.RECOVERED] += is_paid
    above[Measure.CARD_UPDATED] += by_card
    above[Measure.RETRY_SUCCEEDED] += is_retried
    above[Measure.CUSTOMER_CANCELLED] += by_customer
    above[Measure.RAN_OUT] += outcome == Outcome.RAN_OUT
    above[Measure.NET_MINOR] += is_paid * kept - costs.attempt_minor * tries - costs.notice_minor * notices - asked
    above[Measure.ANNOYANCE] += notices + declines
    above[Measure.ATTEMPTS] += attempts
    above[Measure.NOTICES] += notices
    for measure in range(OF_FAILURES):
        below[measure] += 1


def count_end(episode: Integers, ends: Matrix) -> None:
    """Count how a failed renewal ended, and on which day."""
    days = (episode[OVER_AT] - episode[FAILED_AT]) // DAY
    ends[episode[OUTCOME]][max(0, min(days, HORIZON_DAYS))] += 1


def add(sums: Sums) -> None:
    """Add what a subscriber adds, and its products."""
    for number in range(len(sums.adds)):
        adds, added = sums.adds[number], sums.sums[number]
        for measure in range(len(adds)):
            added[measure] += adds[measure]
        for other in range(len(sums.adds)):
            others, products = sums.adds[other], sums.products[number][other]
            for measure in range(len(adds)):
                products[measure] += adds[measure] * others[measure]
