"""`python -m simulations` and a command: searches for universes that break a promise, and what shows them again."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

from payflows.errors import PayflowsError

from simulations.commands.command import Command, testbeds_of
from simulations.commands.races import RACES_COMMAND
from simulations.commands.replay import REPLAY
from simulations.commands.search import SEARCH
from simulations.commands.soak import SOAK
from simulations.commands.storm import STORM
from simulations.commands.trace_hashes import TRACE_HASHES
from simulations.commands.unheard import UNHEARD

COMMANDS: Mapping[str, Command] = {
    "search": SEARCH,
    "storm": STORM,
    "races": RACES_COMMAND,
    "unheard": UNHEARD,
    "replay": REPLAY,
    "trace-hashes": TRACE_HASHES,
    "soak": SOAK,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 1 where a promise is broken, 2 where there is no such universe."""
    parser = argparse.ArgumentParser(prog="python -m simulations")
    commands = parser.add_subparsers(required=True, metavar=" | ".join(COMMANDS))
    for name, command in COMMANDS.items():
        words = commands.add_parser(name, help=command.help)
        words.set_defaults(do=command.do)
        command.declare(words)
    asked = parser.parse_args(arguments)
    try:
        return int(asked.do(asked, testbeds_of(asked)))
    except (PayflowsError, ImportError, AttributeError, ValueError) as error:
        print(f"payflows: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
