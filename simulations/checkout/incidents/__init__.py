"""The incident museum: public payment bugs, replayed in a shop that has them and in ours. `EXHIBITS` holds them all.

Adding one is one entry in a file of `exhibits`, or a new file there: they are found by looking.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from simulations.checkout.incidents import exhibits
from simulations.checkout.incidents.exhibit import Exhibit
from simulations.checkout.incidents.visiting import visit
from simulations.incidents.showing import Showing, overview


def _all() -> list[Exhibit]:
    names = sorted(module.name for module in iter_modules(exhibits.__path__))
    return [exhibit for name in names for exhibit in import_module(f"{exhibits.__name__}.{name}").EXHIBITS]


EXHIBITS: Mapping[str, Exhibit] = {exhibit.name: exhibit for exhibit in _all()}
"""Every exhibit, by its name."""

__all__ = ["EXHIBITS", "Exhibit", "Showing", "overview", "visit"]
