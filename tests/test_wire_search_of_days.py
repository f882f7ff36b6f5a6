"""Every fault at every HTTP request of the stories in which money is under way for days breaks no promise."""

from __future__ import annotations

import pytest

from simulations.search.breach import in_words
from tests.http_equivalence import OF_DAYS, struck_once

pytestmark = pytest.mark.on_demand


@pytest.mark.parametrize("story", OF_DAYS)
def test_no_single_fault_of_the_wire_breaks_a_promise(story: str) -> None:
    assert [f"{struck.line}: {in_words(struck.breaches)}" for struck in struck_once(story) if struck.breaches] == []


@pytest.mark.parametrize("story", OF_DAYS)
def test_a_struck_request_comes_to_what_a_struck_call_comes_to(story: str) -> None:
    assert [f"{struck.line}, but {struck.like}" for struck in struck_once(story) if not struck.agrees] == []
