"""What goes wrong in a universe, as values that can be written in one line and read again."""

from __future__ import annotations

import re
from typing import NamedTuple

from payflows.errors import InvalidPolicy

_FAULT = re.compile(r"(?P<call>[1-9][0-9]{0,5}):(?P<kind>[a-z][a-z0-9_]{0,39})(?:/(?P<seconds>[1-9][0-9]{0,6}))?")


class InvalidPlan(InvalidPolicy):
    """No such plan, or none that can come true in its universe."""


class Fault(NamedTuple):
    """One thing that goes wrong.

    Attributes:
        call: at which of the universe's calls, from 1; recovery's calls are counted too. Over HTTP, every
            request to Stripe is one.
        kind: what goes wrong, by its name in `kinds`, or in the wire's.
        seconds: how long it lasts, where it does.
    """

    call: int
    kind: str
    seconds: int = 0

    def __str__(self) -> str:
        return f"{self.call}:{self.kind}" + (f"/{self.seconds}" if self.seconds else "")


Plan = tuple[Fault, ...]
"""All that goes wrong in one universe, by rising call."""

NO_FAULTS: Plan = ()


def written(plan: Plan) -> str:
    """The plan in one line, such as `17:answer_lost+25:outage/4000`; `calm` where nothing goes wrong."""
    return "+".join(map(str, plan)) or "calm"


def read(text: str) -> Plan:
    """The plan that `written` wrote. Raises `InvalidPlan` where it is none."""
    if text == "calm":
        return NO_FAULTS
    faults = []
    for part in text.split("+"):
        match = _FAULT.fullmatch(part)
        if match is None:
            raise InvalidPlan(f"a plan is written like 17:answer_lost+25:outage/4000, got {text!r}")
        faults.append(Fault(int(match["call"]), match["kind"], int(match["seconds"] or 0)))
    if [fault.call for fault in faults] != sorted({fault.call for fault in faults}):
        raise InvalidPlan(f"a plan's faults strike one call each, in rising order, got {text!r}")
    return tuple(faults)
