"""Where a fault can strike: which calls, by the role of their port and by what the method does."""

from __future__ import annotations

from simulations.search.ports import Role, Site


def anywhere(site: Site) -> bool:
    """Every call."""
    return True


def changes(site: Site) -> bool:
    """A call that may change something."""
    return site.nature.changes


def our_calls(site: Site) -> bool:
    """A call that our side makes, on a port that may be its merchant's own."""
    return site.role is not Role.ENDPOINT


def our_changes(site: Site) -> bool:
    """A call of ours that may change something."""
    return our_calls(site) and changes(site)


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
