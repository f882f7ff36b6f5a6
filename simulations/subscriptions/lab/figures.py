"""Pictures of the dunning lab: the Pareto front, what an answer depends on, what would turn it, and how to test it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle

from payflows.subscriptions.dunning import DunningPolicy

from simulations.drawing.canvas import BLUE, GREEN, INK, ORANGE, PALE, RED, SKY, canvas, set_title
from simulations.drawing.picture import Picture
from simulations.subscriptions.lab.optimise import Optimum
from simulations.subscriptions.lab.planner import AbTest
from simulations.subscriptions.lab.sensitivity import Swing, Turning

DECIMALS = 3
"""Of what is drawn: the last bit of a sum differs from one processor to another, and a picture must not."""


def pareto_front(found: Optimum, named: Mapping[str, DunningPolicy]) -> Picture:
    """Net by annoyance of every policy that was tried; those that nothing beats in all that counts stand out.

    Args:
        found: by a search.
        named: policies among them, by a label.
    """
    figure, (axes,) = canvas(height=4.6)
    for is_on_front, colour, size in ((False, PALE, 14), (True, BLUE, 34)):
        shown = [each for each in found.candidates if each.is_on_front is is_on_front]
        xs = [round(each.annoyance, DECIMALS) for each in shown]
        axes.scatter(xs, [round(each.net_minor / 100, DECIMALS) for each in shown], s=size, color=colour, linewidth=0)
    labels = {_days_of(policy): label for label, policy in named.items()}
    for each in found.candidates:
        label = labels.get(_days_of(each.policy))
        if label is not None:
            place = round(each.annoyance, DECIMALS), round(each.net_minor / 100, DECIMALS)
            axes.scatter(*place, s=70, color=ORANGE, zorder=3)
            axes.annotate(label, place, xytext=(8, -12), textcoords="offset points", color=INK, fontsize=10)
    axes.set_xlabel("annoyance: notices and further declines, per failed renewal")
    axes.set_ylabel("net, per failed renewal (USD)")
    best = max(found.candidates, key=lambda each: each.net_minor)
    text = f"{len(found.front)} of {len(found.candidates)} policies are beaten by none (blue); "
    set_title(figure, f"{text}{best.net_minor / 100:.2f} USD is the most that is left")
    return Picture(figure)


def _days_of(policy: DunningPolicy) -> tuple[object, ...]:
    return policy.attempts, policy.notices, policy.ends_on


def swings(found: Sequence[Swing], *, base: float, most: int = 12) -> Picture:
    """A tornado: how far each assumption moves a difference in net.

    Args:
        found: from the one that moves it most.
        base: the difference as everything is assumed, in minor units.
        most: how many are shown.
    """
    shown = list(found[:most])
    figure, (axes,) = canvas(height=1.2 + 0.34 * len(shown))
    middle = round(base / 100, DECIMALS)
    for place, swing in enumerate(shown):
        for value, end, colour in zip(swing.differences, swing.values, (SKY, ORANGE), strict=True):
            width = round(value / 100 - middle, DECIMALS)
            axes.barh(place, width, left=middle, color=colour, height=0.62)
            is_right = width >= 0
            axes.annotate(
                f"{end:,.0f}" if end >= 100 else f"{end:.3g}",
                (middle + width, place),
                xytext=(4 if is_right else -4, 0),
                textcoords="offset points",
                ha="left" if is_right else "right",
                va="center",
                fontsize=8,
            )
    axes.axvline(middle, color=INK, linewidth=1)
    axes.axvline(0, color=RED, linestyle="--", linewidth=1)
    axes.set_yticks(range(len(shown)), [swing.name.replace("_", " ") for swing in shown])
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel("difference in net, per failed renewal (USD)")
    turning = [swing.name.replace("_", " ") for swing in found if swing.turns_the_sign]
    text = f"only {' and '.join(turning)} can turn" if turning else "no single assumption turns"
    set_title(figure, f"{middle:+.2f} USD as assumed; {text} the sign")
    return Picture(figure)


def turning(found: Sequence[Turning], names: tuple[str, str], *, most: int = 3) -> Picture:
    """The difference of two policies by the assumptions that it goes with, a point for each plausible world.

    Args:
        found: from the closest on.
        names: of both policies.
        most: how many are shown.
    """
    shown = list(found[:most])
    figure, panels = canvas(ratios=(1,) * len(shown), height=0.9 + 1.7 * len(shown))
    for axes, each in zip(panels, shown, strict=True):
        least, greatest = min(each.values), max(each.values)
        xs = [round((value - least) / (greatest - least), DECIMALS) for value in each.values]
        ys = [round(100 * value, DECIMALS) for value in each.differences]
        colours = [GREEN if value > 0 else ORANGE for value in ys]
        axes.scatter(xs, ys, s=12, c=colours, linewidth=0)
        axes.axhline(0, color=INK, linewidth=1)
        axes.set_ylabel("points")
        text = f"{each.name.replace('_', ' ')}, {least:.3g} to {greatest:.3g}; correlation {each.correlation:+.2f}"
        axes.set_title(text, loc="left", fontsize=11, color=INK)
    panels[-1].set_xticks([0, 1], ["its least", "its greatest accepted value"])
    better = sum(value > 0 for value in shown[0].differences)
    first, second = (name.replace("_", " ") for name in names)
    set_title(figure, f"{second} beats {first} in {better} of {len(shown[0].values)} worlds (green)")
    return Picture(figure)


def lengths_of_tests(tests: Mapping[str, AbTest], *, power: float = 0.8, weeks: int = 26) -> Picture:
    """How likely an A/B test confirms a difference, by how long it runs.

    Args:
        tests: by a label, such as by what is to be confirmed.
        power: that is asked for.
        weeks: how many are shown.
    """
    figure, (axes,) = canvas()
    xs = [number / 4 for number in range(1, 4 * weeks + 1)]
    for (label, test), colour in zip(tests.items(), cycle((BLUE, GREEN, ORANGE, RED)), strict=False):
        axes.plot(xs, [round(100 * test.power(x), DECIMALS) for x in xs], color=colour, label=label)
        if (enough := test.weeks(power)) <= weeks:
            axes.plot(enough, round(100 * test.power(enough), DECIMALS), "o", color=colour)
    axes.axhline(100 * power, color=PALE, linestyle="--", linewidth=1)
    axes.set_xlabel("weeks in which renewals fail; the last of them is final nine weeks later")
    axes.set_ylabel("tests that confirm it (%)")
    axes.set_ylim(0, 102)
    axes.legend(frameon=False, loc="lower right")
    lengths = sorted(test.weeks(power) for test in tests.values())
    most = f" to {lengths[-1]}" if lengths[-1] > lengths[0] else ""
    set_title(figure, f"{lengths[0]}{most} weeks confirm it in {100 * power:.0f} % of tests")
    return Picture(figure)
