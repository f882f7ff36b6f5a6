"""Every fault at every call of every story breaks no promise; and the search that says so is sound."""

from __future__ import annotations

import gc

import pytest

from payflows.checkout.messages import ORDERS
from payflows.checkout.model import OrderStatus
from payflows.errors import InvalidPolicy
from simulations.checkout.naive import naive_checkout
from simulations.checkout.stories import STORIES
from simulations.checkout.testbed import CHECKOUT, CheckoutTestbed
from simulations.checkout.user_actions import end
from simulations.checkout.verdict import raise_broken
from simulations.commands.main import main
from simulations.search.kinds import KINDS, kinds_at
from simulations.search.plan import NO_FAULTS, Fault, read
from simulations.search.process import Crash
from simulations.search.replay import replay
from simulations.search.search import explore, one_more, run, search, tally_of
from tests.corrupted_universe import checkout
from tests.plugins.on_demand import seldom
from tests.searches import assert_no_fault_breaks_a_promise

KINDS_AT_A_CAPTURE = 22
"""All but those of the store, and of a list or search."""


@pytest.mark.parametrize("story", STORIES)
def test_a_calm_universe_keeps_all_promises(story: str) -> None:
    assert not run(CHECKOUT, story).breaches


OF_WEEKS = (
    "bank_debit",
    "cancelled_in_processing",
    "cancelled_while_money_goes_back",
    "debit_settled_late",
    "dispute_lost_by_webhook",
    "dispute_lost_in_part_and_settled",
    "dispute_lost_then_won",
    "dispute_won",
    "disputed_by_webhook_of_another_version",
    "failing_bank_debit",
    "refunded_slowly",
)
"""Stories in which money is under way for weeks: they cost as much as all others, and are searched on demand."""


@pytest.mark.parametrize("story", seldom(STORIES, OF_WEEKS))
def test_no_single_fault_breaks_a_promise(story: str) -> None:
    assert_no_fault_breaks_a_promise(CHECKOUT, story, more_than=0)


# The search itself.


def test_a_later_fault_strikes_only_calls_that_exist_after_the_earlier_one() -> None:
    after_a_crash = run(CHECKOUT, "paid", read("7:crash_after"))

    further = list(one_more(CHECKOUT, after_a_crash))

    assert {plan[0] for plan in further} == {Fault(7, "crash_after")}
    assert {plan[1].call for plan in further} == set(range(8, len(after_a_crash.sites) + 1))
    assert len(after_a_crash.sites) != len(run(CHECKOUT, "paid").sites)


def test_every_kind_strikes_somewhere() -> None:
    struck = {kind for story in STORIES for site in run(CHECKOUT, story).sites for kind, _ in kinds_at(site)}

    assert struck | {"stale_read"} == set(KINDS)
    assert len({kind for kind, _ in kinds_at(CHECKOUT.site("stripe", "capture_payment"))}) == KINDS_AT_A_CAPTURE


def test_the_same_universe_is_the_same_again() -> None:
    first, again = (
        run(CHECKOUT, "refunded", read("11:answer_lost+30:crash_before")),
        run(CHECKOUT, "refunded", read("11:answer_lost+30:crash_before")),
    )

    assert first == again


def test_a_universe_is_freed_without_the_garbage_collector() -> None:
    """Errors that came as answers, and what Stripe would still do, refer to no universe in circles."""
    stories = ("refunded", "notified_by_webhook")
    plans = [(story, plan) for story in stories for plan in [*one_more(CHECKOUT, run(CHECKOUT, story))][::20]]
    gc.collect()
    gc.disable()
    try:
        for story, plan in plans:
            run(CHECKOUT, story, plan)
        assert gc.collect() < len(plans)
    finally:
        gc.enable()


@pytest.mark.parametrize("workers", [1, 2])
def test_any_number_of_workers_finds_the_same(workers: int) -> None:
    alone = tally_of(ending for ending in explore(CHECKOUT, "out_of_stock", NO_FAULTS, depth=1))

    assert search(CHECKOUT, ["out_of_stock"], depth=1, workers=workers) == alone


def test_after_a_crash_nothing_of_the_old_process_runs_again() -> None:
    """Not even its `finally`: what it had in hand is found by the new process."""
    universe = checkout(read("3:crash_before"), monitor=raise_broken)
    story = STORIES["paid"]
    old = universe.app

    story.tell(universe)
    assert universe.app is not old
    assert isinstance(universe.ask(old.worker.run_due()), Crash)
    end(universe)

    assert [str(fault) for fault in universe.universe.fired] == ["3:crash_before"]
    assert [order.status for order in universe.store.all(ORDERS)] == [OrderStatus.DELIVERED]


# Replay.


def test_a_universe_is_replayed_from_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    ending = run(CHECKOUT, "paid", read("11:answer_lost+22:crash_after"))

    assert main(["replay", ending.line.split("'")[1]]) == 0

    said = capsys.readouterr().out
    assert "capture_payment answer_lost" in said
    assert "advance crash_after" in said
    assert "All promises were kept." in said


def test_a_replay_says_who_asked_and_what_was_answered() -> None:
    rows = replay(CHECKOUT, "paid 7:answer_lost+11:crash_after").rows

    assert {row.asked for row in rows} == {"process_checkout", "worker", "shipment_changed"}
    assert [(row.call, row.answer) for row in rows if row.answer] == [(7, "OutcomeUnknown")]
    assert [(row.fault, row.asked) for row in rows[10:12]] == [("crash_after", "process_checkout"), ("", "worker")]


def test_of_two_who_act_concurrently_it_says_which() -> None:
    rows = replay(CHECKOUT, "a_double_click 1/3").rows

    assert {"process_checkout (1)", "process_checkout (2)"} <= {row.asked for row in rows}


def test_a_replay_has_a_row_for_every_call() -> None:
    replayed = replay(CHECKOUT, "declined_then_another_card 4:crash_after")
    ending = run(CHECKOUT, "declined_then_another_card", read("4:crash_after"))

    assert replayed.ending == ending
    assert [row.call for row in replayed.rows] == list(range(1, len(ending.sites) + 1))
    assert [(row.port, row.method) for row in replayed.rows] == [site[:2] for site in ending.sites]


@pytest.mark.parametrize(
    "line", ["sold_out 3:reset", "paid 3:meteor", "paid 3:reset+3:reset", "paid 9:x+2:reset", "paid x"]
)
def test_what_is_no_universe_is_refused(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InvalidPolicy):
        replay(CHECKOUT, line)

    assert main(["replay", line]) == 2
    assert "payflows:" in capsys.readouterr().err


def test_a_crash_at_the_last_call_is_shown_too() -> None:
    replayed = replay(CheckoutTestbed(naive_checkout), "paid 6:crash_after")

    assert [row.call for row in replayed.rows] == [1, 2, 3, 4, 5, 6]
    assert (replayed.rows[-1].fault, replayed.rows[-1].standing[1]) == ("crash_after", "36.22 usd")


def test_of_a_call_within_another_one_it_says_who_asked_and_what_was_answered() -> None:
    """While the worker waits for an answer that was lost, a webhook comes; then it goes on."""
    rows = replay(CHECKOUT, "notified_by_webhook 30:answer_lost").rows

    struck, came, went_on = rows[29], rows[30], rows[34]
    assert (struck.fault, struck.asked, struck.answer) == ("answer_lost", "worker", "OutcomeUnknown")
    assert (came.port, came.asked, went_on.asked) == ("webhook", "receive", "worker")
