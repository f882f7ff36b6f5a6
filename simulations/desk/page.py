"""The desk: a page for dunning and a page for fees."""

from __future__ import annotations

import ipywidgets as widgets

from simulations.desk.business import Business
from simulations.desk.dunning_page import DunningPage
from simulations.desk.fee_page import FeePage


def desk(business: Business = Business()) -> widgets.Tab:  # noqa: B008 - a frozen value
    """Return both pages.

    Args:
        business: that is shown first.
    """
    return widgets.Tab([DunningPage(business).box, FeePage().box], titles=("Dunning", "Fees"))
