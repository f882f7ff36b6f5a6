"""Runs a year of subscribers with the real flow code, each in a small world, and checks every promise at its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from payflows.checks import function, instance_of, whole_number
from tqdm.auto import tqdm

from simulations.search.breach import Breach, InvariantBroken
from simulations.subscriptions.checkers import given_back, money, state
from simulations.subscriptions.year.recording import life_of
from simulations.subscriptions.year.result import Year
from simulations.subscriptions.year.rows import Life
from simulations.subscriptions.year.scenario import SubscriberYear
from simulations.subscriptions.year.sign_ups import SignUps
from simulations.subscriptions.year.world import SubscriberWorld
from simulations.time.draws import Draws
from simulations.time.parallel import parallel

Check = Callable[[SubscriberWorld], Sequence[Breach]]
"""Returns every promise that does not hold in a small world that has come to rest."""


def broken_in(world: SubscriberWorld) -> Sequence[Breach]:
    """Return every promise about money and states that does not hold."""
    return [*money.safety(world), *money.final(world), *given_back.breaches(world), *state.breaches(world)]


def run(
    scenario: SubscriberYear,
    *,
    seed: int,
    workers: int = 1,
    at_a_time: int = 25,
    check: Check | None = broken_in,
    progress: bool = False,
) -> Year:
    """Let every subscriber live through the year. The result is the same for any number of workers.

    Args:
        scenario: the year.
        seed: its chance.
        workers: processes among which the subscribers are shared.
        at_a_time: how many subscribers a process is given together.
        check: what must hold in every small world; None: nothing is checked, as in benchmarks.
        progress: show a bar of the subscribers.

    Raises:
        InvalidPolicy: a value outside its bounds.
        InvariantBroken: something does not hold that must.
    """
    instance_of("scenario", scenario, SubscriberYear)
    whole_number("seed", seed, most=(1 << 63) - 1)
    whole_number("workers", workers, least=1, most=1_024)
    whole_number("at_a_time", at_a_time, least=1)
    function("check", check, optional=True)
    instance_of("progress", progress, bool)
    lived = partial(live, scenario, seed, check=check)
    numbers = range(scenario.subscribers)
    with tqdm(total=len(numbers), desc="subscribers", disable=not progress) as bar:
        lives = []
        for life in parallel(lived, numbers, workers=workers, at_a_time=at_a_time):
            lives.append(life)
            bar.update()
    return Year(scenario, seed, lives)


def live(scenario: SubscriberYear, seed: int, number: int, *, check: Check | None = broken_in) -> Life:
    """Return what became of one subscriber, in a small world that is then gone.

    Raises:
        InvariantBroken: something does not hold that must.
    """
    draws = Draws(seed)
    world = SubscriberWorld(scenario, SignUps(scenario, draws).sign_up(number), draws)
    world.live()
    life = life_of(world)
    if check is not None:
        world.settle()
        if breaches := check(world):
            raise InvariantBroken(breaches)
    return life
