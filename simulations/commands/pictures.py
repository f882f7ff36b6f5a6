"""`payflows pictures`: the README's pictures, drawn from the code that they show."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from simulations.checkout.day.run import run
from simulations.checkout.day.scenario import ShopDay
from simulations.checkout.figures.fault_map import fault_map, map_of
from simulations.checkout.figures.state_diagram import state_diagram
from simulations.checkout.naive import naive_checkout
from simulations.checkout.testbed import CheckoutTestbed
from simulations.commands.command import Command
from simulations.drawing.picture import Picture

FOLDER = Path("notebooks/pictures")


def _day() -> Picture:
    return run(ShopDay(), seed=1).plot_orders()


def _fault_map() -> Picture:
    return fault_map({"the naive checkout": map_of("paid", CheckoutTestbed(naive_checkout)), "ours": map_of("paid")})


PICTURES: Mapping[str, Callable[[], Picture]] = {"day": _day, "states": state_diagram, "fault_map": _fault_map}
"""Draws each, by its file's name."""


def _declare(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", nargs="?", type=Path, default=FOLDER, help=f"where they go; default: {FOLDER}")


def _do(asked: argparse.Namespace) -> int:
    for name, draw in PICTURES.items():
        picture = draw()
        print(f"{picture.save(asked.folder / f'{name}.png')}: {picture!r}")
    return 0


COMMAND = Command(_declare, _do)
