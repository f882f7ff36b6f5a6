"""The desk's second page: which of two fee schedules, by horizon and exit hazard, in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import ipywidgets as widgets
from payflows.errors import InvalidPolicy
from payflows.marketplace.fee_terms import FeeTerms, FeeTier, StripeFee, StripeFeeBorneBy
from payflows.marketplace.fees import FeeSchedule
from payflows.money import Money, Rate

from simulations.desk.fields import choice, column, decimal_slider, slider
from simulations.desk.resting import WhenResting
from simulations.marketplace.fee_lab import BestFee, FeeComparison, compare_fees, find_best_fees, percent
from simulations.marketplace.figures.schedules import break_even_map, gains_over_time
from simulations.marketplace.sellers import SellerPopulation, kept_of

SEED = 70
SELLERS = SellerPopulation(count=100).sellers(SEED)
MARKETS = 300
MOST_QUARTERS = 40
LARGEST = Money(50_000, "usd")
STRIPES = StripeFee(rate=Rate(290), fixed_minor=30)


class FeeControls:
    """What a person sets of one fee schedule.

    Args:
        name: "A" or "B".
        percent: the rate that is shown first.
        on_change: called after each change.

    Attributes:
        box: the widgets.
    """

    def __init__(self, name: str, percent: float, on_change: Callable[[], None]) -> None:
        self.fee = decimal_slider("fee, %", percent, 0, 30, 0.5, ".1f")
        self.fixed = slider("per sale, cents", 0, 0, 200)
        self.discount = decimal_slider("large sellers less, %", 0, 0, 10, 0.5, ".1f")
        self.borne_by = choice(
            "Stripe's fee", [("the platform bears it", StripeFeeBorneBy.PLATFORM), ("sellers", StripeFeeBorneBy.VENDOR)]
        )
        self.discount.tooltip = "on what a seller sells beyond 500 USD a month"
        self.losses = widgets.HTML()
        controls = [self.fee, self.fixed, self.discount, self.borne_by]
        for each in controls:
            each.observe(lambda _: on_change(), "value")
        self.box = widgets.VBox([widgets.HTML(f"<h3>{name}</h3>"), *controls, self.losses])

    def schedule(self) -> FeeSchedule:
        """Return the schedule that is set. Raises `InvalidPolicy`: it cannot be, with a sentence that says why."""
        rate, lower = (round(100 * percent) for percent in (self.fee.value, self.fee.value - self.discount.value))
        if lower < 0:
            raise InvalidPolicy("above 500 USD a month the fee would be below nothing: take less off it")
        tiers = (FeeTier(Rate(rate), 50_000), FeeTier(Rate(lower))) if lower < rate else (FeeTier(Rate(rate)),)
        terms = FeeTerms(tiers=tiers, fixed_minor=self.fixed.value)
        stripe_fee = StripeFee(rate=STRIPES.rate, fixed_minor=STRIPES.fixed_minor, borne_by=self.borne_by.value)
        return FeeSchedule(currency="usd", terms=terms, stripe_fee=stripe_fee)


class FeePage:
    """Two fee schedules on the same sellers and buyers.

    Attributes:
        box: the widgets.
        found: the newest comparison; None where the controls say what cannot be.
    """

    def __init__(self) -> None:
        self._resting = WhenResting(self.rest)
        self.found: FeeComparison | None = None
        self.decision, self.best = widgets.HTML(), widgets.HTML()
        full = widgets.Layout(width="100%", max_width="760px")
        self.gains, self.break_even = (widgets.Image(format="png", layout=full) for _ in range(2))
        self.quarters = slider("horizon, quarters", 12, 1, MOST_QUARTERS)
        self.hazard = decimal_slider("exit hazard, %", 0.4, 0, 2, 0.1, ".1f")
        for each in (self.quarters, self.hazard):
            each.observe(lambda _: self.change(), "value")
        self.a, self.b = FeeControls("A, in use", 10, self.change), FeeControls("B", 12, self.change)
        market = widgets.VBox([widgets.HTML("<h3>The market</h3>"), self.quarters, self.hazard, widgets.HTML(_HAZARD)])
        controls = widgets.HBox([column(each, 33) for each in (market, self.a.box, self.b.box)])
        self.box = widgets.VBox(
            [
                self.decision,
                self.best,
                widgets.HBox([column(each, 50) for each in (self.gains, self.break_even)]),
                controls,
            ]
        )
        self.change()

    def change(self) -> None:
        """Answer anew; figures follow when the controls rest."""
        try:
            a, b = self.a.schedule(), self.b.schedule()
            self.found = compare_fees(
                SEED,
                SELLERS,
                ("A", a),
                ("B", b),
                quarters=self.quarters.value,
                horizon=MOST_QUARTERS,
                markets=MARKETS,
                exit_hazard=self.hazard.value / 100,
            )
        except InvalidPolicy as error:
            self.found = None
            self.decision.value = f'<h2 style="color:#D55E00">{escape(str(error))}</h2>'
            return
        self.decision.value = f"<h2>{escape(self.found.decision)}</h2>"
        for controls, schedule in ((self.a, a), (self.b, b)):
            controls.losses.value = f"<p>{escape(break_even(schedule))}</p>"
        self._resting.changed()

    def rest(self) -> None:
        """Draw the figures, and look for the best fee."""
        if self.found is None:
            return
        self.gains.value = gains_over_time([self.found])._repr_png_()
        schedules = {"A": self.a.schedule(), "B": self.b.schedule()}
        self.break_even.value = break_even_map(schedules, largest=LARGEST)._repr_png_()
        hazards, horizons = (self.hazard.value / 100,), (self.quarters.value,)
        cost = stripes_share(schedules["A"])
        (cell,) = find_best_fees(SEED, hazards=hazards, horizons=horizons, cost=cost, markets=MARKETS).cells
        self.best.value = f"<p>{escape(best_fee(cell))}</p>"


_HAZARD = (
    "<small>How many percent of the sellers leave in a quarter for each point of the fee above that of A. Published "
    "figures do not tell it; 0.3 to 2 % are plausible.</small>"
)


def best_fee(cell: BestFee) -> str:
    """Return in words which flat fee keeps most at a horizon and exit hazard, beside one of 10 % in use."""
    begin = f"Best flat fee where {percent(cell.exit_hazard, 1)} leave, over {cell.quarters} quarters:"
    if cell.fee is None or cell.none_share > 0.5:
        return f"{begin} none, what is kept still rises at 30 % in {percent(cell.none_share)} of the markets."
    low, median, high = map(percent, cell.fee)
    return f"{begin} {median} ({low} to {high} in nine of ten markets)."


def stripes_share(schedule: FeeSchedule) -> float:
    """Return what Stripe charges a platform, as a share of all sales; 0 where sellers bear it."""
    if schedule.stripe_fee.borne_by is StripeFeeBorneBy.VENDOR:
        return 0.0
    sizes = [seller.sales_minor for seller in SELLERS]
    costs = kept_of(schedule, SELLERS).cost
    return float(sum(cost * size for cost, size in zip(costs, sizes, strict=True)) / sum(sizes))


def break_even(schedule: FeeSchedule) -> str:
    """Return in words on which sales a schedule loses money, tier by tier."""
    said = []
    for tier, start in enumerate(schedule.terms.starts, 1):
        ranges = [str(each) for each in schedule.loss_ranges(tier=tier)]
        above = f"above {Money(start, schedule.currency)} a month " if start else ""
        said.append(f"{above}on sales {' and '.join(ranges)}" if ranges else f"{above}on no sale")
    return f"Loses money {'; '.join(said)}."
