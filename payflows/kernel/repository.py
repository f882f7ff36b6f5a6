"""Repositories: every change of an aggregate is one step of the store, with its version, log, messages and timers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic

from payflows.clock import SECOND, Clock
from payflows.errors import AlreadyExists, CallRejected, MerchantMisconfigured, UnreadableAnswer, VersionConflict
from payflows.kernel import log
from payflows.kernel.aggregate import A, Kind, Review
from payflows.kernel.changes import Change, Replace
from payflows.kernel.evolve import evolve
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.store import Store

MAX_BACK_OFF_SECONDS = 300

MISCONFIGURED = "the account is misconfigured"
"""Why any aggregate waits while we are refused."""

_RESTED: dict[str, Any] = {"failures": 0, "back_off_until": None, "lease_until": None, "review": None}
"""What is over once a step has worked and the aggregate rests."""

_ENTERED = _RESTED | {"check_at": None}
"""What is over once another status is entered."""


class Repository(Generic[A]):
    """Writes the aggregates of one kind. Whoever has read an older version gets `VersionConflict`.

    Args:
        kind: which.
        store: keeps them.
        clock: dates them.
        retry: how long a step that failed is left alone.
        lease_seconds: how long a step may take before a worker takes the aggregate for left behind.
        review_after_seconds: how long it may fail before a person is asked.
    """

    def __init__(
        self,
        kind: Kind[A],
        *,
        store: Store,
        clock: Clock,
        retry: RetryPolicy,
        lease_seconds: int,
        review_after_seconds: int,
    ) -> None:
        self.kind = kind
        self._store = store
        self._clock = clock
        self._retry = retry
        self._lease = lease_seconds * SECOND
        self._review_after_seconds = review_after_seconds

    async def get(self, id: str) -> A:
        """Return it as stored. Raises `NotFound`."""
        return await self._store.get(self.kind, id)

    async def add(self, new: A) -> A:
        """Store a new one, leased to whoever adds it, or return the one that has this id already."""
        return await self._store.add(self.kind, evolve(new, lease_until=self._clock.now() + self._lease))

    async def transition(self, before: A, status: StrEnum, *also: Change, **changes: Any) -> A:
        """Enter another status; what was in the way is over, and whoever enters it has a lease if work is due there.

        Args:
            before: as it was read.
            status: the next one by the table.
            also: what is written in the same step.
            changes: what else the step has changed.
        """
        now = self._clock.now()
        entered = {"status": status, "version": before.version + 1, "changed_at": now, "updated_at": now}
        after = evolve(before, **(_ENTERED | changes | entered | {"lease_until": now + self._lease}))
        due_at = after.next_due()
        if due_at is None or due_at > now:
            after = evolve(after, lease_until=None)
        await self._write(before, after, also)
        if log.is_debugging():
            log.debug("transition", kind=self.kind.name, id=after.id, before=before.status, after=status)
        return after

    async def update(self, before: A, *also: Change, **changes: Any) -> A:
        """Store a change that leaves the status and the timers as they are."""
        after = evolve(before, version=before.version + 1, updated_at=self._clock.now(), **changes)
        await self._write(before, after, also)
        return after

    async def lease(self, before: A, **changes: Any) -> A:
        """Store that a step is at work on it from now on, and what must be known if its process dies."""
        return await self.update(before, lease_until=self._clock.now() + self._lease, **changes)

    async def request(self, before: A, *also: Change, **changes: Any) -> A:
        """Store what is wanted of it, to be worked on from now on; where it has moved on, `VersionConflict`."""
        return await self.update(before, *also, back_off_until=None, lease_until=self._clock.now(), **changes)

    async def record_progress(self, before: A, **changes: Any) -> A:
        """Store what a step did that leaves the status as it is; what was in the way is over, and the step goes on."""
        due_at = before.due_at if before.review is None else self._clock.now()  # blocked, it was not due
        return await self.update(before, failures=0, review=None, back_off_until=None, lease_until=due_at, **changes)

    async def schedule(
        self, before: A, *also: Change, check_at: datetime | None = None, review: Review | None = None, **changes: Any
    ) -> A | None:
        """Let it rest until `check_at`, or its earliest business time: nothing is due before.

        A look that comes before its time changes nothing: asking twice is asking once.

        Args:
            before: as it was read.
            also: what is written in the same step.
            check_at: when to look again, at what sends no notice.
            review: what a person is to look at meanwhile; None: all is well. One for the same reason stays as it was.
            changes: what else the step has changed.

        Returns:
            None: it rests.
        """
        if review is not None and before.review is not None and before.review.reason == review.reason:
            review = before.review
        rested = _RESTED | {"review": review}
        after = evolve(before, **rested, check_at=check_at, **changes)
        due_at, until, is_well = before.due_at, after.due_at, before.failures == 0 and before.review == review
        if not changes and due_at is not None and until is not None and self._clock.now() < due_at <= until:
            after = evolve(before, **(rested | {"lease_until": due_at}))
            until = due_at
        if changes or also or until != due_at or not is_well:
            written = evolve(after, version=before.version + 1, updated_at=self._clock.now())
            await self._write(before, written, also)
        return None

    async def back_off(
        self, before: A, error: Exception, *, max_seconds: int = MAX_BACK_OFF_SECONDS, **changes: Any
    ) -> A:
        """Try again later, after a step that failed.

        Review is requested after `review_after_seconds` of failures, or immediately if a call was rejected, or we are.
        """
        now, due_at = self._clock.now(), before.due_at
        delay_seconds = min(self._retry.delay_seconds(before.failures), max_seconds)
        retry_at, failures = now + delay_seconds * SECOND, before.failures + 1
        if due_at is not None and due_at > now:  # a look before its time is not counted
            retry_at, failures = min(retry_at, due_at), before.failures
        review = self._review_of(before, error)
        unchanged = (retry_at, failures, review) == (due_at, before.failures, before.review)
        if unchanged and evolve(before, **changes) == before:
            return before
        timers: dict[str, Any] = {"back_off_until": retry_at, "failures": failures, "review": review}
        after = evolve(before, **timers, **changes, version=before.version + 1, updated_at=now)
        await self._store.change(Replace(self.kind, before, after))
        log.warning("a step is tried again", error, kind=self.kind.name, id=after.id, retry_at=retry_at)
        if review is not before.review:
            self._log_review(after)
        return after

    async def request_review(self, before: A, reason: str, detail: str, **changes: Any) -> None:
        """Leave it to a person, who is given all that is needed: it cannot go on by itself, and keeps its status."""
        review = before.review
        if review is None or (review.reason, review.detail, review.blocks) != (reason, detail, True):
            review = Review(reason, detail, self._clock.now(), blocks=True)
        after = evolve(before, back_off_until=None, lease_until=None, check_at=None, review=review, **changes)
        if after != before:
            written = evolve(after, version=before.version + 1, updated_at=self._clock.now())
            await self._store.change(Replace(self.kind, before, written))
        if review is not before.review:
            self._log_review(after)

    async def _write(self, before: A, after: A, also: Sequence[Change]) -> None:
        """Write both in one step. What others have added meanwhile was not there when it was looked for."""
        try:
            await self._store.change(Replace(self.kind, before, after), *also)
        except AlreadyExists as error:
            if not also:
                raise
            raise VersionConflict(self.kind.name, str(error)) from error

    def _log_review(self, after: A) -> None:
        assert after.review is not None, "it was requested"
        log.error("a person must look at it", kind=self.kind.name, id=after.id, reason=after.review.reason)

    def _review_of(self, before: A, error: Exception) -> Review | None:
        """Return what a person is to look at. That we are refused comes before all else: nothing goes on until then."""
        seen = before.review
        if isinstance(error, MerchantMisconfigured) and (seen is None or seen.reason != MISCONFIGURED):
            return Review(MISCONFIGURED, str(error), self._clock.now())
        if seen is not None:
            return seen
        if isinstance(error, CallRejected):
            return Review("a call was refused", str(error), self._clock.now())
        if isinstance(error, UnreadableAnswer):
            return Review("an answer was not ours", str(error), self._clock.now())
        if before.failures * self._retry.max_delay_seconds >= self._review_after_seconds:
            return Review("no answer", str(error), self._clock.now())
        return None
