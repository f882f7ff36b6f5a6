"""Looks for a universe that breaks a promise: every fault at every call, alone and one after another.

The enumeration is adaptive: a later fault is tried only at calls that exist after the earlier ones, for recovery makes
further calls. The same universes, in the same order, for any number of workers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from tqdm.auto import tqdm

from simulations.search.breach import Breach, in_words
from simulations.search.plan import NO_FAULTS, Fault, InvalidPlan, Plan, written
from simulations.search.ports import Site
from simulations.search.testbed import Testbed
from simulations.search.universe import Injector, Recorder, Universe
from simulations.search.verdict import SafetyMonitor, run_and_judge
from simulations.time.parallel import cores, parallel

KindsAt = Callable[[Site], Iterable[tuple[str, int]]]
"""What can strike at a site: kind and length."""


class Ending(NamedTuple):
    """How one universe ended.

    Attributes:
        story: which.
        plan: what went wrong in it.
        sites: its calls, in the order of their numbers.
        breaches: the promises that it broke; empty where it kept them all.
    """

    story: str
    plan: Plan
    sites: Sequence[Site]
    breaches: tuple[Breach, ...] = ()

    @property
    def line(self) -> str:
        """One line that shows it again."""
        return f"payflows replay '{self.story} {written(self.plan)}'"

    def __str__(self) -> str:
        return f"{self.line}: {in_words(self.breaches) or 'all promises were kept'}"


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


def run(testbed: Testbed, story: str, plan: Plan = NO_FAULTS, *, recorder: Recorder | None = None) -> Ending:
    """Let one universe come true, and judge it. What it raises is a breach too.

    Args:
        testbed: whose story.
        story: what people do; `wire:paid` is `paid` with Stripe reached over HTTP.
        plan: what goes wrong.
        recorder: writes down every call, and how things stand after it.

    Raises:
        InvalidPlan: there is no such call, or the kind cannot strike it.
    """
    transport, name = testbed.transport_of(story)
    monitor = SafetyMonitor()
    universe = Universe(plan, transport=transport, monitor=monitor, recorder=recorder)
    system = testbed.build(universe, name)
    checks = (system.breaches,) if plan else (system.breaches, system.expected)
    breaches = run_and_judge(universe, system.tell, monitor, *checks)
    universe.close()
    if not breaches:
        check_struck(universe, plan)
    return Ending(story, plan, tuple(universe.sites), breaches)


def run_injected(testbed: Testbed, story: str, injector: Injector) -> Ending:
    """Let one universe come true whose faults are injected as it goes. Those that have struck are its plan."""
    transport, name = testbed.transport_of(story)
    monitor = SafetyMonitor()
    universe = Universe(transport=transport, monitor=monitor, injector=injector)
    system = testbed.build(universe, name)
    breaches = run_and_judge(universe, system.tell, monitor, system.breaches)
    universe.close()
    return Ending(story, tuple(universe.fired), tuple(universe.sites), breaches)


def check_struck(universe: Universe, plan: Plan) -> None:
    """Raises `InvalidPlan` where a fault of the plan has not struck."""
    for fault in plan:
        if fault not in universe.fired:
            raise InvalidPlan(f"{fault} cannot strike in this universe of {len(universe.sites)} calls")


def one_more(testbed: Testbed, ending: Ending) -> Iterator[Plan]:
    """The universe's plan with one more fault, at every call after its last."""
    transport, _ = testbed.transport_of(ending.story)
    return with_one_more(ending.plan, ending.sites, transport.kinds_at)


Further = Callable[[Testbed, Ending], Iterator[Plan]]
"""Plans with one more fault, that follow on a universe."""


def with_one_more(plan: Plan, sites: Sequence[Site], kinds: KindsAt, *, after: int = 0) -> Iterator[Plan]:
    """A plan with one more fault, at every call after its last.

    Args:
        plan: as far as it goes.
        sites: the calls of its universe.
        kinds: the kinds that can strike at each.
        after: calls up to this number are left alone.
    """
    last = plan[-1].call if plan else after
    for number, site in enumerate(sites[last:], start=last + 1):
        for kind, seconds in kinds(site):
            yield (*plan, Fault(number, kind, seconds))


def explore(testbed: Testbed, story: str, plan: Plan, *, depth: int, further: Further = one_more) -> Iterator[Ending]:
    """This universe, and all with up to this many more faults. One that breaks a promise is not gone into."""
    ending = run(testbed, story, plan)
    yield ending
    if depth > 0 and not ending.breaches:
        for longer in further(testbed, ending):
            yield from explore(testbed, story, longer, depth=depth - 1, further=further)


def tally_of(endings: Iterable[Ending]) -> Tally:
    """Count endings as they come."""
    universes, broken, hits = 0, [], Counter[tuple[str, str, str]]()
    for ending in endings:
        universes += 1
        if ending.plan:
            last = ending.plan[-1]
            site = ending.sites[last.call - 1]
            hits[site.port, site.method, last.kind] += 1
        if ending.breaches:
            broken.append(ending)
    return Tally(universes, tuple(broken), hits)


def search(
    testbed: Testbed,
    stories: Iterable[str],
    *,
    depth: int,
    further: Further = one_more,
    workers: int | None = None,
    progress: bool = False,
) -> Tally:
    """All universes of these stories with up to `depth` faults.

    Args:
        testbed: whose stories.
        stories: which.
        depth: how many faults at most.
        further: which plans with one more fault follow on a universe; it must be importable by its name.
        workers: processes; None: one per core.
        progress: show a bar.
    """
    starts = [(story, plan) for story in stories for plan in _starts(testbed, story, depth, further)]
    below = partial(_explore_below, testbed, depth=depth, further=further)
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


def _starts(testbed: Testbed, story: str, depth: int, further: Further) -> Iterator[Plan]:
    """The calm universe, and every single fault: the branches that are explored beside each other."""
    yield NO_FAULTS
    if depth > 0:
        yield from further(testbed, run(testbed, story))


def _explore_below(testbed: Testbed, start: tuple[str, Plan], *, depth: int, further: Further) -> Tally:
    story, plan = start
    return tally_of(explore(testbed, story, plan, depth=depth - 1 if plan else 0, further=further))
