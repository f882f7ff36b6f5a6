"""Stories about usage at the simulated Stripe: what is taken, what of it is billed, and what never is."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from payflows.errors import CallRejected
from payflows.money import Money
from payflows.subscriptions.billing import ALREADY_REPORTED
from simulations.stripe.billing.tiers import Tier
from tests.billing_fixture import ADA, HOUR, START, YEARLY, BillingFixture, first_of, latest_of
from tests.metered_account import BILLED, COUNTED, LATE, UNBILLED, USAGE, WAITING, account_in, standings, used
from tests.stripe_openapi import validator_of


@pytest.fixture
def account() -> BillingFixture:
    return account_in()


# What is taken


def test_an_identifier_is_unique_for_a_day(account: BillingFixture) -> None:
    """B50: after that the same is taken, and billed, again."""
    account.active(metered=USAGE)
    account.use(3, usage_id="u-1")
    account.pass_time(days=1, seconds=-1)
    with pytest.raises(CallRejected, match="An event already exists with identifier u-1") as caught:
        account.use(3, usage_id="u-1")
    assert caught.value.code == ALREADY_REPORTED

    account.pass_time(1)
    account.use(3, usage_id="u-1")

    assert [record.usage.id for record in account.stripe.usage_of(ADA, "calls")] == ["u-1", "u-1"]


def test_usage_is_at_most_35_days_old_and_5_minutes_ahead(account: BillingFixture) -> None:
    """B50"""
    now = account.clock.now()
    for taken in (now - timedelta(days=35), now + timedelta(minutes=5)):
        account.use(at=taken)

    for refused in (now - timedelta(days=35, seconds=1), now + timedelta(minutes=5, seconds=1)):
        with pytest.raises(CallRejected, match="35 days"):
            account.use(at=refused)


def test_only_an_active_meter_takes_reports(account: BillingFixture) -> None:
    for meter in ("unknown", "calls"):
        account.stripe.deactivate_meter("calls")
        with pytest.raises(CallRejected, match="No active meter"):
            account.use(meter=meter)
    with pytest.raises(CallRejected, match="No such meter"):
        account.stripe.usage_of(ADA, "unknown")


@pytest.mark.parametrize(("quantity", "usage_id"), [(-1, "u"), (1, "u" * 101)])
def test_what_is_no_report_is_refused(account: BillingFixture, quantity: int, usage_id: str) -> None:
    with pytest.raises(CallRejected, match="Invalid"):
        account.use(quantity, usage_id=usage_id)


def test_prices_and_items_must_go_together(account: BillingFixture) -> None:
    for price, metered in ((YEARLY, USAGE), ("price_monthly", YEARLY), (USAGE, None)):
        with pytest.raises(CallRejected, match=r"interval|metered"):
            account.subscribe(price=price, metered=metered)


# What is billed


def test_usage_is_billed_in_arrears_beside_the_new_period(account: BillingFixture) -> None:
    subscription = account.active(metered=USAGE)
    assert first_of(subscription).total == 3000
    used(account, 7, "early")

    renewal = account.renew(subscription)

    licensed, usage = renewal.lines
    assert (licensed.amount, usage.amount, usage.quantity) == (3000, 7 * 25, 7)
    assert (usage.period_start, usage.period_end) == (START.timestamp(), licensed.period_start)
    answer = renewal.as_invoice()
    assert (answer.amount_paid.minor, answer.period_start) == (3175, START.replace(month=2))
    [record] = account.stripe.usage_of(ADA, "calls")
    assert (record.standing, record.invoice_ids) == (BILLED, (renewal.id,))


def test_the_draft_hour_is_a_grace_for_usage_of_the_period_before(account: BillingFixture) -> None:
    """B23"""
    subscription = account.active(metered=USAGE)
    period_end = subscription.as_subscription().period_end
    account.pass_until(period_end, plus_seconds=HOUR - COUNTED)
    account.use(4, usage_id="in grace", at=period_end - timedelta(seconds=1))
    account.use(5, usage_id="of the next period", at=period_end)

    account.pass_time(COUNTED)
    account.use(8, usage_id="too late", at=period_end - timedelta(seconds=1))
    account.pass_time(COUNTED)

    assert latest_of(subscription).total == 3000 + 4 * 25
    assert standings(account) == {"in grace": BILLED, "too late": LATE, "of the next period": WAITING}


def test_what_is_not_counted_when_the_invoice_is_final_is_never_billed(account: BillingFixture) -> None:
    subscription = account.active(metered=USAGE)
    period_end = subscription.as_subscription().period_end
    account.pass_until(period_end, plus_seconds=HOUR - COUNTED + 1)
    account.use(4, usage_id="late", at=period_end - timedelta(seconds=1))

    account.pass_time(HOUR)

    assert (latest_of(subscription).total, standings(account)) == (3000, {"late": LATE})


def test_a_renewal_shows_usage_of_nothing_too(account: BillingFixture) -> None:
    """B41"""
    renewal = account.renew(account.active(metered=USAGE))

    assert [line.amount for line in renewal.lines] == [3000, 0]


def test_usage_in_a_trial_is_not_billed(account: BillingFixture) -> None:
    subscription = account.subscribe(trial_days=14, metered=USAGE)
    account.use_card(subscription)
    used(account, 9)
    assert standings(account) == {"u": UNBILLED}

    renewal = account.renew(subscription)

    assert [line.amount for line in renewal.lines] == [3000]
    assert standings(account) == {"u": UNBILLED}


@pytest.mark.parametrize(("aggregation", "units"), [("sum", 15), ("count", 3), ("last", 2)])
def test_a_meter_adds_up_counts_or_takes_the_last(aggregation: str, units: int) -> None:
    account = BillingFixture()
    account.stripe.add_meter("calls", aggregation)
    account.stripe.add_price(USAGE, product="pro", amount=Money(25, "usd"), interval="month", meter="calls")
    subscription = account.active(metered=USAGE)
    for minutes, quantity in ((1, 8), (3, 2), (2, 5)):
        account.use(quantity, at=START + timedelta(minutes=minutes))

    assert account.renew(subscription).lines[1].quantity == units


def test_a_line_is_rounded_once(account: BillingFixture) -> None:
    price = {"product": "pro", "amount": Money(0, "usd"), "interval": "month", "meter": "calls"}
    account.stripe.add_price("price_fine", unit_amount=Decimal("0.07"), **price)  # type: ignore[arg-type]
    subscription = account.active(metered="price_fine")
    for _ in range(50):
        account.use(1)

    assert account.renew(subscription).lines[1].amount == 4  # 3.5, and not 50 times 0


def test_tiers_bill_the_whole_period(account: BillingFixture) -> None:
    price = {"product": "pro", "amount": Money(0, "usd"), "interval": "month", "meter": "calls"}
    account.stripe.add_price("price_tiers", tiers=(Tier(5, 700), Tier(None, 650)), **price)  # type: ignore[arg-type]
    subscription = account.active(metered="price_tiers")
    used(account, 4, "u-1")
    used(account, 2, "u-2")

    assert account.renew(subscription).lines[1].amount == 5 * 700 + 650


def test_two_subscriptions_bill_the_same_usage_each(account: BillingFixture) -> None:
    """A meter counts for a customer."""
    both = [account.active(owner, metered=USAGE) for owner in ("sub-1", "sub-2")]
    used(account, 4)

    account.renew(both[0])

    [record] = account.stripe.usage_of(ADA, "calls")
    assert record.invoice_ids == tuple(latest_of(subscription).id for subscription in both)


# On the wire


def test_meters_reports_and_prices_are_stripes_too(account: BillingFixture) -> None:
    price = {"product": "pro", "amount": Money(0, "usd"), "interval": "month", "meter": "calls"}
    account.stripe.add_price("price_tiers", tiers=(Tier(5, 700), Tier(None, Decimal("6.5"))), **price)  # type: ignore[arg-type]
    account.stripe.add_price("price_fine", unit_amount=Decimal("0.07"), **price)  # type: ignore[arg-type]
    subscription = account.active(metered="price_tiers")
    used(account, 7)
    account.renew(subscription)
    [record] = account.stripe.usage_of(ADA, "calls")
    meter = account.stripe.deactivate_meter("calls")

    for thing in (*account.stripe.billing.book.prices, record.usage, meter, subscription, latest_of(subscription)):
        words = thing.to_stripe()
        validator_of(str(words["object"])).validate(words)
    [licensed, metered] = subscription.to_stripe()["items"]["data"]  # type: ignore[index]  # Stripe's JSON
    assert ("quantity" in licensed, "quantity" in metered) == (True, False)
    assert metered["price"]["recurring"] | {"meter": None} == {
        "interval": "month",
        "interval_count": 1,
        "meter": None,
        "usage_type": "metered",
    }
