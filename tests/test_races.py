"""Two who act concurrently break no promise, in whatever order their calls follow each other."""

from __future__ import annotations

from itertools import islice

import pytest

from payflows.app import App
from payflows.checkout.model import Order
from payflows.errors import CallRejected, InvalidPolicy
from simulations.checkout.protocols import MinimalCheckout
from simulations.checkout.races import RACES
from simulations.checkout.subject import Ports, Settings, our_checkout
from simulations.checkout.testbed import CHECKOUT, CheckoutTestbed
from simulations.commands.main import main
from simulations.search.interleavings import Schedule, interleavings, run_race, struck
from simulations.search.plan import InvalidPlan, read
from simulations.search.replay import replay
from tests.mutants.records import LastWriterWins
from tests.plugins.on_demand import often
from tests.searches import assert_no_fault_breaks_a_race, assert_no_interleaving_breaks_a_promise

SWITCHES = 2
"""Here; all with three and more are run by `make search`."""


@pytest.mark.parametrize("race", RACES)
def test_no_interleaving_of_their_calls_breaks_a_promise(race: str) -> None:
    assert_no_interleaving_breaks_a_promise(CHECKOUT, race, switches=SWITCHES, more_than=100)


FAR_REACHING = (
    "a_double_click",
    "another_card_and_a_webhook",
    "bank_and_cancel",
    "buy_and_cancel",
    "checkout_and_worker",
    "pickup_and_cancel",
    "two_refunds",
    "two_workers",
)
"""Races of each pair of actors, struck in every run; all others on demand."""


@pytest.mark.parametrize("race", often(RACES, FAR_REACHING))
def test_no_fault_in_the_middle_of_a_race_breaks_a_promise(race: str) -> None:
    assert_no_fault_breaks_a_race(CHECKOUT, race)


def test_one_of_the_two_crashes_and_the_other_one_goes_on() -> None:
    """The first one is gone at its second call, and is started again. The other one wants the same order."""
    rows = replay(CHECKOUT, "a_double_click 0/ 2:crash_before").rows

    assert [(row.asked, row.fault) for row in rows[:3]] == [
        ("process_checkout (1)", ""),
        ("process_checkout (1)", "crash_before"),
        ("worker (1)", ""),
    ]
    assert {row.asked for row in rows[2:]} >= {"process_checkout (2)", "worker"}
    assert not any(row.asked == "process_checkout (1)" for row in rows[2:])
    assert rows[-1].standing[0] == "delivered"


class SellsNothing(MinimalCheckout):
    """A checkout that is closed: it breaks no promise about money or goods."""

    def __init__(self, ports: Ports, settings: Settings) -> None:
        pass

    async def process_checkout(self, *args: object, **kwargs: object) -> Order:
        raise CallRejected("closed")


@pytest.mark.parametrize("race", ["two_for_the_last_one", "a_double_click", "buy_and_cancel"])
def test_how_a_race_must_end_is_looked_at_where_nothing_goes_wrong(race: str) -> None:
    assert "I16" in {breach.promise for breach in run_race(CheckoutTestbed(SellsNothing), race, Schedule(0)).breaches}


def test_a_fault_strikes_only_once_they_have_met() -> None:
    met = run_race(CHECKOUT, "another_card_and_a_webhook", Schedule(0)).met_after

    assert {
        ending.plan[0].call
        for ending in struck(CHECKOUT, run_race(CHECKOUT, "another_card_and_a_webhook", Schedule(0)))
    } > {met + 1}
    with pytest.raises(InvalidPlan, match=r"cannot strike"):
        run_race(CHECKOUT, "another_card_and_a_webhook", Schedule(0), read(f"{met}:refused"))


def forgetful(ports: Ports, settings: Settings) -> App:
    return our_checkout(ports._replace(store=LastWriterWins(ports.store)), settings)  # type: ignore[arg-type]


def test_a_store_without_compare_and_set_is_found_out() -> None:
    """E27: a late writer undoes a newer state. One switch is enough."""
    endings = list(islice(interleavings(CheckoutTestbed(forgetful), "a_double_click"), 100))

    assert any(ending.breaches for ending in endings)
    assert not run_race(CheckoutTestbed(forgetful), "a_double_click", Schedule(0)).breaches


def test_a_race_is_replayed_from_its_line() -> None:
    replayed = replay(CHECKOUT, "two_for_the_last_one 1/3.9.11")

    assert replayed.ending == run_race(CHECKOUT, "two_for_the_last_one", Schedule(1, (3, 9, 11)))
    assert {row.method for row in replayed.rows} >= {"hold", "capture_payment"}


def test_one_with_a_fault_too() -> None:
    ending = run_race(CHECKOUT, "two_for_the_last_one", Schedule(1, (3,)), read("7:answer_lost"))

    assert replay(CHECKOUT, ending.line.split("'")[1]).ending == ending


@pytest.mark.parametrize("text", ["", "2/3", "0", "0/0", "0/3.", "0/3,9"])
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(InvalidPolicy, match=r"written like 0/3\.9"):
        replay(CHECKOUT, f"a_double_click {text}")


def test_a_schedule_is_the_same_again() -> None:
    schedule = Schedule(1, (3, 9, 11))

    assert run_race(CHECKOUT, "two_for_the_last_one", schedule) == run_race(CHECKOUT, "two_for_the_last_one", schedule)


def test_races_are_run_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["races", "two_workers", "--at-most", "0"]) == 0

    said = capsys.readouterr().out
    assert "interleavings of up to 3 switches" in said
    assert "0 broken" in said


def test_and_with_faults(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["races", "two_workers", "--at-most", "0", "--switches", "0", "--faults", "1"]) == 0

    said = capsys.readouterr().out
    assert "2 interleavings of up to 0 switches" in said
    assert "418 universes" in said
