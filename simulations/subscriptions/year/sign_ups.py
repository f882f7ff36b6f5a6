"""Who signs up, when and for what, each a function of keyed draws."""

from __future__ import annotations

from typing import NamedTuple

from payflows.subscriptions.plans import Plan

from simulations.subscriptions.year.models import DAY_SECONDS
from simulations.subscriptions.year.scenario import SubscriberYear
from simulations.time.draws import Draws, Mix

FIRST_CARD, NEXT_CARD = "pm_card_visa", "pm_card_mastercard"
"""By Stripe's test names; what becomes of a charge, the customer's bank says."""


class SignUp(NamedTuple):
    """What one subscriber signs up for.

    Attributes:
        number: the subscriber's own, by which all of their draws are keyed.
        at_seconds: when, after the start.
        plan: to which plan.
        seats: how many.
        trial_days: 0 for none.
        payment_method: the first card; None: a trial without one.
    """

    number: int
    at_seconds: int
    plan: Plan
    seats: int
    trial_days: int
    payment_method: str | None


class SignUps:
    """All sign-ups of a scenario, the same for the same seed when anything else of it changes.

    Args:
        scenario: the year.
        draws: its chance.
    """

    def __init__(self, scenario: SubscriberYear, draws: Draws) -> None:
        self._scenario = scenario
        self._draws = draws
        self._plans = Mix(tuple(scenario.plan_mix), tuple(scenario.plan_mix.values()))
        self._seats = Mix(tuple(map(str, scenario.seats_mix)), tuple(scenario.seats_mix.values()))

    def sign_up(self, number: int) -> SignUp:
        """Return one of them."""
        scenario, draws = self._scenario, self._draws
        plan = scenario.plans.plan(self._plans.pick(draws.of("plan"), number))
        is_trial = draws.of("trial").chance(scenario.trial_share, number)
        without_card = is_trial and draws.of("without card").chance(scenario.without_card_share, number)
        return SignUp(
            number,
            draws.of("sign-up time").below(scenario.sign_up_days * DAY_SECONDS, number),
            plan,
            int(self._seats.pick(draws.of("seats"), number)) if plan.max_seats > 1 else 1,
            scenario.trial_days if is_trial else 0,
            None if without_card else FIRST_CARD,
        )
