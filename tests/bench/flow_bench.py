"""What the real checkout flow costs beside a day written by hand in SimPy: CPU, in ratios.

Both days have the same customers, waits and decisions, and end alike (`tests/test_bench_twin.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from payflows.checkout.messages import ORDERS
from simulations.checkout.day.run import doorman, open_shop
from simulations.checkout.day.scenario import PRODUCTS, ShopDay
from simulations.checkout.day.shoppers import Shopper, Shoppers
from simulations.checkout.day.visit import CustomerBehaviour, Visit
from simulations.checkout.shop import Shop
from simulations.network.link import Outage
from simulations.time.draws import Draws, bits_of
from tests.bench.handwritten import HandWrittenDay
from tests.bench.ratio import Ratio, race, ratio_of

ROUNDS = 24
BUSY_HOURS = 2
CUSTOMERS_AN_HOUR = 250
SETTLING_HOURS = 2
"""A customer's last minute to pay is an hour after the order, a parcel is fetched after half an hour."""


class Story(NamedTuple):
    """How one customer's order went: what the two days must agree on.

    Attributes:
        status: the order's at the end.
        reason: why it was not fulfilled.
        tries: cards tried.
        settled_us: when the status was entered.
        received_minor: money taken.
        answered_us: when the shop answered.
        farewell: how the customer left.
        left_us: when.
    """

    status: str
    reason: str | None
    tries: int
    settled_us: float
    received_minor: int
    answered_us: tuple[float, ...]
    farewell: str | None
    left_us: float | None


@dataclass(frozen=True, slots=True)
class Books:
    """What a day came to.

    Attributes:
        stories: by customer's number.
        stock: what is left of each product.
        calls: how many calls were waited for, by method.
    """

    stories: Mapping[int, Story]
    stock: Mapping[str, int]
    calls: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Crowd:
    """A scenario, a seed and the customers that they bring, in the order of their arrival."""

    scenario: ShopDay
    seed: int
    shoppers: Shoppers
    arrivals: Sequence[Shopper]

    @classmethod
    def of(cls, scenario: ShopDay, seed: int) -> Crowd:
        """Draw the customers: both days are given the same ones."""
        shoppers = Shoppers(scenario, Draws(seed))
        arrivals = sorted(shoppers, key=lambda shopper: (shopper.arrives_us, shopper.number))
        return cls(scenario, seed, shoppers, arrivals)

    @property
    def hours(self) -> int:
        """How long the day is: until the last customer has come, and until all has settled."""
        return -(-self.arrivals[-1].arrives_us // (3_600 * 1_000_000)) + SETTLING_HOURS


def busy_hours(customers_an_hour: int, *, hours: int = BUSY_HOURS, outage: Outage | None = None) -> ShopDay:
    """Some busy hours of a shop's day, of which the last customers find some shelves empty."""
    stock_share = customers_an_hour * hours / 1_122
    products = {name: replace(product, stock=round(product.stock * stock_share)) for name, product in PRODUCTS.items()}
    arrivals = (customers_an_hour,) * hours + (0,) * (24 - hours)
    return ShopDay(arrivals_by_hour=arrivals, products=products, outage=outage, webhooks=None)


def run_flow(crowd: Crowd) -> tuple[Shop, list[Visit]]:
    """The day with the real flow, store, outbox, log, proxies and simulated Stripe."""
    bits_of.cache_clear()
    draws = Draws(crowd.seed)
    shop = open_shop(crowd.scenario, draws)
    visitors = CustomerBehaviour(shop, crowd.shoppers, crowd.scenario.patience, draws)
    visits = [Visit(shopper) for shopper in crowd.arrivals]
    shop.world.start(doorman(shop, visitors, visits), name="doorman")
    shop.world.run_for(crowd.hours * 3_600)
    return shop, visits


def run_by_hand(crowd: Crowd) -> HandWrittenDay:
    """The same day, written by hand."""
    bits_of.cache_clear()
    by_hand = HandWrittenDay(crowd.scenario, crowd.seed, crowd.shoppers)
    by_hand.run(crowd.arrivals, crowd.hours * 3_600)
    return by_hand


def books_of_flow(shop: Shop, visits: Sequence[Visit]) -> Books:
    """What the day with the real flow came to."""
    orders = {order.purchase.checkout_id: order for order in shop.store.all(ORDERS)}
    stories = {}
    for visit in visits:
        order = orders[visit.checkout_id]
        stories[visit.shopper.number] = Story(
            status=order.status,
            reason=order.reason,
            tries=order.attempt.number,
            settled_us=shop.world.us_at(order.changed_at),
            received_minor=shop.stripe.captured_for(order.id).minor,
            answered_us=tuple(at_us for at_us, _ in visit.answers),
            farewell=visit.farewell,
            left_us=visit.left_us,
        )
    stock = {product_id: shop.inventory.available(product_id) for product_id in shop.inventory.initial}
    return Books(stories, stock, Counter(call.method for call in shop.calls))


def books_by_hand(by_hand: HandWrittenDay) -> Books:
    """What the day written by hand came to."""
    stories = {}
    calls: Counter[str] = Counter()
    for order in by_hand.orders.values():
        calls.update(order["asked"])
        stories[order["number"]] = Story(
            status=order["status"],
            reason=order["reason"],
            tries=order["tries"],
            settled_us=order["changed"],
            received_minor=order["received"],
            answered_us=tuple(order["answered"]),
            farewell=order["farewell"],
            left_us=order["left"],
        )
    return Books(stories, by_hand.shelf.stock, calls)


def ratios(rounds: int = ROUNDS) -> list[Ratio]:
    """The flow's two ratios: on a fair day, and with an outage that the day written by hand does not have."""
    outage = Outage(start="01:00", minutes=20)
    fair = [Crowd.of(busy_hours(CUSTOMERS_AN_HOUR), seed) for seed in range(rounds)]
    rough = [replace(crowd, scenario=busy_hours(CUSTOMERS_AN_HOUR, outage=outage)) for crowd in fair]
    ours, with_outage, by_hand = race(
        (
            lambda number: run_flow(fair[number]),
            lambda number: run_flow(rough[number]),
            lambda number: run_by_hand(fair[number]),
        ),
        rounds,
    )
    customers = sum(len(crowd.arrivals) for crowd in fair)
    how = f"{customers:,} customers of {rounds} interleaved seeds, the same for both, with equal outcomes"
    return [
        Ratio("flow, store, outbox, log, proxy, simulated Stripe / by hand", ratio_of(ours, by_hand), how, 4.0),
        Ratio("the same with an outage of 20 minutes / by hand without", ratio_of(with_outage, by_hand), how),
    ]
