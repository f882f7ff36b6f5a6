"""Related pairs of faults: few enough to be tried whenever the tests run, and chosen so that bugs that need two die.

What needs two faults is mostly a recovery that fails in its turn. So both strike the same port, each kind is tried in
one length only and each doubt by one kind, and the second one strikes a method's first two calls after the first. What
that finds, beside all pairs and beside a random sample, is in COUNTS.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from simulations.search.plan import Fault, Plan
from simulations.search.search import Ending
from simulations.search.testbed import Testbed

FIRST_CALLS = 2
"""Of a method, after the first fault."""


def related(testbed: Testbed, ending: Ending) -> Iterator[Plan]:
    """The universe's plan with one more fault; after the first one only where it is related to that."""
    transport, _ = testbed.transport_of(ending.story)
    last = ending.plan[-1].call if ending.plan else 0
    port = ending.sites[last - 1].port if ending.plan else None
    calls = Counter[str]()
    for number, site in enumerate(ending.sites[last:], start=last + 1):
        if port is not None:
            calls[site.method] += 1
            if site.port != port or calls[site.method] > FIRST_CALLS:
                continue
        lengths = dict(reversed(tuple(transport.kinds_at(site))))  # each kind's first length
        for kind in reversed([kind for kind in lengths if not transport.kinds[kind].like]):
            yield (*ending.plan, Fault(number, kind, lengths[kind]))
