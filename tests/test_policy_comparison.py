"""Two dunning policies on the same subscribers: the frames, the measures, and intervals that say what is known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from payflows.errors import InvalidPolicy
from payflows.subscriptions.dunning import CAMPAIGN_OF_28_DAYS, SEED_AS_GAPS
from simulations.drawing.picture import Picture
from simulations.statistics.ratios import Moments, Part, difference_of_ratios, estimate_of
from simulations.subscriptions.year.calibrated import CalibratedSubscribers, ChurnProfile, two_years
from simulations.subscriptions.year.comparison import MEASURES, RECOVERED, PolicyComparison, compare
from simulations.subscriptions.year.dunning import DunningOutcome, is_recovered, outcomes_by_day, seen_to_the_end
from simulations.subscriptions.year.run import run

SEED = 32


@pytest.fixture(scope="module")
def comparison() -> PolicyComparison:
    return compare(two_years(SEED_AS_GAPS, subscribers=100), SEED_AS_GAPS, CAMPAIGN_OF_28_DAYS, seed=SEED)


def test_every_failed_renewal_has_one_row(comparison: PolicyComparison) -> None:
    year = comparison.first
    rows = year.episodes

    assert rows["invoice_id"].is_unique
    assert set(rows["invoice_id"]) <= set(year.invoices["invoice_id"])
    assert set(rows["outcome"]) >= set(DunningOutcome) - {DunningOutcome.IN_PROGRESS}
    assert (rows["day"].dropna() <= 25).all()
    assert (rows["attempts"] <= 3).all()
    assert (rows["notices"] <= 3).all()
    assert rows["cause"].notna().all()
    assert rows["code"].notna().all()


def test_a_card_that_was_updated_was_given(comparison: PolicyComparison) -> None:
    rows = comparison.second.episodes

    assert (rows.loc[rows["outcome"] == DunningOutcome.CARD_UPDATED, "cards"] > 0).all()
    assert (rows.loc[rows["outcome"] == DunningOutcome.RETRY_SUCCEEDED, "attempts"] > 0).all()


def test_both_policies_meet_the_same_failures_until_they_differ(comparison: PolicyComparison) -> None:
    for first, second in zip(comparison.first.lives, comparison.second.lives, strict=True):
        for ours, theirs in zip(first.episodes, second.episodes, strict=False):
            assert (ours.invoice_id, ours.failed_at, ours.cause) == (theirs.invoice_id, theirs.failed_at, theirs.cause)
            if ours.outcome != theirs.outcome:
                break


def test_a_policy_beside_itself_differs_in_nothing(comparison: PolicyComparison) -> None:
    same = PolicyComparison(comparison.first, comparison.first)

    for measure in MEASURES:
        found = same.difference(measure)
        assert found.difference == found.low == found.high == 0
        assert not found.is_known
    assert same.differing() == []
    assert "do not tell" in same.sentence()


def test_the_measures_are_what_the_frames_say(comparison: PolicyComparison) -> None:
    year = comparison.second
    rows = [row for life in year.lives for row in seen_to_the_end(life, year.scenario.ends_at)]

    assert comparison.difference(RECOVERED).second == pytest.approx(np.mean([is_recovered(row) for row in rows]))
    collected = comparison.difference("collected per subscriber")
    assert collected.second == pytest.approx(year.subscribers["paid_minor"].mean())


def test_the_longer_campaign_asks_more_and_gets_more(comparison: PolicyComparison) -> None:
    attempts = comparison.difference("attempts per failed renewal")

    assert attempts.is_known
    assert attempts.low > 3
    assert comparison.difference(RECOVERED).difference > 0
    assert comparison.sentence().startswith("campaign_of_28_days recovers ")
    assert list(comparison.table["measure"]) == list(MEASURES)


def test_the_ways_to_end_add_up(comparison: PolicyComparison) -> None:
    rows = [row for life in comparison.first.lives for row in life.episodes]
    steps = list(outcomes_by_day(rows, comparison.first.scenario.ends_at))
    sums = [sum(step.shares.values()) for step in steps]

    assert all(earlier <= later + 1e-12 for earlier, later in pairwise(sums))
    assert sums[-1] == pytest.approx(1.0)


def test_every_figure_is_drawn(comparison: PolicyComparison) -> None:
    second = comparison.second
    number = comparison.differing()[0]

    for picture in (
        comparison.plot_outcomes(),
        comparison.plot_customer(number),
        second.plot_recovery(),
        second.plot_mrr(),
    ):
        assert isinstance(picture, Picture)


def test_too_few_subscribers_are_refused() -> None:
    few = run(two_years(SEED_AS_GAPS, subscribers=20), seed=SEED, check=None)

    with pytest.raises(InvalidPolicy, match="how many units are compared"):
        PolicyComparison(few, few).difference(RECOVERED)


def test_what_happened_to_a_few_is_not_taken_for_a_rule() -> None:
    """One failed renewal of thirty subscribers, which one policy recovers and the other does not."""
    once = [Part(0, 0)] * 29
    for others in ([Part(1, 1)], [Part(8, 8)]):
        with pytest.raises(InvalidPolicy, match="it has happened to about 1 units only, and an interval needs 10"):
            difference_of_ratios([*once, Part(0, 1)], [*once, *others])


def test_where_all_did_the_same_the_next_may_not() -> None:
    recovered, lost = [Part(1, 1)] * 30, [Part(0, 1)] * 30

    sure = difference_of_ratios(lost, recovered)
    assert sure.is_known
    assert (sure.difference, sure.low) == pytest.approx((1, 0.9))
    for same in (recovered, lost):
        found = estimate_of(Moments.of(np.array(same, float)))
        assert found.high - found.low == pytest.approx(0.2)
        assert difference_of_ratios(same, same)[2:] == (0, 0, 0)


def test_an_unknown_measure_is_refused(comparison: PolicyComparison) -> None:
    with pytest.raises(InvalidPolicy, match="no measure is called 'luck'"):
        comparison.difference("luck")


@pytest.mark.parametrize("churn", list(ChurnProfile))
def test_all_profiles_of_churn_live(churn: ChurnProfile) -> None:
    people = CalibratedSubscribers(churn=churn)
    year = run(two_years(SEED_AS_GAPS, subscribers=25, people=people), seed=SEED)
    causes = set(year.subscribers["cause"].dropna())

    assert causes == {"voluntary", "involuntary"}


class TestIntervals:
    """Differences of ratios on paired samples."""

    @pytest.mark.parametrize("shift", [0.0, 0.15])
    def test_95_of_100_intervals_hold_the_true_difference(self, shift: float) -> None:
        """With 45 of 300 who differ; with none they are points, and right."""
        draws, covered = np.random.default_rng(15), 0
        for _ in range(1_000):
            below = 1 + draws.integers(0, 3, 300)
            luck = draws.random(300)
            first = [Part(float(n) * (u < 0.4), float(n)) for n, u in zip(below, luck, strict=True)]
            second = [Part(float(n) * (u < 0.4 + shift), float(n)) for n, u in zip(below, luck, strict=True)]
            found = difference_of_ratios(first, second)
            covered += found.low <= shift <= found.high

        assert 930 <= covered <= 970 if shift else covered == 1_000

    def test_pairing_makes_it_narrower(self) -> None:
        draws = np.random.default_rng(1)
        luck = draws.random(200)
        first = [Part(float(u < 0.4), 1.0) for u in luck]
        second = [Part(float(u < 0.5), 1.0) for u in luck]
        shuffled = list(draws.permutation(np.array(second)))
        paired = difference_of_ratios(first, second)
        apart = difference_of_ratios(first, [Part(*map(float, each)) for each in shuffled])

        assert paired.difference == pytest.approx(apart.difference)
        assert paired.high - paired.low < 0.6 * (apart.high - apart.low)

    def test_what_never_happened_is_refused(self) -> None:
        with pytest.raises(InvalidPolicy, match="nothing has happened"):
            difference_of_ratios([Part(0, 0)] * 40, [Part(0, 0)] * 40)

    def test_unlike_runs_are_refused(self) -> None:
        with pytest.raises(InvalidPolicy, match="the same units"):
            difference_of_ratios([Part(0, 1)] * 40, [Part(0, 1)] * 41)
