"""What a row of the bad-input table is. The rows themselves lie beside this file, one file per entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from payflows.errors import PayflowsError
from simulations.checkout.shop import Shop

CARD = "4242424242424242"
"""The canary: wherever it is put by mistake, no message may repeat it."""

NAN, INFINITY = float("nan"), float("inf")

Call = Callable[[Shop], object]


class Bad(NamedTuple):
    """One row: what is tried, and how it is refused."""

    entry: str
    name: str
    call: Call
    error: type[PayflowsError]

    def __str__(self) -> str:
        return f"{self.entry}: {self.name}"


def rows(entry: str, error: type[PayflowsError], bad: Mapping[str, Call]) -> list[Bad]:
    return [Bad(entry, name, call, error) for name, call in bad.items()]


def set_to(kind: Callable[..., object], **values: object) -> Call:
    """A policy, scenario or setting made with these values."""
    return lambda _: kind(**values)
