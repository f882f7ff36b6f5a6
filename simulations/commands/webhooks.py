"""`payflows webhooks`: five webhooks of a payment, or of a renewal that is dunned, each twice, in every sequence."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import NamedTuple

from payflows.errors import InvalidPolicy

from simulations.checkout import webhook_permutations
from simulations.commands.command import Command
from simulations.search.confluence import study, the_one_end
from simulations.search.event_orders import TIMES_EACH, EventOrder, all_orders
from simulations.subscriptions import invoice_event_orders
from simulations.time.parallel import cores


class EventStory(NamedTuple):
    """Something whose webhooks come in any order.

    Attributes:
        stages: the types of its events, as they happen.
        end_of: lives through one order.
    """

    stages: Sequence[str]
    end_of: Callable[[EventOrder], NamedTuple]


STORIES = {
    "payment": EventStory(webhook_permutations.STAGES, webhook_permutations.end_of),
    "renewal": EventStory(invoice_event_orders.STAGES, invoice_event_orders.end_of),
}
"""By what they are about."""


def _declare(command: argparse.ArgumentParser) -> None:
    command.add_argument("about", nargs="?", choices=sorted(STORIES), default="payment", help="default: payment")
    command.add_argument("order", nargs="?", help=f"one sequence, such as {next(all_orders())}; default: all of them")


def _do(asked: argparse.Namespace) -> int:
    story = STORIES[asked.about]
    if asked.order is None:
        _all(story, f"payflows webhooks {asked.about}")
    elif sorted(asked.order) == sorted(next(all_orders())):
        _show(story.end_of(asked.order))
    else:
        raise InvalidPolicy(f"a sequence is {next(all_orders())}, in any order, got {asked.order!r}")
    return 0


def _all(story: EventStory, replay: str) -> None:
    orders, workers = tuple(all_orders()), cores()
    print(f"{len(orders):,} orders of {', '.join(story.stages)}, {TIMES_EACH} times each; {workers} processes")
    began = perf_counter()
    end = the_one_end(study(orders, story.end_of, replay=replay, workers=workers, progress=True), replay=replay)
    print(f"all of them end alike; {perf_counter() - began:,.0f} s\n")
    _show(end)


def _show(end: NamedTuple) -> None:
    for name, value in end._asdict().items():
        print(f"{name.replace('_', ' ')}:")
        for row in value if isinstance(value, tuple) else (value,):
            print(f"   {' '.join(map(str, row)) if isinstance(row, tuple) else row}")


COMMAND = Command(_declare, _do)
