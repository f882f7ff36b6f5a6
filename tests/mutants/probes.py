"""What may find a mutant: a story without faults, one with a single fault, a race, or a test."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest

import pytest

from simulations.search.interleavings import Schedule, interleavings, run_race
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
        with _quiet_log():
            breaches = run(FAMILIES[self._business].ours, self._story, self.plan).breaches
        return f"{self}: {breaches[0]}" if breaches else None

    def __str__(self) -> str:
        return f"{self._story} with {self.plan[0]}" if self.plan else f"{self._story} calm"


class InRace:
    """Two who act concurrently, in one order of their calls.

    Args:
        business: whose race; a key of `FAMILIES`.
        race: who meets.
        schedule: who acts when.
    """

    def __init__(self, business: str, race: str, schedule: Schedule) -> None:
        self._business = business
        self._race = race
        self._schedule = schedule

    def finds(self) -> str | None:
        """Return the first promise that it breaks."""
        with _quiet_log():
            breaches = run_race(FAMILIES[self._business].ours, self._race, self._schedule).breaches
        return f"{self}: {breaches[0]}" if breaches else None

    def __str__(self) -> str:
        return f"{self._race} {self._schedule}"


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


InUniverse = InStory | InRace
Probe = InUniverse | InTest


@contextmanager
def _quiet_log() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)  # tests look at what is logged


def calm(businesses: Sequence[str]) -> Iterator[InUniverse]:
    """Give every story that should end well."""
    for business in businesses:
        family = FAMILIES[business]
        yield from (InStory(business, story) for story in family.ours.stories if story not in family.troubled)


def troubled(business: str) -> Iterator[InUniverse]:
    """Give each single fault of some of a business's stories, and its races where one takes over once."""
    ours = FAMILIES[business].ours
    for story in (story for story in STORIES_WITH_FAULTS if story in ours.stories):
        for plan in one_more(ours, run(ours, story)):
            yield InStory(business, story, plan)
    for race in ours.races:
        for ending in interleavings(ours, race, at_most=0, switches=1):
            yield InRace(business, race, ending.schedule)


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
