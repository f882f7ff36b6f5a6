"""`payflows soak`: shops that stay open for years under faults, checked every day."""

from __future__ import annotations

import argparse
import sys
from time import perf_counter
from typing import cast

from payflows.errors import InvalidPolicy

from simulations.checkout.soak.years import YEAR_DAYS, soak
from simulations.checkout.testbed import CheckoutTestbed
from simulations.commands.arguments import take_factories, take_workers, testbeds_of, whose
from simulations.commands.command import Command


def _declare(command: argparse.ArgumentParser) -> None:
    command.add_argument("--years", type=int, default=1, metavar="N", help="shops, each for a year; default: 1")
    command.add_argument("--seed", type=int, default=1, metavar="N", help="the first shop's; default: 1")
    command.add_argument("--days", type=int, default=YEAR_DAYS, metavar="N", help=f"of a year; default: {YEAR_DAYS}")
    take_workers(command)
    take_factories(command)


def _do(asked: argparse.Namespace) -> int:
    testbeds = testbeds_of(asked)
    if min(asked.years, asked.days, asked.workers) < 1 or asked.seed < 0:
        raise InvalidPolicy("--years, --days and --workers begin at 1, --seed at 0")
    began, seeds = perf_counter(), range(asked.seed, asked.seed + asked.years)
    factory = cast(CheckoutTestbed, testbeds["checkout"]).factory
    workers = min(asked.workers, asked.years)
    count = soak(seeds, days=asked.days, workers=workers, factory=factory, progress=sys.stderr.isatty())
    for line, breach in count.broken:
        print(f"{line}{whose(asked)}\n   {breach}")
    ended = ", ".join(f"{orders:,} {status}" for status, orders in sorted(count.ended.items()))
    print(f"{count.days:,} days, {count.calm_days:,} of them calm at their end; {count.calls:,} calls")
    print(f"orders closed: {ended}; {count.with_a_person:,} of them left to a person")
    tries = ", ".join(f"{number:,} {name}" for name, number in sorted(count.tries.items()))
    print(f"{count.struck.total():,} calls were struck; {count.dead_letters:,} webhooks were replayed by hand")
    print(f"tries of webhooks: {tries}")
    print(f"handlers failed {count.handler_failures:,} times; {count.dead_deliveries:,} dead letters were replayed")
    print(f"{len(count.broken):,} of {len(seeds):,} shops broken; {perf_counter() - began:,.0f} s")
    return 1 if count.broken else 0


COMMAND = Command(_declare, _do)
