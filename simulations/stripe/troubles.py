"""What a caller of the simulated Stripe hears of its troubles: the port's errors, as finely told apart as HTTP does."""

from __future__ import annotations

from payflows.errors import CallNotSent, CallRejected, OutcomeUnknown


class NoConnection(CallNotSent):
    """Nobody answers at the door."""


class TooManyRequests(CallNotSent):
    """429, before anything is looked at."""


class NoAnswer(OutcomeUnknown):
    """Silence, until the caller gives up."""


class ConnectionBroken(OutcomeUnknown):
    """The connection breaks in the middle of the answer."""


class KeyInUse(OutcomeUnknown):
    """409: the first call with this key is still running."""


class OtherParameters(CallRejected):
    """400: the key was first used for another call, or with other parameters."""


class InvalidRequest(CallRejected):
    """Refused before execution, so that nothing is stored under the key: an unknown id, a bad parameter."""


class ServerFailed(OutcomeUnknown):
    """A 500 of which nothing is stored: the next call with the same key is executed anew."""
