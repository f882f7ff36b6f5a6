"""Schedules as the models take them: hours of attempts and of notices, and the hour at which the invoice is closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from payflows.checks import sequence, whole_number
from payflows.errors import InvalidPolicy

MAX_NOTICES, MIN_HOURS_BETWEEN_NOTICES, LAST_NOTICE_HOUR = 6, 48, 720
MAX_ATTEMPTS, MIN_HOURS_BETWEEN_ATTEMPTS, LAST_CLOSE_HOUR = 11, 24, 744
_LONGEST_HOURS = 24 * 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What a policy does about one failed invoice, in whole hours since its first attempt failed.

    Attributes:
        attempts: hours of the retries, strictly increasing, from 1 on.
        notices: hours of the notices, strictly increasing; 0 is right after the failure.
        close: the hour at which an unpaid invoice is closed and the subscription ends; nothing is done later.
        allow_uncalibrated: takes schedules of which no figure says how customers and issuers react to them.

    Raises:
        InvalidPolicy: hours that are none, or without `allow_uncalibrated` a schedule beyond what is calibrated.
    """

    attempts: tuple[int, ...] = ()
    notices: tuple[int, ...] = ()
    close: int
    allow_uncalibrated: bool = False

    def __post_init__(self) -> None:
        whole_number("close", self.close, most=_LONGEST_HOURS)
        _check_hours("attempts", self.attempts, least=1, most=self.close)
        _check_hours("notices", self.notices, least=0, most=self.close)
        if not self.allow_uncalibrated:
            whole_number("close", self.close, most=LAST_CLOSE_HOUR)
            _check_range("attempts", self.attempts, MAX_ATTEMPTS, MIN_HOURS_BETWEEN_ATTEMPTS, LAST_CLOSE_HOUR)
            _check_range("notices", self.notices, MAX_NOTICES, MIN_HOURS_BETWEEN_NOTICES, LAST_NOTICE_HOUR)

    @classmethod
    def from_days(
        cls,
        attempts: Sequence[int] = (),
        notices: Sequence[int] = (),
        *,
        close: int,
        allow_uncalibrated: bool = False,
    ) -> Schedule:
        """Return a schedule given in days since the failure, of 24 hours each."""
        return cls(
            attempts=tuple(24 * day for day in attempts),
            notices=tuple(24 * day for day in notices),
            close=24 * close,
            allow_uncalibrated=allow_uncalibrated,
        )


def _check_hours(name: str, hours: tuple[int, ...], *, least: int, most: int) -> None:
    sequence(name, hours)
    for hour in hours:
        whole_number(f"each hour of {name}", hour, least=least, most=most)
    if any(later <= earlier for earlier, later in pairwise(hours)):
        raise InvalidPolicy(f"the hours of {name} must increase strictly, got {hours}")


def _check_range(name: str, hours: tuple[int, ...], number: int, gap: int, last: int) -> None:
    if len(hours) > number or any(later - earlier < gap for earlier, later in pairwise(hours)) or hours[-1:] > (last,):
        raise InvalidPolicy(
            f"{name} are calibrated for at most {number}, at least {gap} hours apart and none after hour {last}, "
            f"got {hours}; allow_uncalibrated takes them"
        )
