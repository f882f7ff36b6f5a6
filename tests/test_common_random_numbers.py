"""Two shops that differ in one thing meet the same customers, cards and latencies in all others."""

from __future__ import annotations

from collections import Counter

from payflows.checkout.pricing import CartItem, CurrencyTerms, PriceList
from payflows.money import Money, Rate
from payflows.parties import Customer
from simulations.checkout.day.scenario import ShopDay
from simulations.checkout.day.shoppers import Shoppers
from simulations.checkout.shop import HOME, Shop
from simulations.network.link import Latency
from simulations.time.draws import Draws

QUICK = Latency(((0, 100), (100, 200)))
SLOW = Latency(((0, 5_000), (100, 9_000)))
SHELF = Latency(((0, 4), (100, 600)))


def shelf_times(gateway_latency: Latency) -> dict[tuple[str, object, int], int]:
    """How long each call to inventory and carrier took, by method, order and number, in a shop of 40 orders."""
    terms = CurrencyTerms(tax=Rate(0), shipping=Money(0, "usd"))
    shop = Shop(
        prices=PriceList({"mug": Money(1_450, "usd")}, {"usd": terms}),
        stock={"mug": 99},
        draws=Draws(19),
        gateway_latency=gateway_latency,
        shelf_latency=SHELF,
    )
    for number in range(40):
        ada = Customer(id=f"ada-{number}", email="ada@example.com")
        cart = [CartItem("mug", 1)]
        buying = shop.flow.process_checkout(
            ada, "checkout", cart=cart, payment_method="pm_card_visa", shipping_address=HOME
        )
        shop.world.start(buying)
    shop.world.run_for(600)
    times: dict[tuple[str, object, int], int] = {}
    seen: Counter[tuple[str, object]] = Counter()
    for call in shop.calls:
        if call.port != "stripe":
            place = (call.method, call.args[0])
            times[(*place, seen[place])] = call.ended_us - call.started_us
            seen[place] += 1
    return times


def test_a_slower_gateway_changes_no_other_latency() -> None:
    quick, slow = shelf_times(QUICK), shelf_times(SLOW)

    assert quick == slow
    assert len({order_id for _, order_id, _ in quick}) == 40
    assert len(set(quick.values())) > 100


def test_a_slower_gateway_brings_the_same_customers_with_the_same_cards() -> None:
    def customers(scenario: ShopDay) -> list[object]:
        shoppers = Shoppers(scenario, Draws(19))
        return [(shopper, [shoppers.card(shopper.number, place) for place in range(3)]) for shopper in shoppers]

    arrivals = (*24 * (2,),)
    quick = customers(ShopDay(arrivals_by_hour=arrivals, gateway_latency=QUICK))

    assert quick == customers(ShopDay(arrivals_by_hour=arrivals, gateway_latency=SLOW, outage=None))
    assert len(quick) > 20
