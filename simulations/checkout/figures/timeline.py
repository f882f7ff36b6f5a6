"""One fault as several checkouts live through it, call by call: where order and money stood. Replays do the telling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from textwrap import fill
from typing import TYPE_CHECKING, NamedTuple

from matplotlib.figure import Figure
from payflows.checkout.model import OrderStatus

from simulations.drawing.canvas import GREEN, INK, PALE, RED, SKY
from simulations.drawing.picture import Picture
from simulations.search.replay import Replay, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_S = OrderStatus
_UNFULFILLED = (_S.ABANDONING, _S.CANCELLED, _S.PAYMENT_FAILED)
_ENDS = (_S.SHIPPED, _S.CANCELLED, _S.PAYMENT_FAILED)
_DIM, _FAINT = "#cfcfcf", "#eeeeee"

_TIME, _CALL, _ORDER, _MONEY = 0.0, 1.15, 3.65, 6.25
_ORDER_WIDTH, _MONEY_WIDTH, _WIDTH = 2.5, 1.35, 7.8
"""Where the columns begin, and how wide the bars are."""


def timeline(replays: Mapping[str, Replay]) -> Picture:
    """Calls from above to below, a panel a checkout, until the order is shipped or given up.

    Args:
        replays: universes replayed, by the checkout's name.
    """
    shown = {name: tuple(_lines(_until_the_end(replay.rows))) for name, replay in replays.items()}
    most = max(map(len, shown.values()))
    figure = Figure(figsize=(10.6, 1.15 + 0.225 * (most + 1.4)), layout="constrained")
    grid = figure.subplots(1, len(shown), squeeze=False)[0]
    for axes, (name, replay) in zip(grid, replays.items(), strict=True):
        lines = shown[name]
        axes.set_axis_off()
        axes.set_xlim(0, _WIDTH)
        axes.set_ylim(most + 0.4, -1.4)
        axes.set_title(f"{name}: {lines[-1].order}, {lines[-1].money} taken", loc="left", fontsize=12, color=INK)
        _columns(axes, lines)
        _verdict(axes, replay, len(lines))
    figure.suptitle(_finding(replays), x=0.004, ha="left", fontsize=14, color=INK)
    return Picture(figure)


def _until_the_end(rows: Sequence[Row]) -> Iterator[Row]:
    for row in rows:
        yield row
        if _order_of(row) in _ENDS:
            return


class _Line(NamedTuple):
    """A line of the picture: a call, or what struck it."""

    at: str
    words: str
    colour: str
    order: str
    money: str


def _lines(rows: Iterable[Row]) -> Iterator[_Line]:
    for row in rows:
        at, colour = row.at.partition(" ")[2], RED if row.fault else PALE if row.port == "store" else INK
        order, money = row.standing
        yield _Line(at, row.method, colour, order, money)
        if row.fault:
            yield _Line(at, f"✕ {row.fault.replace('_', ' ')}", RED, order, money)


def _order_of(row: Row) -> str:
    order, _ = row.standing
    return order


def _columns(axes: Axes, lines: Sequence[_Line]) -> None:
    for left, heading in ((_TIME, "time"), (_CALL, "call"), (_ORDER, "order"), (_MONEY, "at Stripe")):
        axes.text(left, -0.75, heading, fontsize=9, color=PALE, va="center")
    seen = ""
    for height, line in enumerate(lines):
        axes.text(_TIME, height, line.at if line.at != seen else "", fontsize=9, color=PALE, va="center")
        axes.text(_CALL, height, line.words, fontsize=9.5, color=line.colour, va="center")
        seen = line.at
    for first, last, status in _stretches(lines, "order"):
        _bar(axes, _ORDER, _ORDER_WIDTH, first, last, status.replace("_", " "), _colour_of_order(status))
    for first, last, money in _stretches(lines, "money"):
        given_up = lines[last].order in _UNFULFILLED
        _bar(axes, _MONEY, _MONEY_WIDTH, first, last, money, _colour_of_money(money, given_up=given_up))


def _stretches(lines: Sequence[_Line], column: str) -> Iterator[tuple[int, int, str]]:
    """First line, last line and value, for each stretch over which it stayed the same."""
    first = 0
    for value, same in groupby(lines, key=attrgetter(column)):
        last = first + len(list(same)) - 1
        yield first, last, value
        first = last + 1


def _bar(axes: Axes, left: float, width: float, first: int, last: int, words: str, colours: tuple[str, str]) -> None:
    colour, ink = colours
    axes.barh((first + last) / 2, width, left=left, height=last - first + 0.88, color=colour, linewidth=0)
    axes.text(left + width / 2, (first + last) / 2, words, fontsize=9.5, color=ink, ha="center", va="center")


def _colour_of_order(status: str) -> tuple[str, str]:
    if status in _UNFULFILLED:
        return _DIM, INK
    return (GREEN, "white") if status in (_S.PAID, _S.SHIPPED, _S.DELIVERED) else (SKY, INK)


def _colour_of_money(money: str, *, given_up: bool) -> tuple[str, str]:
    """Red where money is kept for an order that was given up."""
    if not re.search("[1-9]", money):
        return _FAINT, "#707070"
    return (RED, "white") if given_up else (GREEN, "white")


def _verdict(axes: Axes, replay: Replay, height: int) -> None:
    breaches = replay.ending.breaches
    if not breaches:
        return
    broken = "\n".join(fill(str(breach), 70, subsequent_indent="      ") for breach in breaches)
    axes.text(_TIME, height + 0.6, f"What is broken:\n{broken}", fontsize=9.5, color=RED, va="top", linespacing=1.4)


def _finding(replays: Mapping[str, Replay]) -> str:
    rows = next(iter(replays.values())).rows
    struck = " and ".join(f"{row.fault.replace('_', ' ')} at {row.method}" for row in rows if row.fault)
    ends = ", ".join(f"{name} {'breaks' if r.ending.breaches else 'keeps all'} promises" for name, r in replays.items())
    said = f"{struck}: {ends}" if struck else ends
    return said[0].upper() + said[1:]
