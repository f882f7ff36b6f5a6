"""Endpoints of Stripe's HTTP API: how one is declared, and its parameters read. Each resource declares its own.

Source: Stripe API reference; paths and parameters by the names of Stripe's OpenAPI.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from payflows.errors import InvalidMoney
from payflows.money import Money

from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.events import Json, StripeObject
from simulations.stripe.http.responses import page
from simulations.stripe.simulated import SimulatedStripe

Params = Mapping[str, str]
"""By Stripe's names, such as `metadata[order_id]`."""

Work = Callable[[SimulatedStripe, str, Params], Json]
"""What a request does, by the id in its path and its parameters."""

Find = Callable[[SimulatedStripe, str], StripeObject]
"""Finds the object of the id in a path. Raises `InvalidRequest` (`resource_missing`)."""

EXPAND = "expand[0]"
"""The parameter that names what is to be expanded; one thing at a time is understood."""

ACCOUNT = "Stripe-Account"
"""The header by which a call is made as a connected account; read as a parameter."""

_MAX_ON_A_PAGE = 100
_USUAL_PAGE = 10


class Endpoint(NamedTuple):
    """One endpoint: it understands the requests that our gateway makes, and no others.

    Attributes:
        verb: `GET`, `POST` or `DELETE`.
        path: as Stripe's OpenAPI writes it.
        work: does it.
        find: finds the object that the path names; None where it names none.
        needs: the parameters without which a request is refused.
        may: the others that are understood; any more are refused.
        when: the parameter that tells it from the next one with this path; None: it tells it from none.
        shows: finds what an error shows, where that is not the object of the path.
    """

    verb: str
    path: str
    work: Work
    find: Find | None = None
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    when: str | None = None
    shows: Find | None = None

    @property
    def path_param(self) -> str | None:
        """The parameter in its path, as errors call it; None where there is none."""
        found = re.search(r"\{([a-z_]+)\}", self.path)
        return None if found is None else "id" if found[1].endswith("_exposed_id") else found[1]

    def check(self, params: Params) -> None:
        """Raise `InvalidRequest` where a parameter is missing or not understood."""
        for name in self.needs:
            if not params.get(name):
                raise InvalidRequest(f"Missing required param: {name}.", "parameter_missing", name)
        for name in params:
            if name not in self.needs and name not in self.may:
                raise InvalidRequest(f"Received unknown parameter: {name}", "parameter_unknown", name)


def check_expand(params: Params, expandable: str) -> None:
    """Raise `InvalidRequest` where anything else is to be expanded."""
    expand = params.get(EXPAND, expandable)
    if expand != expandable:
        raise InvalidRequest(f"This property cannot be expanded ({expand}).", None, "expand")


def only(params: Params, name: str, value: str) -> None:
    """Raise `InvalidRequest` where a parameter is there with another value than the one that is understood."""
    if params.get(name, value) != value:
        raise InvalidRequest(
            f"The simulated Stripe understands {name} only as {value}, got {params[name]}.", None, name
        )


def list_page(url: str, found: Sequence[Json], params: Params) -> Json:
    """Return the page of a list that is asked for."""
    after, ids = params.get("starting_after"), [each["id"] for each in found]
    if after is not None and after not in ids:
        raise InvalidRequest(f"No such object: '{after}'", "resource_missing", "starting_after")
    start = 0 if after is None else ids.index(after) + 1
    return page(url, found[start:], limit_of(params))


def limit_of(params: Params) -> int:
    """Read how many objects a page may hold."""
    limit = whole_number_of(params, "limit", str(_USUAL_PAGE))
    if not 1 <= limit <= _MAX_ON_A_PAGE:
        raise InvalidRequest(f"Limits are from 1 to {_MAX_ON_A_PAGE}, got {limit}.", None, "limit")
    return limit


def money_of(params: Params, name: str, currency: str) -> Money:
    """Read the amount of this name."""
    minor = whole_number_of(params, name)
    try:
        return Money(minor, currency)
    except InvalidMoney as error:
        raise InvalidRequest(str(error), None, "currency") from error


def truth_of(params: Params, name: str, default: str = "") -> bool:
    """Read the truth value of this name."""
    text = params.get(name, default)
    if text not in ("true", "false"):
        raise InvalidRequest(f"Invalid boolean: {text}", "parameter_invalid_boolean", name)
    return text == "true"


def whole_number_of(params: Params, name: str, default: str = "") -> int:
    """Read the whole number of this name."""
    return _number(params, name, default, "integer", 9)


def timestamp_of(params: Params, name: str, default: str = "") -> int:
    """Read the moment of this name, in Unix seconds."""
    return _number(params, name, default, "timestamp", 11)


def _number(params: Params, name: str, default: str, what: str, max_digits: int) -> int:
    text = params.get(name, default)
    if not re.fullmatch(f"[0-9]{{1,{max_digits}}}", text):
        raise InvalidRequest(f"Invalid {what}: {text}", "parameter_invalid_integer", name)
    return int(text)
