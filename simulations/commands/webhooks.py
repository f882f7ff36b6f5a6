"""`make events-all` and `make events-storm`: webhooks in every order, and very many of them. Prints what it finds."""

from __future__ import annotations

import sys
from time import perf_counter

from simulations.checkout.confluence import study, the_one_end
from simulations.checkout.webhook_permutations import STAGES, TIMES_EACH, EndState, all_orders, end_of
from simulations.checkout.webhook_storm import EventStorm, run_storms
from simulations.time.parallel import cores

STORM = EventStorm(payments=6_250)
SEEDS = range(1, 11)


def main(words: list[str]) -> None:
    """Do what the words say."""
    match words:
        case ["all"]:
            _all()
        case ["order", order] if sorted(order) == sorted(next(all_orders())):
            _show(end_of(order))
        case ["storm"]:
            _storm(SEEDS)
        case ["storm", seed]:
            _storm(range(int(seed), int(seed) + 1))
        case _:
            sys.exit(f"say one of: all; order {next(all_orders())}, in any order; storm; storm 1, by its seed")


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


def _storm(seeds: range) -> None:
    workers = cores()
    print(f"{STORM.deliveries * len(seeds):,} deliveries of webhooks in {len(seeds)} storms; {workers} processes")
    began = perf_counter()
    count = run_storms(STORM, seeds, workers=workers, progress=True)
    print(f"nothing is lost, nothing happened twice; {perf_counter() - began:,.0f} s\n")
    for name, number in count._asdict().items():
        print(f"   {name.replace('_', ' '):<18} {number:>12,}")


if __name__ == "__main__":
    main(sys.argv[1:])
