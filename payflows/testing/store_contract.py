"""The contract of a store, for those who bring one of their own: each check is one promise of the `Store` port."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from payflows.kernel.store import Store
from payflows.testing.store_checks_of_aggregates import CHECKS_OF_AGGREGATES
from payflows.testing.store_checks_of_queues import CHECKS_OF_QUEUES

StoreCheck = Callable[[Store], Awaitable[None]]
"""Checks one promise of an empty store; an `AssertionError` says that it is broken."""

STORE_CHECKS: tuple[StoreCheck, ...] = (*CHECKS_OF_AGGREGATES, *CHECKS_OF_QUEUES)


async def check_store(make: Callable[[], Store]) -> None:
    """Check all promises, each on an empty store.

    Args:
        make: makes an empty store.

    Raises:
        AssertionError: a promise is broken; the traceback names it.
    """
    for check in STORE_CHECKS:
        await check(make())
