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

from simulations.search.kinds import kinds_at
from simulations.search.plan import Fault
from simulations.search.ports import Site
from simulations.search.search import Ending, run_injected
from simulations.search.testbed import Testbed
from simulations.search.transports import PORT_CALLS, Transport
from simulations.time.draws import Draws
from simulations.time.parallel import parallel

FEWEST, MOST = 2, 8
"""Faults that a storm has in it, should the universe live long enough to meet them."""

SHARE_OF_CALLS = 0.16
"""That are struck: the shortest story of all makes eleven calls, most some fifty."""

A_BATCH = 50
"""Seeds that one process takes at a time."""


class RandomFaults:
    """Draws a plan while its universe runs: an `Injector`.

    Args:
        seed: all its chance.
        transport: how the program reaches Stripe, and so which faults there are.
    """

    def __init__(self, seed: int, transport: Transport = PORT_CALLS) -> None:
        draws = Draws(seed)
        self._strikes = draws.of("storm: strikes")
        self._kinds = draws.of("storm: kind")
        self._lengths = draws.of("storm: length")
        self._left = FEWEST + draws.of("storm: faults").below(MOST - FEWEST + 1, 0)
        self._transport = transport

    def __call__(self, number: int, site: Site) -> Fault | None:
        """The fault of the call with this number; None where there is none."""
        if not self._left or not self._strikes.chance(SHARE_OF_CALLS, number):
            return None
        self._left -= 1
        return self._drawn(number, site)

    def _drawn(self, number: int, site: Site) -> Fault:
        """Every kind that can strike there is as likely as any other, and so is every length of it."""
        kinds = self._transport.kinds_at(site) or kinds_at(site)  # over HTTP the other ports are as they always are
        names = tuple(dict.fromkeys(name for name, _ in kinds))
        name = names[self._kinds.below(len(names), number)]
        lengths = self._transport.kinds[name].lengths_seconds
        return Fault(number, name, lengths[self._lengths.below(len(lengths), number)])


class StormCount(NamedTuple):
    """What came of many storms.

    Attributes:
        universes: how many.
        faults: how many universes had 0, 1, 2 and more of them.
        broken: those that broke a promise.
    """

    universes: int
    faults: tuple[int, ...]
    broken: tuple[Ending, ...]


def storm(testbed: Testbed, seed: int, stories: Sequence[str] | None = None) -> Ending:
    """One storm, in the story that its seed draws.

    Args:
        testbed: whose stories.
        seed: all its chance.
        stories: among which; None: among all.
    """
    story = story_of(testbed, seed, stories)
    transport, _ = testbed.transport_of(story)
    return run_injected(testbed, story, RandomFaults(seed, transport))


def story_of(testbed: Testbed, seed: int, stories: Sequence[str] | None = None) -> str:
    """The story in which a seed's storm breaks out."""
    among = tuple(testbed.stories) if stories is None else stories
    return among[Draws(seed).of("storm: story").below(len(among), 0)]


def storms(
    testbed: Testbed,
    seeds: Sequence[int],
    stories: Sequence[str] | None = None,
    *,
    workers: int = 1,
    progress: bool = False,
) -> StormCount:
    """Many storms; the same for any number of workers.

    Args:
        testbed: whose stories.
        seeds: one for each.
        stories: among which each is drawn; None: among all.
        workers: processes.
        progress: show a bar.

    Raises:
        InvalidPolicy: no story.
    """
    if stories is not None and not stories:
        raise InvalidPolicy("a storm needs at least one story to break out in")
    batch = partial(_batch, testbed, stories=stories)
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


def _batch(testbed: Testbed, seeds: Iterable[int], *, stories: Sequence[str] | None) -> StormCount:
    return _counted(storm(testbed, seed, stories) for seed in seeds)


def _counted(endings: Iterator[Ending]) -> StormCount:
    faults, broken = [0] * (MOST + 1), []
    for ending in endings:
        faults[len(ending.plan)] += 1
        if ending.breaches:
            broken.append(ending)
    return StormCount(sum(faults), tuple(faults), tuple(broken))
