"""Making something at Stripe once: asking for it is stored before, and it is looked for before it is asked for again.

A call whose answer is lost may still be running, and so may one whose process has died. A 5xx has ended, done or not;
Stripe repeats it under its key for a day, or does not know that key. So none of them is made again before what it may
have made was looked for, twice, once lists show it; and after a 5xx that is under another key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any, Protocol, TypeVar

from payflows.errors import CallNotSent, CallRejected, OutcomeUnknown, PaymentDeclined, ServerFailed
from payflows.kernel.repository import Repository
from payflows.marketplace.step_context import StepContext

T = TypeVar("T")
R = TypeVar("R", bound=Any)

LOOKS = 2
"""How often it is looked for before it is made again, since a list may lag. After that time one look is enough."""


class AskedFor(Protocol):
    """A row of what is to be made at Stripe."""

    @property
    def asked_at(self) -> datetime | None:
        """When it was asked for; None: it was not, or it is known what came of that."""
        ...

    @property
    def key_generation(self) -> int:
        """Part of its key."""
        ...


async def make_once(
    context: StepContext,
    rows: Repository[R],
    row: R,
    make: Callable[[], Coroutine[Any, Any, T]],
    find: Callable[[], Awaitable[T | None]],
) -> tuple[R, T | CallRejected] | None:
    """Return what Stripe has made of a row, or why it does not, with the row as it then stands.

    Args:
        context: the ports and the clock.
        rows: where the row is written.
        row: what is to be made: an `AskedFor`.
        make: calls Stripe under the row's key.
        find: looks for what an earlier call may have made.

    Returns:
        None: that is not known yet; the row says when to go on.
    """
    before: AskedFor = row
    if before.asked_at is not None:
        found, look_at = await _found(context, before.asked_at, find)
        if found is not None:
            return row, found
        if look_at is not None:
            await _wait(context, rows, row, look_at)
            return None
    asked = await rows.lease(row, asked_at=context.clock.now())
    try:
        answer = await context.calls.once_for_outcome(make)
    except CallNotSent as error:
        await rows.back_off(asked, error, asked_at=before.asked_at)
        return None
    if isinstance(answer, OutcomeUnknown):
        is_key_spent = isinstance(answer, ServerFailed)
        await rows.back_off(asked, answer, key_generation=before.key_generation + int(is_key_spent))
        return None
    assert not isinstance(answer, PaymentDeclined), "no card is charged here"
    return asked, answer


async def _found(
    context: StepContext, asked_at: datetime, find: Callable[[], Awaitable[T | None]]
) -> tuple[T | None, datetime | None]:
    """Return what an earlier call has made, or else when to look next; None: it was looked for often enough."""
    looks = (context.clock.now() - asked_at) // context.doubt
    found = await find() if looks else None
    return found, asked_at + (looks + 1) * context.doubt if found is None and looks < LOOKS else None


async def _wait(context: StepContext, rows: Repository[R], row: R, look_at: datetime) -> None:
    """Leave it until then, with all that has failed. Where it is not due before, someone may be at work on it."""
    if row.due_at is None or row.due_at <= context.clock.now():
        await rows.update(row, back_off_until=look_at)
