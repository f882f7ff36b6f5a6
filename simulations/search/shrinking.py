"""A broken universe cut down to what breaks it: fewer faults, shorter ones, earlier ones. Finding it is the searches'.

Without one of its faults a universe goes another way: there are fewer retries, and later calls have other numbers. So
the faults that are kept are injected in three ways: at the calls of their numbers; at the n-th calls of their methods;
and each at the n-th call of its method after the fault before it. Those that strike then are the plan. No chance is in
it: the same universe is always cut down to the same one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations, pairwise

from simulations.search.kinds import Kind
from simulations.search.plan import Fault, Plan
from simulations.search.ports import Site
from simulations.search.search import Ending, run, run_injected
from simulations.search.testbed import Testbed
from simulations.search.universe import Injector
from simulations.time.parallel import parallel

Method = tuple[str, str]
"""Of a port."""


def shrunk(testbed: Testbed, ending: Ending) -> Ending:
    """The same story with as few faults as still break a promise; it need not be the same promise.

    Args:
        testbed: whose story.
        ending: a universe that breaks one.

    Returns:
        A universe that breaks a promise, and of which nothing more can be taken away: no fault, no length, and no
        call to an earlier one of the same method. The ending itself where that is so already.
    """
    while (smaller := next(_smaller(testbed, ending), None)) is not None:
        ending = smaller
    return ending


def cut_down(testbed: Testbed, broken: Sequence[Ending], *, workers: int) -> tuple[tuple[Ending, int], ...]:
    """What breaks these universes, each once, and how many of them are cut down to it; the most frequent first.

    Args:
        testbed: whose stories.
        broken: they break a promise.
        workers: processes.
    """
    times = Counter[str]()
    first: dict[str, Ending] = {}
    for ending in parallel(partial(shrunk, testbed), broken, workers=workers):
        times[ending.line] += 1
        first.setdefault(ending.line, ending)
    return tuple((first[line], number) for line, number in times.most_common())


def _smaller(testbed: Testbed, ending: Ending) -> Iterator[Ending]:
    """Universes that break a promise with less; the calm one first."""
    if ending.plan and (calm := run(testbed, ending.story)).breaches:
        yield calm
    transport, _ = testbed.transport_of(ending.story)
    for injector in _simpler(ending, transport.kinds):
        smaller = run_injected(testbed, ending.story, injector)
        if smaller.breaches and _size(smaller.plan) < _size(ending.plan):
            yield smaller


def _size(plan: Plan) -> tuple[int, int, int, int]:
    """What is made smaller, the most important first: faults, those that last, how long they do, how late they are."""
    lasting = [fault.seconds for fault in plan if fault.seconds]
    return len(plan), len(lasting), sum(lasting), sum(fault.call for fault in plan)


def _simpler(ending: Ending, kinds: Mapping[str, Kind]) -> Iterator[Injector]:
    methods = tuple(map(_method, ending.sites))
    for number in range(1, len(ending.plan)):
        for kept in combinations(ending.plan, number):
            yield from _injectors(kept, methods)
    for place, fault in enumerate(ending.plan):
        before, after = ending.plan[:place], ending.plan[place + 1 :]
        first = before[-1].call if before else 0
        for other in (*_shorter(fault, kinds[fault.kind]), *_earlier(fault, methods, first)):
            yield from _injectors((*before, other, *after), methods)


def _shorter(fault: Fault, kind: Kind) -> Iterator[Fault]:
    if kind.once:
        yield Fault(fault.call, kind.once)
    for seconds in kind.lengths_seconds:
        if seconds < fault.seconds:
            yield fault._replace(seconds=seconds)


def _earlier(fault: Fault, methods: Sequence[Method], first: int) -> Iterator[Fault]:
    """At earlier calls of the same method, after the fault before it."""
    for call in range(first + 1, fault.call):
        if methods[call - 1] == methods[fault.call - 1]:
            yield fault._replace(call=call)


def _method(site: Site) -> Method:
    return site.port, site.method


# Injectors.


def _injectors(kept: Plan, methods: Sequence[Method]) -> Iterator[Injector]:
    yield _at_their_numbers(kept)
    yield _at_their_methods(kept, methods)
    yield _one_after_another(kept, methods)


def _at_their_numbers(kept: Plan) -> Injector:
    by_number = {fault.call: fault for fault in kept}
    return lambda number, site: by_number.get(number)


def _at_their_methods(kept: Plan, methods: Sequence[Method]) -> Injector:
    planned = {(method := methods[fault.call - 1], methods[: fault.call].count(method)): fault for fault in kept}
    seen: Counter[Method] = Counter()

    def inject(number: int, site: Site) -> Fault | None:
        method = _method(site)
        seen[method] += 1
        fault = planned.get((method, seen[method]))
        return fault and fault._replace(call=number)

    return inject


def _one_after_another(kept: Plan, methods: Sequence[Method]) -> Injector:
    calls = (0, *(fault.call for fault in kept))
    waiting = [
        (fault, method := methods[call - 1], methods[before:call].count(method))
        for fault, (before, call) in zip(kept, pairwise(calls), strict=True)
    ]
    waiting.reverse()
    seen: Counter[Method] = Counter()

    def inject(number: int, site: Site) -> Fault | None:
        method = _method(site)
        seen[method] += 1
        if not waiting or waiting[-1][1:] != (method, seen[method]):
            return None
        seen.clear()
        return waiting.pop()[0]._replace(call=number)

    return inject
