"""When a call is tried again: the one place that says how often and how soon. Who waits is the flow."""

from __future__ import annotations

from dataclasses import dataclass

from payflows.checks import whole_number
from payflows.errors import InvalidPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """When a step is tried again after an answer that never came.

    Attributes:
        inline_tries: calls made immediately with the same key, before the order is left to the worker.
        inline_delay_seconds: pause between those calls.
        call_timeout_seconds: a call that takes longer is cut off, and its outcome unknown.
        first_delay_seconds: the first wait of what is stored to be looked at again; each further one is `factor`
            times longer.
        factor: growth of those waits.
        max_delay_seconds: no wait is longer, so that things settle soon after an outage ends.
        max_retries: it is given up after this many waits without success; None: never.

    Raises:
        InvalidPolicy: a value outside its bounds.
    """

    inline_tries: int = 3
    inline_delay_seconds: int = 1
    call_timeout_seconds: int = 30
    first_delay_seconds: int = 20
    factor: int = 2
    max_delay_seconds: int = 300
    max_retries: int | None = None

    def __post_init__(self) -> None:
        whole_number("inline_tries", self.inline_tries, least=1, most=10)
        whole_number("inline_delay_seconds", self.inline_delay_seconds, most=60)
        whole_number("call_timeout_seconds", self.call_timeout_seconds, least=1, most=600)
        whole_number("first_delay_seconds", self.first_delay_seconds, least=1, most=86_400)
        whole_number("factor", self.factor, least=1, most=10)
        whole_number("max_delay_seconds", self.max_delay_seconds, least=1, most=86_400)
        if self.max_retries is not None:
            whole_number("max_retries", self.max_retries, most=10_000)
        if self.max_delay_seconds < self.first_delay_seconds:
            raise InvalidPolicy(
                f"max_delay_seconds must be at least first_delay_seconds ({self.first_delay_seconds}), "
                f"got {self.max_delay_seconds}"
            )

    def delay_seconds(self, waits: int) -> int:
        """Return how long to wait after `waits` waits without success."""
        # Beyond 17 doublings even a one-second start has reached a day; the bound keeps the power small.
        return int(min(self.first_delay_seconds * self.factor ** min(waits, 17), self.max_delay_seconds))

    def gives_up_after(self, waits: int) -> bool:
        """Say whether `waits` waits without success were the last."""
        return self.max_retries is not None and waits >= self.max_retries
