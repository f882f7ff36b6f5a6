"""What the methods of a port do, said once, where the port is declared. Retries, searches and traces read it here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from inspect import getmembers, isfunction
from typing import Any, NamedTuple, TypeVar

Method = TypeVar("Method", bound=Callable[..., Any])

_MARK = "__port_method__"


class Nature(StrEnum):
    """What a call changes."""

    READ = "read"
    """Nothing."""
    POLL = "poll"
    """Nothing: it asks whether something is due, or asks to be called then."""
    WRITE = "write"
    """Records, or something that can be put right by asking again."""
    EFFECT = "effect"
    """Money, goods, or the record that they have moved."""


class PortMethod(NamedTuple):
    """What is known of a port's method.

    Attributes:
        nature: what a call changes.
        compares: it compares before it sets, and may raise `VersionConflict`.
        lags: it lists or searches, and may not show the newest yet.
    """

    nature: Nature
    compares: bool = False
    lags: bool = False

    @property
    def changes(self) -> bool:
        """Return whether a call may change anything."""
        return self.nature in (Nature.WRITE, Nature.EFFECT)


def reads(method: Method) -> Method:
    """Mark a method that changes nothing."""
    return _marked(method, PortMethod(Nature.READ))


def searches(method: Method) -> Method:
    """Mark a list or a search, which may not show the newest yet."""
    return _marked(method, PortMethod(Nature.READ, lags=True))


def polls(method: Method) -> Method:
    """Mark a method that asks whether something is due."""
    return _marked(method, PortMethod(Nature.POLL))


def writes(method: Method) -> Method:
    """Mark a method that changes records."""
    return _marked(method, PortMethod(Nature.WRITE))


def moves(method: Method) -> Method:
    """Mark a method that moves money or goods, or records that they have moved."""
    return _marked(method, PortMethod(Nature.EFFECT))


def compares(method: Method) -> Method:
    """Mark a method, marked already as one that changes something, that may raise `VersionConflict`."""
    return _marked(method, getattr(method, _MARK)._replace(compares=True))


@cache
def methods_of(port: type) -> Mapping[str, PortMethod]:
    """Every method of a port's protocol that is marked, by its name."""
    return {name: getattr(member, _MARK) for name, member in getmembers(port, isfunction) if hasattr(member, _MARK)}


def _marked(method: Method, mark: PortMethod) -> Method:
    setattr(method, _MARK, mark)
    return method
