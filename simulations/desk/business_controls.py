"""Controls of one's own business: price, subscribers, how often renewals fail and why, and what collecting costs."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets
from payflows.subscriptions.plans import Interval

from simulations.desk.business import CAUSES, Business, Mix
from simulations.desk.fields import choice, number
from simulations.models.costs import DunningCosts

COSTS = {
    "processing_share": ("payment fees, %", 100.0),
    "processing_fixed_minor": ("and per payment, cents", 1.0),
    "attempt_minor": ("an attempt, cents", 1.0),
    "notice_minor": ("a mail, cents", 1.0),
    "contact_share": ("customers who ask, %", 100.0),
    "contact_minor": ("an answer to them, cents", 1.0),
}
"""By the cost: how it is called on the page, and how many of the page's units it is."""


class BusinessControls:
    """What a person says of their business.

    Args:
        start: the business that is shown first.
        on_change: called after each change.

    Attributes:
        box: the widgets.
    """

    def __init__(self, start: Business, on_change: Callable[[], None]) -> None:
        self.price = number("price, USD", start.amount_minor / 100, 0.01, 1_000_000, step=0.01)
        self.subscribers = number("subscribers", start.subscribers, 1, 100_000_000)
        self.interval = choice("billed", [("monthly", Interval.MONTH), ("annually", Interval.YEAR)])
        self.failing = number("failing at first, %", round(100 * start.failure_share, 2), 0.1, 100, step=0.1)
        self.mix = choice("declines", [(each.value, each) for each in Mix])
        self.shares = [
            number(f"{text}, %", round(100 * value, 2), 0, 100, step=1)
            for text, value in zip(CAUSES.values(), start.shares, strict=True)
        ]
        for each in self.shares:
            each.style.description_width = "16em"
        self.costs = {
            name: number(text, round(getattr(start.costs, name) * units, 2), 0, 100_000, step=0.1)
            for name, (text, units) in COSTS.items()
        }
        self.interval.value, self.mix.value = start.interval, start.mix
        fields = [self.price, self.subscribers, self.interval, self.failing, self.mix, *self.shares]
        for field in (*fields, *self.costs.values()):
            field.observe(lambda _: on_change(), "value")
        main = [self.price, self.subscribers, self.interval, self.failing, self.mix]
        more = widgets.Accordion([widgets.VBox(self.shares), widgets.VBox(list(self.costs.values()))])
        more.titles = ("Own shares of declines", "Costs of collecting (most are assumed)")
        self.box = widgets.VBox([widgets.HTML("<h3>Your business</h3>"), *main, more])

    def business(self) -> Business:
        """Return the business that is set. Raises `InvalidPolicy`: it cannot be, with a sentence that says why."""
        costs = {name: round(field.value / COSTS[name][1], 6) for name, field in self.costs.items()}
        return Business(
            amount_minor=round(100 * self.price.value),
            subscribers=round(self.subscribers.value),
            interval=self.interval.value,
            failure_share=round(self.failing.value / 100, 6),
            mix=self.mix.value,
            shares=tuple(round(field.value / 100, 6) for field in self.shares),
            costs=DunningCosts(**costs),
        )
