"""Races, replays, traces and coverage, on a business that is small enough to follow by hand."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from payflows.errors import InvalidPolicy
from simulations.search.coverage import awaits, coverage_of
from simulations.search.interleavings import Schedule, interleavings, run_race, struck
from simulations.search.kinds import KINDS
from simulations.search.plan import read
from simulations.search.replay import replay
from simulations.search.search import search
from simulations.search.traces import digests_of_storms, trace_of, trace_of_storm
from tests.broken_donations import IMPATIENT, OURS, promises
from tests.donations import DonationsTestbed

# Races.


def test_no_interleaving_breaks_a_promise() -> None:
    endings = list(interleavings(OURS, "worker_and_donor", switches=9))

    assert not [str(ending) for ending in endings if ending.breaches]
    assert len({ending.schedule for ending in endings}) == len(endings) > 20
    assert all(len(a.schedule.switches) <= len(b.schedule.switches) for a, b in pairwise(endings))


def test_two_who_charge_under_keys_of_their_own_are_found() -> None:
    broken = [ending for ending in interleavings(IMPATIENT, "worker_and_donor") if ending.breaches]

    assert broken
    assert all("D1" in promises(ending.breaches) for ending in broken)
    assert replay(IMPATIENT, broken[0].line.split("'")[1]).ending == broken[0]


def test_a_fault_in_the_middle_of_a_race_breaks_nothing() -> None:
    endings = list(struck(OURS, run_race(OURS, "worker_and_donor", Schedule(0))))

    assert not [str(ending) for ending in endings if ending.breaches]
    assert {"crash_before", "answer_lost"} < {ending.plan[0].kind for ending in endings}


# Replays, traces and coverage.


def test_a_replay_has_a_row_for_every_call_and_says_how_the_business_stood() -> None:
    shown = replay(IMPATIENT, "once 3:crash_after")

    table = shown.table()
    assert list(table["call"]) == list(range(1, len(shown.rows) + 1))
    assert list(table["fault"])[2] == "crash_after"
    assert list(table["donation"])[-1] == "paid"
    assert (shown.rows[2].standing, shown.rows[2].asked, shown.rows[3].asked) == (("open", "1000"), "give", "give")
    assert "D1: A donation is charged once at most." in str(shown).splitlines()


@pytest.mark.parametrize("line", ["thrice calm", "once 3:meteor", "once 3", "worker_and_donor 2/3", "wire:thrice calm"])
def test_what_is_no_universe_is_refused(line: str) -> None:
    with pytest.raises(InvalidPolicy):
        replay(OURS, line)


def test_a_trace_changes_with_anything_in_it_and_with_nothing_else() -> None:
    calm, lost = trace_of(OURS, "once"), trace_of(OURS, "once", read("3:answer_lost"))

    assert calm == trace_of(OURS, "once")
    assert calm.digest != lost.digest
    assert "20000000 3 3:answer_lost raised OutcomeUnknown" in "\n".join(lost.lines)
    assert lost.lines[-2:] == ("['ten', ['ten', 1000]]", "broken: None")
    assert list(digests_of_storms(OURS, range(3))) == [trace_of_storm(OURS, seed).digest for seed in range(3)]


def test_a_crash_stands_in_a_trace() -> None:
    lines = trace_of(OURS, "once", read("3:crash_before")).lines

    assert [line for line in lines if line.endswith(" 3:crash_before the process is gone")]


def test_the_awaits_of_a_program_are_read_from_its_source() -> None:
    class Readable(DonationsTestbed):
        sources = (Path(__file__).with_name("donations.py"),)

    testbed = Readable()
    tally = search(testbed, ["once"], depth=1, workers=1)

    program = {found for found in awaits(testbed) if found.place.startswith("Donations.")}
    assert {str(found) for found in program} == {
        "Donations.give store.add",
        "Donations.collect store.unpaid",
        "Donations.collect bank.charge",
        "Donations.collect store.save",
    }
    assert coverage_of(testbed, ["once"], tally).struck == program
    without_crashes = Counter(
        {hit: times for hit, times in tally.hits.items() if hit[2] in KINDS and "crash" not in hit[2]}
    )
    assert coverage_of(testbed, ["once"], tally._replace(hits=without_crashes)).missed == program
