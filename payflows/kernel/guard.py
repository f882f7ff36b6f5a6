"""The guard around ports: its caller meets an answer or an error that it knows, and nothing else.

The line is what a port's method returns to be awaited. What that raises, a `TypeError` as well as a reset connection or
a cancellation from within, is the port's: it is logged with its traceback, and its outcome is unknown. All else is ours
and stays loud: a call that does not fit its method, any error of a step itself, the cancellation of the task that
calls, and a failed assertion, wherever it stands: a store asserts that a step is legal. A method that blocks its thread
can be cut off by nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import cache
from inspect import getmembers, iscoroutinefunction
from typing import Any, TypeVar, cast

from payflows.clock import Clock
from payflows.errors import OutcomeUnknown, PayflowsError, PortError
from payflows.kernel import log
from payflows.kernel.error_text import safe_error_text

T = TypeVar("T")

CALL_TIMEOUT_SECONDS = 30
"""Longer than a port's own time-outs, which know more; three tries fit into the lease of a step."""


async def answer_of(clock: Clock, seconds: float, coming: Coroutine[Any, Any, T]) -> T:
    """Await what a port's method returned, and cut it off after so long.

    Raises:
        OutcomeUnknown: it was cut off, or ended in an error that no port declares.
    """
    try:
        return await clock.within(seconds, coming)
    except PayflowsError as error:
        _log_trouble(error, coming)
        raise
    except AssertionError:
        raise
    except Exception as error:
        raise _unknown(error, coming) from error


def guarded(port: T, protocol: type[Any], clock: Clock, seconds: float = CALL_TIMEOUT_SECONDS) -> T:
    """Return the port with every method guarded that its protocol declares to be awaited."""
    return cast(T, _GuardedPort(port, protocol, clock, seconds))


class _GuardedPort:
    """A port each of whose methods is guarded when it is first used."""

    def __init__(self, port: object, protocol: type, clock: Clock, seconds: float) -> None:
        self._port = port
        self._protocol = protocol
        self._clock = clock
        self._seconds = seconds

    def __getattr__(self, name: str) -> object:
        method = getattr(self._port, name)
        if name in _awaited_of(self._protocol):
            method = self._guarded(method)
        setattr(self, name, method)  # the next call finds it without asking here
        return method

    def _guarded(self, method: Callable[..., Coroutine[Any, Any, object]]) -> Callable[..., object]:
        clock, seconds = self._clock, self._seconds
        return lambda *args, **kwargs: answer_of(clock, seconds, method(*args, **kwargs))


@cache
def _awaited_of(protocol: type) -> frozenset[str]:
    return frozenset(name for name, _ in getmembers(protocol, iscoroutinefunction))


def _log_trouble(error: PayflowsError, coming: object) -> None:
    if isinstance(error, PortError):
        log.warning("a port did not answer", error, call=_name_of(coming))


def _unknown(error: Exception, coming: object) -> OutcomeUnknown:
    log.error("a port raised what no port declares", error, with_traceback=True, call=_name_of(coming))
    return OutcomeUnknown(f"{_name_of(coming)}: {safe_error_text(error)}")


def _name_of(coming: object) -> str:
    return str(getattr(coming, "__qualname__", type(coming).__name__))
