"""Runs a year of a marketplace with the real flow code, and checks every promise at its end; once, or many times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from payflows.checks import function, instance_of, sequence, whole_number

from simulations.marketplace.checkers import money, state
from simulations.marketplace.year import measures
from simulations.marketplace.year.measures import Waterfall
from simulations.marketplace.year.recording import books_of
from simulations.marketplace.year.result import Year
from simulations.marketplace.year.scenario import MarketplaceYear
from simulations.marketplace.year.world import MarketplaceWorld
from simulations.search.breach import Breach, InvariantBroken
from simulations.statistics.ratios import Part
from simulations.time.draws import Draws
from simulations.time.parallel import parallel

Check = Callable[[MarketplaceWorld], Sequence[Breach]]
"""Returns every promise that does not hold in a small world that has come to rest."""


def broken_in(world: MarketplaceWorld) -> Sequence[Breach]:
    """Return every promise about money and states that does not hold: the ledger is equal to Stripe, id by id."""
    return [*money.safety(world), *money.final(world), *state.breaches(world)]


def run(scenario: MarketplaceYear, *, seed: int, check: Check | None = broken_in) -> Year:
    """Let the year pass.

    Args:
        scenario: the year.
        seed: its chance.
        check: what must hold at its end; None: nothing is checked, as in benchmarks.

    Raises:
        InvalidPolicy: a value outside its bounds.
        InvariantBroken: something does not hold that must.
    """
    instance_of("scenario", scenario, MarketplaceYear)
    whole_number("seed", seed, most=(1 << 63) - 1)
    function("check", check, optional=True)
    world = MarketplaceWorld(scenario, Draws(seed))
    world.live()
    world.settle()
    if check is not None and (breaches := check(world)):
        raise InvariantBroken(breaches)
    return Year(scenario, seed, books_of(world))


class Outcome(NamedTuple):
    """What is kept of one replication.

    Attributes:
        seed: its chance.
        days: how long it was observed.
        orders: how many were placed.
        volume: what was paid for goods.
        waterfall: what became of the platform's fees.
        held: what vendors had to wait for, on average over the days.
        losses: of each vendor, what is lost with them, and what they sold.
    """

    seed: int
    days: int
    orders: int
    volume: int
    waterfall: Waterfall
    held: int
    losses: tuple[Part, ...]


def replicate(
    scenarios: Sequence[MarketplaceYear], *, seeds: Sequence[int], workers: int = 1, check: Check | None = broken_in
) -> list[list[Outcome]]:
    """Run each scenario once a seed; scenarios that differ in the policy alone meet the same vendors and buyers.

    Args:
        scenarios: the years.
        seeds: their chance.
        workers: processes among which the runs are shared. The result is the same for any number.
        check: as in `run`.

    Returns:
        For each scenario its outcomes, in the order of the seeds.

    Raises:
        InvalidPolicy: a value outside its bounds.
        InvariantBroken: something does not hold that must.
    """
    sequence("scenarios", scenarios)
    sequence("seeds", seeds)
    whole_number("the number of seeds", len(seeds), least=1)
    whole_number("workers", workers, least=1, most=1_024)
    jobs = [(scenario, seed) for scenario in scenarios for seed in seeds]
    found = list(parallel(partial(_outcome, check=check), jobs, workers=workers))
    return [found[place : place + len(seeds)] for place in range(0, len(found), len(seeds))]


def _outcome(job: tuple[MarketplaceYear, int], *, check: Check | None) -> Outcome:
    scenario, seed = job
    books = run(scenario, seed=seed, check=check).books
    held = measures.held_of_vendors(books, scenario.days).clip(min=0).sum(axis=0).mean()
    orders = len({row.order_id for row in books.orders})
    return Outcome(
        seed,
        scenario.days,
        orders,
        measures.volume_minor(books),
        measures.waterfall(books),
        round(held),
        tuple(Part(row.lost_minor, row.sold_minor) for row in books.vendors),
    )
