"""The picture of how long a lost answer leaves our records behind Stripe's. What is counted is in `resolution`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from simulations.drawing.canvas import BLUE, INK, PALE, RED
from simulations.drawing.picture import Picture

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

PROMISED_MINUTES = 10
"""After the service is back (I28)."""


def minutes_unknown(rows: pd.DataFrame) -> Picture:
    """Draw every move of money whose answer was lost, a dot each, by what went wrong; where many lie it is darker.

    Args:
        rows: from `resolutions`.
    """
    names = [_name(kind, seconds) for kind, seconds in zip(rows["kind"], rows["seconds"], strict=True)]
    groups = dict(iter(rows["minutes"].groupby(names, sort=False)))
    figure = Figure(figsize=(9.6, 1.3 + 0.36 * len(groups)), layout="constrained")
    axes = figure.subplots()
    for height, minutes in enumerate(groups.values()):
        axes.scatter(minutes, [height] * len(minutes), s=46, color=BLUE, alpha=0.35, linewidth=0, clip_on=False)
        axes.annotate(
            f"{minutes.max():.1f}", (minutes.max(), height), (9, 0), textcoords="offset points", va="center", color=INK
        )
    axes.set_yticks(range(len(groups)), labels=[str(name) for name in groups])
    _dress(axes, len(groups))
    longest = rows["minutes"].max()
    title = f"{len(rows)} lost answers about money, each known within {longest:.1f} minutes of the service being back"
    figure.suptitle(title, x=0.01, ha="left", fontsize=13, color=INK)
    return Picture(figure)


def _name(kind: str, seconds: int) -> str:
    words = kind.replace("_", " ")
    if not seconds:
        return words
    days = f"{seconds / 86_400:.2g}"
    return (
        f"{words} of {seconds / 60:.0f} minutes" if seconds < 86_400 else f"{words} of {days} day{'s' * (days != '1')}"
    )


def _dress(axes: Axes, groups: int) -> None:
    axes.axvline(PROMISED_MINUTES, color=RED, linewidth=1.2)
    axes.text(PROMISED_MINUTES, -0.75, "promised ", color=RED, ha="right", va="center", fontsize=10.5)
    axes.set_ylim(groups - 0.5, -1.1)
    # A little room on the left, so that dots at nought do not touch the names of their rows.
    axes.set_xlim(-0.2, PROMISED_MINUTES * 1.04)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(colors=INK, length=0, labelsize=10.5)
    axes.set_xlabel(
        "minutes until our records say what Stripe's say, once the service is back; darker: more dots", color=INK
    )
    axes.grid(axis="x", color=PALE, alpha=0.25)
