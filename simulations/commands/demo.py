"""`payflows demo`: one checkout on stripe-mock through the official SDK, then a shop for a simulated day."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from payflows.checkout.model import Order

from simulations.checkout.day.run import run
from simulations.checkout.day.scenario import ShopDay
from simulations.checkout.walkthrough import Walkthrough
from simulations.commands.command import Command

OUT = Path("out")
SEED = 1


def _declare(command: argparse.ArgumentParser) -> None:
    command.epilog = f"The day's figures are saved in {OUT}/."


def _do(_: argparse.Namespace) -> int:
    asyncio.run(_one_checkout())
    _one_day()
    return 0


async def _one_checkout() -> None:
    print("\n1. One checkout on stripe-mock, through the stripe SDK over httpx")
    print("   stripe-mock keeps no state: each step is made in the world in which its payment has got so far.")
    walk = Walkthrough()
    order = await walk.buy("mug", 2, payment_method="pm_card_visa")
    _print_step(walk, "default", order)
    for world in ("authorised", "paid"):
        _print_step(walk, world, await walk.go_on(world))
    print("\n   the order's timeline")
    timeline = await walk.timeline()
    for row in timeline.itertuples(index=False):
        print(f"   {row[0]:>4}  {row[1] or '-':<20} -> {row[2]}")


def _print_step(walk: Walkthrough, world: str, order: Order) -> None:
    print(f"\n   world {world!r}")
    for called_in, call in walk.calls:
        if called_in == world:
            print(f"   {call.method:<5} {call.path:<52} {call.status}  {call.latency_seconds * 1000:6.1f} ms")
    print(f"   -> {order.id} is {order.status}, total {order.purchase.price.total}")


def _one_day() -> None:
    print("\n2. A shop's day in virtual time, with the same flow code: declines, 3-D Secure, an outage at 14:00")
    day = run(ShopDay(), seed=SEED, progress=True)
    print(f"\n{day.summary().to_string(index=False)}\n")
    print(f"   {len(day.shop.calls):,} calls of ports; money, stock and states add up; trace {day.trace_hash}")
    pictures = {"orders": day.plot_orders(), "latency": day.plot_latency(), "stock": day.plot_stock()}
    for name, picture in pictures.items():
        print(f"   figure: {picture.save(OUT / f'{name}.png')}")


COMMAND = Command(_declare, _do)
