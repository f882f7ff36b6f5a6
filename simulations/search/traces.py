"""What happened in a universe, as lines that are the same wherever and however often it comes true; and their digest.

A call has two lines: when it sets out, with its number, its port and method and what it was asked with; and what its
caller heard, with the fault that struck it. A call that a crash cut off has no second one. At the end stand the money,
the goods, the parcels and the mails as they are, and the verdict. How a value is told is in `wording`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from hashlib import blake2b
from typing import NamedTuple

from tqdm.auto import tqdm

from simulations.checkout.expected import End
from simulations.checkout.stories import STORIES
from simulations.checkout.subject import Factory, our_checkout
from simulations.search.kinds import Answer, Site
from simulations.search.plan import NO_FAULTS, Plan, written
from simulations.search.rendering import asked, words, words_of
from simulations.search.search import breach_of
from simulations.search.storms import RandomFaults, batches, story_of
from simulations.search.universe import Universe
from simulations.search.verdict import SafetyMonitor
from simulations.time.parallel import parallel


class Trace(NamedTuple):
    """What happened in one universe.

    Attributes:
        story: what people did.
        plan: what went wrong.
        lines: what happened.
    """

    story: str
    plan: Plan
    lines: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Another one where any line is another."""
        return blake2b("\n".join((self.story, written(self.plan), *self.lines)).encode(), digest_size=16).hexdigest()


class TracedUniverse(Universe):
    """A universe in which everything that happens is written down."""

    @cached_property
    def lines(self) -> list[str]:
        """What has happened so far."""
        return []

    def sent(self, site: Site, make: Callable[[], Answer]) -> Answer:
        """What comes of a call, written down as its caller hears it."""
        number = len(self.sites) + 1
        what = asked(make.args, make.keywords) if isinstance(make, partial) else ""
        self._write(f"{number} {site.port}.{site.method}({what})")
        return self._heard(number, super().sent(site, make))

    async def _heard(self, number: int, call: Answer) -> object:
        try:
            answer = await call
        except Exception as error:
            self._write(f"{number} {self._fault(number)}raised {words_of(error)}")
            raise
        self._write(f"{number} {self._fault(number)}answered {words(answer)}")
        return answer

    async def crash(self) -> object:
        """The process is gone."""
        self._write(f"{self.fired[-1]} the process is gone")
        return await super().crash()

    def _fault(self, number: int) -> str:
        fault = self._plan.get(number)
        return "" if fault is None else f"{fault} "

    def _write(self, line: str) -> None:
        self.lines.append(f"{self.clock.now_us} {line}")


def trace_of(story: str, plan: Plan = NO_FAULTS, *, factory: Factory = our_checkout) -> Trace:
    """What happens in the universe of a plan.

    Args:
        story: what people do.
        plan: what goes wrong.
        factory: builds the checkout.
    """
    told, monitor = STORIES[story], SafetyMonitor()
    universe = TracedUniverse(plan, told.settings, factory=factory, watch=monitor)
    return _traced(story, universe, monitor, ends=None if plan else told.ends)


def trace_of_storm(seed: int, *, factory: Factory = our_checkout) -> Trace:
    """What happens in the storm of a seed.

    Args:
        seed: all its chance.
        factory: builds the checkout.
    """
    story, monitor = story_of(seed), SafetyMonitor()
    settings = STORIES[story].settings
    universe = TracedUniverse(NO_FAULTS, settings, factory=factory, watch=monitor, aim=RandomFaults(seed))
    return _traced(story, universe, monitor, ends=None)


def digests_of_storms(
    seeds: Sequence[int], *, workers: int = 1, factory: Factory = our_checkout, progress: bool = False
) -> Iterator[str]:
    """The digest of each storm, in the order of the seeds.

    Args:
        seeds: one for each.
        workers: processes.
        factory: builds the checkout; it must be importable by its name.
        progress: show a bar.
    """
    with tqdm(total=len(seeds), desc="traces", unit=" universes", disable=not progress) as bar:
        for digests in parallel(partial(_batch, factory=factory), batches(seeds), workers=workers):
            yield from digests
            bar.update(len(digests))


def _batch(seeds: Sequence[int], *, factory: Factory) -> list[str]:
    return [trace_of_storm(seed, factory=factory).digest for seed in seeds]


def _traced(story: str, universe: TracedUniverse, monitor: SafetyMonitor, *, ends: End | None) -> Trace:
    breach = breach_of(universe, STORIES[story], monitor, ends=ends)
    return Trace(story, tuple(universe.fired), (*universe.lines, *_end_of(universe), f"broken: {breach}"))


def _end_of(universe: Universe) -> Iterator[str]:
    yield from map(words, universe.stripe.movements)
    yield from map(words, universe.inventory.movements)
    yield from map(words, universe.carrier.shipments().values())
    yield from map(words, universe.mailer.sent.values())
