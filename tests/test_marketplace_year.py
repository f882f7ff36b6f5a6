"""A year of a marketplace: the real flow with vendors who join, sell and disappear, and books that are Stripe's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pandas as pd
import pytest

from payflows.errors import InvalidPolicy
from payflows.marketplace.accounts import LOSSES, REVENUE, STRIPE_FEES, VendorPot
from payflows.marketplace.ledger import LEDGER, balances_of
from payflows.marketplace.messages import VENDORS
from payflows.marketplace.reconciliation import Reconciliation, reconcile
from simulations.marketplace.sellers import SellerPopulation
from simulations.marketplace.year.comparison import ReserveCurves, reserve_curves
from simulations.marketplace.year.measures import volume_minor
from simulations.marketplace.year.result import Year
from simulations.marketplace.year.run import broken_in, replicate, run
from simulations.marketplace.year.scenario import BuyerBehaviour, MarketplaceYear, VendorBehaviour
from simulations.marketplace.year.world import MarketplaceWorld
from simulations.search.breach import Breach, InvariantBroken
from simulations.time.draws import Draws
from simulations.time.world import START

SEED = 3
LIVELY = MarketplaceYear(
    days=150,
    vendors=VendorBehaviour(
        sellers=SellerPopulation(count=6, median_orders_per_month=3, orders_spread=0.5),
        join_days=20,
        disappear_share=0.15,
    ),
    buyers=BuyerBehaviour(declined_share=0.2, two_vendors_share=0.2, dispute_share=0.1, refund_share=0.1),
)
"""Some months in which much goes wrong."""

ONE_LEAVES = MarketplaceYear(
    days=330,
    vendors=VendorBehaviour(
        sellers=SellerPopulation(count=1, median_orders_per_month=12, orders_spread=0.1),
        join_days=1,
        disappear_share=0.5,
    ),
    buyers=BuyerBehaviour(
        declined_share=0, two_vendors_share=0, refund_share=0, dispute_share=0, claim_share=1, claim_dispute_share=0
    ),
).paid_out(every_days=1)
"""One vendor who disappears; every buyer whose goods never come asks the platform for a refund."""


@pytest.fixture(scope="module")
def year() -> Year:
    return run(LIVELY, seed=SEED)


@pytest.fixture(scope="module")
def one_leaves() -> Year:
    return run(ONE_LEAVES, seed=SEED)


@pytest.fixture(scope="module")
def curves() -> ReserveCurves:
    weekly = replace(LIVELY, days=90)
    return reserve_curves({"a": weekly, "the same": weekly}, reserves_bps=(0, 1_000), seeds=range(5), check=None)


def test_all_that_may_happen_happened_and_every_promise_held(year: Year) -> None:
    assert set(year.orders["status"]) >= {"available", "failed"}
    assert set(year.vendors["status"]) == {"active", "closed"}
    assert set(year.returns["is_dispute"]) == {True, False}
    assert set(year.disputes["status"]) == {"open", "won", "lost"}
    assert set(year.payouts["status"]) == {"paid"}
    assert year.orders["order_id"].duplicated().any()  # goods of two vendors


def test_the_same_seed_is_the_same_year_and_another_is_another(year: Year) -> None:
    assert run(LIVELY, seed=SEED, check=None).books == year.books
    assert run(LIVELY, seed=SEED + 1, check=None).books != year.books


def test_any_number_of_workers_finds_the_same() -> None:
    short = replace(LIVELY, days=40)
    scenarios = (short, short.paid_out(every_days=1))

    found = [replicate(scenarios, seeds=(1, 2), workers=workers) for workers in (1, 2)]

    assert found[0] == found[1]
    assert [[outcome.seed for outcome in of_scenario] for of_scenario in found[0]] == [[1, 2], [1, 2]]


def test_another_policy_meets_the_same_vendors_and_buyers(year: Year) -> None:
    held = run(LIVELY.paid_out(every_days=28, reserve_bps=2_500, reserve_days=60), seed=SEED)

    for table, columns in (
        ("vendors", ["vendor_id", "joined_at", "disappeared_at", "sold_minor"]),
        ("orders", ["order_id", "vendor_id", "placed_at", "paid_at", "amount_minor", "fee_minor"]),
        ("disputes", ["dispute_id", "opened_at", "minor"]),
    ):
        one, other = (getattr(each, table)[columns] for each in (held, year))
        pd.testing.assert_frame_equal(one, other, check_flags=False)
    assert held.waterfall.loss < year.waterfall.loss


def test_the_ledger_sums_to_zero_and_is_what_stripe_says_id_by_id() -> None:
    world = MarketplaceWorld(LIVELY, Draws(SEED))
    world.live()
    world.settle()

    found = reconciled(world)

    assert sum(balances_of(world.store.all_entries(LEDGER)).values()) == 0
    assert not found.discrepancies
    assert set(found.differences.values()) == {0}
    assert found.agreed > 300


def test_what_stripe_has_and_the_ledger_does_not_stops_the_year() -> None:
    def with_a_charge_of_others(world: MarketplaceWorld) -> Sequence[Breach]:
        world.stripe.connect.rules.balances.book("charge", "ch_of_others", 1, "usd")
        return broken_in(world)

    with pytest.raises(InvariantBroken, match="ch_of_others: not in the ledger"):
        run(replace(LIVELY, days=20), seed=SEED, check=with_a_charge_of_others)


class TestAVendorWhoDisappears:
    """All that such a vendor costs is in the books."""

    def test_costs_what_was_paid_out_and_given_back_beyond_their_share(self, one_leaves: Year) -> None:
        orders, returns = one_leaves.orders, one_leaves.returns
        given_back = orders[orders["order_id"].isin(returns["order_id"])]

        shares, back = (int((each["amount_minor"] - each["fee_minor"]).sum()) for each in (orders, given_back))
        paid_out = int(one_leaves.payouts["minor"].sum())

        assert one_leaves.waterfall.loss == paid_out + back - shares > 0
        assert given_back["amount_minor"].sum() == returns["minor"].sum()

    def test_is_written_off_once_stripe_has_taken_it_from_the_platform(self, one_leaves: Year) -> None:
        [row] = one_leaves.books.vendors
        before = run(replace(ONE_LEAVES, days=150), seed=SEED)

        assert row.disappeared_at is not None
        assert row.disappeared_at + timedelta(days=180 + 45) < ONE_LEAVES.ends_at
        assert (before.waterfall.written_off, before.waterfall.doubtful) == (0, one_leaves.waterfall.loss)
        assert (one_leaves.waterfall.written_off, one_leaves.waterfall.doubtful) == (before.waterfall.loss, 0)
        assert row.written_off_minor == one_leaves.waterfall.loss
        assert row.status == "closed"

    def test_sells_no_more_and_is_paid_out_until_it_is_noticed(self, one_leaves: Year) -> None:
        [row] = one_leaves.books.vendors
        assert row.disappeared_at is not None
        noticed_at = row.disappeared_at + timedelta(days=ONE_LEAVES.notice_days)

        assert one_leaves.orders["placed_at"].max() < row.disappeared_at
        assert row.disappeared_at < one_leaves.payouts["begun_at"].max() < noticed_at


class TestMeasures:
    """What is kept of the fees, and how the books stand day by day."""

    def test_the_waterfall_ends_at_what_the_ledger_says(self, year: Year) -> None:
        balances = year.ledger.groupby("account")["minor"].sum()
        steps = year.waterfall

        kept = -sum(int(balances.get(account, 0)) for account in (REVENUE, STRIPE_FEES, LOSSES))

        assert steps.net == kept - steps.doubtful
        assert steps.fees == year.orders.loc[year.orders["paid_at"].notna(), "fee_minor"].sum()
        assert min(steps.stripe_fees, steps.refunded_fees, steps.dispute_fees, steps.doubtful) > 0

    def test_balances_of_the_last_day_are_those_of_the_vendors(self, year: Year) -> None:
        last, vendors = year.balances.iloc[-1], year.vendors
        owed = (vendors["receivable_minor"] - vendors["held_minor"].clip(upper=0)).clip(lower=0)
        reserved = year.ledger["account"].str.startswith(f"vendor:{VendorPot.RESERVED}")

        assert last["owed_by_vendors"] == owed.sum() > 0
        assert last["reserved"] == -year.ledger.loc[reserved, "minor"].sum() == 0
        assert len(year.balances) == LIVELY.days

    def test_nothing_is_exposed_to_no_one_and_more_to_more_vendors(self, year: Year) -> None:
        lines = [year.exposure(k) for k in (0, 1, 2, 6, 7)]

        assert max(lines[0]) == 0
        assert all(more >= less for one, other in pairwise(lines) for less, more in zip(one, other, strict=True))
        assert lines[3] == lines[4]
        assert max(year.exposure(open_days=10)) < max(lines[1])

    def test_tables_carry_their_seed_and_parameters(self, year: Year) -> None:
        for table in (year.orders, year.vendors, year.payouts, year.disputes, year.ledger, year.balances):
            assert table.attrs["seed"] == SEED
            assert table.attrs["scenario"]["vendors"]["disappear_share"] == 0.15
        assert volume_minor(year.books) == year.vendors["sold_minor"].sum()
        assert year.vendors["joined_at"].min() >= START


class TestReserveCurves:
    """Policies are compared under common random numbers."""

    def test_the_same_policy_differs_from_itself_by_nothing(self, curves: ReserveCurves) -> None:
        for reserve_bps in (0, 1_000):
            assert curves.difference(("a", reserve_bps), ("the same", reserve_bps))[2:] == (0, 0, 0)

    def test_a_reserve_loses_less_and_lets_vendors_wait(self, curves: ReserveCurves) -> None:
        none, some = (curves.table.iloc[place] for place in (0, 1))

        assert 0 < some["lost %"] < none["lost %"]
        assert some["held days"] > none["held days"]
        assert some["more %"] == pytest.approx(some["lost %"] - none["lost %"], abs=0.02)
        assert some["more from"] < some["more %"] < some["more to"]

    def test_what_is_not_there_is_refused(self, curves: ReserveCurves) -> None:
        with pytest.raises(InvalidPolicy, match="there is no 'b' with 0 basis points"):
            curves.loss("b", 0)
        with pytest.raises(InvalidPolicy, match="the number of seeds must be a whole number from 1"):
            reserve_curves({"a": LIVELY}, seeds=())


def test_a_marketplace_without_vendors_who_sell_can_be_summed_up_and_drawn() -> None:
    empty = run(replace(LIVELY, days=1, vendors=replace(LIVELY.vendors, join_days=365)), seed=SEED)

    assert empty.orders.empty
    assert "0, of which 0 were paid" in set(empty.summary()["value"])
    for draw in (empty.plot_waterfall, empty.plot_balances, empty.plot_exposure):
        assert draw()._repr_png_()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MarketplaceYear(days=0), "days must be a whole number from 1 to 3,660, got 0"),
        (lambda: MarketplaceYear(country="XX"), "country must be one of AT, .* got 'XX'"),
        (lambda: MarketplaceYear(country="JP"), "vendors in JP sell, and are charged fees, in jpy"),
        (lambda: MarketplaceYear().paid_out(every_days=91), "every_days must be a whole number from 1 to 90"),
        (lambda: VendorBehaviour(disappear_share=1), "disappear_share must be below 1"),
        (lambda: BuyerBehaviour(refund_share=0.9, dispute_share=0.2), "sum to 1 at most"),
        (lambda: BuyerBehaviour(decision_days=2), "decision_days must be a whole number from 4 to 365, got 2"),
    ],
    ids=range(7),
)
def test_a_refusal_says_what_is_allowed_and_what_came(make: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidPolicy, match=message):
        make()


def reconciled(world: MarketplaceWorld) -> Reconciliation:
    """Read all balances through the port, and compare the ledger with them."""
    accounts = (None, *(vendor.account_id for vendor in world.store.all(VENDORS)))
    until, listed = world.clock.now() + timedelta(days=1), world.stripe.list_balance_transactions
    read = {id: world.clock.run(listed(id, created_from=START, created_before=until)) for id in accounts}
    return reconcile(world.store.all_entries(LEDGER), read)
