"""What an exhibit is: a public payment bug, replayed. How one is shown is in `visiting.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulations.checkout.incidents.scene import Scene
from simulations.checkout.subject import Factory, Settings
from simulations.incidents.exhibit import AnyExhibit


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit(AnyExhibit):
    """A bug of a checkout.

    Attributes:
        tell: what people do, and what goes wrong; the same for every shop.
        buggy: builds a small checkout with exactly this flaw.
        settings: the shop that it happens in.
    """

    tell: Callable[[Scene], None]
    buggy: Factory
    settings: Settings
