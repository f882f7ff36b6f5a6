"""`python -m simulations replay`: one universe told again."""

from __future__ import annotations

import argparse

from simulations.commands.command import Command, take_checkout
from simulations.faults.checkouts import Factory
from simulations.faults.replay import replay


def _declare(command: argparse.ArgumentParser) -> None:
    command.add_argument("universe", help="story and plan, such as 'paid 11:answer_lost' or 'wire:paid 11:html_502'")
    take_checkout(command)


def _do(asked: argparse.Namespace, factory: Factory) -> int:
    told = replay(asked.universe, factory=factory)
    print(told)
    return 1 if told.ending.breach else 0


REPLAY = Command("tell one universe of the fault search again, call by call", _declare, _do)
