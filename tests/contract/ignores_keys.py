"""A gateway that a contract must find out."""

from __future__ import annotations

from itertools import count


class IgnoresKeys:
    """A gateway that does again what it was asked for under the same key."""

    def __init__(self, gateway: object) -> None:
        self._gateway = gateway
        self._numbers = count()

    def __getattr__(self, method: str) -> object:
        call = getattr(self._gateway, method)

        def with_another_key(*args: object, **given: object) -> object:
            if "key" in given:
                given["key"] = f"{given['key']}:{next(self._numbers)}"
            return call(*args, **given)

        return with_another_key
