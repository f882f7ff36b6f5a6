"""What a network can do to one call, each effect defined once. Which call suffers it is decided elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, NoReturn, Protocol

from payflows.errors import CallNotSent, OutcomeUnknown, PayflowsError

CLIENT_TIMEOUT_SECONDS = 20
"""How long our side waits for an answer: what `StripeGateway` is set to."""

Answer = Coroutine[Any, Any, object]

Make = Callable[[], Answer]
"""Makes the call, each time that it is called."""


class Sleeper(Protocol):
    """A clock on which a caller waits."""

    async def sleep(self, seconds: float) -> None:
        """Wait for this long."""
        ...


Effect = Callable[[Sleeper, str, Make], Answer]
"""What becomes of a call, by the caller's clock, the call's name and how it is made: its answer, or an error."""


async def connection_refused(clock: Sleeper, name: str, make: Make) -> NoReturn:
    """Nothing was done, and the caller knows."""
    raise CallNotSent(f"{name}: connection refused")


async def request_lost(clock: Sleeper, name: str, make: Make) -> NoReturn:
    """Nothing was done, and the caller does not know."""
    await clock.sleep(CLIENT_TIMEOUT_SECONDS)
    raise OutcomeUnknown(f"{name}: no answer within {CLIENT_TIMEOUT_SECONDS} s")


async def answer_lost(clock: Sleeper, name: str, make: Make) -> NoReturn:
    """It was done, and the caller does not know."""
    with suppress(PayflowsError):  # whatever the other side answered, it is lost
        await make()
    await request_lost(clock, name, make)


async def connection_reset(clock: Sleeper, name: str, make: Make) -> NoReturn:
    """It was done, and the connection breaks immediately, in the middle of the answer."""
    with suppress(PayflowsError):
        await make()
    raise OutcomeUnknown(f"{name}: connection reset")


async def duplicated(clock: Sleeper, name: str, make: Make) -> object:
    """The request is delivered twice, and the second answer arrives."""
    with suppress(PayflowsError):
        await make()
    return await make()
