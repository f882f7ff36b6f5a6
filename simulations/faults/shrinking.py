"""A broken universe cut down to what breaks it: fewer faults, shorter ones, earlier ones. Finding it is the searches'.

Without one of its faults a universe goes another way: there are fewer retries, and later calls have other numbers. So
the faults that are kept are aimed in three ways: at the calls of their numbers; at the n-th calls of their methods; and
each at the n-th call of its method after the fault before it. Whatever strikes then is the plan. No chance is in it:
the same universe is always cut down to the same one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise

from simulations.faults.kinds import KINDS, Answer, Site
from simulations.faults.plan import NO_FAULTS, Fault, Plan
from simulations.faults.search import Ending, breach_of, run
from simulations.faults.stories import STORIES
from simulations.faults.universe import Factory, Settings, Universe, Watch, our_checkout
from simulations.faults.verdict import Watchman

ONCE: Mapping[str, str] = {"outage": "refused", "black_hole": "answer_lost", "dead_letterbox": "request_lost"}
"""What a fault that lasts is where it strikes one call only."""

Method = tuple[str, str]
"""Of a port."""

Aim = Callable[[int, Method], Fault | None]
"""Which fault is aimed at the call that comes: its number, its method."""


class AimedUniverse(Universe):
    """A universe in which faults strike where they are aimed, if such a call comes and they can strike it.

    Args:
        aim: asked at every call.
        settings: how it differs from the usual one.
        watch: looks at the truth whenever money or goods may have moved.
        factory: builds the checkout.
    """

    def __init__(self, aim: Aim, settings: Settings, *, watch: Watch, factory: Factory = our_checkout) -> None:
        self._aim = aim
        super().__init__(NO_FAULTS, settings, factory=factory, watch=watch)

    def sent(self, site: Site, make: Callable[[], Answer]) -> Answer:
        """What comes of a call, after what is aimed at it."""
        number = len(self.sites) + 1
        aimed = self._aim(number, _method(site))
        if aimed is not None and KINDS[aimed.kind].strikes(site.port, site.method):
            self.strike(aimed._replace(call=number))
        return super().sent(site, make)


def shrunk(ending: Ending, *, factory: Factory = our_checkout) -> Ending:
    """The same story with as few faults as still break a promise; it need not be the same promise.

    Args:
        ending: a universe that breaks one.
        factory: builds its checkout.

    Returns:
        A universe that breaks a promise, and of which nothing more can be taken away: no fault, no length, and no
        call to an earlier one of the same method. The ending itself where that is so already.
    """
    while (smaller := next(_smaller(ending, factory), None)) is not None:
        ending = smaller
    return ending


def _smaller(ending: Ending, factory: Factory) -> Iterator[Ending]:
    """Universes that are broken too, and smaller; fewer faults first."""
    told = STORIES[ending.story]
    if ending.plan and (calm := run(ending.story, factory=factory)).breach is not None:
        yield calm
    for aim in _simpler(ending):
        watchman = Watchman()
        universe = AimedUniverse(aim, told.settings, watch=watchman, factory=factory)
        breach = breach_of(universe, told, watchman, ends=None)
        plan = tuple(universe.fired)
        if breach is not None and _size(plan) < _size(ending.plan):
            yield Ending(ending.story, plan, tuple(universe.sites), breach)


def _size(plan: Plan) -> tuple[int, int, int, int]:
    """What is made smaller, the most important first: faults, those that last, how long they do, how late they are."""
    lasting = [fault.seconds for fault in plan if fault.seconds]
    return len(plan), len(lasting), sum(lasting), sum(fault.call for fault in plan)


def _simpler(ending: Ending) -> Iterator[Aim]:
    methods = tuple(map(_method, ending.sites))
    for number in range(1, len(ending.plan)):
        for kept in combinations(ending.plan, number):
            yield from _aims(kept, methods)
    for place, fault in enumerate(ending.plan):
        before, after = ending.plan[:place], ending.plan[place + 1 :]
        first = before[-1].call if before else 0
        for other in (*_shorter(fault), *_earlier(fault, methods, first)):
            yield from _aims((*before, other, *after), methods)


def _shorter(fault: Fault) -> Iterator[Fault]:
    if fault.kind in ONCE and fault.seconds:
        yield Fault(fault.call, ONCE[fault.kind])
    for seconds in KINDS[fault.kind].lengths_seconds:
        if seconds < fault.seconds:
            yield fault._replace(seconds=seconds)


def _earlier(fault: Fault, methods: Sequence[Method], first: int) -> Iterator[Fault]:
    """At earlier calls of the same method, after the fault before it."""
    for call in range(first + 1, fault.call):
        if methods[call - 1] == methods[fault.call - 1]:
            yield fault._replace(call=call)


def _method(site: Site) -> Method:
    return site.port, site.method


# Aims.


def _aims(kept: Plan, methods: Sequence[Method]) -> Iterator[Aim]:
    yield _at_their_numbers(kept)
    yield _at_their_methods(kept, methods)
    yield _one_after_another(kept, methods)


def _at_their_numbers(kept: Plan) -> Aim:
    by_number = {fault.call: fault for fault in kept}
    return lambda number, method: by_number.get(number)


def _at_their_methods(kept: Plan, methods: Sequence[Method]) -> Aim:
    aimed = {(method := methods[fault.call - 1], methods[: fault.call].count(method)): fault for fault in kept}
    seen: Counter[Method] = Counter()

    def aim(number: int, method: Method) -> Fault | None:
        seen[method] += 1
        return aimed.get((method, seen[method]))

    return aim


def _one_after_another(kept: Plan, methods: Sequence[Method]) -> Aim:
    calls = (0, *(fault.call for fault in kept))
    waiting = [
        (fault, method := methods[call - 1], methods[before:call].count(method))
        for fault, (before, call) in zip(kept, pairwise(calls), strict=True)
    ]
    waiting.reverse()
    seen: Counter[Method] = Counter()

    def aim(number: int, method: Method) -> Fault | None:
        seen[method] += 1
        if not waiting or waiting[-1][1:] != (method, seen[method]):
            return None
        seen.clear()
        return waiting.pop()[0]

    return aim
