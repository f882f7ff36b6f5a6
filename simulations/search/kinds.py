"""Every kind of fault: where it can strike, and what it does there. A new kind is one function and one row, here.

Two kinds are different only if their effect, their answer or their length differ: a 429 and a refused connection look
the same to a flow, and are one. Lengths reach beyond the hold (10 minutes in a universe's shop), the deadline (20), the
day after which Stripe forgets a key, and the week after which an authorisation expires.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from payflows.errors import CallNotSent, CallRejected, OutcomeUnknown, PayflowsError, VersionConflict

from simulations.network.link import CLIENT_TIMEOUT_SECONDS
from simulations.stripe import disturbances
from simulations.stripe.disturbances import Disturbance

if TYPE_CHECKING:
    from simulations.search.plan import Fault
    from simulations.search.universe import Universe

BEYOND_THE_HOLD, BEYOND_THE_DEADLINE, BEYOND_THE_KEYS, BEYOND_THE_AUTHORISATION = 700, 1_300, 90_000, 650_000
LENGTHS_SECONDS = (BEYOND_THE_HOLD, BEYOND_THE_DEADLINE, BEYOND_THE_KEYS, BEYOND_THE_AUTHORISATION)


Answer = Coroutine[Any, Any, object]


class Site(NamedTuple):
    """Where a call goes.

    Attributes:
        port: "stripe", "inventory", "carrier", "mailer", "store", or "webhook": Stripe's call at our door.
        method: which of its methods.
        in_trouble: a trouble that lasts strikes it already.
    """

    port: str
    method: str
    in_trouble: bool = False


@cache
def site_of(port: str, method: str) -> Site:
    """The place, made once."""
    return Site(port, method)


@cache
def troubled(site: Site) -> Site:
    """The same place, while something that lasts strikes every call there."""
    return site._replace(in_trouble=True)


class Call(NamedTuple):
    """A call that a fault strikes.

    Attributes:
        site: where it goes.
        make: makes it, each time that it is called.
    """

    site: Site
    make: Callable[[], Answer]

    @property
    def method(self) -> str:
        """Which of the port's methods."""
        return self.site.method


Strike = Callable[["Universe", "Fault", Call], Answer]
"""What becomes of the call: its answer, or an error."""


class Kind(NamedTuple):
    """A kind of fault.

    Attributes:
        strike: what it does.
        strikes: whether it can strike a port's method.
        lengths_seconds: how long it may last; 0 where it strikes one call only.
        once: the kind that does the same to one call only, where this one lasts; empty where there is none.
    """

    strike: Strike
    strikes: Callable[[str, str], bool]
    lengths_seconds: tuple[int, ...] = (0,)
    once: str = ""


# The road.


async def refused(universe: Universe, fault: Fault, call: Call) -> object:
    """Nothing was done, and the caller knows."""
    raise CallNotSent(f"{call.method}: connection refused")


async def unauthorised(universe: Universe, fault: Fault, call: Call) -> object:
    """Stripe answers 401 once: the key had just been changed."""
    raise CallRejected(f"{call.method}: Stripe answered 401: Invalid API Key provided")


async def request_lost(universe: Universe, fault: Fault, call: Call) -> object:
    """Nothing was done, and the caller does not know."""
    await universe.clock.sleep(CLIENT_TIMEOUT_SECONDS)
    raise OutcomeUnknown(f"{call.method}: no answer")


async def answer_lost(universe: Universe, fault: Fault, call: Call) -> object:
    """It was done, and the caller does not know."""
    with suppress(PayflowsError):
        await call.make()
    return await request_lost(universe, fault, call)


async def reset(universe: Universe, fault: Fault, call: Call) -> object:
    """It was done, and the connection breaks in the middle of the answer, at once."""
    with suppress(PayflowsError):
        await call.make()
    raise OutcomeUnknown(f"{call.method}: connection reset")


async def twice(universe: Universe, fault: Fault, call: Call) -> object:
    """The request is delivered twice, and the second answer arrives."""
    with suppress(PayflowsError):
        await call.make()
    return await call.make()


async def outage(universe: Universe, fault: Fault, call: Call) -> object:
    """From here on the service is not there for a while."""
    universe.trouble(call.site.port, refused, fault)
    return await refused(universe, fault, call)


async def responses_dropped(universe: Universe, fault: Fault, call: Call) -> object:
    """From here on the service works and never answers, for a while."""
    universe.trouble(call.site.port, answer_lost, fault)
    return await answer_lost(universe, fault, call)


async def requests_dropped(universe: Universe, fault: Fault, call: Call) -> object:
    """From here on requests are lost and nobody hears of it, for a while."""
    universe.trouble(call.site.port, request_lost, fault)
    return await request_lost(universe, fault, call)


async def late(universe: Universe, fault: Fault, call: Call) -> object:
    """It is done only when the hold has run out, and nobody hears of it."""
    universe.lasts(fault.seconds)
    universe.clock.after(fault.seconds, partial(_done_late, universe, call))
    return await request_lost(universe, fault, call)


def _done_late(universe: Universe, call: Call) -> None:
    with suppress(PayflowsError):
        universe.clock.run(call.make())


# Inside Stripe.


def at_stripe(trouble: disturbances.Fault, what: str, *, slow_seconds: float = 0) -> Strike:
    """A trouble of the simulated Stripe's own, which knows keys and stored answers; and what it is, in a sentence."""

    async def strike(universe: Universe, fault: Fault, call: Call) -> object:
        universe.lasts(slow_seconds)
        universe.stripe.disturb(Disturbance(fault=trouble, call=call.method, slow_seconds=slow_seconds))
        return await call.make()

    strike.__doc__ = what
    return strike


async def stale(universe: Universe, fault: Fault, call: Call) -> object:
    """A list or search that does not show the newest yet."""
    answer = await call.make()
    return answer[1:] if isinstance(answer, tuple) else answer


# Our own side.


async def crash_before(universe: Universe, fault: Fault, call: Call) -> object:
    """The process is gone before the call is made."""
    return await universe.crash()


async def crash_after(universe: Universe, fault: Fault, call: Call) -> object:
    """The call's work is done, and the process is gone before it hears of it."""
    with suppress(PayflowsError):
        await call.make()
    return await universe.crash()


async def conflict(universe: Universe, fault: Fault, call: Call) -> object:
    """The store says that somebody else was first."""
    raise VersionConflict(_CONFLICTS[call.method])


_CONFLICTS = {"change": "order", "advance": "queue item"}
_STRIPE_READS = ("retrieve_payment", "search_payments", "list_refunds")
_STORE_WRITES = (
    *_CONFLICTS,
    "add",
)


def _anywhere(port: str, method: str) -> bool:
    return True


def _writes(port: str, method: str) -> bool:
    return method in _STORE_WRITES if port == "store" else method not in (*_STRIPE_READS, "shipment")


def _services(port: str, method: str) -> bool:
    return port in ("stripe", "inventory", "carrier", "webhook")


def _stripe_reads(port: str, method: str) -> bool:
    """A read that is refused once holds nothing up; what a refused write ends in is the flow's to say."""
    return port == "stripe" and method in _STRIPE_READS


def stripe_writes(port: str, method: str) -> bool:
    """Whether it may move money."""
    return port == "stripe" and method not in _STRIPE_READS


def stripe_calls(port: str, method: str) -> bool:
    """Whether it asks Stripe."""
    return port == "stripe"


_AT_STRIPE = disturbances.Fault
_STORED = "Stripe does {}, and answers 500 to this key for a day."

KINDS: Mapping[str, Kind] = {
    "refused": Kind(refused, _anywhere),
    "unauthorised": Kind(unauthorised, _stripe_reads),
    "request_lost": Kind(request_lost, _anywhere),
    "answer_lost": Kind(answer_lost, _writes),
    "reset": Kind(reset, _writes),
    "twice": Kind(twice, lambda port, method: port != "store" and _writes(port, method)),
    "outage": Kind(outage, _services, LENGTHS_SECONDS, once="refused"),
    "responses_dropped": Kind(responses_dropped, _services, LENGTHS_SECONDS, once="answer_lost"),
    "requests_dropped": Kind(requests_dropped, _services, LENGTHS_SECONDS, once="request_lost"),
    "late": Kind(
        late,
        lambda port, method: port in ("inventory", "carrier") and _writes(port, method),
        (BEYOND_THE_HOLD,),
        once="request_lost",
    ),
    "error_500": Kind(at_stripe(_AT_STRIPE.SERVER_ERROR, "Stripe answers 500 and has done nothing."), stripe_calls),
    "error_500_stored": Kind(at_stripe(_AT_STRIPE.SERVER_ERROR_STORED, _STORED.format("nothing")), stripe_writes),
    "error_500_done": Kind(
        at_stripe(_AT_STRIPE.SERVER_ERROR_AFTER_EFFECT, "Stripe does it, answers 500, and forgets the key."),
        stripe_writes,
    ),
    "error_500_done_stored": Kind(
        at_stripe(_AT_STRIPE.SERVER_ERROR_AFTER_EFFECT_STORED, _STORED.format("it")), stripe_writes
    ),
    "slow": Kind(
        at_stripe(_AT_STRIPE.SLOW, "Stripe does it when the hold has run out.", slow_seconds=BEYOND_THE_HOLD),
        stripe_writes,
    ),
    "key_in_use": Kind(
        at_stripe(
            _AT_STRIPE.SLOW,
            "Stripe does it just after the caller has given up: who asks at once again hears 409.",
            slow_seconds=CLIENT_TIMEOUT_SECONDS + 2,
        ),
        stripe_writes,
    ),
    "stale": Kind(stale, lambda port, method: method in ("search_payments", "list_refunds")),
    "crash_before": Kind(crash_before, _anywhere),
    "crash_after": Kind(crash_after, _writes),
    "conflict": Kind(conflict, lambda port, method: method in _CONFLICTS),
}
"""Every kind, by its name in a plan."""


IN_TROUBLE = ("crash_before", "crash_after")
"""What can still strike a call that a trouble of its service has struck already: our own side goes too."""


@cache
def kinds_at(site: Site) -> tuple[tuple[str, int], ...]:
    """What can strike there: kind and length, in the table's order."""
    return among(KINDS, site)


def among(kinds: Mapping[str, Kind], site: Site) -> tuple[tuple[str, int], ...]:
    """What of a table can strike there."""
    return tuple(
        (name, seconds)
        for name, kind in kinds.items()
        if kind.strikes(site.port, site.method) and (name in IN_TROUBLE or not site.in_trouble)
        for seconds in kind.lengths_seconds
    )
