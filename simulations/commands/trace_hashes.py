"""`payflows trace-hashes`: one digest of all that happens in many storms, to compare two machines by."""

from __future__ import annotations

import argparse
import sys
from hashlib import blake2b

from simulations.commands.arguments import seeds_of, take_factories, take_seeds, testbeds_of
from simulations.commands.command import Command
from simulations.search.traces import digests_of_storms


def _declare(command: argparse.ArgumentParser) -> None:
    take_seeds(command, default=10_000)
    command.add_argument("--each", action="store_true", help="print each storm's digest too, to see which differ")
    take_factories(command)


def _do(asked: argparse.Namespace) -> int:
    testbeds = testbeds_of(asked)
    seeds, whole = seeds_of(asked), blake2b(digest_size=16)
    for testbed in testbeds.values():
        digests = digests_of_storms(testbed, seeds, workers=asked.workers, progress=sys.stderr.isatty())
        for seed, digest in zip(seeds, digests, strict=True):
            whole.update(digest.encode())
            if asked.each:
                print(f"{seed:>12} {digest}")
    print(f"{len(seeds) * len(testbeds):,} traces: {whole.hexdigest()}")
    return 0


COMMAND = Command(_declare, _do)
