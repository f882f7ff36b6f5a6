"""Runs a shop's day in virtual time with the real flow code, and checks at its end that nothing was lost."""

from __future__ import annotations

from payflows.checks import instance_of, whole_number
from tqdm.auto import tqdm

from simulations.checkout.checkers.final_state import check_shop
from simulations.checkout.day.result import Day
from simulations.checkout.day.scenario import ShopDay
from simulations.checkout.day.shoppers import Shoppers
from simulations.checkout.day.visit import CustomerBehaviour, Visit
from simulations.checkout.shop import Shop
from simulations.time.draws import Draws

HOURS = 24
CALM_DAYS = 14
"""After midnight no customers come, and the shop runs on for this long at most until every order has settled."""


def run(scenario: ShopDay, *, seed: int, progress: bool = False) -> Day:
    """Let the day pass, then let every order settle, then check the invariants.

    Args:
        scenario: the day.
        seed: its chance; the same seed is the same day, call by call.
        progress: show a bar of the simulated hours.

    Raises:
        InvalidPolicy: a seed that is none.
        InvariantBroken: money, stock or an order's state is not what it must be.
    """
    instance_of("scenario", scenario, ShopDay)
    instance_of("progress", progress, bool)
    whole_number("seed", seed, most=(1 << 63) - 1)
    draws = Draws(seed)
    shop = open_shop(scenario, draws)
    shoppers = Shoppers(scenario, draws)
    visitors = CustomerBehaviour(shop, shoppers, scenario.patience, draws)
    visits = [Visit(shopper) for shopper in shoppers]
    shop.world.start(doorman(shop, visitors, visits), name="doorman")
    for _ in tqdm(range(HOURS), desc="hours", disable=not progress):
        shop.world.run_for(3_600)
    _settle(shop)
    check_shop(shop, visits)
    return Day(scenario, seed, shop, visits)


def open_shop(scenario: ShopDay, draws: Draws) -> Shop:
    """The scenario's shop, running and empty."""
    return Shop(
        prices=scenario.price_list(),
        stock={product_id: product.stock for product_id, product in scenario.products.items()},
        policy=scenario.policy,
        draws=draws,
        gateway_latency=scenario.gateway_latency,
        shelf_latency=scenario.shelf_latency,
        outage=scenario.outage,
        webhooks=scenario.webhooks,
        poll_seconds=scenario.poll_seconds,
        pickup_seconds=scenario.pickup_seconds,
        transit_seconds=scenario.transit_seconds,
    )


async def doorman(shop: Shop, visitors: CustomerBehaviour, visits: list[Visit]) -> None:
    """Let customers in when they arrive: none is in the world before."""
    for visit in sorted(visits, key=lambda visit: (visit.shopper.arrives_us, visit.shopper.number)):
        await shop.world.sleep_us(visit.shopper.arrives_us - shop.world.now_us)
        shop.world.start(visitors.live(visit), name=visit.checkout_id)


def _settle(shop: Shop) -> None:
    for _ in range(CALM_DAYS * HOURS):
        if not shop.unsettled():
            break
        shop.world.run_for(3_600)
    # The worker and the outbox get one more turn after the last notice.
    shop.world.run_for(600)
