"""`make events-all`: five webhooks of a payment, each twice, in every order. Prints what it finds."""

from __future__ import annotations

import sys
from time import perf_counter

from simulations.checkout.confluence import study, the_one_end
from simulations.checkout.webhook_permutations import STAGES, TIMES_EACH, EndState, all_orders, end_of
from simulations.time.parallel import cores


def main(words: list[str]) -> None:
    """Do what the words say."""
    match words:
        case ["all"]:
            _all()
        case ["order", order] if sorted(order) == sorted(next(all_orders())):
            _show(end_of(order))
        case _:
            sys.exit(f"say one of: all; order {next(all_orders())}, in any order")


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


if __name__ == "__main__":
    main(sys.argv[1:])
