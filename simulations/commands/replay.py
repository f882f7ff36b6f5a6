"""`payflows replay`: one universe again, call by call."""

from __future__ import annotations

import argparse

from payflows.errors import InvalidPolicy

from simulations.commands.arguments import RACES, STORIES, Testbeds, take_factories, testbeds_of
from simulations.commands.command import Command
from simulations.search.kinds import KINDS, Kind
from simulations.search.replay import replay
from simulations.search.testbed import Testbed
from simulations.search.transports import HTTP

_LINES = """\
a universe is written as
  STORY PLAN            'paid 11:answer_lost+22:crash_after': call 11's answer is lost, after call 22 we crash
  STORY calm            nothing goes wrong
  wire:STORY PLAN       'wire:paid 11:html_502': Stripe is reached over HTTP
  RACE SCHEDULE         'a_double_click 0/3.9': the first of two begins, before turns 3 and 9 the other takes over
  RACE SCHEDULE PLAN    'a_double_click 0/ 2:crash_before': and call 2 is struck
a fault that lasts has its seconds after it: 8:outage/700
"""


def _declare(command: argparse.ArgumentParser) -> None:
    command.add_argument("universe", help="in one line, as every search prints it")
    take_factories(command)
    kinds = "\n".join(_in_words(name, kind) for name, kind in KINDS.items())
    names = f"stories: {', '.join(STORIES)}\nraces: {', '.join(RACES)}"
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.epilog = f"{_LINES}\n{names}\nkinds of fault:\n{kinds}\nthose of HTTP: simulations/search/http_kinds.py"


def _in_words(name: str, kind: Kind) -> str:
    """A kind, how long it may last, and what it is."""
    lengths = "|".join(str(seconds) for seconds in kind.lengths_seconds if seconds)
    what = (kind.strike.__doc__ or "").partition("\n")[0]
    return f"  {name + f'/{lengths}' * bool(lengths):<42} {what}"


def _do(asked: argparse.Namespace) -> int:
    testbeds = testbeds_of(asked)
    shown = replay(_testbed_of(asked.universe, testbeds), asked.universe)
    print(shown)
    return 1 if shown.ending.breaches else 0


def _testbed_of(line: str, testbeds: Testbeds) -> Testbed:
    """The business whose story or race is named first in a line."""
    name = line.strip().partition(" ")[0].removeprefix(HTTP)
    for testbed in testbeds.values():
        if name in testbed.stories or name in testbed.races:
            return testbed
    raise InvalidPolicy(f"a story or race is one of {', '.join((*STORIES, *RACES))}, got {name!r}")


COMMAND = Command(_declare, _do)
