"""What the stories and races of every business must stand: any call goes wrong, and two act in any order."""

from __future__ import annotations

from itertools import islice

from simulations.search.interleavings import interleavings, struck
from simulations.search.kinds import kinds_at
from simulations.search.pairs import related
from simulations.search.search import Tally, one_more, run, search, tally_of
from simulations.search.testbed import Testbed


def listed(tally: Tally) -> str:
    """Return the lines that replay what was broken."""
    return "\n".join(map(str, tally.broken))


def assert_no_fault_breaks_a_promise(testbed: Testbed, story: str, *, more_than: int) -> None:
    """Strike every call of a story by every kind of fault, which makes more than `more_than` universes."""
    calm = run(testbed, story)

    tally = tally_of(run(testbed, story, plan) for plan in one_more(testbed, calm))

    assert not tally.broken, listed(tally)
    assert tally.universes == sum(len(kinds_at(site)) for site in calm.sites) > more_than


def assert_no_related_pair_breaks_a_promise(
    testbed: Testbed, story: str, *, more_than: int = 0, workers: int | None = None
) -> None:
    """Strike a story by all related pairs of faults, which makes more than `more_than` universes."""
    tally = search(testbed, [story], depth=2, further=related, workers=workers)

    assert not tally.broken, listed(tally)
    assert tally.universes > more_than


def assert_no_interleaving_breaks_a_promise(testbed: Testbed, race: str, *, switches: int, more_than: int) -> None:
    """Have the calls of two processes follow each other in each of more than `more_than` orders."""
    endings = list(interleavings(testbed, race, at_most=0, switches=switches))

    assert not (broken := [str(ending) for ending in endings if ending.breaches]), "\n".join(broken)
    assert len({ending.schedule for ending in endings}) == len(endings) > more_than
    assert max(len(ending.schedule.switches) for ending in endings) == switches


def assert_no_fault_breaks_a_race(testbed: Testbed, race: str, *, orders: int | None = None) -> None:
    """Strike every call since the two met by every kind of fault, with a switch at it where that makes more turns.

    Args:
        testbed: the business.
        race: of it.
        orders: how many orders of the two without switches are struck; None: all.
    """
    calm = islice(interleavings(testbed, race, at_most=0, switches=0), orders)

    endings = [ending for order in calm for ending in struck(testbed, order)]

    assert not (broken := [str(ending) for ending in endings if ending.breaches]), "\n".join(broken)
    assert {"crash_before", "answer_lost", "connection_refused"} < {ending.plan[0].kind for ending in endings}
    assert {len(ending.schedule.switches) for ending in endings} == {0, 1}
