"""The search, on a business that is small enough to count its universes by hand."""

from __future__ import annotations

import pytest

from payflows.errors import CallNotSent, InvalidPolicy, OutcomeUnknown
from simulations.network.effects import CLIENT_TIMEOUT_SECONDS
from simulations.search.breach import in_words
from simulations.search.kinds import kinds_at
from simulations.search.plan import NO_FAULTS, Fault, InvalidPlan, read, written
from simulations.search.process import Crash
from simulations.search.search import explore, one_more, run, search, tally_of
from simulations.search.shrinking import cut_down, shrunk
from simulations.search.storms import MOST, storm, storms
from simulations.search.universe import Universe
from simulations.stripe.core.faults import Disturbance
from simulations.stripe.core.faults import Fault as AtStripe
from tests.broken_donations import IMPATIENT, OURS, TRUSTING, Idle, promises
from tests.donations import TEN, Donations, DonationsTestbed, DonationSystem

CALLS = [("store", "add"), ("store", "unpaid"), ("bank", "charge"), ("store", "save")]
"""Of a donation, when nothing goes wrong."""


# A universe.


def begun(*plan: Fault) -> tuple[Universe, DonationSystem]:
    universe = Universe(plan)
    return universe, DonationSystem(universe, Donations, 1)


def give(universe: Universe) -> object:
    app = universe.process.app
    assert isinstance(app, Donations)
    return universe.ask(app.give(TEN))


def test_every_call_has_a_number_and_a_place() -> None:
    assert [(site.port, site.method) for site in run(OURS, "once").sites] == CALLS


@pytest.mark.parametrize(
    ("kind", "answer", "cents", "seconds"),
    [
        ("connection_refused", CallNotSent, 0, 0),
        ("request_lost", OutcomeUnknown, 0, CLIENT_TIMEOUT_SECONDS),
        ("answer_lost", OutcomeUnknown, 1_000, CLIENT_TIMEOUT_SECONDS),
        ("reset", OutcomeUnknown, 1_000, 0),
        ("crash_before", Crash, 0, 0),
        ("crash_after", Crash, 1_000, 0),
    ],
)
def test_a_fault_strikes_the_call_of_its_number(kind: str, answer: type, cents: int, seconds: int) -> None:
    universe, system = begun(Fault(3, kind))

    assert isinstance(give(universe), answer)
    assert system.bank.taken("ten") == cents
    assert universe.clock.now_us == seconds * 1_000_000
    assert universe.fired == [Fault(3, kind)]


def test_after_a_crash_another_process_runs() -> None:
    universe, _ = begun(Fault(3, "crash_before"))
    old = universe.process

    give(universe)

    assert old.is_over
    assert universe.process is not old
    assert give(universe) is None


def test_an_outage_strikes_every_call_of_its_port_until_it_is_over() -> None:
    universe, _ = begun(Fault(3, "outage", 700))

    give(universe)
    universe.clock.pass_time(699)
    assert isinstance(give(universe), CallNotSent)
    assert universe.sites[-1].is_struck
    universe.clock.pass_time(1)

    assert give(universe) is None


def test_a_business_without_stripe_is_struck_by_none_of_its_troubles() -> None:
    universe, _ = begun()

    assert not {kind for site in run(OURS, "once").sites for kind, _ in kinds_at(site) if kind.startswith("error")}
    with pytest.raises(InvalidPolicy, match="no simulated Stripe"):
        universe.system.disturb_stripe(Disturbance(fault=AtStripe.SERVER_ERROR))


def test_a_method_that_says_not_what_it_does_is_refused() -> None:
    universe, system = begun()
    store = universe.link(universe.process, system.connections()["store"])

    with pytest.raises(AttributeError, match="Store must declare 'rows'"):
        universe.ask(store.rows())


# The search.


def test_every_kind_is_tried_at_every_call() -> None:
    calm = run(OURS, "once")

    tally = search(OURS, ["once"], depth=1, workers=1)

    assert tally.universes == 1 + sum(len(kinds_at(site)) for site in calm.sites)
    assert set(tally.hits) == {(site.port, site.method, kind) for site in calm.sites for kind, _ in kinds_at(site)}
    assert not tally.broken


def test_a_later_fault_strikes_only_calls_that_exist_after_the_earlier_one() -> None:
    after_a_crash = run(OURS, "once", read("3:crash_after"))

    further = list(one_more(OURS, after_a_crash))

    assert {plan[0] for plan in further} == {Fault(3, "crash_after")}
    assert {plan[1].call for plan in further} == set(range(4, len(after_a_crash.sites) + 1))
    assert len(after_a_crash.sites) > len(CALLS)


def test_pairs_keep_all_promises_and_any_number_of_workers_finds_the_same() -> None:
    alone = tally_of(explore(OURS, "once", NO_FAULTS, depth=2))

    assert not alone.broken
    assert search(OURS, ["once"], depth=2, workers=2) == alone


def test_a_bug_is_found_and_safety_says_after_which_call() -> None:
    tally = search(IMPATIENT, ["once"], depth=1, workers=1)

    assert {ending.plan[0].kind for ending in tally.broken} >= {"answer_lost", "reset", "crash_after"}
    lost = run(IMPATIENT, "once", read("3:reset"))
    assert promises(lost.breaches) == {"D1", "D2"}
    assert "D1 ten is charged more than once (after call 6)" in in_words(lost.breaches)


def test_a_universe_that_is_broken_is_not_gone_into() -> None:
    plans = [ending.plan for ending in explore(IMPATIENT, "once", read("3:reset"), depth=1)]

    assert plans == [read("3:reset")]


def test_a_program_that_does_nothing_misses_the_expected_end() -> None:
    assert promises(run(DonationsTestbed(Idle), "once").breaches) == {"D3"}


def test_what_a_program_raises_is_a_breach() -> None:
    class Failing(Donations):
        async def collect(self) -> None:
            raise ZeroDivisionError("cents by nothing")

    assert in_words(run(DonationsTestbed(Failing), "once").breaches) == "ZeroDivisionError: cents by nothing"


@pytest.mark.parametrize("plan", ["9:reset", "2:reset", "3:version_conflict"])
def test_a_fault_that_cannot_strike_is_refused(plan: str) -> None:
    with pytest.raises(InvalidPlan, match="cannot strike"):
        run(OURS, "once", read(plan))


# Storms, and cutting down.


def test_storms_have_several_faults_and_are_the_same_again() -> None:
    endings = [storm(OURS, seed) for seed in range(200)]

    assert not [ending for ending in endings if ending.breaches]
    assert 2 < max(len(ending.plan) for ending in endings) <= MOST
    assert {ending.story for ending in endings} == set(OURS.stories)
    assert endings[:20] == [storm(OURS, seed) for seed in range(20)]
    assert run(OURS, endings[7].story, endings[7].plan) == endings[7]


def test_what_breaks_in_a_storm_is_cut_down_to_one_fault() -> None:
    count = storms(TRUSTING, range(200), ["once"])

    small = {written(ending.plan) for ending, _ in cut_down(TRUSTING, count.broken, workers=1)}

    assert count.broken
    assert {len(read(plan)) for plan in small} == {1}
    assert all(shrunk(TRUSTING, ending).breaches for ending in count.broken[:5])
