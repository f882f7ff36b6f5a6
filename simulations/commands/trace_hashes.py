"""`payflows trace-hashes`: one digest of all that happens in many storms, to compare two machines by."""

from __future__ import annotations

import argparse
import sys
from hashlib import blake2b

from simulations.commands.arguments import factory_of, seeds_of, take_checkout, take_seeds
from simulations.commands.command import Command
from simulations.search.traces import digests_of_storms


def _declare(command: argparse.ArgumentParser) -> None:
    take_seeds(command, default=10_000)
    command.add_argument("--each", action="store_true", help="print each storm's digest too, to see which differ")
    take_checkout(command)


def _do(asked: argparse.Namespace) -> int:
    factory = factory_of(asked)
    seeds, whole = seeds_of(asked), blake2b(digest_size=16)
    progress = sys.stderr.isatty()
    digests = digests_of_storms(seeds, workers=asked.workers, factory=factory, progress=progress)
    for seed, digest in zip(seeds, digests, strict=True):
        whole.update(digest.encode())
        if asked.each:
            print(f"{seed:>12} {digest}")
    print(f"{len(seeds):,} traces: {whole.hexdigest()}")
    return 0


COMMAND = Command(_declare, _do)
