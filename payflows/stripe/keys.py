"""The key that Stripe knows us by: test keys only, and never shown. What is done with it is in `gateway`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import NoReturn

from payflows.errors import InvalidApiKey

KEY_VARIABLE = "STRIPE_API_KEY"

_TEST_KEY = re.compile(r"(?:sk|rk)_test_[A-Za-z0-9]{1,240}")
_OTHER_KINDS = {
    "sk_live_": "a live key, which moves real money",
    "rk_live_": "a live key, which moves real money",
    "pk_": "a publishable key, which is the browser's",
    "whsec_": "a webhook secret",
}


class ApiKey:
    """A secret or restricted key of Stripe's test mode.

    It is shown as `ApiKey(sk_test_...)` and cannot be pickled or copied, so that it enters no log, trace or
    worker by accident. Live keys are refused; there is no switch.

    Args:
        key: `sk_test_...` or `rk_test_...`.

    Raises:
        InvalidApiKey: anything else; what came is never part of the message.
    """

    __slots__ = ("_key",)

    def __init__(self, key: str) -> None:
        if type(key) is not str or not _TEST_KEY.fullmatch(key):
            raise InvalidApiKey(
                f"a Stripe key looks like sk_test_... or rk_test_..., got {kind_of_text(key, _OTHER_KINDS)}"
            )
        self._key = key

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> ApiKey:
        """The key in `STRIPE_API_KEY`.

        Raises:
            InvalidApiKey: it is not set, or not a test key.
        """
        if not environment.get(KEY_VARIABLE):
            raise InvalidApiKey(f"{KEY_VARIABLE} is not set; put a test key of your Stripe account there")
        return cls(environment[KEY_VARIABLE])

    def reveal(self) -> str:
        """The key itself, for the one line that hands it to the SDK."""
        return self._key

    def __repr__(self) -> str:
        return f"ApiKey({self._key[:8]}...)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an ApiKey is not pickled; let the other process read its own environment")


def kind_of_text(secret: object, kinds: Mapping[str, str]) -> str:
    """Return what came instead of a secret, by its prefix, without a character of it."""
    if not isinstance(secret, str):
        return f"a value of type {type(secret).__name__}"
    for prefix, kind in kinds.items():
        if secret.startswith(prefix):
            return kind
    return "something else" if secret else "an empty one"
