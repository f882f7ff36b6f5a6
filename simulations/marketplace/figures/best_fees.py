"""Pictures of the best fee: what the platform keeps by fee, and by exit hazard and horizon where it keeps most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle
from payflows.checks import instance_of, sequence

from simulations.drawing.canvas import BLUE, GREEN, INK, ORANGE, PALE, SKY, canvas, end_label, set_title
from simulations.drawing.picture import Picture
from simulations.marketplace.fee_lab import BestFees, percent
from simulations.models.market import FEES, MarketParameters, revenue

DECIMALS = 3
"""Of what is drawn: the last bit of a power differs from one processor to another, and a picture must not."""

_SHADES = LinearSegmentedColormap.from_list("fees", ["#ffffff", SKY])


def kept_by_fee(market: MarketParameters, horizons: Sequence[int] = (4, 12, 20, 40), *, cost: float = 0.0) -> Picture:
    """What the platform keeps in one market, by fee and horizon, against what the reference fee keeps.

    Args:
        market: one set of parameters.
        horizons: in quarters.
        cost: what Stripe charges the platform, as a share of sales; 0 where sellers bear it.
    """
    instance_of("market", market, MarketParameters)
    sequence("horizons", horizons)
    kept = revenue(market, FEES, max(horizons), cost=cost)
    base = kept[np.abs(FEES - market.reference_fee).argmin()]
    figure, (axes,) = canvas(height=4.0)
    peaks = 0
    for quarters, colour in zip(horizons, (BLUE, GREEN, ORANGE, INK), strict=False):
        line = np.round(100 * kept[:, quarters - 1] / base[quarters - 1], DECIMALS)
        axes.plot(100 * FEES, line, color=colour, linewidth=2)
        end_label(axes, 100 * FEES[-1], line[-1], f"{quarters} quarters", colour)
        best = int(line.argmax())
        if best < len(FEES) - 1:
            peaks += 1
            top = 100 * FEES[best], line[best]
            axes.plot(*top, "o", color=colour, markersize=8)
            text = percent(FEES[best], 1)
            side = {"xytext": (6, -16)} if FEES[best] > market.reference_fee else {"xytext": (-8, 6), "ha": "right"}
            axes.annotate(text, top, textcoords="offset points", color=colour, **side)
    axes.axvline(100 * market.reference_fee, color=PALE, linestyle="--", linewidth=1)
    foot = 100 * market.reference_fee, axes.get_ylim()[0]
    axes.annotate("today's fee", foot, xytext=(4, 6), textcoords="offset points", color=PALE)
    axes.set_xlim(100 * FEES[0], 100 * FEES[-1])
    axes.set_xlabel("fee (% of the price)")
    axes.set_ylabel("kept (today's fee = 100)")
    finding = f"a best fee below 30 % for {peaks} of {len(horizons)} horizons" if peaks else "no best fee below 30 %"
    set_title(figure, f"One market, {percent(market.exit_hazard, 1)} exit a quarter and point: {finding}")
    return Picture(figure)


def best_fees_map(found: BestFees) -> Picture:
    """Where there is a best fee, and which, over all markets.

    Args:
        found: by exit hazard and horizon.
    """
    instance_of("found", found, BestFees)
    hazards = list(dict.fromkeys(cell.exit_hazard for cell in found.cells))
    horizons = list(dict.fromkeys(cell.quarters for cell in found.cells))
    figure, (axes,) = canvas(height=1.2 + 0.62 * len(hazards))
    for cell in found.cells:
        place = horizons.index(cell.quarters), hazards.index(cell.exit_hazard)
        is_none = cell.fee is None or cell.none_share > 0.5
        shade = "#f3f3f3" if is_none or cell.fee is None else _SHADES((cell.fee.median - 0.1) / 0.2 * 0.8 + 0.15)
        axes.add_patch(Rectangle((place[0] - 0.49, place[1] - 0.48), 0.98, 0.96, facecolor=shade, linewidth=0))
        axes.text(*place, cell.text, ha="center", va="center", fontsize=8.5, color=PALE if is_none else INK)
    axes.set_xlim(-0.5, len(horizons) - 0.5)
    axes.set_ylim(len(hazards) - 0.5, -0.5)
    axes.set_xticks(range(len(horizons)), [str(quarters) for quarters in horizons])
    axes.set_yticks(range(len(hazards)), [percent(hazard, 1) for hazard in hazards])
    axes.set_xlabel("horizon (quarters)")
    axes.set_ylabel("sellers who leave\n(a quarter, for each point)")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    empty = sum(cell.fee is None or cell.none_share > 0.5 for cell in found.cells)
    set_title(figure, f"In {empty} of {len(found.cells)} cases there is no best fee: what is kept still rises at 30 %")
    return Picture(figure)
