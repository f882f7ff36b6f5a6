"""Prints every ratio that the project watches over. Exit code 1: one misses its bound."""

from __future__ import annotations

import sys

from tests.bench import (
    bus_bench,
    desk_bench,
    dunning_bench,
    flow_bench,
    gateway_bench,
    lab_bench,
    marketplace_bench,
    store_bench,
    universe_bench,
    webhook_bench,
    year_bench,
)
from tests.bench.ratio import Ratio

HEAD = ("CPU of one thing / of another", "median", "95 % interval", "at most", "", "how measured")


def main() -> int:
    """Measure, print the table, and say by the exit code whether all bounds are kept."""
    print("Measuring; some minutes. Other work on this machine widens the interval.", file=sys.stderr)
    benches = (
        flow_bench,
        universe_bench,
        bus_bench,
        store_bench,
        gateway_bench,
        webhook_bench,
        year_bench,
        dunning_bench,
        lab_bench,
        marketplace_bench,
        desk_bench,
    )
    ratios = [ratio for bench in benches for ratio in bench.ratios()]
    rows = [HEAD, *(_row(ratio) for ratio in ratios)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEAD))]
    for row in rows:
        print(" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        if row is HEAD:
            print("-|-".join("-" * width for width in widths))
    return any(ratio.verdict == "missed" for ratio in ratios)


def _row(ratio: Ratio) -> tuple[str, ...]:
    low, high = ratio.interval
    bound = "" if ratio.bound is None else f"{ratio.bound:.2f}"
    return ratio.name, f"{ratio.value:.2f}", f"{low:.2f} to {high:.2f}", bound, ratio.verdict, ratio.how


if __name__ == "__main__":
    sys.exit(main())
