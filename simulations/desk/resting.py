"""Work that waits until a slider has come to rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class WhenResting:
    """Does something once nothing has changed for a moment; where no event loop runs, immediately.

    Args:
        action: what is done.
        seconds: how long nothing has to change.
    """

    def __init__(self, action: Callable[[], None], seconds: float = 0.35) -> None:
        self._action = action
        self._seconds = seconds
        self._waiting: asyncio.TimerHandle | None = None

    def changed(self) -> None:
        """Begin to wait, anew."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._action()
            return
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = loop.call_later(self._seconds, self._action)
