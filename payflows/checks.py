"""Checks of what comes in, so that each refusal says the same way what is allowed and what came.

A number is repeated; of anything else only the type, for it may be a card number.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from payflows.errors import InvalidInput, InvalidPolicy

Error = type[InvalidInput]


def instance_of(name: str, value: object, *kinds: type | None, error: Error = InvalidPolicy) -> None:
    """Raise `error` unless `value` is of one of these types; None stands for itself."""
    for kind in kinds:
        if value is None if kind is None else isinstance(value, kind):
            return
    allowed = " or ".join("None" if kind is None else _a(kind) for kind in kinds)
    raise error(f"{name} must be {allowed}, got {type(value).__name__}")


def sequence(name: str, values: object, *, least: int = 0, error: Error = InvalidPolicy) -> None:
    """Raise `error` unless `values` is ordered, as a list or a tuple is, and has at least this many; a text is none."""
    if isinstance(values, str | bytes) or not isinstance(values, Sequence):
        raise error(f"{name} must be a list or a tuple, got {type(values).__name__}")
    if len(values) < least:
        raise error(f"{name} must be at least {least}, got {len(values)}")


def function(name: str, value: object, *, optional: bool = False) -> None:
    """Raise `InvalidPolicy` unless `value` can be called; None can be allowed too."""
    if not callable(value) and not (optional and value is None):
        raise InvalidPolicy(f"{name} must be a function{' or None' * optional}, got {type(value).__name__}")


def implements(name: str, value: object, protocol: type, *, optional: bool = False) -> None:
    """Raise `InvalidPolicy` unless `value` has all methods of a protocol; None can be allowed too."""
    if optional and value is None:
        return
    kind: type = type(value)
    missing = [method for method in _missing_of(kind, protocol) if not hasattr(value, method)]
    if missing:
        raise InvalidPolicy(f"{name} must be {_a(protocol)}: {kind.__name__} has no {', '.join(missing)}")


def aware(name: str, moment: datetime, *, error: Error = InvalidPolicy) -> None:
    """Raise `error` unless `moment` is a datetime with a time zone."""
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        seen = "one without" if isinstance(moment, datetime) else type(moment).__name__
        raise error(f"{name} must be a datetime with a time zone, got {seen}")


def whole_number(
    name: str, value: int, *, least: int = 0, most: int = 1_000_000_000, error: Error = InvalidPolicy
) -> None:
    """Raise `error` unless `value` is an int (not a bool) from `least` to `most`."""
    if type(value) is not int or not least <= value <= most:
        raise error(f"{name} must be a whole number from {least:,} to {most:,}, got {value!r}")


def share(name: str, value: float) -> None:
    """Raise `InvalidPolicy` unless `value` is a number from 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidPolicy(f"{name} must be a number from 0 to 1, got {value!r}")


def positive(name: str, value: float, *, most: float = 1e9) -> None:
    """Raise `InvalidPolicy` unless `value` is a number above 0 and at most `most`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
        raise InvalidPolicy(f"{name} must be a number above 0 and at most {most:g}, got {value!r}")


def not_negative(name: str, value: float, *, most: float = 1e9) -> None:
    """Raise `InvalidPolicy` unless `value` is a number from 0 to `most`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise InvalidPolicy(f"{name} must be a number from 0 to {most:g}, got {value!r}")


@cache
def _missing_of(kind: type, protocol: type) -> tuple[str, ...]:
    """Return the methods of a protocol that a class has not, so that only an object's attribute can be one."""
    if hasattr(kind, "__getattr__"):
        return ()  # a proxy makes its methods when they are first used: asking for them would make all
    return tuple(name for name in dir(protocol) if not name.startswith("_") and not hasattr(kind, name))


def _a(kind: type) -> str:
    return f"{'an' if kind.__name__[0] in 'AEIOUaeiou' else 'a'} {kind.__name__}"
