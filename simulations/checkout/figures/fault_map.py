"""The fault map: every single fault at every call of a story, and which promise it breaks. The search is elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from simulations.checkout.testbed import CHECKOUT, CheckoutTestbed
from simulations.drawing.canvas import INK, ORANGE, PALE, RED, SKY
from simulations.drawing.picture import Picture
from simulations.search.breach import Breach, in_words
from simulations.search.kinds import KINDS
from simulations.search.search import Ending, one_more, run

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

KEPT, STATE, GOODS, MONEY = "kept", "state", "goods", "money"

FAMILIES: Mapping[str, tuple[str, str, str]] = {
    KEPT: ("#c3e0d5", "#00785a", "all promises kept"),
    STATE: (SKY, "#2b7fb0", "an order left lying, or a false word"),
    GOODS: (ORANGE, "#a87300", "the goods are wrong"),
    MONEY: (RED, RED, "the money is wrong"),
}
"""What became of the promises, the worst last: colour of its cells, colour of its words, and the words."""

_RANKS = {family: rank for rank, family in enumerate(FAMILIES)}
_GROUPS = ("outage", "error_500", "crash_before")
"""The kinds that begin a group: before them are the road's one-off troubles."""


_HEIGHT, _LEAST_WIDTH, _LABELS_WIDTH = 6.2, 10.5, 1.95
"""In inches."""


class MapRow(NamedTuple):
    """One single fault, and what came of it.

    Attributes:
        call: at which of the story's calls.
        port: whose.
        method: which.
        kind: what went wrong.
        seconds: how long it lasted; 0 where it struck one call only.
        family: the worst that was broken: money, goods or state; or kept.
        breach: the broken promises; empty where all were kept.
    """

    call: int
    port: str
    method: str
    kind: str
    seconds: int
    family: str
    breach: str


def map_of(story: str, testbed: CheckoutTestbed = CHECKOUT) -> pd.DataFrame:
    """Every single fault of a story: a row a universe, by rising call.

    Args:
        story: what people do.
        testbed: whose checkout.
    """
    import pandas as pd

    calm = run(testbed, story)
    rows = [_row(run(testbed, story, plan)) for plan in one_more(testbed, calm)]
    return pd.DataFrame(rows, columns=list(MapRow._fields))


def family_of(breaches: Iterable[Breach]) -> str:
    """The worst of what was broken: money before goods before state; *kept* where nothing was."""
    return max(map(_family, breaches), key=_RANKS.__getitem__, default=KEPT)


def counts(maps: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """How many universes of each map ended how: a row a map, a column a family, and how many were broken of all."""
    import pandas as pd

    counted = {
        name: {family: int((rows["family"] == family).sum()) for family in FAMILIES}
        | {"broken": int((rows["family"] != KEPT).sum()), "of": len(rows)}
        for name, rows in maps.items()
    }
    return pd.DataFrame.from_dict(counted, orient="index")


def fault_map(maps: Mapping[str, pd.DataFrame]) -> Picture:
    """Calls in their order against kinds of fault, a panel a checkout. A cell shows the worst of a fault's lengths.

    Args:
        maps: from `map_of`, by the checkout's name as it reads in "a promise of ...".
    """
    import pandas as pd

    struck = pd.concat(list(maps.values()))["kind"].unique()
    kinds = [kind for kind in KINDS if kind in struck]
    calls = [int(rows["call"].max()) for rows in maps.values()]
    width = max(_LEAST_WIDTH, _LABELS_WIDTH + 0.2 * sum(calls) + 0.35 * len(calls))
    figure = Figure(figsize=(width, _HEIGHT))
    grid = figure.subplots(1, len(maps), squeeze=False, width_ratios=calls)[0]
    figure.subplots_adjust(left=_LABELS_WIDTH / width, right=1 - 0.1 / width, top=0.83, bottom=0.215, wspace=0.05)
    for axes, (name, rows), count in zip(grid, maps.items(), calls, strict=True):
        _panel(axes, rows, kinds)
        axes.set_title(f"{name}, {count} calls →", loc="left", fontsize=12, color=INK, pad=5)
    grid[0].set_yticks(_heights(kinds), labels=[kind.replace("_", " ") for kind in kinds], fontsize=10.5, color=INK)
    figure.suptitle(_finding(maps), x=0.12 / width, y=0.955, ha="left", va="baseline", fontsize=14, color=INK)
    _legend(figure, [family for family in FAMILIES if any((rows["family"] == family).any() for rows in maps.values())])
    return Picture(figure)


def _row(ending: Ending) -> MapRow:
    (fault,) = ending.plan
    site, family = ending.sites[fault.call - 1], family_of(ending.breaches)
    words = in_words(ending.breaches)
    return MapRow(fault.call, site.port, site.method, fault.kind, fault.seconds, family, words)


def _family(breach: Breach) -> str:
    """By the numbers of the project's list of invariants; an error is of the state."""
    number = int(breach.promise[1:].rstrip("b") or 99)
    return MONEY if number <= 8 else GOODS if number <= 12 else STATE


def _finding(maps: Mapping[str, pd.DataFrame]) -> str:
    said: list[str] = []
    for name, rows in maps.items():
        broken = int((rows["family"] != KEPT).sum())
        said.append(f"of {name} in {broken or 'none'} of {len(rows)}{' universes' * (not said)}")
    return f"One fault breaks a promise {', '.join(said)}"


def _heights(kinds: Sequence[str]) -> list[float]:
    """Where each kind's row stands, from above; groups stand a little apart."""
    heights: list[float] = []
    height = 0.0
    for kind in kinds:
        height += 1.35 if kind in _GROUPS and heights else 1.0
        heights.append(height)
    return heights


def _panel(axes: Axes, rows: pd.DataFrame, kinds: Sequence[str]) -> None:
    sites = rows.drop_duplicates("call").set_index("call")
    colours = ListedColormap([colour for colour, _, _ in FAMILIES.values()])
    heights = _heights(kinds)
    for kind, height in zip(kinds, heights, strict=True):
        worst = _worst(rows[rows["kind"] == kind], len(sites))
        edges = np.arange(len(sites) + 1) + 0.5
        axes.pcolormesh(
            edges, [height - 0.5, height + 0.5], worst, cmap=colours, vmin=-0.5, vmax=3.5, edgecolors="w", linewidth=1.2
        )
    axes.set_xlim(0.5, len(sites) + 0.5)
    axes.set_ylim(heights[-1] + 0.6, 0.4)
    axes.set_xticks(sites.index, labels=sites["method"], rotation=90, fontsize=9)
    axes.set_yticks([])
    axes.tick_params(length=0, pad=3)
    axes.spines[:].set_visible(False)
    for label, port in zip(axes.get_xticklabels(), sites["port"], strict=True):
        label.set_color(PALE if port == "store" else INK)


def _worst(rows: pd.DataFrame, calls: int) -> NDArray[np.float64]:
    """One line of cells: the worst rank at each call, nothing where the kind cannot strike."""
    line = np.full((1, calls), np.nan)
    for call, rank in rows["family"].map(_RANKS).groupby(rows["call"]).max().items():
        line[0, int(str(call)) - 1] = rank
    return line


def _legend(figure: Figure, families: Sequence[str]) -> None:
    """The families named in their own colours, beneath the title."""
    left, width = 0.14, figure.get_figwidth()
    for family in families:
        colour, ink, words = FAMILIES[family]
        figure.text(left / width, 0.898, "■", fontsize=14, color=colour)
        figure.text((left + 0.22) / width, 0.901, words, fontsize=11, color=ink)
        left += 0.62 + 0.08 * len(words)
