"""`payflows lost-answers`: a charge whose answer is lost, and how long until it is known."""

from __future__ import annotations

import argparse
from typing import cast

from simulations.checkout.lost_answers import by_kind, resolutions
from simulations.checkout.stories import STORIES
from simulations.checkout.testbed import CheckoutTestbed
from simulations.commands.arguments import take_factories, take_names, testbeds_of
from simulations.commands.command import Command


def _declare(command: argparse.ArgumentParser) -> None:
    take_names(command, "stories", STORIES)
    take_factories(command)


def _do(asked: argparse.Namespace) -> int:
    testbeds = testbeds_of(asked)
    checkout = cast(CheckoutTestbed, testbeds["checkout"])
    rows = resolutions(asked.stories or STORIES, testbed=checkout)
    print(by_kind(rows).to_string())
    broken = int((~rows["kept"]).sum())
    print(f"{len(rows)} times money moved and the answer was lost; {broken} broke a promise")
    return 1 if broken else 0


COMMAND = Command(_declare, _do)
