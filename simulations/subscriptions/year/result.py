"""What a year of subscribers leaves behind: tidy tables that carry their seed and parameters, measures and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING

from payflows.money import Money

from simulations.subscriptions.year import measures
from simulations.subscriptions.year.measures import Cause
from simulations.subscriptions.year.rows import Life
from simulations.subscriptions.year.scenario import SubscriberYear

if TYPE_CHECKING:
    import pandas as pd

    from simulations.drawing.picture import Picture

_TIME, _TEXT = "datetime64[ns, UTC]", "object"

SUBSCRIBER_COLUMNS = {
    "subscriber": "int64",
    "plan_id": _TEXT,
    "seats": "int64",
    "total_minor": "int64",
    "mrr_minor": "int64",
    "trial_days": "int64",
    "had_card": "bool",
    "signed_up_at": _TIME,
    "status": _TEXT,
    "first_paid_at": _TIME,
    "ended_at": _TIME,
    "cause": _TEXT,
    "paid_minor": "int64",
    "access_days": "float64",
}
INVOICE_COLUMNS = {
    "subscriber": "int64",
    "invoice_id": _TEXT,
    "billing_reason": _TEXT,
    "period_start": _TIME,
    "period_end": _TIME,
    "total_minor": "int64",
    "status": _TEXT,
    "settled_at": _TIME,
    "cards_tried": "int64",
    "decline": _TEXT,
}
EPISODE_COLUMNS = {
    "subscriber": "int64",
    "invoice_id": _TEXT,
    "amount_minor": "int64",
    "failed_at": _TIME,
    "cause": _TEXT,
    "code": _TEXT,
    "outcome": _TEXT,
    "ended_at": _TIME,
    "day": "float64",
    "attempts": "int64",
    "notices": "int64",
    "cards": "int64",
}
EVENT_COLUMNS = {"subscriber": "int64", "at": _TIME, "event": _TEXT, "about": _TEXT}
STATUS_COLUMNS = {"subscriber": "int64", "at": _TIME, "status": _TEXT}


class Year:
    """A year of subscribers that has been run and checked.

    Args:
        scenario: what was run.
        seed: its chance.
        lives: what is kept of each subscriber.
    """

    def __init__(self, scenario: SubscriberYear, seed: int, lives: Sequence[Life]) -> None:
        self.scenario = scenario
        self.seed = seed
        self.lives = tuple(lives)

    @cached_property
    def subscribers(self) -> pd.DataFrame:
        """One row per subscriber: what they signed up for, what they paid, and how it stands or ended."""
        return self._table([life.subscriber for life in self.lives], SUBSCRIBER_COLUMNS)

    @cached_property
    def invoices(self) -> pd.DataFrame:
        """One row per invoice that was finalised, those of 0 too."""
        return self._table([row for life in self.lives for row in life.invoices], INVOICE_COLUMNS)

    @cached_property
    def statuses(self) -> pd.DataFrame:
        """One row per status that a subscription entered, and when."""
        return self._table([row for life in self.lives for row in life.statuses], STATUS_COLUMNS)

    @cached_property
    def episodes(self) -> pd.DataFrame:
        """One row per dunning episode: a renewal that failed, and what became of it."""
        return self._table([row for life in self.lives for row in life.episodes], EPISODE_COLUMNS)

    @cached_property
    def events(self) -> pd.DataFrame:
        """One row per business event, and per attempt of a dunning policy."""
        return self._table([row for life in self.lives for row in life.events], EVENT_COLUMNS)

    def summary(self) -> pd.DataFrame:
        """Every measure at the end of the year, by its name."""
        import pandas as pd

        lives, end = self.lives, self.scenario.ends_at
        mrr = measures.mrr_minor(lives, end)
        rows = {
            "MRR": str(Money(mrr, self.scenario.currency)),
            "active subscriptions": f"{measures.active(lives, end):,}",
            "collected": str(Money(sum(life.subscriber.paid_minor for life in lives), self.scenario.currency)),
            "trial conversion": _percent(measures.trial_conversion(lives)),
            "voluntary churn a month": _percent(measures.churn(lives, Cause.VOLUNTARY, end)),
            "involuntary churn a month": _percent(measures.churn(lives, Cause.INVOLUNTARY, end)),
            "access days": f"{sum(life.subscriber.access_days for life in lives):,.0f}",
        }
        table = pd.DataFrame({"measure": list(rows), "value": list(rows.values())})
        table.attrs = dict(self.subscribers.attrs)
        return table

    def plot_mrr(self) -> Picture:
        """What subscriptions bring a month, over the year, by status."""
        from simulations.subscriptions.year import figures

        return figures.mrr_over_time(self.lives, self.scenario)

    def plot_leaving(self) -> Picture:
        """Who has left by which age, and why."""
        from simulations.subscriptions.year import figures

        return figures.leaving_by_cause(self.lives, self.scenario)

    def plot_renewals(self) -> Picture:
        """On which days of the month subscriptions renew."""
        from simulations.subscriptions.year import figures

        return figures.renewals_by_day(self.invoices)

    def plot_recovery(self) -> Picture:
        """Which share of failed renewals was paid by which day, for each cause."""
        from simulations.subscriptions.year import dunning_figures

        return dunning_figures.recovery_by_cause(self.lives, self.scenario.ends_at)

    def _table(self, rows: Sequence[tuple[object, ...]], columns: Mapping[str, str]) -> pd.DataFrame:
        import pandas as pd

        table = pd.DataFrame(list(rows), columns=list(columns)).astype(columns)
        table.insert(0, "seed", self.seed)
        table.attrs = {"seed": self.seed, "scenario": asdict(self.scenario)}
        return table

    def __repr__(self) -> str:
        invoices = sum(len(life.invoices) for life in self.lives)
        return f"<Year seed={self.seed} subscribers={len(self.lives)} invoices={invoices}>"


def _percent(share: float | None) -> str:
    return "none yet" if share is None else f"{share:.1%}"
