"""Fields of the desk: sliders and numbers that look alike."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

WIDE: dict[str, Any] = {
    "style": {"description_width": "10.5em"},
    "layout": widgets.Layout(width="97%"),
}


def slider(label: str, value: int, least: int, most: int) -> widgets.IntSlider:
    """Return a slider of whole numbers."""
    return widgets.IntSlider(value=value, min=least, max=most, description=label, **WIDE)


def decimal_slider(label: str, value: float, least: float, most: float, step: float, form: str) -> widgets.FloatSlider:
    """Return a slider of decimal numbers, which are shown in a format such as ".1f"."""
    return widgets.FloatSlider(
        value=value, min=least, max=most, step=step, description=label, readout_format=form, **WIDE
    )


def number(label: str, value: float, least: float, most: float, *, step: float = 1) -> widgets.BoundedFloatText:
    """Return a field for a number, which counts once it has been entered."""
    return widgets.BoundedFloatText(value=value, min=least, max=most, step=step, description=label, **WIDE)


def choice(label: str, options: list[Any]) -> widgets.Dropdown:
    """Return a list of which one is chosen."""
    return widgets.Dropdown(options=options, description=label, **WIDE)


def column(content: widgets.Widget, percent: int) -> widgets.VBox:
    """Return a column of this share of the page's width."""
    return widgets.VBox([content], layout=widgets.Layout(width=f"{percent}%", padding="0 0.6em"))
