"""What a year of subscribers leaves behind: tidy tables that carry their seed and parameters, measures and figures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from payflows.money import Money

from simulations.statistics.tables import tidy_table
from simulations.subscriptions.year import measures
from simulations.subscriptions.year.measures import Cause
from simulations.subscriptions.year.rows import EpisodeRow, EventRow, InvoiceRow, Life, StatusRow, SubscriberRow
from simulations.subscriptions.year.scenario import SubscriberYear

if TYPE_CHECKING:
    import pandas as pd

    from simulations.drawing.picture import Picture


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
        return self._table(SubscriberRow, [life.subscriber for life in self.lives])

    @cached_property
    def invoices(self) -> pd.DataFrame:
        """One row per invoice that was finalised, those of 0 too."""
        return self._table(InvoiceRow, [row for life in self.lives for row in life.invoices])

    @cached_property
    def statuses(self) -> pd.DataFrame:
        """One row per status that a subscription entered, and when."""
        return self._table(StatusRow, [row for life in self.lives for row in life.statuses])

    @cached_property
    def episodes(self) -> pd.DataFrame:
        """One row per dunning episode: a renewal that failed, and what became of it."""
        return self._table(EpisodeRow, [row for life in self.lives for row in life.episodes])

    @cached_property
    def events(self) -> pd.DataFrame:
        """One row per business event, and per attempt of a dunning policy."""
        return self._table(EventRow, [row for life in self.lives for row in life.events])

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

    def _table(self, row_type: type[Any], rows: Sequence[Any]) -> pd.DataFrame:
        return tidy_table(row_type, rows, seed=self.seed, scenario=self.scenario)

    def __repr__(self) -> str:
        invoices = sum(len(life.invoices) for life in self.lives)
        return f"<Year seed={self.seed} subscribers={len(self.lives)} invoices={invoices}>"


def _percent(share: float | None) -> str:
    return "none yet" if share is None else f"{share:.1%}"
