"""Every measure of a policy, defined once on arrays: what each subscriber adds to it, and sums over all of them.

A failed renewal counts once it was observed for 60 days, recovered or not: who cancelled stays in the
denominator. A measure is a ratio of sums over subscribers, so that what one of them adds has a variance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from payflows.errors import InvalidPolicy

from simulations.models.costs import DunningCosts
from simulations.models.dunning import Outcome
from simulations.statistics.ratios import Floats, Moments
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
from simulations.subscriptions.lab.engine import Lives, Rows
from simulations.subscriptions.year.dunning import HORIZON_DAYS
from simulations.subscriptions.year.measures import MONTH
from simulations.subscriptions.year.models import DAY_SECONDS

MEASURES: Mapping[str, str] = {
    "recovered": "of failed renewals: paid by day 60",
    "card_updated": "of failed renewals: paid by another card",
    "retry_succeeded": "of failed renewals: paid by a retry",
    "customer_cancelled": "of failed renewals: the customer cancelled",
    "ran_out": "of failed renewals: the policy's last step came, and with it involuntary churn",
    "net_minor": "per failed renewal: collected minus what collecting costs, in minor units",
    "annoyance": "per failed renewal: notices, and declines after the first",
    "attempts": "per failed renewal: how often the policy tried a card",
    "notices": "per failed renewal: how often the customer was reminded",
    "involuntary_churn": "of paying subscriptions, a month: they end by the policy's last step",
    "collected_minor": "per subscriber: all that was paid, in minor units",
}
"""By name, what each is. Days to recovery are kept beside them."""

OF_FAILURES = 9
"""The first measures, which are per failed renewal."""
_BELOW = (*[0] * OF_FAILURES, 1, 2)
"""What each measure is divided by: failed renewals, paying months, subscribers."""
_PLACES = np.array([(place, len(MEASURES) + below) for place, below in enumerate(_BELOW)])
LONGEST_DAYS = HORIZON_DAYS + 1

_BY_CARD = (Outcome.UPDATED_AFTER_NOTICE, Outcome.UPDATED_SPONTANEOUSLY)
_BY_CUSTOMER = (Outcome.CANCELLED_ON_NOTICE, Outcome.CANCELLED_OTHERWISE)


class Tally(NamedTuple):
    """Sums over subscribers, of one run or of several that are compared.

    Attributes:
        subscribers: how many.
        sums: by measure, of above and below in each run.
        products: by measure, of each of these with each.
        ends: by run, outcome and day, how many failed renewals ended so.
    """

    subscribers: int
    sums: Floats
    products: Floats
    ends: Rows

    def plus(self, other: Tally) -> Tally:
        """Return those of both together."""
        return Tally(
            self.subscribers + other.subscribers,
            self.sums + other.sums,
            self.products + other.products,
            self.ends + other.ends,
        )

    def pair(self, second: int) -> Tally:
        """Return the sums of the first run and of another alone, which are compared."""
        columns = [0, 1, 2 * second, 2 * second + 1]
        products = self.products[:, columns][:, :, columns]
        return Tally(self.subscribers, self.sums[:, columns], products, self.ends[[0, second]])

    def moments(self, measure: str) -> Moments:
        """Return the sums that a measure needs, of above and below in each run. Raises `InvalidPolicy`: none such."""
        if measure not in MEASURES:
            raise InvalidPolicy(f"no measure is called {measure!r}; there are {', '.join(MEASURES)}")
        place = list(MEASURES).index(measure)
        return Moments(self.subscribers, self.sums[place], self.products[place])


def tally_of(runs: Sequence[Lives], until: int, costs: DunningCosts) -> Tally:
    """Return the sums over a block of subscribers.

    Args:
        runs: their lives, by each policy.
        until: the second at which their time is over.
        costs: of collecting.
    """
    seen = [_seen(run, until) for run in runs]
    by_run = zip(runs, seen, strict=True)
    parts = np.concatenate([_parts(run, episodes, until, costs)[_PLACES] for run, episodes in by_run], axis=1)
    ends = np.array([_ends(episodes) for episodes in seen])
    products = np.einsum("min,mjn->mij", parts, parts)  # a matrix product's last bit depends on the processor
    return Tally(len(runs[0].subscribers), parts.sum(axis=2), products, ends)


def _seen(run: Lives, until: int) -> Rows:
    """Return the episodes that were observed for the whole horizon."""
    return run.episodes[run.episodes[:, FAILED_AT] + HORIZON_DAYS * DAY_SECONDS <= until]


def _ends(episodes: Rows) -> Rows:
    """Return how many ended by outcome and day."""
    days = (episodes[:, OVER_AT] - episodes[:, FAILED_AT]) // DAY_SECONDS
    places = episodes[:, OUTCOME] * LONGEST_DAYS + np.clip(days, 0, HORIZON_DAYS)
    return np.bincount(places, minlength=len(Outcome) * LONGEST_DAYS + LONGEST_DAYS).reshape(-1, LONGEST_DAYS)


def _parts(run: Lives, episodes: Rows, until: int, costs: DunningCosts) -> Floats:
    """Return what each subscriber adds: a row for each measure, above, then for each that is below one."""
    lives = run.subscribers
    owners = episodes[:, SUBSCRIBER] - run.first
    by_failure = _of_failures(episodes, lives[owners, TOTAL_MINOR], costs)
    summed = [np.bincount(owners, column, len(lives)) for column in by_failure]
    ended_at = np.where(lives[:, ENDED_BY] != EndedBy.NOTHING, lives[:, ENDED_AT], until)
    months = (ended_at - lives[:, SIGNED_UP_AT]) / MONTH.total_seconds()
    by_life = [lives[:, ENDED_BY] == EndedBy.DUNNING, lives[:, PAID] * lives[:, TOTAL_MINOR]]
    return np.array([*summed[:OF_FAILURES], *by_life, summed[OF_FAILURES], months, np.ones(len(lives))])


def _of_failures(episodes: Rows, amounts: Rows, costs: DunningCosts) -> list[npt.NDArray[np.generic]]:
    """Return what each failed renewal adds, in the order of the measures, and at last that it is one."""
    outcomes = episodes[:, OUTCOME]
    by_card, is_retried = _is_any(outcomes, _BY_CARD), outcomes == Outcome.RETRY_SUCCEEDED
    is_paid = by_card | is_retried
    tries = episodes[:, ATTEMPTS] + episodes[:, CARDS]
    notices, declines = episodes[:, NOTICES], tries - is_paid
    kept = amounts * (1 - costs.processing_share) - costs.processing_fixed_minor
    asked = costs.contact_share * costs.contact_minor * (notices + declines + 1)
    return [
        is_paid,
        by_card,
        is_retried,
        _is_any(outcomes, _BY_CUSTOMER),
        outcomes == Outcome.RAN_OUT,
        is_paid * kept - costs.attempt_minor * tries - costs.notice_minor * notices - asked,
        notices + declines,
        episodes[:, ATTEMPTS],
        notices,
        np.ones(len(episodes)),
    ]


def _is_any(outcomes: Rows, either: tuple[Outcome, Outcome]) -> npt.NDArray[np.bool_]:
    is_any: npt.NDArray[np.bool_] = (outcomes == either[0]) | (outcomes == either[1])
    return is_any
