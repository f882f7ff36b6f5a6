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


# Where faults can strike.


def anywhere(site: Site) -> bool:
    """Every call."""
    return True


def changes(site: Site) -> bool:
    """A call that may change something."""
    return site.nature.changes


def changes_elsewhere(site: Site) -> bool:
    """A call that may change something outside our own store."""
    return site.role is not Role.STORE and changes(site)


def services(site: Site) -> bool:
    """A call between us and another company's or department's service."""
    return site.role in (Role.STRIPE, Role.SERVICE, Role.ENDPOINT)


def changes_at_a_service(site: Site) -> bool:
    """A call that may change something at a service, but for Stripe, which is slow in its own way."""
    return site.role is Role.SERVICE and changes(site)


def stripe_calls(site: Site) -> bool:
    """A call of Stripe's."""
    return site.role is Role.STRIPE


def stripe_writes(site: Site) -> bool:
    """A call of Stripe's that may move money."""
    return stripe_calls(site) and changes(site)


def answered_with_one(site: Site) -> bool:
    """A call of Stripe's whose answer is one object."""
    return stripe_calls(site) and not lagging(site)


def lagging(site: Site) -> bool:
    """A list or search, which may not show the newest yet."""
    return site.nature.lags


def comparing(site: Site) -> bool:
    """A call that compares before it sets."""
    return site.nature.compares
