"""Seeded storms: universes with several faults of any kind, drawn as the universe goes. Cutting down is in `shrinking`.

A fault strikes call n by a draw that is keyed by n, whatever the call is; which kind it is, among those that can strike
there, is drawn too. So a fault may strike a call that only an earlier fault has caused. The faults that have struck are
the plan, and the plan shows the universe again without any draw.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from payflows.errors import InvalidPolicy
from tqdm.auto import tqdm

from simulations.checkout.stories import STORIES
from simulations.checkout.subject import Factory, our_checkout
from simulations.search.kinds import Site, kinds_at
from simulations.search.levels import level_of
from simulations.search.plan import NO_FAULTS, Fault
from simulations.search.search import Ending, breach_of
from simulations.search.universe import Universe
from simulations.search.verdict import SafetyMonitor
from simulations.time.draws import Draws
from simulations.time.parallel import parallel

FEWEST, MOST = 2, 8
"""Faults that a storm has in it, should the universe live long enough to meet them."""

SHARE_OF_CALLS = 0.16
"""That are struck: the shortest story of all makes eleven calls, most some fifty."""

A_BATCH = 50
"""Seeds that one process takes at a time."""


class RandomFaults:
    """Draws a plan while its universe runs: an `Aim`.

    Args:
        seed: all its chance.
        universe_of: the universes in which it breaks out: what strikes there.
    """

    def __init__(self, seed: int, universe_of: type[Universe] = Universe) -> None:
        draws = Draws(seed)
        self._strikes = draws.of("storm: strikes")
        self._kinds = draws.of("storm: kind")
        self._lengths = draws.of("storm: length")
        self._left = FEWEST + draws.of("storm: faults").below(MOST - FEWEST + 1, 0)
        self._universe_of = universe_of

    def __call__(self, number: int, site: Site) -> Fault | None:
        """What strikes the call with this number; None: nothing."""
        if not self._left or not self._strikes.chance(SHARE_OF_CALLS, number):
            return None
        self._left -= 1
        return self._drawn(number, site)

    def _drawn(self, number: int, site: Site) -> Fault:
        """Every kind that can strike there is as likely as any other, and so is every length of it."""
        kinds = self._universe_of.kinds_at(site) or kinds_at(site)  # over HTTP the other ports are as they always are
        names = tuple(dict.fromkeys(name for name, _ in kinds))
        name = names[self._kinds.below(len(names), number)]
        lengths = self._universe_of.kinds[name].lengths_seconds
        return Fault(number, name, lengths[self._lengths.below(len(lengths), number)])


class StormCount(NamedTuple):
    """What came of many storms.

    Attributes:
        universes: how many.
        faults: how often there were so many in one, by their number from 0.
        broken: those that broke a promise.
    """

    universes: int
    faults: tuple[int, ...]
    broken: tuple[Ending, ...]


def storm(seed: int, stories: Sequence[str] = tuple(STORIES), *, factory: Factory = our_checkout) -> Ending:
    """One storm, in the story that its seed draws.

    Args:
        seed: all its chance.
        stories: among which.
        factory: builds the checkout.
    """
    story, monitor = story_of(seed, stories), SafetyMonitor()
    told, universe_of = level_of(story)
    aim = RandomFaults(seed, universe_of)
    universe = universe_of(NO_FAULTS, told.settings, factory=factory, watch=monitor, aim=aim)
    breach = breach_of(universe, told, monitor, ends=None)
    return Ending(story, tuple(universe.fired), tuple(universe.sites), breach)


def story_of(seed: int, stories: Sequence[str] = tuple(STORIES)) -> str:
    """The story in which a seed's storm breaks out."""
    return stories[Draws(seed).of("storm: story").below(len(stories), 0)]


def storms(
    seeds: Sequence[int],
    stories: Sequence[str] = tuple(STORIES),
    *,
    workers: int = 1,
    factory: Factory = our_checkout,
    progress: bool = False,
) -> StormCount:
    """Many storms; the same for any number of workers.

    Args:
        seeds: one for each.
        stories: among which each is drawn.
        workers: processes.
        factory: builds the checkout; it must be importable by its name.
        progress: show a bar.

    Raises:
        InvalidPolicy: no story, or more faults than a storm has.
    """
    if not stories:
        raise InvalidPolicy("a storm needs at least one story to break out in")
    batch = partial(_batch, stories=stories, factory=factory)
    faults, broken = [0] * (MOST + 1), list[Ending]()
    with tqdm(total=len(seeds), desc="storms", unit=" universes", disable=not progress) as bar:
        for counted in parallel(batch, batches(seeds), workers=workers):
            faults = [all_of + some for all_of, some in zip(faults, counted.faults, strict=True)]
            broken += counted.broken
            bar.update(counted.universes)
    return StormCount(sum(faults), tuple(faults), tuple(broken))


def batches(seeds: Sequence[int]) -> list[Sequence[int]]:
    """The seeds in parts that are each worth sending to another process."""
    return [seeds[first : first + A_BATCH] for first in range(0, len(seeds), A_BATCH)]


def _batch(seeds: Iterable[int], *, stories: Sequence[str], factory: Factory) -> StormCount:
    return _counted(storm(seed, stories, factory=factory) for seed in seeds)


def _counted(endings: Iterator[Ending]) -> StormCount:
    faults, broken = [0] * (MOST + 1), []
    for ending in endings:
        faults[len(ending.plan)] += 1
        if ending.breach is not None:
            broken.append(ending)
    return StormCount(sum(faults), tuple(faults), tuple(broken))
