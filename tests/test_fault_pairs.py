"""Every fault after every other one breaks no promise. The longer stories' pairs are searched on demand."""

from __future__ import annotations

from simulations.faults.search import search


def test_no_pair_of_faults_breaks_a_promise_where_there_is_nothing_to_buy() -> None:
    tally = search(["out_of_stock"], depth=2, workers=1)

    assert not tally.broken, "\n".join(f"{ending.line}: {ending.breach}" for ending in tally.broken)
    assert tally.universes > 20_000
