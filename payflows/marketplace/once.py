"""Making something at Stripe once: under a key of its row, and after a failed answer only if it cannot be found.

A call that was cut off may still be running, and is made again under the same key: Stripe then says that it runs, or
what came of it. A 5xx has ended, done or not, and its key is of no use: Stripe repeats it for a day, or has forgotten
the key. What it has made is looked for, once lists show it; only if there is nothing, twice, it is made under another
key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from payflows.errors import CallRejected, OutcomeUnknown, PaymentDeclined, PortError, ServerFailed, VersionConflict
from payflows.kernel.repository import Repository
from payflows.marketplace.step_context import StepContext

T = TypeVar("T")
R = TypeVar("R", bound=Any)


class AskedFor(Protocol):
    """A row of what is to be made at Stripe."""

    @property
    def asked_at(self) -> datetime | None:
        """When it was asked for with a 5xx as the answer; None: it was not."""
        ...

    @property
    def changed_at(self) -> datetime:
        """Since when its key is used."""
        ...

    @property
    def key_generation(self) -> int:
        """Part of its key."""
        ...


class NotYet(NamedTuple):
    """It is not known to be made: what the row must keep, and when to look again.

    Attributes:
        changes: of the row.
        check_at: when to go on; None: immediately.
    """

    changes: dict[str, Any]
    check_at: datetime | None

    async def keep(self, repository: Repository[R], row: R) -> R | None:
        """Store that. Where it cannot be stored it is tried again with the back-off: a 5xx is said only once."""
        try:
            if self.check_at is None:
                return await repository.record_progress(row, **self.changes)
            return await repository.schedule(row, check_at=self.check_at, **self.changes)
        except (PortError, VersionConflict) as error:
            latest = await repository.get(row.id)
            if (latest.status, latest.key_generation) != (row.status, row.key_generation):
                return latest
            return await repository.back_off(latest, error, **self.changes)


async def make_once(
    context: StepContext,
    row: AskedFor,
    make: Callable[[], Coroutine[Any, Any, T]],
    find: Callable[[], Awaitable[T | None]],
) -> T | CallRejected | NotYet:
    """Return what Stripe has made of a row, or why it does not, or what the row must keep.

    Args:
        context: the ports and the clock.
        row: what is to be made.
        make: calls Stripe under the row's key.
        find: looks for what an earlier call may have made.

    Raises:
        PortError: there was no answer, and it may still be running.
    """
    if context.is_in_doubt(row.asked_at, row.changed_at):
        if not context.is_shown(row.asked_at):
            return NotYet({}, context.seconds_from_now(context.policy.doubt_seconds))
        found = await find()
        if found is not None:
            return found
        if not context.is_shown(row.asked_at, looks=2):
            return NotYet({}, context.seconds_from_now(context.policy.doubt_seconds))  # a list may lag: look once more
        generation = row.key_generation + 1
        return NotYet({"asked_at": None, "key_generation": generation, "changed_at": context.clock.now()}, None)
    answer = await context.calls.once_for_outcome(make)
    if isinstance(answer, ServerFailed):
        look_at = context.seconds_from_now(context.policy.doubt_seconds)
        return NotYet({"asked_at": context.clock.now()}, look_at)
    if isinstance(answer, OutcomeUnknown):
        raise answer
    assert not isinstance(answer, PaymentDeclined), "no card is charged here"
    return answer
