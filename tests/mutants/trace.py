"""Which lines of some files run. It imports nothing of ours: it sees those imports too."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

Mark = tuple[str, int | str]
"""A file and a line of it, or the qualified name of a function in it."""


class Trace:
    """Sees which marks are reached.

    Args:
        files: whose marks.
    """

    def __init__(self, files: Sequence[str]) -> None:
        self._files = frozenset(files)
        self.marks: set[Mark] = set()

    def __call__(self, frame: FrameType, event: str, argument: object) -> Any:  # noqa: ANN401
        """See a call: only frames of the files are followed."""
        if frame.f_code.co_filename not in self._files:
            return None
        self.marks.add((frame.f_code.co_filename, frame.f_code.co_qualname))
        return self._line

    def _line(self, frame: FrameType, event: str, argument: object) -> Any:  # noqa: ANN401
        if event == "line":
            self.marks.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line

    @contextmanager
    def on(self) -> Iterator[None]:
        """See what is reached in here, in this thread and in those that begin."""
        sys.settrace(self)
        threading.settrace(self)
        try:
            yield
        finally:
            sys.settrace(None)
            threading.settrace(None)
