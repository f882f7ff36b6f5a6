"""What orders of a marketplace cost: beside orders of a checkout, and how long a comparison of policies takes."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from statistics import median

from payflows.app import build_app
from payflows.checkout.business import CheckoutSetup
from payflows.checkout.inmemory.carrier import InMemoryCarrier
from payflows.checkout.inmemory.inventory import InMemoryInventory
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import OrderStatus
from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.pricing import CartItem
from payflows.marketplace.messages import SALES
from payflows.parties import Customer
from payflows.store.memory import InMemoryStore
from payflows.stripe.webhooks.parsing import StripeEvent
from simulations.checkout.day.scenario import ShopDay
from simulations.checkout.shop import HOME, MERCHANT
from simulations.marketplace.scripted_marketplace import VISA
from simulations.marketplace.year.run import replicate
from simulations.marketplace.year.scenario import SELLERS, MarketplaceYear, VendorBehaviour
from simulations.marketplace.year.world import ENABLED_TYPES, MarketplaceWorld
from simulations.search.endpoint import WEBHOOKS
from simulations.stripe.simulated import SimulatedStripe
from simulations.stripe.webhooks.handover import ValueHandover
from simulations.stripe.webhooks.sender import WebhookSender
from simulations.time.draws import Draws
from simulations.time.hand_clock import HandClock
from simulations.time.working_time import WorkingTime
from simulations.time.world import MICROSECONDS
from tests.bench.ratio import Ratio, race, ratio_of

ROUNDS = 8
CHECKOUTS = 1_000
EVERY_SECONDS = 365 * 86_400 // CHECKOUTS
TRANSIT_SECONDS = 2 * 86_400
REPLICATIONS = 10
WORKERS = 2
SECONDS = 60
_OF_WORKERS = ("children_user", "children_system")

YEAR = MarketplaceYear(vendors=VendorBehaviour(sellers=replace(SELLERS, count=40)))
"""About a thousand orders: paid, declined, refunded, disputed, paid out, and those of vendors who disappear."""

UNPAID = replace(YEAR, policy=replace(YEAR.policy, payouts=None))
"""The same without payouts, of which there are as many as the policy wants, however many orders there are."""

POLICIES = (YEAR, YEAR.paid_out(reserve_bps=1_000, reserve_days=90), YEAR.paid_out(every_days=28))


def run_marketplace(scenario: MarketplaceYear, seed: int) -> MarketplaceWorld:
    """Let a marketplace live for a year, with all that happens to its orders."""
    world = MarketplaceWorld(scenario, Draws(seed))
    world.live()
    return world


def run_checkout(number_of_orders: int = CHECKOUTS) -> InMemoryStore:
    """Sell as many orders by the checkout, on the same sort of clock, store and Stripe, until all are delivered."""
    clock, store, day = HandClock(), InMemoryStore(), ShopDay()
    stripe = SimulatedStripe(clock)
    stock = dict.fromkeys(day.products, 10 * number_of_orders)
    setup = CheckoutSetup(
        prices=day.price_list(),
        inventory=InMemoryInventory(stock, clock=clock),
        carrier=InMemoryCarrier(clock=clock, transit_seconds=TRANSIT_SECONDS),
        policy=CheckoutPolicy(),
    )
    app = build_app(gateway=stripe, checkout=setup, merchant=MERCHANT, store=store, clock=clock, webhooks=WEBHOOKS)
    working = WorkingTime(clock, app.worker)
    store.on_change(working.note)

    async def receive(event: StripeEvent) -> int:
        assert app.webhooks is not None, "it listens"
        return (await app.webhooks.receive_event(event, clock.now())).status

    WebhookSender(stripe, clock, ValueHandover(receive), draws=Draws(0), enabled_types=ENABLED_TYPES)
    cart = [CartItem(next(iter(day.products)), 1)]

    def buy(number: int) -> None:
        customer = Customer(id=f"buyer-{number}", email="buyer@example.com", stripe_customer_id="cus_buyer")
        buying = app.checkout.process_checkout
        order = clock.run(buying(customer, "checkout-1", cart=cart, payment_method=VISA, shipping_address=HOME))
        clock.after(TRANSIT_SECONDS + 1, partial(arrive, order.id))

    def arrive(order_id: str) -> None:
        clock.run(app.checkout.shipment_changed(MERCHANT, order_id))

    for number in range(number_of_orders):
        clock.after(number * EVERY_SECONDS, partial(buy, number))
    working.pass_until((number_of_orders * EVERY_SECONDS + 30 * 86_400) * MICROSECONDS)
    assert all(order.status is OrderStatus.DELIVERED for order in store.all(ORDERS)), "all come to their end"
    return store


def ratios(rounds: int = ROUNDS) -> list[Ratio]:
    """Time orders of a marketplace beside those of a checkout, and the comparison of three payout policies."""
    sold = [sum(1 for _ in run_marketplace(UNPAID, seed).store.all(SALES)) for seed in range(rounds)]
    *ours, checkouts = race(
        (partial(run_marketplace, UNPAID), partial(run_marketplace, YEAR), lambda _: run_checkout()), rounds
    )
    orders, paid_out = ([seconds / many for seconds, many in zip(times, sold, strict=True)] for times in ours)
    other = [seconds / CHECKOUTS for seconds in checkouts]
    how = f"{sum(sold):,} orders of {rounds} years, declined, refunded and disputed, {_shown(orders)}"
    beside = f"{CHECKOUTS:,} checkouts a round, {_shown(other)}"
    return [
        Ratio("an order of the marketplace / of the checkout", ratio_of(orders, other), f"{how}; {beside}", 3.0),
        Ratio("the same with weekly payouts / of the checkout", ratio_of(paid_out, other), _shown(paid_out)),
        _comparison(),
    ]


def _shown(seconds: Sequence[float]) -> str:
    return f"{1_000 * median(seconds):.2f} ms each"


def _comparison() -> Ratio:
    """Time three policies on the same vendors and buyers, ten times, by the CPU that it takes of each core."""
    before, started = os.times(), time.perf_counter()
    found = replicate(POLICIES, seeds=range(REPLICATIONS), workers=WORKERS, check=None)
    after, waited = os.times(), time.perf_counter() - started
    seconds = sum(getattr(after, part) - getattr(before, part) for part in _OF_WORKERS) / WORKERS
    orders = sum(outcome.orders for outcomes in found for outcome in outcomes)
    how = (
        f"{len(POLICIES)} payout policies x {REPLICATIONS} replications, {orders:,} orders through the real flow: "
        f"{seconds:.0f} s of CPU on each of {WORKERS} cores, {waited:.0f} s on the clock"
    )
    return Ratio(f"a comparison of payout policies / {SECONDS} s", (seconds / SECONDS,), how, 1.0)
