"""Scenarios are values: frozen, picklable, documented field by field, and refused where they cannot be."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from typing import Any

import pytest

from payflows.checkout.goods import Address, Hold, Shipment
from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.pricing import CartItem, CartLimits, CurrencyTerms, Price
from payflows.errors import InvalidPolicy
from payflows.kernel.retry import RetryPolicy
from payflows.money import Money, Rate
from payflows.payments.model import CaptureMode, Payment, Refund
from payflows.subscriptions.plans import PlanCatalogue
from simulations.checkout.day.scenario import (
    ARRIVALS_BY_HOUR,
    CARD_MIX,
    PRODUCTS,
    FlashSale,
    Patience,
    Product,
    ShopDay,
)
from simulations.marketplace.year.arrivals import Claim, OrderPlan, VendorLife
from simulations.marketplace.year.measures import DailyBalances, Waterfall
from simulations.marketplace.year.rows import DisputeRow, LedgerRow, OrderRow, PayoutRow, ReturnRow, VendorRow
from simulations.marketplace.year.run import Outcome
from simulations.marketplace.year.scenario import BuyerBehaviour, MarketplaceYear, VendorBehaviour
from simulations.network.link import Latency, Outage
from simulations.stripe import StripeTimes
from simulations.stripe.payments.cards import PAYMENT_METHODS
from simulations.subscriptions.year.models import SimpleCustomers, SimpleIssuers
from simulations.subscriptions.year.rows import InvoiceRow, SubscriberRow
from simulations.subscriptions.year.scenario import PLAN_MIX, PRO, SubscriberYear
from simulations.subscriptions.year.sign_ups import SignUp

MUG = Product(price_minor=1_450, stock=10)
IN_EUROS = replace(PRO, id="pro-euro", price_id="price_euro", amount=Money(2_900, "eur"))
Scenario = (
    ShopDay
    | FlashSale
    | Patience
    | Outage
    | Product
    | Latency
    | CheckoutPolicy
    | RetryPolicy
    | StripeTimes
    | SubscriberYear
    | SimpleCustomers
    | SimpleIssuers
    | MarketplaceYear
    | VendorBehaviour
    | BuyerBehaviour
)
SCENARIOS: dict[str, Scenario] = {
    "a usual day": ShopDay(),
    "a sale, no outage": ShopDay(flash_sale=FlashSale(), outage=None),
    "a flash sale": FlashSale(),
    "patience": Patience(),
    "an outage": Outage(start="14:00", minutes=20),
    "a product": MUG,
    "a latency": Latency(((0, 1), (100, 2))),
    "a policy": CheckoutPolicy(capture=CaptureMode.AUTOMATIC),
    "a retry policy": RetryPolicy(),
    "the banks' times": StripeTimes(),
    "a year of subscribers": SubscriberYear(),
    "customers": SimpleCustomers(),
    "issuers": SimpleIssuers(),
    "a year of a marketplace": MarketplaceYear(),
    "vendors": VendorBehaviour(),
    "buyers": BuyerBehaviour(),
}
DOCUMENTED: list[type[Any]] = [
    *{type(scenario): None for scenario in SCENARIOS.values()},
    Address,
    CartItem,
    CartLimits,
    CurrencyTerms,
    Hold,
    Money,
    Payment,
    Price,
    Refund,
    Shipment,
    InvoiceRow,
    SignUp,
    SubscriberRow,
    Claim,
    DailyBalances,
    DisputeRow,
    LedgerRow,
    OrderPlan,
    OrderRow,
    Outcome,
    PayoutRow,
    ReturnRow,
    VendorLife,
    VendorRow,
    Waterfall,
]


def documented(kind: type[Any]) -> list[str]:
    """The fields that the docstring's Attributes name, in their order."""
    _, _, attributes = (kind.__doc__ or "").partition("Attributes:\n")
    section = attributes.split("\n\n")[0]
    indent = min((len(line) - len(line.lstrip()) for line in section.splitlines() if line.strip()), default=0)
    return re.findall(rf"^ {{{indent}}}(\w+): \S", section, re.MULTILINE)


@pytest.mark.parametrize("kind", DOCUMENTED)
def test_every_field_is_documented_in_its_place(kind: type[Any]) -> None:
    names = [field.name for field in fields(kind)] if is_dataclass(kind) else list(kind._fields)

    assert documented(kind) == names


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_a_scenario_is_frozen(scenario: Scenario) -> None:
    name = fields(scenario)[0].name

    with pytest.raises(FrozenInstanceError):
        setattr(scenario, name, getattr(scenario, name))


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_a_scenario_can_be_sent_to_a_worker(scenario: Scenario) -> None:
    travelled = pickle.loads(pickle.dumps(scenario))

    assert travelled == scenario
    assert type(travelled) is type(scenario)
    assert repr(travelled) == repr(scenario)


def test_two_days_share_nothing_that_can_be_changed() -> None:
    one, other = ShopDay(), ShopDay()

    assert one == other
    assert one.products is not other.products
    assert one.card_mix is not other.card_mix
    assert one.products == PRODUCTS
    assert one.products is not PRODUCTS


def test_a_day_with_one_thing_changed_is_another_day() -> None:
    day = ShopDay()

    calm = replace(day, outage=None)

    assert calm != day
    assert replace(calm, outage=day.outage) == day


def test_the_usual_day_has_24_hours_and_cards_that_stripe_knows() -> None:
    assert len(ARRIVALS_BY_HOUR) == 24
    assert set(CARD_MIX) <= set(PAYMENT_METHODS)
    assert sum(CARD_MIX.values()) == 1_000


def test_the_days_prices_are_those_of_its_products_and_terms() -> None:
    day = ShopDay(products={"mug": MUG}, tax=Rate(500), shipping_minor=100, currency="eur")

    price = day.price_list().price([CartItem("mug", 2)])

    assert price.subtotal == Money(2_900, "eur")
    assert price.tax == Money(145, "eur")
    assert price.shipping == Money(100, "eur")


def test_a_flash_sale_knows_its_hours() -> None:
    sale = FlashSale(start="20:00", minutes=30)

    assert (sale.start_us, sale.end_us) == (20 * 3_600 * 1_000_000, 73_800 * 1_000_000)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ShopDay(arrivals_by_hour=23 * (1,)), "one number for each of 24 hours, got 23"),
        (lambda: ShopDay(arrivals_by_hour=(*23 * (1,), -1)), "arrivals in hour 23 must be a whole number .* got -1"),
        (lambda: ShopDay(card_mix={"pm_card_unicorn": 1}), "'pm_card_unicorn' is none of Stripe's test cards"),
        (lambda: ShopDay(card_mix={"pm_card_visa": 0}), "card_mix needs at least one weight above 0"),
        (lambda: ShopDay(flash_sale=FlashSale(product_id="unicorn")), "'unicorn' is not among the products"),
        (lambda: ShopDay(largest_basket=21), "largest_basket must be a whole number from 1 to 20, got 21"),
        (lambda: Patience(authenticates_share=1.5), r"authenticates_share must be a number from 0 to 1, got 1\.5"),
        (lambda: Patience(authenticates_share=0.9, fails_share=0.2), "together are at most 1"),
        (lambda: Outage(start="25:00", minutes=5), "a time of day is written as .* got '25:00'"),
        (lambda: Outage(start="14:00", minutes=-5), "minutes must be a whole number from 0 to 1,440, got -5"),
        (lambda: SubscriberYear(subscribers=0), "subscribers must be a whole number from 1 to 100,000,000, got 0"),
        (lambda: SubscriberYear(days=30, sign_up_days=31), "sign_up_days must be a whole number from 1 to 30, got 31"),
        (lambda: SubscriberYear(plan_mix={"gold": 1}), "plan_mix names gold, which plans does not have"),
        (lambda: SubscriberYear(plan_mix=dict.fromkeys(PLAN_MIX, 0)), "plan_mix needs at least one weight above 0"),
        (lambda: SubscriberYear(seats_mix={51: 1}), "seats_mix goes to 51 seats, and team-monthly has at most 50"),
        (lambda: SubscriberYear(plans=PlanCatalogue((PRO, IN_EUROS))), "plans are all in one currency"),
        (lambda: SubscriberYear(customers=PRO), "customers must be a CustomerModel: Plan has no behaviour"),  # type: ignore[arg-type]  # that is refused
        (lambda: SubscriberYear(issuers=PRO), "issuers must be an IssuerModel: Plan has no issuer"),  # type: ignore[arg-type]  # that is refused
        (lambda: SubscriberYear(trial_share=1.1), r"trial_share must be a number from 0 to 1, got 1\.1"),
        (lambda: SimpleCustomers(cancels_share=-1), "cancels_share must be a number from 0 to 1, got -1"),
        (lambda: SimpleCustomers(fails_share=0.3), "together are at most 1"),
        (lambda: SimpleIssuers(decline_mix={"lost_card": 0}), "decline_mix needs at least one weight above 0"),
    ],
    ids=range(22),
)
def test_a_refusal_says_what_is_allowed_and_what_came(make: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidPolicy, match=message):
        make()
