"""Every measure of a policy, defined once on arrays: the sums over all subscribers, to which `sums` adds each.

A failed renewal counts once it was observed for 60 days, recovered or not: who cancelled stays in the
denominator. A measure is a ratio of sums over subscribers, so that what one of them adds has a variance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
from payflows.errors import InvalidPolicy

from simulations.models.costs import DunningCosts
from simulations.models.dunning import Outcome
from simulations.statistics.ratios import Floats, Moments
from simulations.subscriptions.lab import sums
from simulations.subscriptions.lab.compiling import compiled, has_compiler
from simulations.subscriptions.lab.engine import Lives, Rows
from simulations.subscriptions.lab.sums import Measure, Sums
from simulations.subscriptions.lab.tables import cost_table
from simulations.subscriptions.year.dunning import HORIZON_DAYS

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
        place = Measure[measure.upper()]
        return Moments(self.subscribers, self.sums[place], self.products[place])


def tally_of(runs: Sequence[Lives], until: int, costs: DunningCosts, *, compile: bool | None = None) -> Tally:
    """Return the sums over a block of subscribers.

    Args:
        runs: their lives, by each policy; episodes in the order of subscribers.
        until: the second at which their time is over.
        costs: of collecting.
        compile: by Numba; None: where it is installed. The result is the same.
    """
    lives, episodes = _joined([run.subscribers[np.newaxis] for run in runs]), _joined([run.episodes for run in runs])
    spans = np.array(list(pairwise(accumulate((len(run.episodes) for run in runs), initial=0))))
    said, room = (cost_table(costs), until, runs[0].first), _room(len(runs))
    _, added, products, ends = room
    if has_compiler() if compile is None else compile:
        compiled("add_up")(*said, lives, episodes, spans, Sums._make(room))
    else:
        listed = Sums._make(each.tolist() for each in room)
        sums.add_up(*said, lives.tolist(), episodes.tolist(), spans.tolist(), listed)
        added, products, ends = map(np.array, listed[1:])
    return Tally(len(lives[0]), added.T, products.transpose(2, 0, 1), ends)


def _joined(rows: Sequence[Rows]) -> Rows:
    """Return the rows of all runs; those of a single one where they lie, since most runs are alone."""
    return rows[0] if len(rows) == 1 else np.concatenate(rows)


def _room(runs: int) -> tuple[Floats, Floats, Floats, Rows]:
    """Return the zeros that `Sums` begin with."""
    numbers, measures = 2 * runs, len(Measure)
    adds, added = np.zeros((numbers, measures)), np.zeros((numbers, measures))
    ends = np.zeros((runs, len(Outcome) + 1, HORIZON_DAYS + 1), np.int64)
    return adds, added, np.zeros((numbers, numbers, measures)), ends
