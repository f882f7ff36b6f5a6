"""What happened in a universe, as lines that are the same wherever and however often it comes true; and their digest.

A call has two lines: when it sets out, with its number, its port and method and what it was asked with; and what its
caller got, with the fault that struck it. A call that a crash cut off has no second one. At the end stand money and
goods as they are, and the verdict. How a value is shown is in `rendering`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from hashlib import blake2b
from typing import NamedTuple

from tqdm.auto import tqdm

from simulations.network.effects import Answer, Make
from simulations.search.breach import in_words
from simulations.search.plan import NO_FAULTS, Plan, written
from simulations.search.ports import Site
from simulations.search.rendering import Renderer
from simulations.search.storms import RandomFaults, batches, story_of
from simulations.search.testbed import Testbed
from simulations.search.universe import CallRecord, Injector, Monitor, Send, Universe
from simulations.search.verdict import SafetyMonitor, run_and_judge
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


class Tracer:
    """Writes down everything that happens in a universe.

    Args:
        renderer: shows the business's values.

    Attributes:
        lines: what has happened so far.
    """

    def __init__(self, renderer: Renderer) -> None:
        self.lines: list[str] = []
        self._renderer = renderer

    def universe(self, plan: Plan = NO_FAULTS, *, monitor: Monitor, injector: Injector | None = None) -> Universe:
        """Make the universe that is traced."""
        self._universe = Universe(plan, monitor=monitor, injector=injector, recorder=self._record)
        self._universe.intercept(self._traced)
        return self._universe

    def _record(self, universe: Universe, record: CallRecord) -> None:
        if record.is_crash:
            self._write(f"{universe.fault_at(record.number)} the process is gone")

    def _traced(self, send: Send) -> Send:
        universe, renderer = self._universe, self._renderer

        def sent(site: Site, make: Make) -> Answer:
            number = len(universe.sites) + 1
            what = renderer.arguments(make.args, make.keywords) if isinstance(make, partial) else ""
            self._write(f"{number} {site.port}.{site.method}({what})")
            return self._answered(number, send(site, make))

        return sent

    async def _answered(self, number: int, call: Answer) -> object:
        try:
            answer = await call
        except Exception as error:
            self._write(f"{number} {self._fault(number)}raised {self._renderer.error(error)}")
            raise
        self._write(f"{number} {self._fault(number)}answered {self._renderer.value(answer)}")
        return answer

    def _fault(self, number: int) -> str:
        fault = self._universe.fault_at(number)
        return "" if fault is None else f"{fault} "

    def _write(self, line: str) -> None:
        self.lines.append(f"{self._universe.clock.now_us} {line}")


def trace_of(testbed: Testbed, story: str, plan: Plan = NO_FAULTS) -> Trace:
    """What happens in the universe of a plan.

    Args:
        testbed: whose story.
        story: what people do.
        plan: what goes wrong.
    """
    return _traced(testbed, story, plan)


def trace_of_storm(testbed: Testbed, seed: int) -> Trace:
    """What happens in the storm of a seed.

    Args:
        testbed: whose stories.
        seed: all its chance.
    """
    return _traced(testbed, story_of(testbed, seed), injector=RandomFaults(seed))


def digests_of_storms(
    testbed: Testbed, seeds: Sequence[int], *, workers: int = 1, progress: bool = False
) -> Iterator[str]:
    """The digest of each storm, in the order of the seeds.

    Args:
        testbed: whose stories.
        seeds: one for each.
        workers: processes.
        progress: show a bar.
    """
    with tqdm(total=len(seeds), desc="traces", unit=" universes", disable=not progress) as bar:
        for digests in parallel(partial(_batch, testbed), batches(seeds), workers=workers):
            yield from digests
            bar.update(len(digests))


def _batch(testbed: Testbed, seeds: Sequence[int]) -> list[str]:
    return [trace_of_storm(testbed, seed).digest for seed in seeds]


def _traced(testbed: Testbed, story: str, plan: Plan = NO_FAULTS, *, injector: Injector | None = None) -> Trace:
    tracer, monitor = Tracer(testbed.renderer), SafetyMonitor()
    universe = tracer.universe(plan, monitor=monitor, injector=injector)
    system = testbed.build(universe, story)
    checks = (system.breaches,) if plan or injector else (system.breaches, system.expected)
    breaches = run_and_judge(universe, system.tell, monitor, *checks)
    truth = tuple(map(testbed.renderer.value, system.truth()))
    universe.close()
    return Trace(story, tuple(universe.fired), (*tracer.lines, *truth, f"broken: {in_words(breaches) or None}"))
