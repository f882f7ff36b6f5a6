"""Stories about changed plans at the simulated Stripe: when they are invoiced, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payflows.errors import CallRejected
from payflows.money import Money
from payflows.subscriptions.billing import CHANGE, InvoiceStatus, Items, ItemsChange
from simulations.stripe import AfterRetries, BillingSettings, CustomRetries
from simulations.stripe.billing.changing import Proration
from simulations.stripe.billing.settings import BillingMode
from tests.billing_fixture import ADA, START, YEARLY, BillingFixture, latest_of
from tests.changing_account import MAX, account_with, amounts, balance, halfway


@pytest.fixture
def account() -> BillingFixture:
    return account_with()


# Invoiced now


def test_an_upgrade_is_invoiced_and_collected_within_the_request(account: BillingFixture) -> None:
    """B35"""
    subscription = account.active()
    halfway(account, subscription)

    answer = account.change(subscription, MAX)

    invoice = latest_of(subscription)
    assert (answer.price_id, answer.status, answer.pending_update) == (MAX, "active", None)
    assert (invoice.billing_reason, invoice.status, amounts(subscription)) == (CHANGE, "paid", [-1500, 3000])
    assert (invoice.amount_paid, invoice.attempt_count) == (1500, 1)
    assert answer.latest_invoice == invoice.as_invoice()
    assert account.renew(subscription).total == 6000


def test_a_downgrade_goes_to_the_balance(account: BillingFixture) -> None:
    """B35"""
    subscription = account.active(price=MAX)
    halfway(account, subscription)

    answer = account.change(subscription)

    assert answer.latest_invoice is not None
    assert (answer.latest_invoice.status, answer.latest_invoice.total.minor) == (InvoiceStatus.PAID, 0)
    assert (answer.latest_invoice.balance_credit_minor, balance(account)) == (1500, -1500)
    renewal = account.renew(subscription)
    assert (renewal.total, renewal.amount_paid) == (3000, 1500)


def test_what_waits_for_an_invoice_is_on_this_one(account: BillingFixture) -> None:
    subscription = account.active()
    halfway(account, subscription)
    account.stripe.change_items_in_dashboard(subscription.id, MAX)

    account.change(subscription, MAX, 2)

    assert amounts(subscription) == [-1500, 3000, -3000, 6000]
    assert subscription.pending_items == []


def test_a_change_that_costs_nothing_is_an_invoice_of_nothing_that_is_paid(account: BillingFixture) -> None:
    account.stripe.add_price("price_same", product="pro", amount=Money(3000, "usd"), interval="month")
    subscription = account.active()
    halfway(account, subscription)

    account.change(subscription, "price_same")

    assert (amounts(subscription), latest_of(subscription).status) == ([-1500, 1500], InvoiceStatus.PAID)


@pytest.mark.parametrize(("mode", "invoices"), [(BillingMode.FLEXIBLE, 1), (BillingMode.CLASSIC, 2)])
def test_flexible_mode_makes_no_lines_and_no_invoice_for_nothing(mode: BillingMode, invoices: int) -> None:
    """B41"""
    account = account_with(BillingSettings(billing_mode=mode))
    subscription = account.active()
    end = subscription.as_subscription().period_end
    account.pass_until(end - timedelta(seconds=1))

    account.change(subscription, MAX)

    assert (len(subscription.invoices), subscription.price.id) == (invoices, MAX)


def test_what_changes_nothing_is_not_invoiced(account: BillingFixture) -> None:
    subscription = account.active()
    account.stripe.change_items_in_dashboard(subscription.id, MAX)

    assert account.preview(subscription, MAX).lines == ()
    account.change(subscription, MAX)

    assert (len(subscription.invoices), len(subscription.pending_items)) == (1, 2)


def test_without_pending_updates_a_change_that_is_not_paid_is_made_and_past_due(account: BillingFixture) -> None:
    subscription = account.failing()
    change = ItemsChange(subscription.item_id, None, Items(MAX))

    account.stripe.billing.api.update_items(
        subscription.id, change, Proration.ALWAYS_INVOICE, None, waits_for_payment=False
    )

    assert (subscription.status, subscription.price.id, latest_of(subscription).status) == ("past_due", MAX, "open")


# Invoiced later, or not at all


def test_by_hand_a_change_waits_for_the_next_invoice_before_the_new_period(account: BillingFixture) -> None:
    """B35"""
    subscription = account.active()
    halfway(account, subscription)

    account.stripe.change_items_in_dashboard(subscription.id, MAX)

    assert len(subscription.invoices) == 1
    account.renew(subscription)
    assert amounts(subscription) == [-1500, 3000, 6000]
    assert latest_of(subscription).as_invoice().period_end == subscription.as_subscription().period_end


def test_without_proration_the_next_renewal_bills_the_new_price(account: BillingFixture) -> None:
    """B35"""
    subscription = account.active(price=MAX)
    halfway(account, subscription)

    answer = account.change_at_renewal(subscription)

    assert (answer.price_id, len(subscription.invoices), subscription.pending_items) == ("price_monthly", 1, [])
    account.renew(subscription)
    assert amounts(subscription) == [3000]


def test_in_a_trial_nothing_is_prorated(account: BillingFixture) -> None:
    subscription = account.trialing()
    account.pass_time(days=7)

    answer = account.change(subscription, MAX, 2)

    assert (answer.status, answer.price_id, len(subscription.invoices)) == ("trialing", MAX, 1)
    account.pass_time(days=8)
    assert amounts(subscription) == [12_000]


# Previews


def test_a_preview_says_what_the_change_will_cost_and_changes_nothing(account: BillingFixture) -> None:
    """B40"""
    subscription = account.active()
    account.stripe.adjust_balance(ADA, -400, "usd")
    moment = halfway(account, subscription)

    preview = account.preview(subscription, MAX)

    assert (preview.total_minor, preview.amount_due) == (1500, Money(1100, "usd"))
    assert [(line.amount_minor, line.period_start) for line in preview.lines] == [(-1500, moment), (3000, moment)]
    assert (len(subscription.invoices), subscription.price.id, balance(account)) == (1, "price_monthly", -400)
    account.pass_time(60)
    account.change(subscription, MAX, at=moment)
    assert (latest_of(subscription).total, latest_of(subscription).amount_paid) == (1500, 1100)


def test_a_preview_of_what_is_too_little_to_charge_says_so(account: BillingFixture) -> None:
    subscription = account.active()
    account.stripe.adjust_balance(ADA, -1460, "usd")
    halfway(account, subscription)

    assert account.preview(subscription, MAX).amount_due.minor == 0


# Refused


@pytest.mark.parametrize(
    ("price", "quantity", "sentence"),
    [
        ("price_euro", 1, "must be in usd"),
        (YEARLY, 1, "keeps the interval"),
        (MAX, 0, "at least 1"),
        ("price_none", 1, "No such price"),
    ],
)
def test_what_a_subscription_cannot_become_is_refused(
    account: BillingFixture, price: str, quantity: int, sentence: str
) -> None:
    account.stripe.add_price("price_euro", product="max", amount=Money(6000, "eur"), interval="month")
    subscription = account.active()

    for ask in (account.preview, account.change, account.change_at_renewal):
        with pytest.raises(CallRejected, match=sentence):
            ask(subscription, price, quantity)

    assert (subscription.price.id, len(subscription.invoices)) == ("price_monthly", 1)


def test_another_subscriptions_item_is_refused(account: BillingFixture) -> None:
    subscription, other = account.active(), account.active("sub-2")
    change = ItemsChange(other.item_id, None, Items(MAX))

    with pytest.raises(CallRejected, match="No such subscription item"):
        account.run(account.stripe.change_items(subscription.id, change=change, proration_at=None, key="k"))


def test_a_moment_outside_of_the_period_is_refused(account: BillingFixture) -> None:
    subscription = account.active()
    period_end = subscription.as_subscription().period_end

    for moment in (START - timedelta(seconds=1), period_end + timedelta(seconds=1)):
        with pytest.raises(CallRejected, match="within the subscription's current period"):
            account.preview(subscription, MAX, at=moment)
        with pytest.raises(CallRejected, match="within the subscription's current period"):
            account.change(subscription, MAX, at=moment)
    assert account.preview(subscription, MAX, at=START).total_minor == 3000


def test_one_that_was_not_paid_for_or_has_ended_is_not_changed(account: BillingFixture) -> None:
    """B4"""
    unpaid, ended = account.subscribe(), account.active("sub-2")
    account.cancel(ended)

    for subscription in (unpaid, ended):
        with pytest.raises(CallRejected):
            account.change(subscription, MAX)
        with pytest.raises(CallRejected):
            account.change_at_renewal(subscription, MAX)


def test_one_that_is_unpaid_is_only_changed_without_proration() -> None:
    account = account_with(BillingSettings(retries=CustomRetries(()), after_retries=AfterRetries.MARK_UNPAID))
    subscription = account.past_due()
    assert subscription.status == "unpaid"

    with pytest.raises(CallRejected, match="prorates no change"):
        account.change(subscription, MAX)
    assert account.change_at_renewal(subscription, MAX).price_id == MAX
