"""Every fault at every HTTP request of all other stories breaks no promise."""

from __future__ import annotations

import pytest

from simulations.checkout.stories import STORIES
from simulations.search.breach import in_words
from tests.http_equivalence import FAR_REACHING, struck_once

pytestmark = pytest.mark.on_demand

OTHERS = [story for story in STORIES if story not in FAR_REACHING]


@pytest.mark.parametrize("story", OTHERS)
def test_no_single_fault_of_the_wire_breaks_a_promise(story: str) -> None:
    assert [f"{struck.line}: {in_words(struck.breaches)}" for struck in struck_once(story) if struck.breaches] == []


@pytest.mark.parametrize("story", OTHERS)
def test_a_struck_request_comes_to_what_a_struck_call_comes_to(story: str) -> None:
    assert [f"{struck.line}, but {struck.like}" for struck in struck_once(story) if not struck.agrees] == []
