"""Stories about usage at the simulated Stripe when its subscription ends, or its price is changed."""

from __future__ import annotations

import pytest

from payflows.errors import CallRejected
from payflows.subscriptions.billing import CHANGE, InvoiceStatus, ItemsChange
from simulations.stripe.billing.changing import Change, Proration
from simulations.stripe.billing.settings import BillingMode
from tests.billing_fixture import ADA, DECLINED, HOUR, BillingFixture, latest_of
from tests.metered_account import BILLED, OTHER, UNBILLED, USAGE, WAITING, account_in, standings, used


@pytest.fixture
def account() -> BillingFixture:
    return account_in()


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
