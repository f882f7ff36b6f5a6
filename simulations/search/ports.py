"""The ports of a program, as the search sees them: which role each plays, and what each of its methods does."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import NamedTuple

from payflows.kernel.ports import PortMethod, methods_of


class Role(StrEnum):
    """What stands behind a port: it decides which faults are possible there."""

    STRIPE = "stripe"
    """Stripe, which knows keys and stored answers, and fails in its own ways."""
    SERVICE = "service"
    """A service of another company or department."""
    MAILER = "mailer"
    """The mail server: it fails call by call."""
    STORE = "store"
    """Our own store: all or nothing, and compared before it is set."""
    ENDPOINT = "endpoint"
    """Our own endpoint, which others call."""


class Site(NamedTuple):
    """Where a call goes.

    Attributes:
        port: the port's name.
        method: which of its methods.
        role: what stands behind the port.
        nature: what the method does.
        is_struck: an ongoing fault strikes it already.
    """

    port: str
    method: str
    role: Role
    nature: PortMethod
    is_struck: bool = False


class Port(NamedTuple):
    """A port of a program.

    Attributes:
        name: as plans, replays and traces call it.
        role: what stands behind it.
        protocol: declares its methods, and says what each does.
    """

    name: str
    role: Role
    protocol: type

    def site(self, method: str) -> Site:
        """The place of a call. Raises `AttributeError` where the protocol does not say what the method does."""
        return _site(self, method)


@cache
def _site(port: Port, method: str) -> Site:
    nature = methods_of(port.protocol).get(method)
    if nature is None:
        raise AttributeError(f"{port.protocol.__name__} must declare {method!r}, and mark it as a read, poll or write")
    return Site(port.name, method, port.role, nature)


@cache
def struck(site: Site) -> Site:
    """The same place, while an ongoing fault strikes every call there."""
    return site._replace(is_struck=True)
