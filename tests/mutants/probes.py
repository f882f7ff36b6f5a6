"""What may find a mutant: a story without faults, one with a single fault, a race, or a test."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import zip_longest

import pytest

from simulations.search.interleavings import RaceEnding, interleavings, run_race
from simulations.search.search import Ending, one_more, run
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


class InUniverse:
    """A story of a business, with or without a fault, or one order of the calls in a race.

    Args:
        name: what it is called where it finds a mutant.
        play: runs it.
    """

    def __init__(self, name: str, play: Callable[[], Ending | RaceEnding]) -> None:
        self._name = name
        self._play = play

    def finds(self) -> str | None:
        """Return the first promise that it breaks."""
        logging.disable(logging.CRITICAL)
        try:
            breaches = self._play().breaches
        finally:
            logging.disable(logging.NOTSET)  # tests look at what is logged
        return f"{self._name}: {breaches[0]}" if breaches else None

    def __str__(self) -> str:
        return self._name


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
        return failures.failed[0] if failures.failed else None

    def __str__(self) -> str:
        return self.item.nodeid


class Failures:
    """Keeps the names of tests that fail."""

    def __init__(self) -> None:
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)


Probe = InUniverse | InTest


def calm(businesses: Sequence[str]) -> Iterator[InUniverse]:
    """Give every story that should end well, without a fault."""
    for business in businesses:
        family = FAMILIES[business]
        for story in (story for story in family.ours.stories if story not in family.troubled):
            yield InUniverse(f"{story} calm", partial(run, family.ours, story))


def troubled(business: str) -> Iterator[InUniverse]:
    """Give each single fault of some of a business's stories, and its races where one takes over once."""
    ours = FAMILIES[business].ours
    for story in (story for story in STORIES_WITH_FAULTS if story in ours.stories):
        for plan in one_more(ours, run(ours, story)):
            yield InUniverse(f"{story} with {plan[0]}", partial(run, ours, story, plan))
    for race in ours.races:
        for ending in interleavings(ours, race, at_most=0, switches=1):
            yield InUniverse(f"{race} {ending.schedule}", partial(run_race, ours, race, ending.schedule))


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
