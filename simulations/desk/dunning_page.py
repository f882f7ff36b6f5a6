"""The desk's first page: which of two dunning policies, in one sentence that follows the sliders."""

from __future__ import annotations

from html import escape

import ipywidgets as widgets
from payflows.errors import InvalidPolicy
from payflows.subscriptions.dunning import CAMPAIGN_OF_28_DAYS, SEED_AS_GAPS, DunningPolicy

from simulations.desk.answers import Answer, PlausibleAnswer, answer, plausible_answer
from simulations.desk.business import Business
from simulations.desk.business_controls import BusinessControls
from simulations.desk.export import code_of, csv_of, download_link
from simulations.desk.fields import column
from simulations.desk.policy_controls import PolicyControls
from simulations.desk.recovery_figure import RecoveryFigure
from simulations.desk.resting import WhenResting
from simulations.subscriptions.lab.comparison import Comparison

ROWS = {
    "card_updated": "paid by another card",
    "retry_succeeded": "paid by a retry",
    "customer_cancelled": "customer cancelled",
    "ran_out": "ran out: subscription lost",
}
"""The four outcomes of a failed renewal, by their measure."""


class DunningPage:
    """Two policies side by side.

    The sentence, the curves and the interval follow a slider; the band of all plausible worlds comes when it rests.

    Args:
        start: the business that is shown first.

    Attributes:
        box: the widgets.
        found: the newest answer; None where the controls say what cannot be.
    """

    def __init__(self, start: Business = Business()) -> None:  # noqa: B008 - a frozen value
        self._figure = RecoveryFigure()
        self._resting = WhenResting(self.rest)
        self.found: Answer | PlausibleAnswer | None = None
        self.decision, self.money, self.table = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.image = widgets.Image(format="png", layout=widgets.Layout(width="100%", max_width="810px"))
        self.download, self.code = widgets.HTML(), widgets.Textarea(layout=widgets.Layout(width="97%", height="11em"))
        self.business = BusinessControls(start, self.change)
        self.a = PolicyControls("A", SEED_AS_GAPS, self.change)
        self.b = PolicyControls("B", CAMPAIGN_OF_28_DAYS, self.change)
        taking = widgets.Accordion([widgets.VBox([self.download, self.code])], titles=("Take it away",))
        controls = widgets.HBox([column(each.box, 33) for each in (self.business, self.a, self.b)])
        beside = widgets.HBox([column(self.image, 62), column(self.table, 36)])
        self.box = widgets.VBox([self.decision, self.money, beside, controls, taking])
        self.change()

    def change(self) -> None:
        """Answer anew, in one ordinary world, and later in all: until then there is nothing to take away."""
        self.download.value = self.code.value = ""
        try:
            self.found = found = answer(*self._set())
        except InvalidPolicy as error:
            self.found = None
            self.decision.value = f'<h2 style="color:#D55E00">{escape(str(error))}</h2>'
            return
        self._show(found.decision, found.money, found.compared)
        self.image.value = self._figure.draw(found.curves)
        self._resting.changed()

    def rest(self) -> None:
        """Answer in all plausible worlds."""
        if not isinstance(self.found, Answer):
            return
        business, a, b = self._set()
        self.found = found = plausible_answer(self.found, a, b)
        self._show(found.decision, f"{found.answer.money} {found.other_mix}", found.answer.compared)
        self.image.value = self._figure.draw(found.answer.curves, found.bands)
        self.download.value = download_link(csv_of(found), name="dunning.csv", label="Save the table as CSV")
        self.code.value = code_of(business, a, b)

    def _set(self) -> tuple[Business, DunningPolicy, DunningPolicy]:
        return self.business.business(), self.a.policy(), self.b.policy()

    def _show(self, decision: str, money: str, compared: Comparison) -> None:
        self.decision.value = f"<h2>{escape(decision)}</h2>"
        self.money.value = f"<p>{escape(money)}</p>"
        self.table.value = _outcomes(compared)


def _outcomes(compared: Comparison) -> str:
    """Return the four outcomes under both policies, and what they take, as a table."""
    rows = [(text, 100.0, ".1f", " %", measure) for measure, text in ROWS.items()]
    rows += [("mails", 1.0, ".1f", "", "notices"), ("retries", 1.0, ".1f", "", "attempts")]
    rows += [("net, USD", 0.01, ".2f", "", "net_minor")]
    cells = []
    for text, scale, form, unit, measure in rows:
        found = compared.difference(measure)
        a, b = (f"{scale * value:{form}}{unit}" for value in (found.first, found.second))
        cells.append(f"<tr><td>{text}&emsp;</td><td align=right>{a}&emsp;</td><td align=right>{b}</td></tr>")
    head = "<tr><th align=left>of a failed renewal</th><th>A</th><th>B</th></tr>"
    return f'<table style="font-size:1.1em;line-height:1.7">{head}{"".join(cells)}</table>'
