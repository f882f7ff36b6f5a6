"""Looks for a universe that breaks a promise: every fault at every call, alone and one after another.

The enumeration is adaptive: a later fault is tried only at calls that exist after the earlier ones, for recovery makes
calls of its own. The same universes, in the same order, for any number of workers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from tqdm.auto import tqdm

from simulations.checkout.expected import End
from simulations.checkout.stories import Story
from simulations.checkout.subject import Factory, our_checkout
from simulations.search.kinds import Site
from simulations.search.levels import level_of
from simulations.search.plan import NO_FAULTS, Fault, InvalidPlan, Plan, written
from simulations.search.universe import Recorder, Universe
from simulations.search.verdict import SafetyMonitor, live
from simulations.time.parallel import cores, parallel

KindsAt = Callable[[Site], Iterable[tuple[str, int]]]
"""What can strike at a site: kind and length."""


class Ending(NamedTuple):
    """How one universe ended.

    Attributes:
        story: which.
        plan: what went wrong in it.
        sites: its calls, in the order of their numbers.
        breach: the promise that it broke; None where it kept them all.
    """

    story: str
    plan: Plan
    sites: Sequence[Site]
    breach: str | None

    @property
    def line(self) -> str:
        """One line that shows it again."""
        return f"payflows replay '{self.story} {written(self.plan)}'"


class Tally(NamedTuple):
    """What a search came to.

    Attributes:
        universes: how many.
        broken: those that broke a promise.
        hits: how often each kind struck each site.
    """

    universes: int
    broken: tuple[Ending, ...]
    hits: Counter[tuple[str, str, str]]


def run(
    story: str, plan: Plan = NO_FAULTS, *, factory: Factory = our_checkout, recorder: Recorder | None = None
) -> Ending:
    """Let one universe come true, and judge it. What it meets besides broken promises is a broken promise too.

    Args:
        story: what people do; `wire:paid` is `paid` told over HTTP.
        plan: what goes wrong.
        factory: builds the checkout.
        recorder: writes down every call, and how things stand after it.

    Raises:
        InvalidPlan: there is no such call, or the kind cannot strike it.
    """
    (told, universe_of), monitor = level_of(story), SafetyMonitor()
    universe = universe_of(plan, told.settings, factory=factory, watch=monitor, recorder=recorder)
    breach = breach_of(universe, told, monitor, ends=None if plan else told.ends)
    if breach is None:
        check_struck(universe, plan)
    return Ending(story, plan, tuple(universe.sites), breach)


def check_struck(universe: Universe, plan: Plan) -> None:
    """Raises `InvalidPlan` where a fault of the plan has not struck."""
    for fault in plan:
        if fault not in universe.fired:
            raise InvalidPlan(f"{fault} cannot strike in this universe of {len(universe.sites)} calls")


def breach_of(universe: Universe, told: Story, monitor: SafetyMonitor, *, ends: End | None) -> str | None:
    """Let a story come true in a universe that is made for it: the promises that are broken; None: all are kept.

    Args:
        universe: at its beginning.
        told: the story.
        monitor: who watches the universe.
        ends: how it must end; None: that is not known.
    """
    needs_one = told.may_need_a_person
    breach = live(universe, lambda: told.tell(universe), monitor, may_need_a_person=needs_one, ends=ends)
    universe.close()
    return breach


def one_more(ending: Ending) -> Iterator[Plan]:
    """The universe's plan with one more fault, at every call after its last."""
    return with_one_more(ending.plan, ending.sites, level_of(ending.story)[1].kinds_at)


def with_one_more(plan: Plan, sites: Sequence[Site], kinds: KindsAt, *, after: int = 0) -> Iterator[Plan]:
    """A plan with one more fault, at every call after its last.

    Args:
        plan: as far as it goes.
        sites: the calls of its universe.
        kinds: what can strike at each.
        after: calls up to this number are let be.
    """
    last = plan[-1].call if plan else after
    for number, site in enumerate(sites[last:], start=last + 1):
        for kind, seconds in kinds(site):
            yield (*plan, Fault(number, kind, seconds))


def explore(story: str, plan: Plan, *, depth: int, factory: Factory = our_checkout) -> Iterator[Ending]:
    """This universe, and all with up to so many more faults. A universe that breaks a promise is not gone into."""
    ending = run(story, plan, factory=factory)
    yield ending
    if depth > 0 and ending.breach is None:
        for further in one_more(ending):
            yield from explore(story, further, depth=depth - 1, factory=factory)


def tally_of(endings: Iterable[Ending]) -> Tally:
    """Counted as they come."""
    universes, broken, hits = 0, [], Counter[tuple[str, str, str]]()
    for ending in endings:
        universes += 1
        if ending.plan:
            last = ending.plan[-1]
            site = ending.sites[last.call - 1]
            hits[site.port, site.method, last.kind] += 1
        if ending.breach is not None:
            broken.append(ending)
    return Tally(universes, tuple(broken), hits)


def search(
    stories: Iterable[str],
    *,
    depth: int,
    workers: int | None = None,
    factory: Factory = our_checkout,
    progress: bool = False,
) -> Tally:
    """All universes of these stories with up to `depth` faults.

    Args:
        stories: which.
        depth: how many faults at most.
        workers: processes; None: one per core.
        factory: builds the checkout that is searched; it must be importable by its name.
        progress: show a bar.
    """
    starts = [(story, plan) for story in stories for plan in _starts(story, depth, factory)]
    below = partial(_explore_below, depth=depth, factory=factory)
    tallies = []
    with tqdm(desc="universes", unit="", unit_scale=True, disable=not progress) as bar:
        for tally in parallel(below, starts, workers=workers or cores(), at_a_time=4):
            tallies.append(tally)
            bar.update(tally.universes)
    return sum_of(tallies)


def sum_of(tallies: Iterable[Tally]) -> Tally:
    """All together."""
    counted = list(tallies)
    hits: Counter[tuple[str, str, str]] = Counter()
    for tally in counted:
        hits.update(tally.hits)
    broken = tuple(ending for tally in counted for ending in tally.broken)
    return Tally(sum(tally.universes for tally in counted), broken, hits)


def _starts(story: str, depth: int, factory: Factory) -> Iterator[Plan]:
    """The calm universe, and every single fault: the branches that are explored beside each other."""
    yield NO_FAULTS
    if depth > 0:
        yield from one_more(run(story, factory=factory))


def _explore_below(start: tuple[str, Plan], *, depth: int, factory: Factory) -> Tally:
    story, plan = start
    return tally_of(explore(story, plan, depth=depth - 1 if plan else 0, factory=factory))
