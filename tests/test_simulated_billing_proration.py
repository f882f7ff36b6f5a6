"""What Stripe credits and charges for a change in a period: cases worked by hand, from its pages and its answers.

The amounts are literals, in minor units: none was calculated by the code that is tested.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from payflows.money import Money
from payflows.subscriptions.billing import Items, ItemsChange
from simulations.stripe.billing.changing import Proration
from simulations.stripe.billing.settings import BillingMode, BillingSettings
from simulations.stripe.billing.subscriptions import Subscription
from tests.billing_fixture import ADA, BillingFixture, latest_of

FLEXIBLE, CLASSIC = BillingMode
INVOICED, WAITING, UNPRORATED = Proration
APRIL, MAY = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
"""April has 30 days, and May 31."""

PRORATIONS = "docs.stripe.com/billing/subscriptions/prorations"
MODES = "docs.stripe.com/billing/subscriptions/billing-mode/compare"
CURRENCIES = "docs.stripe.com/currencies#special-cases"
ANSWER = "stackoverflow.com/questions/44417047"


class Step(NamedTuple):
    """A change, some days into the period; `backdated` are the days into it from which on it is prorated."""

    days: float
    price: int
    quantity: int = 1
    proration: Proration = INVOICED
    backdated: float | None = None


class Case(NamedTuple):
    """A story of one period, and the lines of the last change."""

    source: str
    price: int
    steps: list[Step]
    lines: list[int]
    quantity: int = 1
    start: datetime = APRIL
    modes: tuple[BillingMode, ...] = (FLEXIBLE, CLASSIC)
    currency: str = "usd"


CASES: dict[str, Case] = {
    "half of the period at 10 and 20 dollars": Case(PRORATIONS, 1000, [Step(15, 2000)], [-500, 1000]),
    "half of it back again": Case(PRORATIONS, 2000, [Step(15, 1000)], [-1000, 500]),
    "an upgrade that was not debited is not credited": Case(
        f"{PRORATIONS}#credit-prorations: 0",
        500,
        [Step(5, 1000, proration=UNPRORATED), Step(10, 500)],
        [-333, 333],
        modes=(FLEXIBLE,),
    ),
    "classic credits the current price, debited or not": Case(
        f"{PRORATIONS}#credit-prorations: -334",
        500,
        [Step(5, 1000, proration=UNPRORATED), Step(10, 500)],
        [-667, 333],
        modes=(CLASSIC,),
    ),
    "each debit of the time is credited by a line": Case(
        MODES,
        3000,
        [Step(15, 6000), Step(20, 9000, backdated=10)],
        [-500, -3000, 6000],
        modes=(FLEXIBLE,),
    ),
    "what waits for the next invoice was debited too": Case(
        MODES,
        1000,
        [Step(15, 2000, proration=WAITING), Step(18, 1000, proration=WAITING)],
        [-800, 400],
    ),
    "from 5 to 30 dollars with 8 of 30 days left": Case(ANSWER, 500, [Step(22, 3000)], [-133, 800]),
    "from 30 to 5 dollars with 8 of 30 days left": Case(ANSWER, 3000, [Step(22, 500)], [-800, 133]),
    "a week into February, from 12 to 24 dollars": Case(
        "changelog.baremetrics.com: Proration Charge Fixes",
        1200,
        [Step(7, 2400)],
        [-900, 1800],
        start=datetime(2026, 2, 1, tzinfo=UTC),
    ),
    "a recorded preview: 881,112 of 2,419,200 seconds are left": Case(
        "gist.github.com/matthewarkin/27bcfdf622eb91d3508ea082d0ad50b8",
        1000,
        [Step(1_538_088 / 86_400, 10_000)],
        [-364, 3642],
        start=datetime(2017, 2, 14, tzinfo=UTC),
    ),
    "a recorded preview: 4,464 seconds after the beginning": Case(
        "pastebin.com/Rxuk5FLW",
        1000,
        [Step(4464 / 86_400, 3000)],
        [-998, 2995],
        start=datetime.fromtimestamp(1_526_482_619, UTC),
    ),
    "an invoice of Stripe's, two days before the period's end": Case(
        "SymfonyCloud's documentation, Billing",
        1000,
        [Step(31 - 2.1638, 5000)],
        [-70, 349],
        start=datetime(2020, 7, 2, tzinfo=UTC),
    ),
    "the second upgrade in a period": Case(
        "antiwork/gumroad#6077: the plan in force is credited, not the last charge",
        1000,
        [Step(10, 2000), Step(20, 3000)],
        [-667, 1000],
    ),
    "the first of these": Case("antiwork/gumroad#6077", 1000, [Step(10, 2000)], [-667, 1333]),
    "seats, with 12 of 30 days left": Case(PRORATIONS, 1000, [Step(18, 1000, 5)], [-800, 2000], quantity=2),
    "fewer seats": Case(PRORATIONS, 1000, [Step(18, 1000, 2)], [-2000, 800], quantity=5),
    "there and back at one instant": Case(PRORATIONS, 1000, [Step(10, 2000), Step(10, 1000)], [-1333, 667]),
    "yen have no decimals": Case(CURRENCIES, 1000, [Step(20, 3000)], [-333, 1000], currency="jpy"),
    "dinars have three, of which the last is 0": Case(
        CURRENCIES, 10_000, [Step(20, 20_000)], [-3330, 6670], currency="kwd"
    ),
    "kronur have two, which are 0": Case(CURRENCIES, 100_000, [Step(20, 200_000)], [-33_300, 66_700], currency="isk"),
    "half a cent is rounded up": Case(PRORATIONS, 1001, [Step(15, 2001)], [-501, 1001]),
}


def begun(case: Case, mode: BillingMode) -> tuple[BillingFixture, Subscription]:
    account = BillingFixture(start=case.start, settings=BillingSettings(billing_mode=mode))
    for amount in {case.price, *(step.price for step in case.steps)}:
        price = Money(amount, case.currency)
        account.stripe.add_price(f"price_{amount}", product="plan", amount=price, interval="month")
    return account, account.active(price=f"price_{case.price}", quantity=case.quantity)


def make(account: BillingFixture, subscription: Subscription, step: Step) -> None:
    start = datetime.fromtimestamp(subscription.period_start, UTC)
    account.pass_until(start + timedelta(days=step.days))
    at = account.clock.now() if step.backdated is None else start + timedelta(days=step.backdated)
    change = ItemsChange(subscription.item_id, None, Items(f"price_{step.price}", step.quantity))
    account.stripe.billing.api.update_items(
        subscription.id, change, step.proration, int(at.timestamp()), waits_for_payment=False
    )


@pytest.mark.parametrize(
    ("case", "mode"),
    [pytest.param(case, mode, id=f"{name}-{mode}") for name, case in CASES.items() for mode in case.modes],
)
def test_a_change_credits_and_charges_as_stripes_pages_say(case: Case, mode: BillingMode) -> None:
    account, subscription = begun(case, mode)

    for step in case.steps:
        make(account, subscription, step)

    count = len(case.lines)
    lines = [*latest_of(subscription).lines, *subscription.pending_items][-count:]
    assert [line.amount for line in lines] == case.lines
    assert all(line.is_proration for line in lines)
    assert {line.period_end for line in lines} == {subscription.period_end}


def test_a_change_halfway_is_billed_with_the_next_renewal() -> None:
    """Stripe's documentation: 10 dollars, 20 from the middle of the month on; the next invoice is for 25."""
    account, subscription = begun(Case(PRORATIONS, 1000, [Step(15.5, 2000)], [], start=MAY), FLEXIBLE)

    account.pass_time(days=15.5)
    account.stripe.change_items_in_dashboard(subscription.id, "price_2000")
    renewal = account.renew(subscription)

    assert [line.amount for line in renewal.lines] == [-500, 1000, 2000]
    assert (renewal.amount_paid, subscription.pending_items) == (2500, [])
    assert renewal.as_invoice().period_end == datetime(2026, 7, 1, tzinfo=UTC)


def test_time_that_was_never_paid_for_is_credited() -> None:
    """B39"""
    account, subscription = begun(Case(PRORATIONS, 3000, [Step(15, 1000)], []), FLEXIBLE)
    account.let_card_become(subscription, "pm_card_chargeCustomerFail")
    account.renew(subscription)

    make(account, subscription, Step(15.5, 1000))

    assert [line.amount for line in latest_of(subscription).lines] == [-1500, 500]
    assert account.stripe.customer(ADA).balance == -1000


def test_a_void_invoices_charge_is_not_credited_and_its_credit_is_undone() -> None:
    """B36"""
    account, subscription = begun(Case(PRORATIONS, 1000, [Step(15, 2000)], []), FLEXIBLE)
    account.let_card_become(subscription, "pm_card_chargeCustomerFail")
    make(account, subscription, Step(15, 2000))
    account.void(latest_of(subscription))

    account.cancel(subscription, prorate=True)

    assert [line.amount for line in latest_of(subscription).lines] == [-500]
