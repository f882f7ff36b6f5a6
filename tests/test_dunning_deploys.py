"""A dunning policy is deployed while an episode of another one runs: what is stored is read by the new one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payflows.subscriptions.dunning import NONE, SEED_AS_GAPS, DunningPolicy
from payflows.subscriptions.episode import EpisodeStatus
from payflows.subscriptions.messages import MailKind
from payflows.subscriptions.model import SubscriptionStatus
from payflows.subscriptions.policy import SubscriptionPolicy
from simulations.subscriptions.scripted_merchant import ScriptedMerchant
from tests.dunned import DECLINED, episode, failed, merchant_with, outcomes

S = SubscriptionStatus
NOT_DUNNED = SubscriptionPolicy(dunning=None)
ONE_ATTEMPT = DunningPolicy.from_days([3], name="one_attempt", notices=(0, 3, 10))
ONE_NOTICE = DunningPolicy.from_days([3, 10, 24], name="one_notice", notices=(0,))
A_WEEK = DunningPolicy.from_days([3, 5, 7], name="a_week", notices=(0, 3, 7))


def deployed(before: DunningPolicy, after: DunningPolicy, *, days: float) -> ScriptedMerchant:
    """Return a merchant whose customer's renewal failed these days before another policy holds."""
    merchant = merchant_with(before)
    failed(merchant, days=days)
    merchant.deploy(SubscriptionPolicy(dunning=after))
    return merchant


def reminders(merchant: ScriptedMerchant) -> int:
    merchant.world.run(merchant.app.outbox.deliver())
    return sum(mail.kind == MailKind.PAYMENT_REMINDER for mail in merchant.mailer.sent.values())


@pytest.mark.parametrize("after", [ONE_ATTEMPT, ONE_NOTICE, A_WEEK, NONE], ids=lambda policy: policy.name)
@pytest.mark.parametrize("days", [5, 15])
def test_a_shorter_policy_stops_no_worker(after: DunningPolicy, days: float) -> None:
    """A day of a policy was looked up by how many were done: the worker ended, and with it all other work."""
    merchant = deployed(SEED_AS_GAPS, after, days=days)

    merchant.pass_time(days=30)

    assert episode(merchant).status is EpisodeStatus.GIVEN_UP
    assert merchant.subscribe(signup_id="signup-2").status is S.ACTIVE


def test_what_was_done_counts_and_the_rest_comes_on_the_new_days() -> None:
    merchant = deployed(SEED_AS_GAPS, A_WEEK, days=4)
    assert (outcomes(merchant), reminders(merchant)) == ([(3, DECLINED)], 2)

    merchant.pass_time(days=5)

    assert outcomes(merchant) == [(day, DECLINED) for day in (3, 5, 7)]
    assert reminders(merchant) == 3


def test_past_the_last_day_of_the_new_policy_its_last_step_comes() -> None:
    merchant = deployed(SEED_AS_GAPS, A_WEEK, days=12)

    merchant.pass_time(days=1.1)

    assert outcomes(merchant) == [(3, DECLINED), (10, DECLINED)]
    assert episode(merchant).status is EpisodeStatus.GIVEN_UP


def test_a_longer_policy_goes_on_where_the_old_one_would_have_ended() -> None:
    merchant = deployed(A_WEEK, SEED_AS_GAPS, days=6)

    merchant.pass_time(days=20)

    assert outcomes(merchant) == [(day, DECLINED) for day in (3, 5, 10, 24)]
    assert reminders(merchant) == 3


def test_a_policy_that_is_taken_away_stops_what_runs() -> None:
    merchant = merchant_with(SEED_AS_GAPS)
    subscription = failed(merchant, days=5)
    merchant.deploy(NOT_DUNNED)

    merchant.pass_time(days=30)

    assert episode(merchant).status is EpisodeStatus.STOPPED
    assert merchant.now(subscription).status is S.PAST_DUE


DAYS = st.lists(st.integers(1, 14), unique=True, max_size=4).map(sorted)
POLICIES = st.builds(
    lambda attempts, notices, more: DunningPolicy(
        name="any",
        attempts=attempts,
        notices=notices,
        last_day=max((*attempts, *notices), default=0) + more,
        allow_uncalibrated=True,
    ),
    DAYS,
    DAYS,
    st.integers(0, 3),
)


@settings(max_examples=40, deadline=None)
@given(before=POLICIES, after=POLICIES, days=st.integers(0, 15))
def test_any_policy_goes_on_from_any_other_and_ends_in_time(
    before: DunningPolicy, after: DunningPolicy, days: int
) -> None:
    merchant = deployed(before, after, days=days + 0.5)
    was_over = episode(merchant).status is not EpisodeStatus.RUNNING

    merchant.pass_time(days=max(0, after.ends_on - days) + 1.1)  # a look a day sees the new policy

    then = episode(merchant)
    assert then.status is EpisodeStatus.GIVEN_UP
    tried_on = [each.day for each in then.attempts]
    assert tried_on == sorted(set(tried_on))
    assert was_over or then.ends_at == after.at(after.ends_on, then.failed_at) + timedelta(minutes=20)
