"""Stories about usage at the simulated Stripe: what is taken, what of it is billed, and what never is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

import pytest

from payflows.errors import CallRejected
from payflows.money import Money
from payflows.subscriptions.billing import ALREADY_REPORTED, CHANGE, InvoiceStatus, ItemsChange
from simulations.stripe.billing.changing import Change, Proration
from simulations.stripe.billing.metering import UsageStanding
from simulations.stripe.billing.settings import BillingMode, BillingSettings
from simulations.stripe.billing.tiers import Tier
from tests.billing_fixture import ADA, DECLINED, HOUR, START, YEARLY, BillingFixture, first_of, latest_of
from tests.stripe_openapi import validator_of

USAGE, OTHER = "price_usage", "price_other"
COUNTED = 10
"""After how many seconds a report is counted."""

WAITING, BILLED = UsageStanding.WAITING, UsageStanding.BILLED
LATE, UNBILLED = UsageStanding.LATE, UsageStanding.UNBILLED


def account_in(mode: BillingMode = BillingMode.FLEXIBLE) -> BillingFixture:
    """An account that bills calls at 0.25 USD, or at 0.75."""
    account = BillingFixture(settings=BillingSettings(billing_mode=mode))
    account.stripe.add_meter("calls")
    for price_id, minor in ((USAGE, 25), (OTHER, 75)):
        account.stripe.add_price(price_id, product="pro", amount=Money(minor, "usd"), interval="month", meter="calls")
    return account


@pytest.fixture
def account() -> BillingFixture:
    return account_in()


def standings(account: BillingFixture) -> Mapping[str, str]:
    return {record.usage.id: record.standing for record in account.stripe.usage_of(ADA, "calls")}


def used(account: BillingFixture, quantity: int, usage_id: str = "u") -> None:
    """Use something, and wait until it is counted."""
    account.use(quantity, usage_id=usage_id)
    account.pass_time(COUNTED)


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


# The end


@pytest.mark.parametrize("prorate", [False, True])
def test_cancelled_now_a_last_invoice_bills_what_was_used(account: BillingFixture, prorate: bool) -> None:
    subscription = account.active(metered=USAGE)
    used(account, 100)

    account.cancel(subscription, invoice_now=True, prorate=prorate)

    last = latest_of(subscription)
    assert (last.billing_reason, last.lines[-1].amount) == (CHANGE, 2500)
    assert (last.total, last.status) == (2500 - (3000 if prorate else 0), InvoiceStatus.PAID)
    assert standings(account) == {"u": BILLED}


def test_cancelled_now_without_a_last_invoice_what_was_used_is_lost(account: BillingFixture) -> None:
    """B10"""
    subscription = account.active(metered=USAGE)
    used(account, 100)

    account.cancel(subscription)

    account.pass_time(days=60)
    assert len(subscription.invoices) == 1
    assert standings(account) == {"u": UNBILLED}


def test_cancelled_with_its_period_a_last_invoice_bills_what_was_used(account: BillingFixture) -> None:
    subscription = account.active(metered=USAGE)
    used(account, 100)
    account.cancel_at_period_end(subscription)

    last = account.renew(subscription)

    assert (subscription.status, last.status, last.total) == ("canceled", InvoiceStatus.PAID, 2500)
    assert [line.quantity for line in last.lines] == [100]


def test_a_trial_that_ends_without_a_card_bills_nothing(account: BillingFixture) -> None:
    subscription = account.subscribe(trial_days=14, metered=USAGE)
    used(account, 100)

    account.pass_time(days=30)

    assert (subscription.status, len(subscription.invoices)) == ("canceled", 1)


# Changes


def test_at_another_price_what_was_used_before_is_billed_at_the_old_one(account: BillingFixture) -> None:
    """B41: price A until the 20th, which is invoiced then, and price B from then on."""
    subscription = account.active(metered=OTHER)
    account.pass_time(days=5)
    used(account, 100, "at 0.75")

    account.change_metered(subscription, USAGE)

    assert [(line.quantity, line.amount) for line in latest_of(subscription).lines] == [(100, 7500)]
    assert latest_of(subscription).status is InvoiceStatus.PAID
    used(account, 10, "at 0.25")
    assert [(line.quantity, line.amount) for line in account.renew(subscription).lines] == [(1, 3000), (10, 250)]
    assert standings(account) == {"at 0.75": BILLED, "at 0.25": BILLED}


def test_removing_the_metered_item_bills_what_was_used_and_adding_one_counts_anew(account: BillingFixture) -> None:
    """B41"""
    subscription = account.active(metered=USAGE)
    used(account, 40)

    without = account.change_metered(subscription, None)

    assert (without.metered_item_id, latest_of(subscription).total) == (None, 1000)
    used(account, 50, "unmetered")
    account.change_metered(subscription, USAGE)
    assert [line.amount for line in account.renew(subscription).lines] == [3000, 0]
    assert standings(account) == {"u": BILLED, "unmetered": UNBILLED}


def test_by_hand_what_was_used_waits_for_the_next_invoice(account: BillingFixture) -> None:
    subscription = account.active(metered=USAGE)
    used(account, 40)
    change = Change(subscription.price, 1, None, Proration.CREATE_PRORATIONS, int(account.clock.now().timestamp()))
    account.stripe.billing.rules.changing.make(subscription, change)

    assert standings(account) == {"u": WAITING}
    assert [line.amount for line in account.renew(subscription).lines] == [1000, 3000]
    assert standings(account) == {"u": BILLED}


def test_without_proration_what_was_used_before_is_not_billed(account: BillingFixture) -> None:
    subscription = account.active(metered=OTHER)
    used(account, 100)

    account.change_metered(subscription, USAGE, prorate=False)

    assert [line.amount for line in account.renew(subscription).lines] == [3000, 0]
    assert standings(account) == {"u": UNBILLED}


def test_in_classic_mode_what_was_used_at_the_old_price_is_not_billed() -> None:
    account = account_in(BillingMode.CLASSIC)
    subscription = account.active(metered=OTHER)
    used(account, 100)

    account.change_metered(subscription, USAGE)

    assert [line.amount for line in account.renew(subscription).lines] == [3000, 0]


def test_a_change_that_waits_bills_usage_and_loses_it_when_it_expires(account: BillingFixture) -> None:
    """B44"""
    subscription = account.active(metered=OTHER)
    account.let_card_become(subscription, DECLINED)
    used(account, 100, "lost")

    waiting = account.change_metered(subscription, USAGE)

    assert waiting.pending_update is not None
    assert (waiting.metered_price_id, waiting.pending_update.to.metered_price_id) == (OTHER, USAGE)
    used(account, 10, "meanwhile")
    account.pass_time(24 * HOUR)
    assert subscription.pending_update is None
    [record, _] = account.stripe.usage_of(ADA, "calls")
    assert (record.standing, account.stripe.invoice(record.invoice_ids[0]).status) == (BILLED, InvoiceStatus.VOID)
    assert [line.amount for line in account.renew(subscription).lines] == [3000, 750]


def test_a_change_that_is_paid_later_bills_what_was_used_meanwhile_at_the_old_price(account: BillingFixture) -> None:
    subscription = account.active(metered=OTHER)
    account.let_card_become(subscription, DECLINED)
    used(account, 100, "before")
    account.change_metered(subscription, USAGE)
    used(account, 10, "meanwhile")

    account.pay(latest_of(subscription), account.attach())

    assert subscription.metered_price is not None
    assert subscription.metered_price.id == USAGE
    assert [line.amount for line in account.renew(subscription).lines] == [750, 3000, 0]


def test_another_number_of_seats_leaves_usage_to_the_renewal(account: BillingFixture) -> None:
    subscription = account.active(metered=USAGE)
    used(account, 40)

    account.change(subscription, quantity=2)

    assert [line.usage for line in latest_of(subscription).lines] == [None, None]
    assert account.renew(subscription).lines[-1].amount == 1000


def test_only_the_item_that_is_there_can_be_changed(account: BillingFixture) -> None:
    subscription = account.active(metered=USAGE)
    item, stripe, at = subscription.as_subscription(), account.stripe, account.clock.now()
    for metered_item_id, price in (("si_other", None), (None, OTHER), (item.metered_item_id, "price_monthly")):
        change = ItemsChange(subscription.item_id, metered_item_id, item.items._replace(metered_price_id=price))
        with pytest.raises(CallRejected):
            account.run(stripe.preview_change(subscription.id, change=change, proration_at=at))


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
