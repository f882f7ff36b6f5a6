"""A year of subscribers: every promise holds in every small world, and nothing depends on how they are shared out."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import pandas as pd
import pytest

from payflows.errors import InvalidPolicy
from payflows.kernel.changes import OUTBOX
from payflows.kernel.messages import Mail
from payflows.money import Money
from payflows.subscriptions.dunning import DunningPolicy, LastStep
from payflows.subscriptions.messages import MailKind
from payflows.subscriptions.policy import SubscriptionPolicy
from simulations.drawing.picture import Picture
from simulations.search.breach import Breach, InvariantBroken
from simulations.subscriptions.year.measures import Cause, active, mrr_minor
from simulations.subscriptions.year.models import Act, SimpleCustomers, SimpleIssuers
from simulations.subscriptions.year.result import Year
from simulations.subscriptions.year.run import broken_in, live, run
from simulations.subscriptions.year.scenario import PRO, PRO_YEARLY, TEAM, SubscriberYear
from simulations.subscriptions.year.sign_ups import SignUps
from simulations.subscriptions.year.world import SubscriberWorld
from simulations.time.draws import Draws
from tests.year_people import DeclinesAfter, FirstDeclinesThenAsks, LeavesInTheSecondMonth

SEED = 7
LIVELY = SubscriberYear(
    subscribers=40,
    days=150,
    sign_up_days=60,
    customers=SimpleCustomers(cancels_share=0.1, updates_card_share=0.6),
    issuers=SimpleIssuers(declines_share=0.2, asks_share=0.2),
)
"""Some months in which much goes wrong."""

CALM = replace(
    LIVELY,
    subscribers=1,
    sign_up_days=1,
    trial_share=0,
    plan_mix={PRO.id: 1},
    customers=SimpleCustomers(cancels_share=0),
    issuers=SimpleIssuers(declines_share=0, asks_share=0),
)
"""One subscriber whose card always works."""


NEVER_UPDATES = SimpleCustomers(cancels_share=0, updates_card_share=0)
ALWAYS_UPDATES = SimpleCustomers(cancels_share=0, updates_card_share=1, authenticates_share=0, fails_share=0)


@pytest.fixture(scope="module")
def year() -> Year:
    return run(LIVELY, seed=SEED)


def test_every_way_to_leave_was_taken_and_every_promise_held(year: Year) -> None:
    causes = year.subscribers["cause"].dropna()

    assert set(causes) == set(Cause)
    assert set(year.subscribers["status"]) >= {"active", "cancelled", "incomplete_expired"}


@pytest.mark.parametrize(("workers", "at_a_time"), [(1, 1), (2, 1), (2, 7), (3, 40)])
def test_the_year_is_the_same_however_it_is_shared_out(year: Year, workers: int, at_a_time: int) -> None:
    again = run(LIVELY, seed=SEED, workers=workers, at_a_time=at_a_time)

    for table in ("subscribers", "invoices", "statuses"):
        pd.testing.assert_frame_equal(getattr(again, table), getattr(year, table), check_flags=False)


def test_a_fresh_process_runs_the_same_year() -> None:
    names = "seed=7, scenario=SubscriberYear(subscribers=3, days=90, sign_up_days=20)"
    imports = "from simulations.subscriptions.year.run import run, SubscriberYear"

    printed = subprocess.run(
        [sys.executable, "-c", f"{imports}; print(run({names}).lives)"], capture_output=True, text=True, check=True
    ).stdout

    here = run(SubscriberYear(subscribers=3, days=90, sign_up_days=20), seed=7)
    assert printed.strip() == str(here.lives)


def test_without_checks_the_year_is_the_same(year: Year) -> None:
    assert run(LIVELY, seed=SEED, check=None).lives == year.lives


def test_one_subscriber_more_changes_no_other(year: Year) -> None:
    assert live(replace(LIVELY, subscribers=41), SEED, 3) == year.lives[3]


def test_another_policy_meets_the_same_customers(year: Year) -> None:
    strict = run(replace(LIVELY, unpaid_days=5, policy=SubscriptionPolicy(past_due_access_days=0)), seed=SEED)

    wanted = ["plan_id", "seats", "trial_days", "had_card", "signed_up_at"]
    pd.testing.assert_frame_equal(strict.subscribers[wanted], year.subscribers[wanted], check_flags=False)
    assert strict.subscribers["access_days"].sum() < year.subscribers["access_days"].sum()


def test_another_seed_is_another_year(year: Year) -> None:
    assert run(LIVELY, seed=SEED + 1).lives != year.lives


def test_a_year_without_events_costs_nothing() -> None:
    yearly = replace(CALM, plan_mix={PRO_YEARLY.id: 1}, days=360)
    world = world_of(yearly)
    looks = counted(world)

    world.live()

    assert world.subscription.status == "active"
    assert looks() < 15  # a sign-up and its webhooks


def test_a_month_more_costs_a_renewal_more() -> None:
    lengths = [looks_of(replace(CALM, days=days)) for days in (32, 63, 94)]

    assert lengths[1] - lengths[0] == lengths[2] - lengths[1] < 15


def test_the_tables_carry_seed_and_parameters(year: Year) -> None:
    for table in (year.subscribers, year.invoices, year.statuses, year.summary()):
        assert table.attrs["seed"] == SEED
        assert table.attrs["scenario"]["customers"]["cancels_share"] == 0.1
    for table in (year.subscribers, year.invoices, year.statuses):
        assert (table["seed"] == SEED).all()
    assert year.subscribers["subscriber"].tolist() == list(range(40))
    assert year.invoices["invoice_id"].is_unique


def test_what_subscribers_paid_is_what_their_invoices_say(year: Year) -> None:
    paid = year.invoices[year.invoices["status"] == "paid"].groupby("subscriber")["total_minor"].sum()

    assert year.subscribers.set_index("subscriber")["paid_minor"].sum() == paid.sum() > 0
    assert str(Money(int(paid.sum()), "usd")) in set(year.summary()["value"])


def test_who_never_leaves_has_access_from_their_sign_up_on() -> None:
    row = run(CALM, seed=SEED).lives[0].subscriber

    assert row.status == "active"
    assert row.access_days == pytest.approx(150, abs=1)
    assert row.paid_minor == 5 * PRO.amount.minor


def test_seats_count_each() -> None:
    lives = run(replace(CALM, plan_mix={TEAM.id: 1}, seats_mix={5: 1}), seed=SEED).lives

    assert lives[0].subscriber.mrr_minor == 5 * TEAM.amount.minor


def test_a_broken_promise_stops_the_year() -> None:
    with pytest.raises(InvariantBroken, match=r"I17 .* was charged 2 times"):
        run(CALM, seed=SEED, check=overcharge)


class TestModelsOfOnesOwn:
    """A scenario takes any model of customers and of banks."""

    def test_who_cancels_in_the_second_month_leaves_with_the_period(self) -> None:
        life = live(replace(CALM, customers=LeavesInTheSecondMonth(Act.CANCEL_AT_PERIOD_END)), SEED, 0)

        assert life.subscriber.cause == Cause.VOLUNTARY
        assert life.subscriber.ended_at == life.invoices[-1].period_end

    def test_a_card_that_is_declined_for_good_ends_involuntarily(self) -> None:
        life = live(replace(CALM, issuers=DeclinesAfter(10)), SEED, 0)

        assert life.subscriber.cause == Cause.INVOLUNTARY
        assert [row.status for row in life.invoices] == ["paid", "void"]
        assert [row.status for row in life.statuses][-4:] == ["active", "past_due", "cancelling", "cancelled"]
        assert life.subscriber.access_days == pytest.approx(31 + 14, abs=4)

    def test_what_dunning_has_paused_brings_nothing_and_is_lost(self) -> None:
        """Its status at Stripe stays: it counted as active, in MRR and in no churn."""
        paused_at_last = DunningPolicy(name="pause", attempts=(1,), last_day=3, last_step=LastStep.PAUSE)
        policy = SubscriptionPolicy(dunning=paused_at_last)
        scenario = replace(CALM, policy=policy, issuers=DeclinesAfter(10), customers=NEVER_UPDATES)

        life = live(scenario, SEED, 0)

        assert [row.status for row in life.statuses][-3:] == ["active", "past_due", "paused"]
        assert (life.subscriber.status, life.subscriber.cause) == ("paused", Cause.INVOLUNTARY)
        assert mrr_minor([life], scenario.ends_at) == active([life], scenario.ends_at) == 0
        assert life.subscriber.ended_at == life.statuses[-1].at

    def test_a_new_card_whose_bank_asks_has_not_failed(self) -> None:
        world = world_of(replace(CALM, days=50, customers=ALWAYS_UPDATES, issuers=FirstDeclinesThenAsks()))

        world.live()

        mails = Counter(item.content.kind for item in world.store.all_items(OUTBOX) if isinstance(item.content, Mail))
        assert mails[MailKind.PAYMENT_FAILED] == mails[MailKind.PAYMENT_ACTION_REQUIRED] == 1


@pytest.mark.parametrize("plot", ["plot_mrr", "plot_leaving", "plot_renewals"])
def test_the_figures_are_drawn_alike_each_time(year: Year, plot: str) -> None:
    draw: Callable[[], Picture] = getattr(year, plot)

    assert draw()._repr_png_() == draw()._repr_png_()


def test_a_year_in_which_no_one_pays_can_be_drawn_and_summed_up() -> None:
    empty = run(replace(CALM, issuers=DeclinesAfter(0), customers=SimpleCustomers(updates_card_share=0)), seed=SEED)

    assert empty.subscribers["cause"].tolist() == [Cause.NEVER_PAID]
    assert "none yet" in set(empty.summary()["value"])
    for draw in (empty.plot_mrr, empty.plot_leaving, empty.plot_renewals):
        assert draw()._repr_png_()


@pytest.mark.parametrize("workers", [0, True, 1.5])
def test_workers_are_a_number_from_one(workers: int) -> None:
    with pytest.raises(InvalidPolicy, match="workers must be a whole number from 1"):
        run(CALM, seed=SEED, workers=workers)


def world_of(scenario: SubscriberYear) -> SubscriberWorld:
    draws = Draws(SEED)
    return SubscriberWorld(scenario, SignUps(scenario, draws).sign_up(0), draws)


def counted(world: SubscriberWorld) -> Callable[[], int]:
    """How often the worker looks for what is due."""
    looks, run_due = [], world.app.worker.run_due

    async def look() -> datetime | None:
        looks.append(world.clock.now())
        return await run_due()

    world.app.worker.run_due = look  # type: ignore[method-assign]
    return lambda: len(looks)


def looks_of(scenario: SubscriberYear) -> int:
    world = world_of(scenario)
    looks = counted(world)
    world.live()
    assert not broken_in(world)
    return looks()


def overcharge(world: SubscriberWorld) -> Sequence[Breach]:
    """Have Stripe take the money of an invoice twice, and look again."""
    invoice = world.stripe.invoices_of(world.subscription.stored_stripe_id())[0]
    assert invoice.payment is not None
    invoice.payment.intent.charges *= 2
    return broken_in(world)
