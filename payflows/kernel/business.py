"""A business, as the app joins it to the kernel: its kinds, its events, and what it does about webhooks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from payflows.kernel.aggregate import Kind
from payflows.kernel.inbox import OnConnected, OnSubject


class Advancing(NamedTuple):
    """Aggregates that have timers.

    Attributes:
        kind: which.
        advance: moves one on, by its id.
    """

    kind: Kind[Any]
    advance: Callable[[str], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """One business.

    Attributes:
        advancing: its kinds of aggregate, and what advances them when they are due.
        event_types: its business events.
        on_subject: what it does about webhooks, by the kind of their subject, such as "payment".
        on_connected: what it does about those of connected accounts.
    """

    advancing: tuple[Advancing, ...]
    event_types: type[StrEnum]
    on_subject: Mapping[str, OnSubject]
    on_connected: Mapping[str, OnConnected] = field(default_factory=dict)
