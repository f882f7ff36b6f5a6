"""A line for every file whose tests are done, and one every few seconds, where several processes run them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from time import perf_counter

import pytest

SILENCE_SECONDS = 5
"""No longer than this without a line, as long as tests end."""


class Progress:
    """Counts the tests of each file, and says how far they are."""

    def __init__(self, reporter: pytest.TerminalReporter) -> None:
        self._reporter = reporter
        self._began = self._said = perf_counter()
        self._left: Counter[str] = Counter()
        self._all = self._done = 0

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Every worker collects the same tests: the first one's count."""
        if not self._left:
            self._left = Counter(id_.partition("::")[0] for id_ in ids)
            self._all = len(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "teardown":
            return
        file = report.nodeid.partition("::")[0]
        self._done += 1
        self._left[file] -= 1
        if not self._left[file]:
            self._say(f"{file} is done")
        elif perf_counter() - self._said > SILENCE_SECONDS:
            self._say(report.nodeid)

    def _say(self, what: str) -> None:
        self._said = perf_counter()
        seconds = self._said - self._began
        self._reporter.write_line(f"{seconds:5.0f} s  {self._done:>6,} of {self._all:,} tests  {what}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """No dot for a test that passes."""
        return ("passed", "", "") if report.passed and report.when == "call" else None


@pytest.hookimpl(trylast=True)  # the terminal must be there
def pytest_configure(config: pytest.Config) -> None:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if getattr(config.option, "numprocesses", None) and reporter is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Progress(reporter), "progress")
