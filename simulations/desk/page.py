"""The desk: a page for dunning and a page for fees."""

from __future__ import annotations

import ipywidgets as widgets

from simulations.desk.dunning_page import DunningPage
from simulations.desk.fee_page import FeePage


def desk() -> widgets.Tab:
    """Return both pages."""
    return widgets.Tab([DunningPage().box, FeePage().box], titles=("Dunning", "Fees"))
