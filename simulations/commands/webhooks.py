"""`payflows webhooks`: five webhooks of a payment, each twice, in every sequence."""

from __future__ import annotations

import argparse
from time import perf_counter

from payflows.errors import InvalidPolicy

from simulations.checkout.confluence import study, the_one_end
from simulations.checkout.webhook_permutations import STAGES, TIMES_EACH, EndState, all_orders, end_of
from simulations.commands.command import Command
from simulations.time.parallel import cores


def _declare(command: argparse.ArgumentParser) -> None:
    command.add_argument("order", nargs="?", help=f"one sequence, such as {next(all_orders())}; default: all of them")


def _do(asked: argparse.Namespace) -> int:
    if asked.order is None:
        _all()
    elif sorted(asked.order) == sorted(next(all_orders())):
        _show(end_of(asked.order))
    else:
        raise InvalidPolicy(f"a sequence is {next(all_orders())}, in any order, got {asked.order!r}")
    return 0


def _all() -> None:
    orders, workers = tuple(all_orders()), cores()
    print(f"{len(orders):,} orders of {', '.join(STAGES)}, {TIMES_EACH} times each; {workers} processes")
    began = perf_counter()
    end = the_one_end(study(orders, workers=workers, progress=True))
    print(f"all of them end alike; {perf_counter() - began:,.0f} s\n")
    _show(end)


def _show(end: EndState) -> None:
    order = end.order
    returned = f"{order.charge.refunded_minor} minor units returned"
    print(f"the order is {order.status}, {returned}, disputed: {order.charge.disputed}, review: {order.review}")
    print(f"Stripe has {end.net_minor} minor units of it for us")
    for name in ("business_events", "mails", "effects", "webhooks"):
        print(f"{name.replace('_', ' ')}:")
        for row in getattr(end, name):
            print(f"   {row if isinstance(row, str) else ' '.join(map(str, row))}")


COMMAND = Command(_declare, _do)
