"""Kills a checkout on SQLite at every point, one after another. Exit code 1: a promise was broken."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from simulations.search.breach import in_words
from tests.crash.outside_world import OutsideWorld


def main() -> int:
    """Try all points, print what was broken at each, and say by the exit code whether anything was."""
    with TemporaryDirectory() as folder:
        world = OutsideWorld(Path(folder) / "alive.sqlite")
        assert not world.sell(), "nothing goes wrong"
        print(f"{len(world.points)} points at which the process can die; two or three minutes.", file=sys.stderr)
        broken = list(_broken(Path(folder), world.points))
    print("\n".join(broken) or f"Killed at each of {len(world.points)} points, the checkout kept all its promises.")
    return bool(broken)


def _broken(folder: Path, points: Iterable[str]) -> Iterator[str]:
    for number, point in enumerate(points, 1):
        if breaches := OutsideWorld(folder / f"{number}.sqlite").sell(dies_at=number):
            yield f"Killed at point {number}, {point}: {in_words(breaches)}"


if __name__ == "__main__":
    sys.exit(main())
