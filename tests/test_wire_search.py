"""Every fault at every HTTP request of every story breaks no promise; stories that take days are searched beside this."""

from __future__ import annotations

import pytest

from simulations.faults.stories import STORIES
from tests.wired import OF_DAYS, struck_once

SHORT = [story for story in STORIES if story not in OF_DAYS]


@pytest.mark.parametrize("story", SHORT)
def test_no_single_fault_of_the_wire_breaks_a_promise(story: str) -> None:
    assert [f"{struck.line}: {struck.breach}" for struck in struck_once(story) if struck.breach] == []


@pytest.mark.parametrize("story", SHORT)
def test_a_struck_request_comes_to_what_a_struck_call_comes_to(story: str) -> None:
    assert [f"{struck.line}, but {struck.like}" for struck in struck_once(story) if not struck.agrees] == []


def test_most_of_them_have_their_like_among_calls() -> None:
    all_struck = [struck for story in SHORT for struck in struck_once(story)]

    assert len(all_struck) > 2_000
    assert sum(struck.like is not None for struck in all_struck) > len(all_struck) / 2
