"""Every kind of fault: where it can strike, and what it does there. A new kind is one function and one row, here.

Two kinds are different only if their effect, their answer or their length differ: a 429 and a refused connection look
the same to a flow, and are one. Lengths reach beyond a hold (10 minutes in a searched shop), a deadline (20), the
day after which Stripe forgets a key, and the week after which an authorisation expires.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, partial
from typing import NamedTuple

from payflows.clock import SECOND
from payflows.errors import PayflowsError, VersionConflict
from payflows.kernel.guard import CALL_TIMEOUT_SECONDS

from simulations.network import effects
from simulations.network.effects import CLIENT_TIMEOUT_SECONDS
from simulations.search.plan import Fault
from simulations.search.ports import Site
from simulations.search.process import cancelled
from simulations.search.sites import (
    answered_with_one,
    anywhere,
    changes,
    changes_at_a_service,
    changes_elsewhere,
    comparing,
    lagging,
    our_calls,
    our_changes,
    services,
    stripe_calls,
    stripe_writes,
)
from simulations.search.strikes import Call, Strike, Surroundings, at_stripe, on_the_network, ongoing
from simulations.stripe.core import faults

BEYOND_THE_HOLD, BEYOND_THE_DEADLINE, BEYOND_THE_KEYS, BEYOND_THE_AUTHORISATION = 700, 1_300, 90_000, 650_000
LENGTHS_SECONDS = (BEYOND_THE_HOLD, BEYOND_THE_DEADLINE, BEYOND_THE_KEYS, BEYOND_THE_AUTHORISATION)


class Kind(NamedTuple):
    """A kind of fault.

    Attributes:
        strike: what it does.
        strikes: whether it can strike a call that goes there.
        lengths_seconds: how long it may last; 0 where it strikes one call only.
        once: the kind that does the same to one call only, where this one lasts; empty where there is none.
        like: a kind that leaves a program in the same doubt: related pairs try that one for both; empty: there is none.
    """

    strike: Strike
    strikes: Callable[[Site], bool]
    lengths_seconds: tuple[int, ...] = (0,)
    once: str = ""
    like: str = ""


# On the network.


connection_refused = on_the_network(effects.connection_refused)
request_lost = on_the_network(effects.request_lost)
answer_lost = on_the_network(effects.answer_lost)
reset = on_the_network(effects.connection_reset)
duplicated = on_the_network(effects.duplicated)


outage = ongoing(connection_refused, "From here on the service is not there for a while.")
responses_dropped = ongoing(answer_lost, "From here on the service works and never answers, for a while.")
requests_dropped = ongoing(request_lost, "From here on requests are lost without a word, for a while.")


async def effect_delayed(universe: Surroundings, fault: Fault, call: Call) -> object:
    """It is done only when the hold has run out, and no answer comes."""
    universe.postpone_calm(fault.seconds)
    universe.clock.after(fault.seconds, partial(_done_late, universe, call))
    return await request_lost(universe, fault, call)


def _done_late(universe: Surroundings, call: Call) -> None:
    with suppress(PayflowsError):
        universe.clock.run(call.make())


async def unknown_error(universe: Surroundings, fault: Fault, call: Call) -> object:
    """It is done, and the port's own code raises what no port declares."""
    with suppress(PayflowsError):
        await call.make()
    raise ConnectionResetError("[Errno 104] Connection reset by peer")


async def call_hangs(universe: Surroundings, fault: Fault, call: Call) -> object:
    """It is done, and the port waits for ever: our side cuts it off."""
    with suppress(PayflowsError):
        await call.make()
    await universe.clock.sleep(CALL_TIMEOUT_SECONDS)
    raise TimeoutError(f"no answer within {CALL_TIMEOUT_SECONDS} s")


# Inside Stripe.


unauthorised = at_stripe(faults.Fault.UNAUTHORISED, "Stripe answers 401 once: the key had just been changed.")


key_revoked = ongoing(unauthorised, "From here on Stripe answers 401, until the key is put right.")


async def stale_read(universe: Surroundings, fault: Fault, call: Call) -> object:
    """A list or search that does not show the newest yet."""
    answer = await call.make()
    return answer[1:] if isinstance(answer, tuple) else answer


async def answer_of_another(universe: Surroundings, fault: Fault, call: Call) -> object:
    """It is done, and the answer is another customer's: something between us has mixed them up."""
    return universe.system.answer_of_another(await call.make())


# Our own side.


async def crash_before(universe: Surroundings, fault: Fault, call: Call) -> object:
    """The process is gone before the call is made."""
    return await universe.crash()


async def crash_after(universe: Surroundings, fault: Fault, call: Call) -> object:
    """The call's work is done, and the process is gone before the answer arrives."""
    with suppress(PayflowsError):
        await call.make()
    return await universe.crash()


async def task_cancelled(universe: Surroundings, fault: Fault, call: Call) -> object:
    """The call's work is done, and the task that made it is cancelled; its process goes on."""
    with suppress(PayflowsError):
        await call.make()
    return await cancelled()


def clock_is_set(seconds: float, what: str) -> Strike:
    """Our own clock is set, as a time server does it; and what it is, in a sentence."""

    async def strike(universe: Surroundings, fault: Fault, call: Call) -> object:
        universe.own_clock.step(seconds * SECOND)
        universe.postpone_calm(abs(seconds))
        return await call.make()

    strike.__doc__ = what
    return strike


async def version_conflict(universe: Surroundings, fault: Fault, call: Call) -> object:
    """The store says that another process was first."""
    raise VersionConflict(call.site.port)


_AT_STRIPE = faults.Fault
_STORED = "Stripe does {}, and answers 500 to this key for a day."

KINDS: Mapping[str, Kind] = {
    "connection_refused": Kind(connection_refused, anywhere),
    "unauthorised": Kind(unauthorised, stripe_calls, like="connection_refused"),
    "request_lost": Kind(request_lost, anywhere),
    "answer_lost": Kind(answer_lost, changes),
    "reset": Kind(reset, changes),
    "unknown_error": Kind(unknown_error, our_calls, like="reset"),
    "call_hangs": Kind(call_hangs, our_changes, like="answer_lost"),
    "duplicated": Kind(duplicated, changes_elsewhere),
    "outage": Kind(outage, services, LENGTHS_SECONDS, once="connection_refused"),
    "responses_dropped": Kind(responses_dropped, services, LENGTHS_SECONDS, once="answer_lost"),
    "requests_dropped": Kind(requests_dropped, services, LENGTHS_SECONDS, once="request_lost"),
    "effect_delayed": Kind(effect_delayed, changes_at_a_service, (BEYOND_THE_HOLD,), once="request_lost"),
    "error_500": Kind(at_stripe(_AT_STRIPE.SERVER_ERROR, "Stripe answers 500 and has done nothing."), stripe_calls),
    "error_500_stored": Kind(at_stripe(_AT_STRIPE.SERVER_ERROR_STORED, _STORED.format("nothing")), stripe_writes),
    "error_500_done": Kind(
        at_stripe(_AT_STRIPE.SERVER_ERROR_AFTER_EFFECT, "Stripe does it, answers 500, and forgets the key."),
        stripe_writes,
    ),
    "error_500_done_stored": Kind(
        at_stripe(_AT_STRIPE.SERVER_ERROR_AFTER_EFFECT_STORED, _STORED.format("it")), stripe_writes
    ),
    "slow_response": Kind(
        at_stripe(_AT_STRIPE.SLOW, "Stripe does it when the hold has run out.", slow_seconds=BEYOND_THE_HOLD),
        stripe_writes,
    ),
    "key_revoked": Kind(
        key_revoked, stripe_calls, (BEYOND_THE_DEADLINE, BEYOND_THE_KEYS), once="unauthorised", like="outage"
    ),
    "key_in_use": Kind(
        at_stripe(
            _AT_STRIPE.SLOW,
            "Stripe does it just after the caller has given up: an immediate retry gets 409.",
            slow_seconds=CLIENT_TIMEOUT_SECONDS + 2,
        ),
        stripe_writes,
    ),
    "answer_of_another": Kind(answer_of_another, answered_with_one),
    "stale_read": Kind(stale_read, lagging),
    "crash_before": Kind(crash_before, anywhere),
    "crash_after": Kind(crash_after, changes),
    "task_cancelled": Kind(task_cancelled, our_changes, like="crash_after"),
    "clock_forward": Kind(clock_is_set(240, "Our clock is set forward by four minutes."), comparing),
    "clock_back": Kind(
        clock_is_set(-240, "Our clock is set back by four minutes, and stays behind."), comparing, like="clock_forward"
    ),
    "version_conflict": Kind(version_conflict, comparing),
}
"""Every kind, by its name in a plan."""

DURING_ONGOING = ("crash_before", "crash_after")
"""The kinds that can still strike a call that an ongoing fault strikes already: our own side can fail too."""


@cache
def kinds_at(site: Site) -> tuple[tuple[str, int], ...]:
    """What can strike there: kind and length, in the table's order."""
    return among(KINDS, site)


def among(kinds: Mapping[str, Kind], site: Site) -> tuple[tuple[str, int], ...]:
    """What of a table can strike there."""
    return tuple(
        (name, seconds)
        for name, kind in kinds.items()
        if kind.strikes(site) and (name in DURING_ONGOING or not site.is_struck)
        for seconds in kind.lengths_seconds
    )
