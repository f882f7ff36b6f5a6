"""The simulated Stripe as the flows meet it: the `PaymentGateway` port, idempotent, and troubled on request.

What may happen to a payment is decided in `account`; latency and outages of the road are put around this by
`simulations.network.link`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import NoReturn, TypeVar, cast

from payflows.errors import OutcomeUnknown, PayflowsError
from payflows.money import Money
from payflows.payments.model import CaptureMode, Payment, Refund

from simulations.stripe.clock import USUAL_TIMES, StripeTimes, VirtualClock
from simulations.stripe.disturbances import Disturbance, Fault, FaultInjection
from simulations.stripe.endpoints import Endpoints
from simulations.stripe.idempotency import IdempotencyKeys
from simulations.stripe.people import People
from simulations.stripe.troubles import (
    ConnectionBroken,
    InvalidRequest,
    NoAnswer,
    NoConnection,
    ServerFailed,
    TooManyRequests,
)

T = TypeVar("T")
Params = tuple[object, ...]


class SimulatedStripe(Endpoints, People, FaultInjection):
    """A Stripe in virtual time: stateful, idempotent, and able to do the work and lose the answer.

    Args:
        clock: whose time passes; a `World`, or a `HandClock`.
        times: how long Stripe and the banks take.
        currency: the account's own.
    """

    def __init__(self, clock: VirtualClock, *, times: StripeTimes = USUAL_TIMES, currency: str = "usd") -> None:
        Endpoints.__init__(self, clock, times, currency)
        FaultInjection.__init__(self, clock)
        self._keys = IdempotencyKeys()
        self._before_answers: list[Callable[[], Awaitable[None]]] = []

    def before_answers(self, act: Callable[[], Awaitable[None]]) -> None:
        """Do this after the work of every call and before its answer sets out, be it a success or an error."""
        self._before_answers.append(act)

    async def create_payment(
        self, order_id: str, *, amount: Money, capture: CaptureMode, stripe_customer_id: str | None, key: str
    ) -> Payment:
        """POST /v1/payment_intents, unconfirmed, with the order in the metadata."""
        params = (order_id, amount, capture, stripe_customer_id)
        return await self._call("create_payment", key, params, self._create)

    async def confirm_payment(self, payment_id: str, *, payment_method: str, key: str) -> Payment:
        """POST /v1/payment_intents/:id/confirm. Raises `PaymentDeclined` where the bank says no."""
        return await self._call("confirm_payment", key, (payment_id, payment_method), self._confirm)

    async def capture_payment(self, payment_id: str, *, key: str) -> Payment:
        """POST /v1/payment_intents/:id/capture, the whole."""
        return await self._call("capture_payment", key, (payment_id,), self._capture)

    async def cancel_payment(self, payment_id: str, *, key: str) -> Payment:
        """POST /v1/payment_intents/:id/cancel."""
        return await self._call("cancel_payment", key, (payment_id,), self._cancel)

    async def retrieve_payment(self, payment_id: str) -> Payment:
        """GET /v1/payment_intents/:id."""
        return await self._call("retrieve_payment", None, (payment_id,), self._retrieve)

    async def search_payments(self, order_id: str) -> tuple[Payment, ...]:
        """GET /v1/payment_intents/search by metadata, newest first; up to a minute behind."""
        return await self._call("search_payments", None, (order_id,), self._search)

    async def refund_payment(self, payment_id: str, *, order_id: str, key: str) -> Refund:
        """POST /v1/refunds, all that is left, with the order in the metadata."""
        return await self._call("refund_payment", key, (payment_id, order_id), self._refund)

    async def list_refunds(self, payment_id: str, *, order_id: str) -> tuple[Refund, ...]:
        """GET /v1/refunds of the payment, newest first, those whose metadata name the order."""
        return await self._call("list_refunds", None, (payment_id, order_id), self._list_refunds)

    def _call(self, call: str, key: str | None, params: Params, endpoint: Callable[..., T]) -> Awaitable[T]:
        work = self._work(call, key, params, endpoint)
        return self._answered_last(work) if self._before_answers else work

    async def _answered_last(self, work: Awaitable[T]) -> T:
        """An answer that everything in `before_answers` overtakes."""
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

    async def _work(self, call: str, key: str | None, params: Params, endpoint: Callable[..., T]) -> T:
        if self._in_force and (disturbance := self._disturbance_of(call)) is not None:
            return await self._disturbed(disturbance, call, key, params, endpoint)
        return self._answer(call, key, params, endpoint)

    def _answer(self, call: str, key: str | None, params: Params, endpoint: Callable[..., T]) -> T:
        """What Stripe answers: what the first execution under the key answered, or else this one."""
        now_us = self._agenda.catch_up()
        if key is None:
            return endpoint(*params)
        stored = self._keys.recall(key, call, params, now_us)
        if stored is not None:
            return cast(T, stored)  # an answer of the same call
        try:
            answer = endpoint(*params)
        except (InvalidRequest, ServerFailed):
            raise
        except PayflowsError as error:
            self._keys.store(key, call, params, now_us, error)
            raise
        self._keys.store(key, call, params, now_us, answer)
        return answer

    async def _disturbed(
        self, disturbance: Disturbance, call: str, key: str | None, params: Params, endpoint: Callable[..., T]
    ) -> T:
        match disturbance.fault:
            case Fault.CONNECTION_REFUSED:
                raise NoConnection(f"{call}: connection refused")
            case Fault.RATE_LIMITED:
                raise TooManyRequests(f"{call}: 429 Too Many Requests")
            case Fault.REQUEST_LOST:
                return await self._hear_nothing(call)
            case Fault.ANSWER_LOST:
                self._do_unheard(call, key, params, endpoint)
                return await self._hear_nothing(call)
            case Fault.CONNECTION_RESET:
                self._do_unheard(call, key, params, endpoint)
                raise ConnectionBroken(f"{call}: connection reset")
            case Fault.SLOW:
                return await self._work_slowly(disturbance.slow_seconds, call, key, params, endpoint)
            case _:
                return self._answer(call, key, params, partial(_break, disturbance.fault, endpoint))

    def _do_unheard(self, call: str, key: str | None, params: Params, endpoint: Callable[..., T]) -> None:
        with suppress(PayflowsError):
            self._answer(call, key, params, endpoint)

    async def _hear_nothing(self, call: str) -> NoReturn:
        patience_seconds = self._times.client_timeout_seconds
        await self._clock.sleep(patience_seconds)
        raise NoAnswer(f"{call}: no answer within {patience_seconds:g} s")

    async def _work_slowly(
        self, seconds: float, call: str, key: str | None, params: Params, endpoint: Callable[..., T]
    ) -> T:
        """It is done, and its answer stored, only so much later; until then its key is in use."""
        now_us = self._agenda.catch_up()
        if key is not None and self._keys.recall(key, call, params, now_us) is None:
            self._keys.lock(key, call, params, now_us)
            self._later(seconds, partial(self._end_slow_work, call, key, params, endpoint))
        if seconds > self._times.client_timeout_seconds:
            await self._hear_nothing(call)
        await self._clock.sleep(seconds)
        return self._answer(call, key, params, endpoint)  # of a keyed call, what was stored just now

    def _end_slow_work(self, call: str, key: str, params: Params, endpoint: Callable[..., T]) -> None:
        self._keys.unlock(key)
        self._do_unheard(call, key, params, endpoint)


def _break(fault: Fault, endpoint: Callable[..., object], *params: object) -> NoReturn:
    """Stripe answers 500, after the work or before it; a `ServerFailed` is not stored under the key."""
    if fault in (Fault.SERVER_ERROR_AFTER_EFFECT, Fault.SERVER_ERROR_AFTER_EFFECT_STORED):
        with suppress(PayflowsError):
            endpoint(*params)
    if fault in (Fault.SERVER_ERROR_STORED, Fault.SERVER_ERROR_AFTER_EFFECT_STORED):
        raise OutcomeUnknown("500: something went wrong on Stripe's end")
    raise ServerFailed("500: something went wrong on Stripe's end")
