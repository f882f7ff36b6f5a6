"""`python -m simulations trace-hashes`: one digest of all that happens in many storms, to compare two machines by."""

from __future__ import annotations

import argparse
import sys
from hashlib import blake2b

from simulations.commands.command import Command, Testbeds, seeds_of, take_factories, take_seeds
from simulations.search.traces import digests_of_storms


def _declare(command: argparse.ArgumentParser) -> None:
    take_seeds(command, default=10_000)
    command.add_argument("--each", action="store_true", help="print each storm's digest too, to see which differ")
    take_factories(command)


def _do(asked: argparse.Namespace, testbeds: Testbeds) -> int:
    seeds, whole = seeds_of(asked), blake2b(digest_size=16)
    for testbed in testbeds.values():
        digests = digests_of_storms(testbed, seeds, workers=asked.workers, progress=sys.stderr.isatty())
        for seed, digest in zip(seeds, digests, strict=True):
            whole.update(digest.encode())
            if asked.each:
                print(f"{seed:>12} {digest}")
    print(f"{len(seeds) * len(testbeds):,} traces: {whole.hexdigest()}")
    return 0


TRACE_HASHES = Command("hash all that happens in many storms: the same in every process", _declare, _do)
