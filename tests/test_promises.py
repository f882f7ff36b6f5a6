"""Every number that a checker names stands in the list of promises, and no other does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import simulations
from simulations.checkout.naive import naive_checkout
from simulations.checkout.promises import PROMISES, promises
from simulations.checkout.testbed import CheckoutTestbed
from simulations.commands.testbeds import TESTBEDS
from simulations.search.replay import replay

HOME = Path(simulations.__file__).parent


@pytest.mark.parametrize("business", ["checkout", "subscriptions"])
def test_the_list_has_what_the_checkers_name(business: str) -> None:
    named = {
        number
        for path in (HOME / business).rglob("*.py")
        if path.parent.name != "exhibits" and path.name != "promises.py"
        for number in re.findall(r'"([IS]\d+b?)"', path.read_text())
    }

    assert named == set(TESTBEDS[business]().promises)


def test_the_list_can_be_shown() -> None:
    assert list(promises()["promise"]) == list(PROMISES.values())


def test_a_replay_says_which_promise_was_broken() -> None:
    text = str(replay(CheckoutTestbed(naive_checkout), "paid 8:connection_refused"))

    assert f"I1: {PROMISES['I1']}" in text.splitlines()
    assert text.count(PROMISES["I1"]) == 1


def test_an_error_is_no_promise_and_a_promise_is_said_once() -> None:
    shown = replay(CheckoutTestbed(naive_checkout), "paid 8:connection_refused")
    numbers = [breach.promise for breach in shown.ending.breaches]

    assert "I1" in numbers
    assert len(shown.broken) == len(set(shown.broken)) == len(set(numbers) - {""})
