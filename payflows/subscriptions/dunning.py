"""Dunning policies: when a renewal that failed is tried again, who is reminded when, and what comes last.

A policy is a value: it prints itself as a calendar strip, and a new one needs no other file. The flow acts by
the one that its `SubscriptionPolicy` names. Days count from the first failure, which is day 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from payflows.checks import instance_of, sequence, whole_number
from payflows.errors import InvalidPolicy
from payflows.parties import check_id

MAX_ENTRIES = 30
MAX_ATTEMPTS = 11
MAX_NOTICES, MIN_DAYS_BETWEEN_NOTICES, LAST_NOTICE_DAY = 6, 2, 30
LAST_DAY = 31
"""The range for which the models of customers and issuers are calibrated: beyond it nothing is known."""

LONGEST_DAYS = 365

HARD_DECLINES = frozenset(
    {
        "authentication_required",
        "highest_risk_level",
        "incorrect_number",
        "lost_card",
        "pickup_card",
        "revocation_of_all_authorizations",
        "revocation_of_authorization",
        "stolen_card",
        "transaction_not_allowed",
    }
)
"""Declines after which the same card is not tried again (docs.stripe.com/billing/revenue-recovery/smart-retries)."""


class LastStep(StrEnum):
    """What becomes of a subscription whose invoice is not paid in the end."""

    CANCEL = "cancel"
    PAUSE = "pause"
    STAY_PAST_DUE = "stay_past_due"
    """It goes on being invoiced, without access."""


class CardNetwork(StrEnum):
    """Whose card it is, where that limits attempts."""

    VISA = "visa"
    MASTERCARD = "mastercard"


class NetworkLimit(NamedTuple):
    """How often a declined card may be tried again, over all its invoices.

    Attributes:
        network: whose cards.
        attempts: how many tries after the first.
        days: within how many.
    """

    network: CardNetwork
    attempts: int
    days: int = 30


NETWORK_LIMITS = (NetworkLimit(CardNetwork.VISA, 15), NetworkLimit(CardNetwork.MASTERCARD, 35))
"""By the networks' published rules. Visa's has been 20 in some regions since 2026; Stripe blocks after 15.

Sources: support.stripe.com/questions/payment-blocked-due-to-excessive-retries,
docs.tabapay.com "Excessive retry rules" (Mastercard, same card, merchant and amount).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DunningPolicy:
    """How a failed renewal is collected.

    Attributes:
        name: how it is called in tables and figures.
        attempts: on which days the card is tried again.
        notices: on which days the customer is reminded; 0 is the day of the failure.
        last_day: on which day the last step is taken, 20 minutes after its attempt and notice; None: the last of these.
        last_step: what that is.
        access_days: how long the product may be used; None: until the last step.
        hour: of the day at which attempts and notices come; None: that of the first failure.
        time_zone: in which days and the hour are counted, such as "Europe/Berlin".
        never_retried: declines after which the same card is not tried again; notices go on.
        limits: of the card networks, over all invoices of a customer; whose card it is we do not know, so all hold.
        allow_uncalibrated: it may leave the range for which the models are calibrated.

    Raises:
        InvalidPolicy: days that are not strictly increasing, or outside the range, or a value of another type.
    """

    name: str
    attempts: Sequence[int] = ()
    notices: Sequence[int] = ()
    last_day: int | None = None
    last_step: LastStep = LastStep.CANCEL
    access_days: int | None = None
    hour: int | None = None
    time_zone: str = "UTC"
    never_retried: frozenset[str] = HARD_DECLINES
    limits: Sequence[NetworkLimit] = NETWORK_LIMITS
    allow_uncalibrated: bool = False

    def __post_init__(self) -> None:
        check_id("a policy's name", self.name, error=InvalidPolicy)
        instance_of("last_step", self.last_step, LastStep)
        instance_of("allow_uncalibrated", self.allow_uncalibrated, bool)
        instance_of("never_retried", self.never_retried, frozenset)
        sequence("limits", self.limits)
        for limit in self.limits:
            instance_of("a limit", limit, NetworkLimit)
        object.__setattr__(self, "limits", tuple(self.limits))
        object.__setattr__(self, "attempts", _days("attempts", self.attempts, least=1))
        object.__setattr__(self, "notices", _days("notices", self.notices, least=0))
        if self.hour is not None:
            whole_number("hour", self.hour, most=23)
        _zone(self.time_zone)
        if self.last_day is None:
            object.__setattr__(self, "last_day", max((*self.attempts, *self.notices), default=0))
        whole_number("last_day", self.ends_on, least=max((*self.attempts, *self.notices), default=0), most=LONGEST_DAYS)
        if self.access_days is not None:
            whole_number("access_days", self.access_days, most=self.ends_on)
        if not self.allow_uncalibrated:
            self._check_calibrated()

    @classmethod
    def from_gaps(cls, gaps: Sequence[int], *, name: str, notices: Sequence[int] = ()) -> DunningPolicy:
        """Return the policy whose attempts come these days after the one before: [3, 7, 14] are days 3, 10 and 24.

        So Stripe reads its custom retries, too.
        """
        sequence("gaps", gaps)
        for gap in gaps:
            whole_number("a gap in days", gap, least=1, most=LONGEST_DAYS)
        return cls(name=name, attempts=tuple(accumulate(gaps)), notices=notices)

    @classmethod
    def from_days(cls, days: Sequence[int], *, name: str, notices: Sequence[int] = ()) -> DunningPolicy:
        """Return the policy whose attempts come on these days after the first failure."""
        return cls(name=name, attempts=days, notices=notices)

    @property
    def ends_on(self) -> int:
        """Return the day of the last step."""
        assert self.last_day is not None, "it was set, or follows from the others"
        return self.last_day

    def at(self, day: int, failed_at: datetime) -> datetime:
        """Return the moment of a day: never before the first failure.

        Args:
            day: after the first failure.
            failed_at: when that was.
        """
        zone = _zone(self.time_zone)
        local = failed_at.astimezone(zone)
        hour = local.timetz() if self.hour is None else time(self.hour, tzinfo=zone)
        moment = datetime.combine(local.date() + timedelta(days=day), hour.replace(tzinfo=None), tzinfo=zone)
        return max(failed_at, moment.astimezone(UTC))

    @property
    def calendar(self) -> str:
        """Return its days as text: two policies with the same plan alike."""
        return f"{self.attempts} {self.notices} {self.ends_on} {self.hour} {self.time_zone}"

    def is_retried(self, code: str | None) -> bool:
        """Return whether the same card may be tried again after a decline with this code."""
        return code not in self.never_retried

    def __str__(self) -> str:
        """Return it as a strip: a column a day; attempt, notice, both, and the last step."""
        days = range(self.ends_on + 1)
        return "\n".join(
            [
                f"{self.name}: {self.last_step} on day {self.ends_on}",
                "".join(f"{day:<10}" for day in days if day % 10 == 0).rstrip(),
                "".join(self._mark(day) for day in days),
            ]
        )

    def _mark(self, day: int) -> str:
        if day in self.attempts:
            return "B" if day in self.notices else "A"
        return "N" if day in self.notices else "X" if day == self.ends_on else "."

    def _check_calibrated(self) -> None:
        """Raise `InvalidPolicy` outside the range that is known, by the calibration of the models."""
        is_known = (
            len(self.attempts) <= MAX_ATTEMPTS
            and len(self.notices) <= MAX_NOTICES
            and all(later - sooner >= MIN_DAYS_BETWEEN_NOTICES for sooner, later in pairwise(self.notices))
            and all(day <= LAST_NOTICE_DAY for day in self.notices)
            and self.ends_on <= LAST_DAY
        )
        if not is_known:
            raise InvalidPolicy(
                f"a policy has at most {MAX_ATTEMPTS} attempts and {MAX_NOTICES} notices, these at least "
                f"{MIN_DAYS_BETWEEN_NOTICES} days apart, none after day {LAST_NOTICE_DAY}, and ends by day {LAST_DAY}; "
                f"beyond that the models know nothing, and allow_uncalibrated takes it all the same"
            )


def _days(name: str, days: Sequence[int], *, least: int) -> tuple[int, ...]:
    """Return days as a tuple. Raises `InvalidPolicy` unless they are whole and strictly increasing."""
    sequence(name, days)
    if len(days) > MAX_ENTRIES:
        raise InvalidPolicy(f"{name} has at most {MAX_ENTRIES} days, got {len(days)}")
    for day in days:
        whole_number(f"a day of {name}", day, least=least, most=LONGEST_DAYS)
    if any(later <= sooner for sooner, later in pairwise(days)):
        raise InvalidPolicy(f"{name} are strictly increasing days since the first failure, got {list(days)}")
    return tuple(days)


def _zone(name: str) -> tzinfo:
    instance_of("time_zone", name, str)
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidPolicy(
            f"time_zone must be a zone that this machine knows, such as 'Europe/Berlin', got {name!r}"
        ) from None


SEED_AS_GAPS = DunningPolicy.from_gaps([3, 7, 14], name="seed_as_gaps", notices=(0, 3, 10))
SEED_AS_DAYS = DunningPolicy.from_days([3, 7, 14], name="seed_as_days", notices=(0, 3, 7))
EIGHT_IN_TWO_WEEKS = DunningPolicy.from_days([1, 2, 4, 6, 8, 10, 12, 14], name="eight_in_two_weeks", notices=(0, 3, 7))
FOUR_IN_21_DAYS = DunningPolicy.from_days([3, 8, 14, 21], name="four_in_21_days", notices=(0, 3, 8, 14))
CAMPAIGN_OF_28_DAYS = DunningPolicy.from_days(
    [1, 2, 4, 6, 8, 11, 14, 17, 20, 24, 28], name="campaign_of_28_days", notices=(4, 7, 11, 15, 20, 25)
)
NAIVE = DunningPolicy(name="naive", attempts=(1, 3, 5), last_day=7)
NONE = DunningPolicy(name="none", last_day=28)

SHIPPED = (SEED_AS_GAPS, SEED_AS_DAYS, EIGHT_IN_TWO_WEEKS, FOUR_IN_21_DAYS, CAMPAIGN_OF_28_DAYS, NAIVE, NONE)
"""Policies to begin with. The first two read the intervals 3, 7, 14 as gaps between attempts, and as days."""
