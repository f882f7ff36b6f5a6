"""What can go wrong between us and Stripe, or inside it. Latency is in `simulations.network.link`.

Source: docs.stripe.com/error-low-level: a connection may break before the work was done or after it, and a
500 does not say which.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from payflows.checks import aware, instance_of, not_negative, whole_number
from payflows.errors import InvalidPolicy

from simulations.time.hand_clock import VirtualClock

MAX_WORK_SECONDS = 3600
MAX_UNTIL_US = 10**18


class Fault(StrEnum):
    """What goes wrong with a call."""

    CONNECTION_REFUSED = "connection_refused"
    """Nothing is done, and the caller knows."""
    RATE_LIMITED = "rate_limited"
    """429, before the idempotency layer: nothing is done, nothing stored."""
    UNAUTHORISED = "unauthorised"
    """401, before the idempotency layer: our key is revoked, nothing is done, nothing stored."""
    REQUEST_LOST = "request_lost"
    """Nothing is done; the caller waits until its time-out."""
    ANSWER_LOST = "answer_lost"
    """It is done and stored under the key; the caller waits until its time-out."""
    CONNECTION_RESET = "connection_reset"
    """It is done and stored under the key; the connection breaks in the middle of the answer."""
    SERVER_ERROR = "server_error"
    """500 or 503: nothing is done, nothing stored."""
    SERVER_ERROR_STORED = "server_error_stored"
    """500: nothing is done, and the 500 is stored under the key."""
    SERVER_ERROR_AFTER_EFFECT = "server_error_after_effect"
    """500: it is done, and nothing stored."""
    SERVER_ERROR_AFTER_EFFECT_STORED = "server_error_after_effect_stored"
    """500: it is done, and the 500 is stored under the key."""
    SLOW = "slow"
    """It is done only after `slow_seconds`, and its key is in use (409) until then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbance:
    """A fault and the calls that it affects.

    Attributes:
        fault: what goes wrong.
        call: which call of a resource's port; None for every call.
        skip: how many matching calls pass first.
        times: how many calls are affected; None for all.
        until_us: none is affected from this moment on; None for no end.
        slow_seconds: how long Stripe works at it, of a `SLOW` fault; an hour at the most.

    Raises:
        InvalidPolicy: no such fault, or a number that cannot be.
    """

    fault: Fault
    call: str | None = None
    skip: int = 0
    times: int | None = 1
    until_us: int | None = None
    slow_seconds: float = 0

    def __post_init__(self) -> None:
        if not isinstance(self.fault, Fault):
            raise InvalidPolicy(f"fault must be one of {', '.join(Fault)}, got {self.fault!r}")
        instance_of("call", self.call, str, None)
        whole_number("skip", self.skip)
        if self.times is not None:
            whole_number("times", self.times, least=1)
        if self.until_us is not None:
            whole_number("until_us", self.until_us, most=MAX_UNTIL_US)
        not_negative("slow_seconds", self.slow_seconds, most=MAX_WORK_SECONDS)


class _InForce:
    __slots__ = ("affected", "disturbance", "passed")

    def __init__(self, disturbance: Disturbance) -> None:
        self.disturbance = disturbance
        self.passed = 0
        self.affected = 0

    def is_over(self, now_us: int) -> bool:
        times, until_us = self.disturbance.times, self.disturbance.until_us
        return (times is not None and self.affected >= times) or (until_us is not None and now_us >= until_us)

    def affects(self, call: str) -> bool:
        if self.disturbance.call not in (None, call):
            return False
        if self.passed < self.disturbance.skip:
            self.passed += 1
            return False
        self.affected += 1
        return True


class FaultInjection:
    """The disturbances in force, and methods that add one.

    The first disturbance that matches a call affects it. Without `times` and `until` a method disturbs one call; with
    `until` (aware) all calls before that moment.

    Args:
        clock: whose time passes.
    """

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._in_force: list[_InForce] = []
        self._calls: list[str] = []

    def register(self, calls: Iterable[str]) -> None:
        """Add a resource's calls to those that can be disturbed."""
        self._calls.extend(calls)

    @property
    def any_in_force(self) -> bool:
        """Whether a coming call might be disturbed."""
        return bool(self._in_force)

    def next_for(self, call: str) -> Disturbance | None:
        """Return the disturbance that affects the coming call, and count it; None where there is none."""
        now_us = self._clock.now_us
        self._in_force = [each for each in self._in_force if not each.is_over(now_us)]
        return next((each.disturbance for each in self._in_force if each.affects(call)), None)

    def disturb(self, *disturbances: Disturbance) -> None:
        """Disturb coming calls, after the disturbances that are in force already.

        Raises:
            InvalidPolicy: there is no such call.
        """
        for disturbance in disturbances:
            instance_of("disturbance", disturbance, Disturbance)
        for call in (disturbance.call for disturbance in disturbances):
            if call is not None and call not in self._calls:
                raise InvalidPolicy(f"call must be one of {', '.join(self._calls)}, got {call!r}")
        self._in_force.extend(_InForce(disturbance) for disturbance in disturbances)

    def calm(self) -> None:
        """Let nothing go wrong from now on."""
        self._in_force.clear()

    def lose_answer_of(self, call: str, *, times: int | None = None, until: datetime | None = None) -> None:
        """Do it, and let the caller wait until its time-out."""
        self._disturb(Fault.ANSWER_LOST, call, times, until)

    def lose_request_of(self, call: str, *, times: int | None = None, until: datetime | None = None) -> None:
        """Do nothing, and let the caller wait until its time-out."""
        self._disturb(Fault.REQUEST_LOST, call, times, until)

    def reset_connection_of(self, call: str, *, times: int | None = None, until: datetime | None = None) -> None:
        """Do it, and break the connection in the middle of the answer."""
        self._disturb(Fault.CONNECTION_RESET, call, times, until)

    def answer_500_to(
        self,
        call: str,
        *,
        with_effect: bool = False,
        stored: bool = False,
        times: int | None = None,
        until: datetime | None = None,
    ) -> None:
        """Fail before the work is done or after it, and store the 500 under the key or not."""
        instance_of("with_effect", with_effect, bool)
        instance_of("stored", stored, bool)
        self._disturb(_SERVER_ERRORS[with_effect, stored], call, times, until)

    def answer_429_to(self, call: str, *, times: int | None = None, until: datetime | None = None) -> None:
        """Reject the call, which is not done: too many requests."""
        self._disturb(Fault.RATE_LIMITED, call, times, until)

    def revoke_key(self, call: str | None = None, *, times: int | None = None, until: datetime | None = None) -> None:
        """Answer 401 to every call or, as to a restricted key, to one kind of call: it is not done."""
        self._disturb(Fault.UNAUTHORISED, call, times, until)

    def refuse_connections(
        self, call: str | None = None, *, times: int | None = None, until: datetime | None = None
    ) -> None:
        """Refuse connections, whatever the call or for one kind of call."""
        self._disturb(Fault.CONNECTION_REFUSED, call, times, until)

    def slow_down(self, call: str, seconds: float, *, times: int | None = None, until: datetime | None = None) -> None:
        """Do it only after that time; the caller may have timed out by then, and its key is in use."""
        self._disturb(Fault.SLOW, call, times, until, seconds)

    def _disturb(
        self, fault: Fault, call: str | None, times: int | None, until: datetime | None, seconds: float = 0
    ) -> None:
        if until is not None:
            aware("until", until)
        until_us = None if until is None else self._clock.now_us + (until - self._clock.now()) // _MICROSECOND
        often = 1 if times is None and until is None else times
        self.disturb(Disturbance(fault=fault, call=call, times=often, until_us=until_us, slow_seconds=seconds))


_MICROSECOND = timedelta(microseconds=1)

_SERVER_ERRORS = {
    (False, False): Fault.SERVER_ERROR,
    (False, True): Fault.SERVER_ERROR_STORED,
    (True, False): Fault.SERVER_ERROR_AFTER_EFFECT,
    (True, True): Fault.SERVER_ERROR_AFTER_EFFECT_STORED,
}
