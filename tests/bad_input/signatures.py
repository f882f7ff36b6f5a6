"""Public constructors and methods, each of whose parameters is given values of every wrong type.

The parameters are read from the signatures, so that a new one is tried without being named here. What is named is the
exceptions: which of the values are right where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from inspect import signature
from typing import NamedTuple

from payflows import build_app
from simulations.checkout.shop import Shop

VALUES: Mapping[str, object] = {
    "none": None,
    "bool": True,
    "text": "",
    "float": 1.5,
    "negative": -1,
    "list": [],
    "dict": {},
    "object": object(),
    "naive": datetime(2026, 1, 1),
}
"""By the names that a row uses: what a caller may give by mistake."""

Right = Mapping[str, object]


class Signature(NamedTuple):
    """One constructor or method.

    Attributes:
        name: as it is called.
        of: finds it, in a shop with one order.
        right: arguments that it takes, by parameter.
        takes: for a parameter, which of `VALUES` are right.
    """

    name: str
    of: Callable[[Shop], Callable[..., object]]
    right: Callable[[Shop], Right]
    takes: Mapping[str, str]

    def parameters(self, shop: Shop) -> Iterator[str]:
        """Name all parameters but what is handed on, such as `**settings`."""
        parameters = signature(self.of(shop)).parameters.values()
        return (parameter.name for parameter in parameters if parameter.kind is not parameter.VAR_KEYWORD)

    def wrong_for(self, parameter: str) -> Iterator[str]:
        """Name the values that this parameter does not take."""
        return (name for name in VALUES if name not in self.takes.get(parameter, "").split())

    def call(self, shop: Shop, parameter: str, value: object) -> object:
        """Call it with one argument that is wrong."""
        return self.of(shop)(**{**self.right(shop), parameter: value})

    def __str__(self) -> str:
        return self.name


def made(kind: Callable[..., object], right: Right | None = None, /, **takes: str) -> Signature:
    """A constructor, and arguments that it takes."""
    return Signature(kind.__name__, lambda _: kind, lambda _: right or {}, takes)


def asked(
    name: str,
    of: Callable[[Shop], Callable[..., object]],
    right: Callable[[Shop], Right] = lambda _: {},
    /,
    **takes: str,
) -> Signature:
    """A method, and arguments that it takes."""
    return Signature(name, of, right, takes)


def right(**arguments: object) -> Callable[[Shop], Right]:
    """Arguments that are the same in every shop."""
    return lambda _: arguments


def app_with(business: str, setup: Callable[[Shop], object]) -> Signature:
    """`build_app` with one business, beside which all else that it takes may be left out."""
    nones = (
        "checkout",
        "subscriptions",
        "marketplace",
        "merchant",
        "connected_webhooks",
        "webhooks",
        "store",
        "mailer",
    )
    takes = {
        **dict.fromkeys((*nones, "clock", "runner"), "none"),
        "poll_seconds": "float",
        "store_timeout_seconds": "float",
    }
    del takes[business]
    return asked(
        f"build_app with {business}",
        lambda _: build_app,
        lambda shop: {"gateway": shop.stripe, "store": shop.store, "clock": shop.world, business: setup(shop)},
        **takes,
    )
