"""A picture of dunning policies: a calendar strip for each, one above the other."""

from __future__ import annotations

from collections.abc import Sequence

from payflows.checks import instance_of, sequence
from payflows.subscriptions.dunning import DunningPolicy

from simulations.drawing.canvas import BLUE, INK, ORANGE, PALE, canvas, set_title
from simulations.drawing.picture import Picture


def dunning_policies(policies: Sequence[DunningPolicy]) -> Picture:
    """On which days each policy tries the card and reminds the customer, and when it gives up.

    Args:
        policies: from above.
    """
    sequence("policies", policies)
    for policy in policies:
        instance_of("a policy", policy, DunningPolicy)
    figure, (axes,) = canvas(height=1.1 + 0.45 * len(policies))
    last = max((policy.ends_on for policy in policies), default=0)
    for row, policy in enumerate(policies):
        axes.plot([0, policy.ends_on], [row, row], color=PALE, linewidth=1, zorder=0)
        axes.plot(policy.attempts, [row + 0.12] * len(policy.attempts), "o", color=BLUE, markersize=8)
        axes.plot(policy.notices, [row - 0.2] * len(policy.notices), "s", color=ORANGE, markersize=6)
        axes.plot(policy.ends_on, row, "|", color=INK, markersize=22, markeredgewidth=2)
        axes.annotate(f" {policy.last_step.replace('_', ' ')}", (policy.ends_on, row), va="center", color=INK)
    axes.set_yticks(range(len(policies)), [policy.name.replace("_", " ") for policy in policies])
    axes.set_ylim(len(policies) - 0.4, -0.7)
    axes.set_xlim(-0.7, last + 4)
    axes.set_xticks(range(0, last + 1, 7))
    axes.set_xlabel("days since the first failure")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.plot([], [], "o", color=BLUE, label="the card is tried")
    axes.plot([], [], "s", color=ORANGE, label="the customer is reminded")
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False)
    set_title(figure, "When each policy tries, reminds and gives up")
    return Picture(figure)
