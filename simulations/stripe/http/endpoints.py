"""Endpoints of Stripe's HTTP API: how one is declared, and its parameters read. Each resource declares its own.

Source: Stripe API reference; paths and parameters by the names of Stripe's OpenAPI.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.events import Json, StripeObject
from simulations.stripe.simulated import SimulatedStripe

Params = Mapping[str, str]
"""By Stripe's names, such as `metadata[order_id]`."""

Work = Callable[[SimulatedStripe, str, Params], Json]
"""What a request does, by the id in its path and its parameters."""

Find = Callable[[SimulatedStripe, str], StripeObject]
"""Finds the object of the id in a path. Raises `InvalidRequest` (`resource_missing`)."""

_MAX_ON_A_PAGE = 100
_USUAL_PAGE = 10


class Endpoint(NamedTuple):
    """One endpoint: it understands the requests that our gateway makes, and no others.

    Attributes:
        verb: `GET` or `POST`.
        path: as Stripe's OpenAPI writes it.
        work: does it.
        find: finds the object that the path names; None where it names none.
        needs: the parameters without which a request is refused.
        may: the others that are understood; any more are refused.
        is_bare: it is meant only by a request without any, of two that share a path.
    """

    verb: str
    path: str
    work: Work
    find: Find | None = None
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    is_bare: bool = False

    def check(self, params: Params) -> None:
        """Raise `InvalidRequest` where a parameter is missing or not understood."""
        for name in self.needs:
            if not params.get(name):
                raise InvalidRequest(f"Missing required param: {name}.", "parameter_missing")
        for name in params:
            if name not in self.needs and name not in self.may:
                raise InvalidRequest(f"Received unknown parameter: {name}", "parameter_unknown")


def limit_of(params: Params) -> int:
    """Read how many objects a page may hold."""
    limit = whole_number_of(params.get("limit", str(_USUAL_PAGE)))
    if not 1 <= limit <= _MAX_ON_A_PAGE:
        raise InvalidRequest(f"Limits are from 1 to {_MAX_ON_A_PAGE}, got {limit}.")
    return limit


def whole_number_of(text: str) -> int:
    """Read a whole number."""
    if not re.fullmatch("[0-9]{1,9}", text):
        raise InvalidRequest(f"Invalid integer: {text}", "parameter_invalid_integer")
    return int(text)
