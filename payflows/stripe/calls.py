"""Calls of the SDK: each is awaited, its answer read, and any failure becomes one of our errors."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

import stripe

from payflows.errors import CallRejected, OutcomeUnknown, PaymentDeclined, PortError
from payflows.stripe.errors import Asked, map_error, safe_cause

MOST_FOUND = 1_000
"""What a list or a search may hold; more than that is not one order's, or one subscription's."""

MAX_ON_A_PAGE = 100
"""As many objects as Stripe puts on one page of a list."""

_PAYMENT_METHOD = re.compile(r"pm_\w+")

_Answer = TypeVar("_Answer")
_Read = TypeVar("_Read")
_Item = TypeVar("_Item", bound=stripe.StripeObject)


async def ask(asked: Asked, call: Awaitable[_Answer], read: Callable[[_Answer], _Read]) -> _Read:
    """Await the SDK's call and read its answer; a failure of either is one of our errors.

    It is raised after the SDK's own is handled, for that would be its context: some that pickle errors, such as Dask,
    pickle the context too, and the SDK's holds the whole answer.
    """
    try:
        return read(await call)
    except (PortError, CallRejected, PaymentDeclined):
        raise
    except Exception as error:
        failure, cause = map_error(error, asked), safe_cause(error)
    raise failure from cause


async def all_of(
    first_page: Awaitable[stripe.ListObject[_Item] | stripe.SearchResultObject[_Item]], *, most: int = MOST_FOUND
) -> list[_Item]:
    """Return what all the pages hold."""
    found: list[_Item] = []
    async for item in (await first_page).auto_paging_iter():
        found.append(item)
        if len(found) > most:
            raise OutcomeUnknown(f"Stripe found more than {most:,} objects where few can be")
    return found


def check_payment_method(payment_method: str) -> None:
    """Raise `CallRejected` for what is no id of a payment method, such as a card number: it is not sent."""
    if not _PAYMENT_METHOD.fullmatch(payment_method):
        raise CallRejected("a payment method is Stripe's id, pm_...; what came was not sent")
