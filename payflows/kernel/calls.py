"""Calls of ports under one retry policy: a few tries immediately, with the same key. Longer waits are stored."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from payflows.clock import Clock
from payflows.errors import CallNotSent, CallRejected, MerchantMisconfigured, OutcomeUnknown, PaymentDeclined, PortError
from payflows.kernel.guard import answer_of
from payflows.kernel.retry import RetryPolicy

T = TypeVar("T")

Make = Callable[[], Coroutine[Any, Any, T]]
"""Calls a method of a port: what it raises itself is our mistake, and what comes of awaiting it is the port's."""

Failure = PaymentDeclined | CallRejected | OutcomeUnknown
"""What came of a call that may move money, other than its result. It classifies the call, never the payment."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Makes calls of ports.

    Attributes:
        clock: waits between tries.
        retry: how often a call is tried immediately, how long the wait between tries is, and how long a try may take.
    """

    clock: Clock
    retry: RetryPolicy

    async def call(self, make: Make[T]) -> T:
        """Return the answer.

        If every try failed, raise `OutcomeUnknown` when any of them may have taken effect, else the last error.
        """
        try:
            return await self.once(make)
        except MerchantMisconfigured:  # asked again a second later, Stripe says the same
            raise
        except PortError as error:
            return await self._retry(make, error)

    def once(self, make: Make[T]) -> Coroutine[Any, Any, T]:
        """Make one call: its answer, or its error. One that is cut off, or ends in an unknown error, is in doubt."""
        return answer_of(self.clock, self.retry.call_timeout_seconds, make())

    async def _retry(self, make: Make[T], error: PortError) -> T:
        for _ in range(self.retry.inline_tries - 1):
            await self.clock.sleep(self.retry.inline_delay_seconds)
            try:
                return await self.once(make)
            except OutcomeUnknown as unknown:
                error = unknown
            except CallNotSent as not_sent:  # there is nothing to find out about this try
                error = error if isinstance(error, OutcomeUnknown) else not_sent
        try:
            raise error
        finally:
            del error  # else its traceback holds this frame, and the frame it, until garbage is collected

    async def call_for_outcome(self, make: Make[T]) -> T | Failure:
        """Return the answer, or what failed, as a value. Raises `CallNotSent`: then there is nothing to find out."""
        try:
            return await self.call(make)
        except (PaymentDeclined, CallRejected, OutcomeUnknown) as failure:
            return failure

    async def once_for_outcome(self, make: Make[T]) -> T | Failure:
        """The same of one call alone: what it may have done is to be read before it is made again."""
        try:
            return await self.once(make)
        except (PaymentDeclined, CallRejected, OutcomeUnknown) as failure:
            return failure
