"""Checks that policies and scenarios share, so that each refusal says the same way what is allowed and what came."""

from __future__ import annotations

from payflows.errors import InvalidPolicy


def whole_number(name: str, value: int, *, least: int = 0, most: int = 1_000_000_000) -> None:
    """Raises `InvalidPolicy` unless `value` is an int (not a bool) from `least` to `most`."""
    if type(value) is not int or not least <= value <= most:
        raise InvalidPolicy(f"{name} must be a whole number from {least:,} to {most:,}, got {value!r}")


def share(name: str, value: float) -> None:
    """Raises `InvalidPolicy` unless `value` is a number from 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidPolicy(f"{name} must be a number from 0 to 1, got {value!r}")


def positive(name: str, value: float, *, most: float = 1e9) -> None:
    """Raises `InvalidPolicy` unless `value` is a number above 0 and at most `most`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
        raise InvalidPolicy(f"{name} must be a number above 0 and at most {most:g}, got {value!r}")


def not_negative(name: str, value: float, *, most: float = 1e9) -> None:
    """Raises `InvalidPolicy` unless `value` is a number from 0 to `most`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise InvalidPolicy(f"{name} must be a number from 0 to {most:g}, got {value!r}")
