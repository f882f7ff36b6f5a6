"""How long Stripe and the banks take, as one value that every resource reads."""

from __future__ import annotations

from dataclasses import dataclass

from payflows.checks import not_negative

DAY = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeTimes:
    """How long Stripe and the banks take.

    Attributes:
        authorisation_lasts_seconds: an authorisation that is not captured by then is cancelled (seven days).
        settle_after_seconds: a bank debit in `processing` succeeds or fails (ACH: up to four business days).
        refund_settles_after_seconds: a pending refund succeeds.
        refund_fails_after_seconds: the bank sends a refund back that had succeeded.
        dispute_after_seconds: from the capture until a disputed card's customer complains.
        invoice_draft_seconds: a renewal's invoice stays a draft for that long.
        incomplete_lasts_seconds: a subscription that is not paid for by then expires.
        trial_notice_seconds: how long before a trial's end it is announced.
        usage_counts_after_seconds: from a report of usage until it is part of what was used.
        search_lag_seconds: search finds a new payment only after this delay ("up to a minute").
        client_timeout_seconds: how long our side waits for an answer.
    """

    authorisation_lasts_seconds: float = 7 * DAY
    settle_after_seconds: float = 4 * DAY
    refund_settles_after_seconds: float = 2 * DAY
    refund_fails_after_seconds: float = 5 * DAY
    dispute_after_seconds: float = 3600
    invoice_draft_seconds: float = 3600
    incomplete_lasts_seconds: float = 23 * 3600
    trial_notice_seconds: float = 3 * DAY
    usage_counts_after_seconds: float = 10
    search_lag_seconds: float = 60
    client_timeout_seconds: float = 20

    def __post_init__(self) -> None:
        for name in self.__slots__:
            not_negative(name, getattr(self, name))


USUAL_TIMES = StripeTimes()
