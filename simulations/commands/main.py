"""The `payflows` command: its subcommands, each imported only when it is asked for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

from payflows.errors import PayflowsError

from simulations.commands.command import Command

COMMANDS: Mapping[str, str] = {
    "demo": "buy from stripe-mock, then run a shop for a simulated day",
    "mock": "install, find or run stripe-mock",
    "search": "look for a universe that breaks a promise, on all cores",
    "storm": "draw universes with several faults each; shrink what is broken",
    "races": "let two processes act concurrently, in many interleavings of their calls",
    "lost-answers": "lose the answers about money, and show how long it takes until they are known",
    "replay": "show one universe of a search again, call by call",
    "trace-hashes": "hash all that happens in many storms: the same in every process",
    "soak": "keep shops open for years under faults, and check them every day",
    "pictures": "draw the README's pictures anew",
    "webhooks": "deliver five webhooks of a payment, each twice, in every sequence",
}
"""What there is, and what it does; each is the module of its name in `simulations.commands`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand. Returns 1 where a promise is broken, 2 where what was asked for cannot be done."""
    asked = _parser().parse_args(arguments)
    try:
        command: Command = import_module(f"simulations.commands.{asked.command.replace('-', '_')}").COMMAND
        parser = argparse.ArgumentParser(prog=f"payflows {asked.command}", description=COMMANDS[asked.command])
        command.declare(parser)
        return command.do(parser.parse_args(asked.arguments))
    except (PayflowsError, ImportError, AttributeError, ValueError) as error:
        print(f"payflows: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    lines = "\n".join(f"  {name:<14} {what}" for name, what in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="payflows",
        description="A flight simulator for payment flows.",
        epilog=f"commands:\n{lines}\n\n`payflows COMMAND --help` says more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help="one of those below")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...", help="what the command takes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
