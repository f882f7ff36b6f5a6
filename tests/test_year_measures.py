"""Each measure of a year of subscribers, worked out by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from simulations.subscriptions.year.measures import (
    MONTH,
    PAYING,
    Cause,
    access_days,
    active,
    cause_of_end,
    churn,
    leaving_by_age,
    monthly_minor,
    mrr_minor,
    paying_time,
    trial_conversion,
)
from simulations.subscriptions.year.rows import Life, StatusRow, SubscriberRow
from simulations.time.world import START


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def life(
    *statuses: tuple[float, str],
    mrr: int = 1_000,
    trial_days: int = 0,
    paid_on: float | None = None,
    left: Cause | None = None,
) -> Life:
    """A subscriber with a history of statuses, each entered on a day; the last one is the end where they have left."""
    rows = tuple(StatusRow(1, day(number), status) for number, status in statuses)
    row = SubscriberRow(
        subscriber=1,
        plan_id="pro",
        seats=1,
        total_minor=mrr,
        mrr_minor=mrr,
        trial_days=trial_days,
        had_card=True,
        signed_up_at=rows[0].at,
        status=rows[-1].status,
        first_paid_at=None if paid_on is None else day(paid_on),
        ended_at=rows[-1].at if left else None,
        cause=left,
        paid_minor=0,
        access_days=0,
    )
    return Life(row, (), rows)


STAYS = life((0, "incomplete"), (0, "active"), mrr=1_000, paid_on=0)
LATE = life((0, "active"), (30, "past_due"), (40, "active"), mrr=200, paid_on=0)
LEAVES = life((0, "active"), (50, "cancelling"), (50, "cancelled"), mrr=30, paid_on=0, left=Cause.VOLUNTARY)
TRIES = life((20, "trialing"), (34, "active"), mrr=4, trial_days=14, paid_on=34)
EVERYONE = (STAYS, LATE, LEAVES, TRIES)


@pytest.mark.parametrize(
    ("total_minor", "months", "monthly"), [(2_900, 1, 2_900), (12_000, 12, 1_000), (29_000, 12, 2_417), (18, 12, 2)]
)
def test_an_annual_plan_brings_a_twelfth_a_month_half_a_cent_up(total_minor: int, months: int, monthly: int) -> None:
    assert monthly_minor(total_minor, months) == monthly


@pytest.mark.parametrize(
    ("on_day", "minor", "number"),
    [(-1, 0, 0), (0, 1_230, 3), (30, 1_230, 3), (33, 1_230, 3), (34, 1_234, 4), (50, 1_204, 3)],
)
def test_mrr_counts_who_is_active_or_past_due_and_no_trial(on_day: float, minor: int, number: int) -> None:
    assert mrr_minor(EVERYONE, day(on_day)) == minor
    assert active(EVERYONE, day(on_day)) == number


def test_mrr_is_the_sum_of_its_parts() -> None:
    parts = [mrr_minor(EVERYONE, day(35), [status]) for status in PAYING]

    assert parts == [1_034, 200]
    assert sum(parts) == mrr_minor(EVERYONE, day(35))


def test_trial_conversion_is_of_the_trials_that_are_decided() -> None:
    lost = life((0, "trialing"), (14, "cancelled"), trial_days=14, left=Cause.NOT_CONVERTED)
    undecided = life((0, "trialing"), trial_days=14)

    assert trial_conversion([TRIES, TRIES, TRIES, lost, undecided, STAYS]) == 0.75
    assert trial_conversion([undecided, STAYS]) is None


def test_churn_is_per_month_in_which_a_subscription_pays() -> None:
    one_month = timedelta(days=60) / MONTH
    months = one_month * 2 + 50 / 60 * one_month + 26 / 60 * one_month

    assert churn(EVERYONE, Cause.VOLUNTARY, day(60)) == pytest.approx(1 / months)
    assert churn(EVERYONE, Cause.INVOLUNTARY, day(60)) == 0
    assert churn([life((0, "trialing"), trial_days=14)], Cause.VOLUNTARY, day(60)) is None


def test_paying_time_is_that_in_which_it_counts() -> None:
    assert [paying_time(each.statuses, day(60)) / timedelta(days=1) for each in EVERYONE] == [60, 60, 50, 26]


def test_access_days_are_those_between_grant_and_end() -> None:
    assert access_days([(day(1), True), (day(4), False), (day(10), True), (day(11), True)], day(12.5)) == 5.5
    assert access_days([], day(12)) == 0


@pytest.mark.parametrize(
    ("has_paid", "had_trial", "by_merchant", "cause"),
    [
        (True, False, False, Cause.VOLUNTARY),
        (True, True, False, Cause.VOLUNTARY),
        (True, True, True, Cause.INVOLUNTARY),
        (False, True, False, Cause.NOT_CONVERTED),
        (False, True, True, Cause.NOT_CONVERTED),
        (False, False, False, Cause.NEVER_PAID),
    ],
)
def test_each_end_has_one_cause(has_paid: bool, had_trial: bool, by_merchant: bool, cause: Cause) -> None:
    assert cause_of_end(has_paid=has_paid, had_trial=had_trial, by_merchant=by_merchant) is cause


def test_causes_compete_for_those_who_are_still_there() -> None:
    """Of four, one leaves on day 10; one is seen until day 20 only; of the two left one leaves on day 30."""
    cohort = [
        life((0, "active"), (10, "cancelled"), left=Cause.INVOLUNTARY),
        life((80, "active")),
        life((0, "active"), (30, "cancelled"), left=Cause.VOLUNTARY),
        life((0, "active")),
    ]

    first, last = leaving_by_age(cohort, day(100))

    assert (first.days, first.shares[Cause.INVOLUNTARY], first.shares[Cause.VOLUNTARY]) == (10, 0.25, 0)
    assert last.days == 30
    assert last.shares[Cause.INVOLUNTARY] == 0.25
    assert last.shares[Cause.VOLUNTARY] == pytest.approx(0.75 * 1 / 2)


def test_those_who_leave_on_one_day_leave_together() -> None:
    cohort = [life((0, "active"), (10, "cancelled"), left=cause) for cause in Cause]

    (only,) = leaving_by_age(cohort, day(100))

    assert only.shares == pytest.approx(dict.fromkeys(Cause, 0.25))


def test_without_censoring_the_incidence_is_the_share_that_has_left() -> None:
    cohort = [life((0, "active"), (at, "cancelled"), left=Cause.VOLUNTARY) for at in range(1, 8)]

    shares = [step.shares[Cause.VOLUNTARY] for step in leaving_by_age([*cohort, STAYS], day(100))]

    assert shares == pytest.approx([number / 8 for number in range(1, 8)])
