"""Intercepts a port: every awaited method of any port, wrapped the same way. What a wrapper does is its caller's."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

Method = Callable[..., Coroutine[Any, Any, object]]
"""An awaited method of a port."""

Wrap = Callable[[str, Method], Method]
"""Makes of a method, by its name, the one that is called instead."""


class Intercepted:
    """A port each of whose methods is wrapped when it is first used.

    Args:
        port: what stands behind.
        wrap: makes the methods that are called instead.
    """

    def __init__(self, port: object, wrap: Wrap) -> None:
        self._port = port
        self._wrap = wrap

    def __getattr__(self, name: str) -> Method:
        wrapped = self._wrap(name, getattr(self._port, name))
        setattr(self, name, wrapped)  # the next call finds it without asking here
        return wrapped

    def disconnect(self) -> None:
        """Let go of the port and of all wrappers, which may refer to each other in circles."""
        self.__dict__.clear()
