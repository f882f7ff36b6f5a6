"""Idempotency keys as Stripe keeps them. What a call does is said by its resource.

Source: Stripe API reference, "Idempotent requests". The status and body of the first execution under a key are
stored, whatever they say, 500s included, and given to every later call with that key; other parameters are
refused; a key lives for at least 24 hours. Nothing is stored where no execution began: a parameter that fails
validation, or a call that comes while another with its key is running (409).
"""

from __future__ import annotations

from typing import NamedTuple

from payflows.errors import PayflowsError

from simulations.stripe.core.errors import InvalidRequest, KeyInUse, OtherParameters

LIFETIME_US = 24 * 3600 * 1_000_000
"""A key is forgotten after 24 hours, the earliest moment that Stripe allows itself."""

MAX_KEY_LENGTH = 255

_RUNNING = object()


class _Stored(NamedTuple):
    endpoint: str
    params: tuple[object, ...]
    since_us: int
    answer: object


class IdempotencyKeys:
    """The first execution under each key.

    Attributes:
        misused: the keys that came for a second, other call, for those who check.
    """

    __slots__ = ("_stored", "_tidy_us", "misused")

    def __init__(self) -> None:
        self.misused: set[str] = set()
        self._stored: dict[str, _Stored] = {}
        self._tidy_us = LIFETIME_US

    def recall(self, key: str, endpoint: str, params: tuple[object, ...], now_us: int) -> object | None:
        """Return the answer stored under a key; None for a key that is new, or was forgotten.

        Raises:
            PayflowsError: the stored answer is an error.
            KeyInUse: the first call is still running.
            OtherParameters: the key was used for another call, or with other parameters.
            InvalidRequest: it is too long.
        """
        stored = self._stored.get(key)
        if stored is None or now_us >= stored.since_us + LIFETIME_US:
            if len(key) > MAX_KEY_LENGTH:
                raise InvalidRequest(f"Idempotency keys are up to {MAX_KEY_LENGTH} characters long, got {len(key)}.")
            return None
        if stored.endpoint != endpoint or stored.params != params:
            self.misused.add(key)
            raise OtherParameters("idempotency_error: this key was first used with other parameters")
        if stored.answer is _RUNNING:
            raise KeyInUse("409: another request with this key is in progress")
        if isinstance(stored.answer, PayflowsError):
            raise _again(stored.answer)
        return stored.answer

    def store(self, key: str, endpoint: str, params: tuple[object, ...], now_us: int, answer: object) -> None:
        """Keep what the first execution answered: a value, or an error."""
        if isinstance(answer, PayflowsError):
            answer = _again(answer)
        if now_us >= self._tidy_us:
            self._forget_old(now_us)
        self._stored[key] = _Stored(endpoint, params, now_us, answer)

    def lock(self, key: str, endpoint: str, params: tuple[object, ...], now_us: int) -> None:
        """Mark the key as in use: a call with it is running."""
        self._stored[key] = _Stored(endpoint, params, now_us, _RUNNING)

    def unlock(self, key: str) -> None:
        """Release the key: the call has ended."""
        del self._stored[key]

    def __len__(self) -> int:
        """How many keys are kept, forgotten ones among them until they are swept out once a day."""
        return len(self._stored)

    def _forget_old(self, now_us: int) -> None:
        forgotten_us = now_us - LIFETIME_US
        self._stored = {key: stored for key, stored in self._stored.items() if stored.since_us > forgotten_us}
        self._tidy_us = now_us + LIFETIME_US


def _again(error: PayflowsError) -> PayflowsError:
    """The same error without its traceback, which would keep every frame of the first call alive."""
    return type(error)(*error.args)
