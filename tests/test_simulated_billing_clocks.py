"""Stories about test clocks at the simulated Stripe."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payflows.errors import CallRejected
from tests.billing_fixture import ADA, START, BillingFixture


@pytest.fixture
def account() -> BillingFixture:
    return BillingFixture()


def test_advancing_is_asynchronous(account: BillingFixture) -> None:
    """B51"""
    clock = account.stripe.create_test_clock()

    account.stripe.advance_test_clock(clock.id, START.replace(month=2))

    assert (clock.status, clock.frozen_time) == ("advancing", START.timestamp())
    with pytest.raises(CallRejected, match="already"):
        account.stripe.advance_test_clock(clock.id, START.replace(month=3))
    account.pass_until(START.replace(month=2))
    assert (clock.status, clock.frozen_time) == ("ready", START.replace(month=2).timestamp())


def test_it_goes_forward_by_two_intervals_of_the_shortest_subscription(account: BillingFixture) -> None:
    """B51"""
    clock = account.stripe.create_test_clock()
    account.stripe.add_to_test_clock(clock.id, ADA)
    account.active()
    second = timedelta(seconds=1)

    for wrong in (START, START - second, START.replace(month=3) + second):
        with pytest.raises(CallRejected, match="goes forward"):
            account.stripe.advance_test_clock(clock.id, wrong)

    account.stripe.advance_test_clock(clock.id, START.replace(month=3))
    assert clock.status == "advancing"


def test_without_subscriptions_it_goes_forward_by_two_years(account: BillingFixture) -> None:
    """B51"""
    clock = account.stripe.create_test_clock()
    with pytest.raises(CallRejected):
        account.stripe.advance_test_clock(clock.id, START.replace(year=2028, month=2))

    account.stripe.advance_test_clock(clock.id, START.replace(year=2028))

    assert clock.status == "advancing"


def test_it_has_three_customers_with_three_subscriptions_each(account: BillingFixture) -> None:
    """B51"""
    clock = account.stripe.create_test_clock()
    for number in range(3):
        account.stripe.add_to_test_clock(clock.id, f"cus_{number}")
        for subscription in range(3):
            account.subscribe(f"sub-{number}-{subscription}", customer=f"cus_{number}")

    with pytest.raises(CallRejected, match="at most 3 customers"):
        account.stripe.add_to_test_clock(clock.id, "cus_3")
    with pytest.raises(CallRejected, match="customer_max_subscriptions"):
        account.subscribe("sub-0-3", customer="cus_0")


def test_a_customer_keeps_the_clock_or_lives_without_one_for_good(account: BillingFixture) -> None:
    """B51"""
    clock, other = account.stripe.create_test_clock(), account.stripe.create_test_clock()
    account.stripe.add_to_test_clock(clock.id, ADA)
    account.subscribe(customer="cus_bob")

    for customer in (ADA, "cus_bob"):
        with pytest.raises(CallRejected, match="keeps it"):
            account.stripe.add_to_test_clock(other.id, customer)


def test_deleting_it_deletes_its_customers_and_ends_their_subscriptions(account: BillingFixture) -> None:
    """B51"""
    clock = account.stripe.create_test_clock()
    account.stripe.add_to_test_clock(clock.id, ADA)
    subscription = account.active()

    account.stripe.delete_test_clock(clock.id)

    assert subscription.status == "canceled"
    with pytest.raises(CallRejected, match="No such customer"):
        account.stripe.customer(ADA)
    with pytest.raises(CallRejected, match="No such test_clock"):
        account.stripe.test_clock(clock.id)
