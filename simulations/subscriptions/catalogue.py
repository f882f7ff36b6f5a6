"""What is sold in stories and scenarios, to whom, and with which cards."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from payflows.money import Money
from payflows.parties import Customer, Merchant
from payflows.subscriptions.plans import Interval, Metered, Plan, PlanCatalogue

from simulations.stripe.simulated import SimulatedStripe

MERCHANT = Merchant(id="mer_payflows")

PRO = Plan(id="pro", product="pro", price_id="price_pro_monthly", amount=Money(2_900, "usd"))
PRO_YEARLY = Plan(
    id="pro-yearly",
    product="pro",
    price_id="price_pro_yearly",
    amount=Money(29_000, "usd"),
    interval=Interval.YEAR,
)
TEAM = Plan(id="team", product="team", price_id="price_team_monthly", amount=Money(1_200, "eur"), max_seats=500)
BASIC = Plan(id="basic", product="pro", price_id="price_basic_monthly", amount=Money(900, "usd"))
TEAM_LITE = Plan(id="team-lite", product="team", price_id="price_lite_monthly", amount=Money(500, "eur"), max_seats=500)
CALLS = Metered(metric="api_calls", meter="api_call", price_id="price_api_calls", cap=10_000)
API = Plan(id="api", product="api", price_id="price_api_monthly", amount=Money(1_500, "usd"), metered=CALLS)
API_PLUS = Plan(
    id="api-plus",
    product="api",
    price_id="price_api_plus_monthly",
    amount=Money(4_500, "usd"),
    metered=replace(CALLS, cap=None),
)
PLANS = PlanCatalogue((PRO, PRO_YEARLY, TEAM, BASIC, TEAM_LITE, API, API_PLUS))

CENTS_A_CALL = 2
"""What each metered unit costs."""

ADA = Customer(id="ada", email="ada@example.com", stripe_customer_id="cus_ada")
BOB = Customer(id="bob", email="bob@example.com", stripe_customer_id="cus_bob")

VISA = "pm_card_visa"
MASTERCARD = "pm_card_mastercard"
NO_FUNDS = "pm_card_visa_chargeDeclinedInsufficientFunds"
BANK_DEBIT = "pm_usBankAccount_success"
FAILING_DEBIT = "pm_usBankAccount_insufficientFunds"
THREE_D_SECURE = "pm_card_threeDSecure2Required"


def offer(stripe: SimulatedStripe, plans: PlanCatalogue = PLANS) -> SimulatedStripe:
    """Have Stripe know the catalogue's prices and meters; the same Stripe."""
    metered: set[str] = set()
    for plan in plans.plans:
        add_price = partial(stripe.add_price, product=plan.product, interval=plan.interval.value)
        add_price(plan.price_id, amount=plan.amount)
        if plan.metered is not None and plan.metered.price_id not in metered:
            metered.add(plan.metered.price_id)
            stripe.add_meter(plan.metered.meter)
            unit = Money(CENTS_A_CALL, plan.amount.currency)
            add_price(plan.metered.price_id, amount=unit, meter=plan.metered.meter)
    return stripe
