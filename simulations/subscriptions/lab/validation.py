"""Published figures by which the dunning lab can be checked: reached, or by how much they are missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from payflows.checks import whole_number
from payflows.subscriptions.dunning import FOUR_IN_21_DAYS

from simulations.models.cohort import Cases, cases_of, follow_all
from simulations.models.dunning import Outcome
from simulations.models.issuer import Cause
from simulations.models.parameters import accepted_calendars, accepted_parameters
from simulations.models.renewals import REFERENCE_SCHEDULE
from simulations.models.schedule import Schedule
from simulations.models.tables import DunningTables, tables_of
from simulations.models.targets import CALENDARS, CAMPAIGN, TARGETS, statistics_of
from simulations.subscriptions.lab import columns as c
from simulations.subscriptions.lab.engine import lives
from simulations.subscriptions.year.calibrated import CalibratedSubscribers, ChurnProfile, two_years
from simulations.subscriptions.year.measures import MONTH

if TYPE_CHECKING:
    import pandas as pd

_POINTS = (0.05, 0.5, 0.95)
RECOVERED = (Outcome.UPDATED_AFTER_NOTICE, Outcome.UPDATED_SPONTANEOUSLY, Outcome.RETRY_SUCCEEDED)


class Agreement(NamedTuple):
    """A published figure, and what the models make of it over all accepted sets.

    Attributes:
        figure: what was published.
        low: the least that agrees with it.
        high: the most.
        here: 5, 50 and 95 % over the sets; of months, over both profiles of churn.
    """

    figure: str
    low: float
    high: float
    here: tuple[float, float, float]

    @property
    def is_reached(self) -> bool:
        """Whether the middle of the sets agrees with it."""
        return self.low <= self.here[1] <= self.high


def targets_reached(*, cases: int = 2_000, seed: int = 0) -> list[Agreement]:
    """Return what the accepted sets make of the targets by which they were accepted, with other customers.

    Args:
        cases: failed renewals of each set.
        seed: all chance.
    """
    whole_number("cases", cases, least=100)
    sets = zip(accepted_parameters(), accepted_calendars(), strict=True)
    rows = [
        dict(statistics_of(parameters, CALENDARS[calendar], seed=seed + number, cases=cases))
        for number, (parameters, calendar) in enumerate(sets)
    ]
    return [
        Agreement(each.published, each.low, each.high, _three([row[name] for row in rows]))
        for name, each in TARGETS.items()
    ]


def figures_not_fitted(*, cases: int = 2_000, seed: int = 0) -> list[Agreement]:
    """Return published figures by which no set was accepted, reached or missed.

    Sources: the measured curve, one company's subscriptions (buffer in `SOURCES`); first retries, Pagos, 2024, all
    commerce; recoveries after day 14, "up to 42 %", Churn Buster, 2021, the lower end assumed; lapses, Einav, Klopack
    and Mahoney, 2025 (30.7 % in the month in which a card is replaced), with the updaters' coverage that is published;
    further months, Stripe, "Smart Retries", 2024.

    Args:
        cases: failed renewals of each set.
        seed: all chance.
    """
    whole_number("cases", cases, least=100)
    third_day, late, refreshed = list[float](), list[float](), list[float]()
    for number, parameters in enumerate(accepted_parameters()):
        tables, failed = tables_of(parameters), cases_of(seed + number, cases)
        third_day.append(float(follow_all(tables, failed, _ON_DAY_3).is_recovered.mean()))
        campaign = follow_all(tables, failed, CAMPAIGN)
        late.append(float((campaign.is_recovered & (campaign.hour > 14 * 24)).sum() / campaign.is_recovered.sum()))
        refreshed.append(_refreshed_share(tables, failed))
    months = [months_after_recovery(churn, seed=seed) for churn in (ChurnProfile.CURVE, ChurnProfile.RATE)]
    return [
        Agreement("first retry on day 3: approved", 0.25, 0.35, _three(third_day)),
        Agreement("campaign: of the recovered, after day 14", 0.10, 0.42, _three(late)),
        Agreement("replaced cards refreshed in time, if 30.7 % lapse", 0.70, 0.85, _three(refreshed)),
        Agreement("months that the recovered stay", 6, 8, _three(months)),
    ]


_ON_DAY_3 = Schedule.from_days((3,), close=4)
_OTHERWISE_LAPSE, _LAPSE = 0.026, 0.307


def _refreshed_share(tables: DunningTables, failed: Cases) -> float:
    """Return the share of replaced cards refreshed before they are charged, if as many lapse as was published."""
    replaced = tables._replace(updater_cure=0.0, causes=only(Cause.STALE_CARD))
    lost = 1 - follow_all(replaced, failed, REFERENCE_SCHEDULE).is_recovered.mean()
    return float(1 - (_LAPSE - _OTHERWISE_LAPSE) / lost)


def only(cause: Cause) -> tuple[float, ...]:
    """Return the cumulative shares of causes if all failures are of one."""
    return tuple(float(each >= cause) for each in Cause)


def _three(values: Sequence[float]) -> tuple[float, float, float]:
    low, median, high = (float(each) for each in np.quantile(np.array(values), _POINTS))
    return low, median, high


def months_after_recovery(churn: ChurnProfile, *, subscribers: int = 4_000, seed: int = 0) -> float:
    """Return how many further months those stay who were recovered in dunning, on average; an outcome, no input.

    Stripe publishes seven months ("How we built it: Smart Retries", 2024). Ten years are simulated, and who is still
    there then is counted as leaving.

    Args:
        churn: how voluntary churn goes with age.
        subscribers: how many sign up.
        seed: all chance.
    """
    people = CalibratedSubscribers(churn=churn)
    scenario = replace(two_years(FOUR_IN_21_DAYS, subscribers=subscribers, people=people), days=3_650)
    stayed = list[float]()
    for block in lives(scenario, seed=seed):
        episodes = block.episodes[np.isin(block.episodes[:, c.OUTCOME], RECOVERED)]
        owners, first = np.unique(episodes[:, c.SUBSCRIBER], return_index=True)
        ended_at = block.subscribers[owners - block.first, c.ENDED_AT]
        until = np.where(ended_at > 0, ended_at, scenario.days * 86_400)
        stayed.extend((until - episodes[first, c.OVER_AT]) / MONTH.total_seconds())
    return sum(stayed) / len(stayed)


def table_of(found: Sequence[Agreement]) -> pd.DataFrame:
    """Return a row for each figure: shares in %, months as they are."""
    import pandas as pd

    rows = []
    for each in found:
        low, middle, high = (_said(value) for value in each.here)
        reached = "reached" if each.is_reached else "missed"
        rows.append((each.figure, f"{_said(each.low)} to {_said(each.high)}", f"{middle} [{low}, {high}]", reached))
    return pd.DataFrame(rows, columns=["figure", "published", "here", ""])


def _said(value: float) -> str:
    return f"{100 * value:.0f} %" if value <= 1 else f"{value:.0f}"
