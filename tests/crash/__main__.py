"""Kills a checkout on SQLite at every point, one after another. Exit code 1: a promise was broken."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from simulations.search.breach import in_words
from tests.crash.child import PAID, REFUNDED, Sale
from tests.crash.outside_world import OutsideWorld

SALES = {"paid": PAID, "declined, paid and refunded": REFUNDED}


def main() -> int:
    """Try all points of each sale, print what was broken at each, and say by the exit code whether anything was."""
    found = [line for name, sale in SALES.items() for line in _broken(name, sale)]
    print("\n".join(found) or "Killed at each of its points, the checkout kept all its promises.")
    return bool(found)


def _broken(name: str, sale: Sale) -> Iterator[str]:
    with TemporaryDirectory() as folder:
        world = OutsideWorld(Path(folder) / "alive.sqlite", sale)
        assert not world.sell(), "nothing goes wrong"
        print(f"{name}: {len(world.points)} points at which the process can die; some minutes.", file=sys.stderr)
        for number, point in enumerate(world.points, 1):
            if breaches := OutsideWorld(Path(folder) / f"{number}.sqlite", sale).sell(dies_at=number):
                yield f"{name}, killed at point {number}, {point}: {in_words(breaches)}"


if __name__ == "__main__":
    sys.exit(main())
