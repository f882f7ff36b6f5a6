"""Every fault at every HTTP request of far-reaching stories breaks no promise. All others have their own file."""

from __future__ import annotations

import pytest

from payflows.errors import InvalidPolicy
from simulations.checkout.testbed import CHECKOUT
from simulations.commands.main import main
from simulations.search.breach import in_words
from simulations.search.plan import read
from simulations.search.replay import replay
from simulations.search.search import run
from tests.http_equivalence import FAR_REACHING, struck_once


@pytest.mark.parametrize("story", FAR_REACHING)
def test_no_single_fault_of_the_wire_breaks_a_promise(story: str) -> None:
    assert [f"{struck.line}: {in_words(struck.breaches)}" for struck in struck_once(story) if struck.breaches] == []


@pytest.mark.parametrize("story", [story for story in FAR_REACHING if story != "answer_lost"])
def test_a_struck_request_comes_to_what_a_struck_call_comes_to(story: str) -> None:
    """But where a story's own trouble strikes the call too: two silences are not waited for alike."""
    assert [f"{struck.line}, but {struck.like}" for struck in struck_once(story) if not struck.agrees] == []


def test_most_of_them_have_their_like_among_calls() -> None:
    all_struck = [struck for story in FAR_REACHING for struck in struck_once(story)]

    assert len(all_struck) > 2_000
    assert sum(struck.like is not None for struck in all_struck) > len(all_struck) / 2


# In a terminal.


def test_a_universe_is_replayed_from_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    ending = run(CHECKOUT, "wire:paid", read("11:html_502_done"))

    assert main(["replay", ending.line.split("'")[1]]) == 0

    said = capsys.readouterr().out
    assert "capture_payment html_502_done" in said
    assert "All promises were kept." in said


@pytest.mark.parametrize(
    "line", ["wire:sold 3:reset", "wire:paid 11:meteor", "paid 11:html_502", "wire:paid 1:html_502"]
)
def test_what_is_no_universe_is_refused(line: str) -> None:
    with pytest.raises(InvalidPolicy):
        replay(CHECKOUT, line)


def test_a_search_of_the_wire_counts_its_universes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "--wire", "paid_with_automatic_capture"]) == 0

    said = capsys.readouterr().out.split()
    assert said[:5] == [
        "wire:paid_with_automatic_capture",
        str(len(struck_once("paid_with_automatic_capture")) + 1),
        "universes",
        "0",
        "broken",
    ]
