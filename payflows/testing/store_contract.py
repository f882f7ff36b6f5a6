"""The contract of a store, for those who bring one of their own: each check is one promise of the `Store` port."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction

from payflows.kernel.store import Store
from payflows.testing import store_aggregates, store_queues

StoreCheck = Callable[[Store], Awaitable[None]]
"""Checks one promise of an empty store; an `AssertionError` says that it is broken."""


async def check_store(make: Callable[[], Store]) -> None:
    """Check all promises, each on an empty store.

    Args:
        make: makes an empty store.

    Raises:
        AssertionError: a promise is broken; the traceback names it.
    """
    for check in STORE_CHECKS:
        await check(make())


STORE_CHECKS: tuple[StoreCheck, ...] = tuple(
    check
    for module in (store_aggregates, store_queues)
    for check in vars(module).values()
    if iscoroutinefunction(check) and check.__module__ == module.__name__
)
"""All promises, in the order in which they are written down."""
