"""`python -m simulations replay 'paid 11:answer_lost'` tells one universe of the fault search again."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from payflows.errors import PayflowsError

from simulations.faults.replay import replay


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 1 where the universe breaks a promise, 2 where there is no such universe."""
    parser = argparse.ArgumentParser(prog="python -m simulations")
    commands = parser.add_subparsers(required=True, metavar="replay")
    command = commands.add_parser("replay", help="tell one universe of the fault search again, call by call")
    command.add_argument("universe", help="story and plan, such as 'paid 11:answer_lost'")
    asked = parser.parse_args(arguments)
    try:
        told = replay(asked.universe)
    except PayflowsError as error:
        print(f"payflows: {error}", file=sys.stderr)
        return 2
    print(told)
    return 1 if told.ending.breach else 0


if __name__ == "__main__":
    sys.exit(main())
