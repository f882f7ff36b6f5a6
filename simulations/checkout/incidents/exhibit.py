"""What an exhibit is: a public payment bug, replayed. How one is shown is in `visiting.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from simulations.checkout.incidents.scene import Scene
from simulations.checkout.subject import Factory, Settings
from simulations.incidents.exhibit import Promise, Thread


class Exhibit(NamedTuple):
    """A public payment bug, replayed.

    Attributes:
        name: by which it is found in the registry.
        bug: one line on it.
        thread: where it was reported.
        liberties: where the exhibit says more or less than the thread does.
        promise: what the buggy shop breaks.
        tell: what people do, and what goes wrong; the same for every shop.
        buggy: builds a small checkout with exactly this flaw.
        settings: the shop that it happens in.
    """

    name: str
    bug: str
    thread: Thread
    liberties: str
    promise: Promise
    tell: Callable[[Scene], None]
    buggy: Factory
    settings: Settings
