"""How long the desk takes to follow a slider."""

from __future__ import annotations

from time import perf_counter

from simulations.desk.answers import COUNT
from simulations.desk.dunning_page import DunningPage
from tests.bench.ratio import Ratio

MOVES, MOST_MS = 60, 100


class _Moved(DunningPage):
    """A page whose controls do not rest."""

    def rest(self) -> None:
        """Wait."""


def ratios(moves: int = MOVES) -> list[Ratio]:
    """Measure it: the sentence, the table and the curves, from a slider's change to the picture."""
    page, took = _Moved(), []
    for number in range(moves):
        began = perf_counter()
        page.b.last_retry.value = 20 + number % 9
        took.append((perf_counter() - began) * 1_000 / MOST_MS)
    how = f"wall time of a move, {MOST_MS} ms is 1.00; {COUNT:,} failed renewals by each of two policies"
    return [Ratio("the desk follows a slider / a tenth of a second", tuple(took), how, 1.0)]
