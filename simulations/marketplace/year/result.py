"""What a year of a marketplace leaves behind: tidy tables with their seed and parameters, measures and figures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from payflows.money import Money

from simulations.marketplace.year import measures
from simulations.marketplace.year.measures import DailyBalances, Waterfall
from simulations.marketplace.year.rows import Books, DisputeRow, LedgerRow, OrderRow, PayoutRow, ReturnRow, VendorRow
from simulations.marketplace.year.scenario import LATEST_DISPUTE_DAYS, MarketplaceYear
from simulations.statistics.tables import tidy_table

if TYPE_CHECKING:
    import pandas as pd

    from simulations.drawing.picture import Picture


class Year:
    """A year of a marketplace that has been run and checked.

    Args:
        scenario: what was run.
        seed: its chance.
        books: what is kept of it.
    """

    def __init__(self, scenario: MarketplaceYear, seed: int, books: Books) -> None:
        self.scenario = scenario
        self.seed = seed
        self.books = books

    @cached_property
    def orders(self) -> pd.DataFrame:
        """One row per order and vendor: what was paid, and what of it the platform keeps."""
        return self._table(OrderRow, self.books.orders)

    @cached_property
    def returns(self) -> pd.DataFrame:
        """One row per vendor of whose goods money went back, with every refund and every dispute that was lost."""
        return self._table(ReturnRow, self.books.returns)

    @cached_property
    def vendors(self) -> pd.DataFrame:
        """One row per vendor: when they joined and disappeared, what they sold, what is held of them, what they owe."""
        return self._table(VendorRow, self.books.vendors)

    @cached_property
    def payouts(self) -> pd.DataFrame:
        """One row per payout."""
        return self._table(PayoutRow, self.books.payouts)

    @cached_property
    def disputes(self) -> pd.DataFrame:
        """One row per dispute."""
        return self._table(DisputeRow, self.books.disputes)

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """One row per line of the ledger."""
        return self._table(LedgerRow, self.books.ledger)

    @cached_property
    def balances(self) -> pd.DataFrame:
        """One row per day: how the books stand at its end (`measures.DailyBalances`)."""
        import pandas as pd

        balances = measures.daily_balances(self.books, self.scenario.days)
        table = pd.DataFrame(dict(zip(DailyBalances._fields, balances, strict=True)))
        table.insert(0, "day", range(self.scenario.days))
        table.attrs = dict(self.vendors.attrs)
        return table

    @property
    def waterfall(self) -> Waterfall:
        """What became of the platform's fees (`measures.waterfall`)."""
        return measures.waterfall(self.books)

    def exposure(self, k: int = 1, *, open_days: int = LATEST_DISPUTE_DAYS) -> list[int]:
        """What would be lost, day by day, if the k vendors with the largest open risk disappeared.

        Args:
            k: how many disappear.
            open_days: for how long buyers may want their money back.
        """
        return [int(minor) for minor in measures.exposure(self.books, self.scenario, k, open_days=open_days)]

    def summary(self) -> pd.DataFrame:
        """Every measure at the end of the year, by its name."""
        import pandas as pd

        books, waterfall, volume = self.books, self.waterfall, measures.volume_minor(self.books)
        paid = {row.order_id for row in books.orders if row.paid_at is not None}
        gone = sum(row.disappeared_at is not None for row in books.vendors)
        rows = {
            "vendors": f"{len(books.vendors):,}, of whom {gone} disappeared",
            "orders": f"{len({row.order_id for row in books.orders}):,}, of which {len(paid):,} were paid",
            "sold": self._money(volume),
            "refunds": f"{sum(not row.is_dispute for row in books.returns):,}",
            "disputes": f"{len(books.disputes):,}, of which {sum(row.status == 'lost' for row in books.disputes)} lost",
            "payouts": f"{len(books.payouts):,}",
            "fees": self._money(waterfall.fees),
            "losses": self._money(waterfall.loss),
            "kept by the platform": self._money(waterfall.net),
            "largest exposure to one vendor": self._money(max(self.exposure())),
        }
        table = pd.DataFrame({"measure": list(rows), "value": list(rows.values())})
        table.attrs = dict(self.vendors.attrs)
        return table

    def plot_waterfall(self) -> Picture:
        """From what the platform charges to what it keeps."""
        from simulations.marketplace.year import figures

        return figures.revenue_waterfall(self.waterfall, self.scenario)

    def plot_balances(self) -> Picture:
        """What is vendors', what they owe, and what the platform has, day by day."""
        from simulations.marketplace.year import figures

        return figures.balances_over_time(self.books, self.scenario)

    def plot_exposure(self, ks: Sequence[int] = (1, 3), *, open_days: int = LATEST_DISPUTE_DAYS) -> Picture:
        """What would be lost if the vendors with the largest open risk disappeared, day by day.

        Args:
            ks: how many of them disappear, a line each.
            open_days: for how long buyers may want their money back.
        """
        from simulations.marketplace.year import figures

        return figures.exposure_over_time(self.books, self.scenario, ks, open_days)

    def _money(self, minor: int) -> str:
        sign = "-" if minor < 0 else ""
        return sign + str(Money(abs(minor), self.scenario.currency))

    def _table(self, row_type: type[Any], rows: Sequence[Any]) -> pd.DataFrame:
        return tidy_table(row_type, rows, seed=self.seed, scenario=self.scenario)

    def __repr__(self) -> str:
        orders = len({row.order_id for row in self.books.orders})
        return f"<Year seed={self.seed} vendors={len(self.books.vendors)} orders={orders}>"
