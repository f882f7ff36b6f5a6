"""`payflows lost-answers`: a charge whose answer is lost, and how long until it is known."""

from __future__ import annotations

import argparse

from simulations.checkout.lost_answers import by_kind, resolutions
from simulations.checkout.stories import STORIES
from simulations.commands.arguments import factory_of, take_checkout, take_names
from simulations.commands.command import Command


def _declare(command: argparse.ArgumentParser) -> None:
    take_names(command, "stories", STORIES)
    take_checkout(command)


def _do(asked: argparse.Namespace) -> int:
    factory = factory_of(asked)
    rows = resolutions(asked.stories or STORIES, factory=factory)
    print(by_kind(rows).to_string())
    broken = int((~rows["kept"]).sum())
    print(f"{len(rows)} times money moved and the answer was lost; {broken} broke a promise")
    return 1 if broken else 0


COMMAND = Command(_declare, _do)
