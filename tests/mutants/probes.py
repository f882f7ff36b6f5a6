"""What may find a mutant: a story without faults, one with a single fault, or a test."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

import pytest

from simulations.search.plan import NO_FAULTS, Plan
from simulations.search.search import one_more, run
from tests.mutants.families import FAMILIES

STORIES_WITH_FAULTS = (
    "paid",
    "declined_then_another_card",
    "three_d_secure",
    "cancelled",
    "refunded",
    "notified_by_webhook",
    "trial_gets_a_card",
    "renewal_declined_without_webhooks",
    "cancelled_now_and_refunded",
    "cancelled_in_the_draft_hour",
)
"""Each of their calls is struck by every kind of fault; the other stories run only without one."""


class InStory:
    """A story of a business, with or without a fault.

    Args:
        business: whose story; a key of `FAMILIES`.
        story: which.
        plan: what goes wrong in it.
    """

    def __init__(self, business: str, story: str, plan: Plan = NO_FAULTS) -> None:
        self._business = business
        self._story = story
        self.plan = plan

    def finds(self) -> str | None:
        """Return the first promise that it breaks."""
        logging.disable(logging.CRITICAL)
        breaches = run(FAMILIES[self._business].ours, self._story, self.plan).breaches
        logging.disable(logging.NOTSET)  # tests look at what is logged
        return f"{self}: {breaches[0]}" if breaches else None

    def __str__(self) -> str:
        return f"{self._story} with {self.plan[0]}" if self.plan else f"{self._story} calm"


class InTest:
    """A test as pytest has collected it.

    Args:
        item: which.
    """

    def __init__(self, item: pytest.Item) -> None:
        self.item = item
        self.next: pytest.Item | None = None  # pytest keeps those fixtures that it needs

    def finds(self) -> str | None:
        """Return its name where it fails."""
        failures = Failures()
        plugins = self.item.config.pluginmanager
        plugins.register(failures)
        try:
            self.item.config.hook.pytest_runtest_protocol(item=self.item, nextitem=self.next)
        finally:
            plugins.unregister(failures)
        return str(self) if failures.failed else None

    def __str__(self) -> str:
        return self.item.nodeid


class Failures:
    """Sees whether a test fails."""

    failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed |= report.failed


Probe = InStory | InTest


def stories(businesses: Sequence[str]) -> Iterator[InStory]:
    """Give every story that should end well, and each single fault of some of the first business's."""
    for business in businesses:
        family = FAMILIES[business]
        for story in family.ours.stories:
            if story not in family.troubled:
                yield InStory(business, story)
                if business == businesses[0] and story in STORIES_WITH_FAULTS:
                    for plan in one_more(family.ours, run(family.ours, story)):
                        yield InStory(business, story, plan)


def in_order(probes: Iterable[Probe]) -> list[Probe]:
    """Return probes as they will be run, each test with the one after it."""
    ordered = list(probes)
    tests = [probe for probe in ordered if isinstance(probe, InTest)]
    for test, following in zip_longest(tests, tests[1:]):
        test.next = following and following.item
    return ordered


def finding(probes: Iterable[Probe]) -> str | None:
    """Return what the first of them finds that finds anything."""
    return next((found for probe in in_order(probes) if (found := probe.finds())), None)
