"""`python -m simulations unheard`: charged, and the answer lost; how long until it is known."""

from __future__ import annotations

import argparse

from simulations.checkout.lost_answers import by_kind, resolutions
from simulations.checkout.stories import STORIES
from simulations.checkout.subject import Factory
from simulations.commands.command import Command, take_checkout, take_names


def _declare(command: argparse.ArgumentParser) -> None:
    take_names(command, "stories", STORIES)
    take_checkout(command)


def _do(asked: argparse.Namespace, factory: Factory) -> int:
    rows = resolutions(asked.stories or STORIES, factory=factory)
    print(by_kind(rows).to_string())
    broken = int((~rows["kept"]).sum())
    print(f"{len(rows)} times money moved and nobody heard of it; {broken} broke a promise")
    return 1 if broken else 0


UNHEARD = Command("lose the answers about money, and tell how long it takes until they are known", _declare, _do)
