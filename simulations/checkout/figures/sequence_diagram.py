"""One order's events over time, as a sequence diagram.

It is drawn from our own traces and from what the store says: a step that is in no record is not in the picture. Calls
of shelf and carrier are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order
from payflows.kernel.bus import HALF_A_DAY
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.queue_item import ItemStatus
from payflows.stripe.webhooks.response import ResponseCode

from simulations.drawing.canvas import BLUE, GREEN, INK, ORANGE, PALE, RED
from simulations.drawing.picture import Picture
from simulations.network.link import Call
from simulations.stripe.webhooks.deliveries import DeliveryKind, Try
from simulations.time.world import MICROSECONDS, START

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simulations.checkout.webhook_shop import WebhookShop

CUSTOMER, STRIPE, INBOX, ORDER = "customer", "Stripe", "inbox", "order"
"""Who always takes part; after them each handler that was called."""

STRANGERS = frozenset({DeliveryKind.FORGED, DeliveryKind.REPLAYED, DeliveryKind.FUTURE})
"""What Stripe did not send, whatever it says."""

_PLACES = {CUSTOMER: 1.4, STRIPE: 2.45, INBOX: 5.05, ORDER: 6.65}
_FIRST_HANDLER, _NEXT_HANDLER, _MARGIN = 8.3, 1.7, 1.15
_HEAD, _ROW, _GAP, _FOOT = 0.95, 0.28, 0.22, 0.15
_STAMPS, _FROM_NOWHERE = 1.0, 2.2
_QUIET: Mapping[str, Any] = {"ha": "right", "va": "center", "fontsize": 8, "color": "#777777"}
_PAUSE_US = 60 * MICROSECONDS
"""Longer than this nothing happened: the lifelines are dotted, and it is said how long."""

_FATES: dict[ResponseCode | None, tuple[str, str]] = {
    ResponseCode.STORED: ("stored", GREEN),
    ResponseCode.DUPLICATE: ("known already", BLUE),
    ResponseCode.IGNORED: ("ignored", PALE),
    ResponseCode.STORE_UNAVAILABLE: ("store down", ORANGE),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the diagram.

    Attributes:
        at_us: when, in microseconds of virtual time.
        ended_us: when it was over.
        start: the lifeline that it sets out from; None: from outside the diagram.
        end: the lifeline that it goes to; with the same start, it happens there.
        text: what it says.
        note: what came of it.
        colour: for what came of it.
        arrives: whether it got there and was let in.
        goes_on: whether the order was looked at because of it, in the same moment.
        count: how many webhooks it stands for.
    """

    at_us: int
    ended_us: int
    start: str | None
    end: str
    text: str
    note: str = ""
    colour: str = PALE
    arrives: bool = True
    goes_on: bool = False
    count: int = 1


def sequence_diagram(shop: WebhookShop, order: Order) -> Picture:
    """What was sent, what we made of it and how the order went on; time runs down, and skips where nothing happens."""
    steps = steps_of(shop, order)
    handlers = list(dict.fromkeys(step.end for step in steps if step.end not in _PLACES))
    places = _PLACES | {name: _FIRST_HANDLER + number * _NEXT_HANDLER for number, name in enumerate(handlers)}
    rows = _rows(steps)
    width = max(places.values()) + _MARGIN
    height = rows[-1] + _ROW + _FOOT
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))  # an inch is an inch
    axes.set_axis_off()
    axes.text(0.1, 0.26, _finding(shop, order), fontsize=13, color=INK, va="center")
    _draw_lifelines(axes, places, steps, rows)
    for step, y in zip(steps, rows, strict=True):
        _draw(axes, step, places, y)
    return Picture(figure)


# What happened, from the records.


def steps_of(shop: WebhookShop, order: Order) -> list[Step]:
    """All that happened to an order, oldest first; of one moment, what caused something before what it caused."""
    calls = [call for call in shop.calls if call.port == "stripe" and call.args[0] in (order.id, order.payment_id)]
    webhooks = _webhooks(shop, order, calls)
    ranked = [*_acts(shop, order), *webhooks, *_statuses(shop, order), *_handler_calls(shop, order)]
    steps = sorted([*ranked, *map(_call, calls)], key=lambda step: step.at_us)
    merged: list[Step] = []
    for step in steps:
        both = _together(merged[-1], step) if merged else None
        merged[-1:] = [both] if both else [*merged[-1:], step]
    return merged


def _together(last: Step, step: Step) -> Step | None:
    """Calls that follow each other, and webhooks with the same fate in the same moment, are one step."""
    if (last.start, last.end, last.colour) != (step.start, step.end, step.colour):
        return None
    if _is_call(step):
        return replace(last, text=f"{last.text}, {step.text}", ended_us=step.ended_us)
    if step.end == INBOX and (last.at_us, last.note) == (step.at_us, step.note) and not step.goes_on:
        return replace(last, text=f"{last.count + 1} webhooks", count=last.count + 1)
    return None


def _is_call(step: Step) -> bool:
    return (step.start, step.end) == (ORDER, STRIPE)


def _acts(shop: WebhookShop, order: Order) -> Iterator[Step]:
    placed_us = shop.world.us_at(order.purchase.placed_at)
    yield Step(placed_us, placed_us, CUSTOMER, ORDER, "buys", colour=INK)
    for act in shop.acts:
        if act.payment_id == order.payment_id:
            yield Step(act.at_us, act.at_us, CUSTOMER, STRIPE, act.what, colour=INK)


def _webhooks(shop: WebhookShop, order: Order, calls: Sequence[Call]) -> Iterator[Step]:
    looks = {call.started_us for call in calls if call.method == "retrieve_payment"}
    stored = {webhook.event_id: webhook for webhook in shop.stored_webhooks(order)}
    for one, code in shop.knocks_of(order):
        note, colour = _FATES.get(code) or ((f"{code}".replace("_", " "), RED) if code else (_ending_of(one), ORANGE))
        webhook = stored.get(one.event_id)
        status = shop.status_of(webhook) if webhook is not None else ItemStatus.PROCESSED
        if code is ResponseCode.STORED and status is not ItemStatus.PROCESSED:
            note = f"{note}, {status}"
        event_type = one.type.removeprefix("payment_intent.")
        named = event_type if one.kind is DeliveryKind.GENUINE else f"{one.kind.replace('_', ' ')}: {event_type}"
        yield Step(
            one.at_us,
            one.at_us,
            None if one.kind in STRANGERS else STRIPE,
            INBOX,
            named,
            note,
            colour,
            arrives=code in _FATES and code is not ResponseCode.STORE_UNAVAILABLE,
            goes_on=code is ResponseCode.STORED and one.at_us in looks,
        )


def _ending_of(one: Try) -> str:
    return one.ending.replace("_", " ")


def _statuses(shop: WebhookShop, order: Order) -> Iterator[Step]:
    for logged in shop.store.transitions(ORDERS, order.id):
        at_us = shop.world.us_at(logged.at)
        yield Step(at_us, at_us, ORDER, ORDER, logged.after.replace("_", " "), colour=BLUE)


def _handler_calls(shop: WebhookShop, order: Order) -> Iterator[Step]:
    """Yield the calls of handlers; of failed ones, one step for all that follow each other."""
    about = [(call.port, _event(call), call) for call in shop.handler_calls if _event(call).subject == order.id]
    about.sort(key=lambda row: (row[0], row[1].key, row[2].started_us))
    for (handler, event, worked), tries in groupby(about, lambda row: (*row[:2], row[2].outcome == "ok")):
        first, *more = [call for _, _, call in tries]
        last = more[-1] if more else first
        failed = f"fails {1 + len(more)} times" if more else "fails"
        note, colour = ("works", GREEN) if worked else (failed, RED)
        yield Step(first.started_us, first.ended_us, ORDER, handler, event.type, note, colour, arrives=worked)
        if not worked and HALF_A_DAY.gives_up_after(len(more)):
            yield Step(last.ended_us, last.ended_us, handler, handler, "dead letter", colour=RED)


def _event(call: Call) -> BusinessEvent:
    event = call.args[0]
    assert isinstance(event, BusinessEvent), "that is what a handler is called with"
    return event


def _call(call: Call) -> Step:
    name = call.method.removesuffix("_payment").removesuffix("_payments").replace("_", " ").replace("retrieve", "read")
    worked = call.outcome == "ok"
    text, colour = (name, PALE) if worked else (f"{name}: {call.outcome}", RED)
    return Step(call.started_us, call.ended_us, ORDER, STRIPE, text, colour=colour)


def _finding(shop: WebhookShop, order: Order) -> str:
    tries = list(shop.knocks_of(order))
    news = sum(code is ResponseCode.STORED for _, code in tries)
    payments = {payment.id for payment in shop.stripe.payments_of_order(order.id)}
    captures = sum(moved.source_id in payments and moved.kind == "captured" for moved in shop.stripe.movements)
    times = {0: "never", 1: "once", 2: "twice"}.get(captures, f"{captures} times")
    return f"{len(tries)} webhooks came, {news} of them were new, and the money was taken {times}"


# How it is drawn.


def _rows(steps: Sequence[Step]) -> list[float]:
    """Return how far down each step stands, in inches; a call that a new status makes immediately stands beside it."""
    rows = [_HEAD]
    for before, step in pairwise(steps):
        beside = _is_call(step) and before.start == before.end == ORDER and before.at_us == step.at_us
        rows.append(rows[-1] + (0 if beside else _ROW) + (_GAP if step.at_us - before.ended_us >= _PAUSE_US else 0))
    return rows


def _draw_lifelines(axes: Axes, places: Mapping[str, float], steps: Sequence[Step], rows: Sequence[float]) -> None:
    top = _HEAD - 0.2
    for name, x in places.items():
        axes.text(x, top - 0.06, name, ha="center", va="bottom", fontsize=10.5, color=INK, weight="bold")
    said = -1
    for number, (step, y) in enumerate(zip(steps, rows, strict=True)):
        idle_us = step.at_us - steps[number - 1].ended_us if number else 0
        if idle_us >= _PAUSE_US:
            _draw_stretch(axes, places, top, y - _ROW / 2, ":")
            top = y - _ROW / 2
            axes.text(_STAMPS, top - _GAP / 2, f"{_span(idle_us)} later", style="italic", **_QUIET)
        if (second := step.at_us // MICROSECONDS) != said:
            axes.text(_STAMPS, y, _stamp(second), **_QUIET)
            said = second
        _draw_stretch(axes, places, top, y + _ROW / 2, "-")
        top = y + _ROW / 2


def _draw_stretch(axes: Axes, places: Mapping[str, float], top: float, bottom: float, style: str) -> None:
    for x in places.values():
        axes.plot([x, x], [top, bottom], color=PALE, linewidth=0.9, linestyle=style, zorder=0)


def _draw(axes: Axes, step: Step, places: Mapping[str, float], y: float) -> None:
    end = places[step.end]
    if step.start == step.end:
        box = {"boxstyle": "round,pad=0.22", "facecolor": "white", "edgecolor": step.colour, "linewidth": 1.1}
        axes.text(end, y, step.text, ha="center", va="center", fontsize=9, color=step.colour, bbox=box, zorder=4)
        return
    start = places[step.start] if step.start else end - _FROM_NOWHERE
    _draw_arrow(axes, start, end, y, step)
    if step.goes_on:
        _draw_arrow(axes, end, places[ORDER], y, step)
    words = INK if step.colour in (PALE, ORANGE) else step.colour  # what is too pale to be read
    axes.text(_middle(step, places), y - 0.035, step.text, ha="center", va="bottom", fontsize=8.5, color=words)
    if step.note:
        axes.text(end + 0.1, y - 0.035, step.note, ha="left", va="bottom", fontsize=8.5, color=words)


def _middle(step: Step, places: Mapping[str, float]) -> float:
    """Where an arrow's text stands: between two lifelines that are next to each other."""
    if step.start == CUSTOMER:
        return (places[CUSTOMER] + places[STRIPE]) / 2
    if STRIPE in (step.start, step.end) or step.start is None:
        return (places[STRIPE] + places[INBOX]) / 2
    return (places[ORDER] + _FIRST_HANDLER) / 2


def _draw_arrow(axes: Axes, start: float, end: float, y: float, step: Step) -> None:
    """One that did not get in ends at a cross before the lifeline."""
    if step.arrives:
        style = {"arrowstyle": "-|>", "color": step.colour, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", (end, y), (start, y), arrowprops=style)
        return
    axes.plot([start, end - 0.12], [y, y], color=step.colour, linewidth=1.2)
    if step.start is None:
        axes.plot([start], [y], marker="o", color=step.colour, markersize=4.5, markerfacecolor="white")
    axes.plot([end - 0.08], [y], marker="x", color=step.colour, markersize=6, markeredgewidth=1.6)


def _stamp(seconds: int) -> str:
    day = f"day {1 + seconds // 86_400}, " if seconds >= 86_400 else ""
    return f"{day}{START + timedelta(seconds=seconds):%H:%M:%S}"


def _span(microseconds: int) -> str:
    minutes = round(microseconds / MICROSECONDS / 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{round(minutes / 60)} h" if minutes < 48 * 60 else f"{round(minutes / 1_440)} days"
