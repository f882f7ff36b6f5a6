"""How the simulated Stripe answers a call: idempotent, and disturbed on request. What a call does is its resource's.

Latency and outages of the network are put around this by `simulations.network.link`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import NoReturn, TypeVar, cast

from payflows.errors import CallRejected, PayflowsError, ServerFailed

from simulations.stripe.core.agenda import Agenda
from simulations.stripe.core.errors import (
    ConnectionBroken,
    FailedUnstored,
    InvalidRequest,
    NoAnswer,
    NoConnection,
    TooManyRequests,
    Unauthorised,
)
from simulations.stripe.core.faults import Disturbance, Fault, FaultInjection
from simulations.stripe.core.idempotency import IdempotencyKeys
from simulations.time.hand_clock import VirtualClock

T = TypeVar("T")
Params = tuple[object, ...]


class Calls:
    """Answers every call of an account: from its stored answer, or by executing it.

    Args:
        clock: whose time passes.
        agenda: what is due before a call is answered.
        faults: what goes wrong.
        client_timeout_seconds: how long our side waits for an answer.

    Attributes:
        rejected: the calls of which at least one was ever rejected, for those who check.
    """

    def __init__(
        self, clock: VirtualClock, agenda: Agenda, faults: FaultInjection, client_timeout_seconds: float
    ) -> None:
        self._clock = clock
        self._agenda = agenda
        self._catch_up = agenda.catch_up
        self._faults = faults
        self._client_timeout_seconds = client_timeout_seconds
        self._before_answers: list[Callable[[], Awaitable[None]]] = []
        self._keyless = 0
        self.keys = IdempotencyKeys()
        self.rejected: set[str] = set()

    def before_answers(self, act: Callable[[], Awaitable[None]]) -> None:
        """Do this after the work of every call and before its answer is sent, be it a success or an error."""
        self._before_answers.append(act)

    def make(self, call: str, key: str | None, params: Params, execute: Callable[..., T]) -> Awaitable[T]:
        """Answer a call.

        Args:
            call: its name.
            key: its idempotency key; None for a read.
            params: what `execute` is called with, and what a repeated call must repeat.
            execute: does the work.

        Raises:
            PayflowsError: what came of the call. An `InvalidRequest` is not stored under the key.
        """
        work = self._work(call, key, params, execute)
        return self._answer_last(work) if self._before_answers else work

    def make_without_key(self, call: str, params: Params, execute: Callable[..., T]) -> Awaitable[T]:
        """Answer a call that changes something, though Stripe keeps no key of it: it is executed every time."""
        self._keyless += 1
        return self.make(call, f"without key: {self._keyless}", params, execute)

    async def _answer_last(self, work: Awaitable[T]) -> T:
        """Answer after everything in `before_answers`."""
        try:
            answer = await work
        except PayflowsError:
            await self._act_before_answer()
            raise
        await self._act_before_answer()
        return answer

    async def _act_before_answer(self) -> None:
        for act in self._before_answers:
            await act()

    async def _work(self, call: str, key: str | None, params: Params, execute: Callable[..., T]) -> T:
        if self._faults.any_in_force and (disturbance := self._faults.next_for(call)) is not None:
            return await self._disturbed(disturbance, call, key, params, execute)
        return self._answer(call, key, params, execute)

    def _answer(self, call: str, key: str | None, params: Params, execute: Callable[..., T]) -> T:
        """Return what the first execution under the key answered, or execute now."""
        now_us = self._catch_up()
        if key is None:
            return execute(*params)
        stored = self.keys.recall(key, call, params, now_us)
        if stored is not None:
            return cast(T, stored)  # an answer of the same call
        try:
            answer = execute(*params)
        except PayflowsError as error:
            if isinstance(error, CallRejected):
                self.rejected.add(call)
            if isinstance(error, InvalidRequest | FailedUnstored):
                raise
            self.keys.store(key, call, params, now_us, error)
            raise
        self.keys.store(key, call, params, now_us, answer)
        return answer

    async def _disturbed(
        self, disturbance: Disturbance, call: str, key: str | None, params: Params, execute: Callable[..., T]
    ) -> T:
        match disturbance.fault:
            case Fault.CONNECTION_REFUSED:
                raise NoConnection(f"{call}: connection refused")
            case Fault.RATE_LIMITED:
                raise TooManyRequests(f"{call}: 429 Too Many Requests")
            case Fault.UNAUTHORISED:
                raise Unauthorised("401: Invalid API Key provided")
            case Fault.REQUEST_LOST:
                return await self._time_out(call)
            case Fault.ANSWER_LOST:
                self._work_unanswered(call, key, params, execute)
                return await self._time_out(call)
            case Fault.CONNECTION_RESET:
                self._work_unanswered(call, key, params, execute)
                raise ConnectionBroken(f"{call}: connection reset")
            case Fault.SLOW:
                return await self._work_slowly(disturbance.slow_seconds, call, key, params, execute)
            case _:
                return self._answer(call, key, params, partial(_fail, disturbance.fault, execute))

    def _work_unanswered(self, call: str, key: str | None, params: Params, execute: Callable[..., T]) -> None:
        with suppress(PayflowsError):
            self._answer(call, key, params, execute)

    async def _time_out(self, call: str) -> NoReturn:
        await self._clock.sleep(self._client_timeout_seconds)
        raise NoAnswer(f"{call}: no answer within {self._client_timeout_seconds:g} s")

    async def _work_slowly(
        self, seconds: float, call: str, key: str | None, params: Params, execute: Callable[..., T]
    ) -> T:
        """Do it, and store its answer, only after that time; until then its key is in use."""
        now_us = self._agenda.catch_up()
        if key is not None and self.keys.recall(key, call, params, now_us) is None:
            self.keys.lock(key, call, params, now_us)
            due_us = self._clock.now_us + round(seconds * 1_000_000)
            self._agenda.add(due_us, partial(self._end_slow_work, call, key, params, execute))
        if seconds > self._client_timeout_seconds:
            await self._time_out(call)
        await self._clock.sleep(seconds)
        return self._answer(call, key, params, execute)  # of a keyed call, what was stored just now

    def _end_slow_work(self, call: str, key: str, params: Params, execute: Callable[..., T]) -> None:
        self.keys.unlock(key)
        self._work_unanswered(call, key, params, execute)


def _fail(fault: Fault, execute: Callable[..., object], *params: object) -> NoReturn:
    """Answer 500, after the work or before it; a `FailedUnstored` is not stored under the key."""
    if fault in (Fault.SERVER_ERROR_AFTER_EFFECT, Fault.SERVER_ERROR_AFTER_EFFECT_STORED):
        with suppress(PayflowsError):
            execute(*params)
    if fault in (Fault.SERVER_ERROR_STORED, Fault.SERVER_ERROR_AFTER_EFFECT_STORED):
        raise ServerFailed("500: something went wrong on Stripe's end")
    raise FailedUnstored("500: something went wrong on Stripe's end")
