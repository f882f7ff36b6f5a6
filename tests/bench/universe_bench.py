"""What a universe of the fault search costs, and what part of it the checkers are: each later search pays this."""

from __future__ import annotations

from simulations.checkout.stories import STORIES
from simulations.checkout.testbed import CHECKOUT
from simulations.checkout.user_actions import end
from simulations.checkout.verdict import JudgedCheckout
from simulations.search.plan import NO_FAULTS, Plan
from simulations.search.search import one_more, run
from simulations.search.universe import Universe
from tests.bench.ratio import Ratio, race, ratio_of

ROUNDS = 12
STORY = "paid"


def ratios(rounds: int = ROUNDS) -> list[Ratio]:
    """Time all single faults of one story, judged, beside the same universes without a judge."""
    plans = [NO_FAULTS, *one_more(CHECKOUT, run(CHECKOUT, STORY))]
    judged, unseen = race((lambda _: _judged(plans), lambda _: _unseen(plans)), rounds)
    per_second = len(plans) / sorted(judged)[rounds // 2]
    how = f"{len(plans)} universes of {STORY!r}, {rounds} rounds; judged {per_second:,.0f} universes a second a core"
    return [Ratio("a universe of the fault search, judged / not looked at", ratio_of(judged, unseen), how)]


def _judged(plans: list[Plan]) -> None:
    for plan in plans:
        run(CHECKOUT, STORY, plan)


def _unseen(plans: list[Plan]) -> None:
    story = STORIES[STORY]
    for plan in plans:
        universe = JudgedCheckout(Universe(plan), story.settings)
        story.tell(universe)
        end(universe)
