"""Who comes to the shop and with what: arrivals, baskets, cards and patience, each a function of keyed draws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import exp

from payflows.checkout.pricing import CartItem

from simulations.checkout.day.scenario import ShopDay
from simulations.network.link import Latency
from simulations.time.draws import Draws, Mix, Stream
from simulations.time.world import MICROSECONDS

HOUR_US = 3_600 * MICROSECONDS


@dataclass(frozen=True, slots=True)
class Shopper:
    """One customer of the day.

    Attributes:
        number: the customer's own, by which all of their draws are keyed.
        arrives_us: when they press "buy", in microseconds after midnight.
        basket: what they want.
        patience_seconds: how long they wait for an answer.
    """

    number: int
    arrives_us: int
    basket: tuple[CartItem, ...]
    patience_seconds: int


class Shoppers:
    """All customers of a scenario, the same for the same seed whatever else of it changes.

    Args:
        scenario: the day.
        draws: its chance.
    """

    def __init__(self, scenario: ShopDay, draws: Draws) -> None:
        self._scenario = scenario
        self._arrivals = draws.of("arrivals")
        self._arrival_times = draws.of("arrival time")
        self._sizes = draws.of("basket size")
        self._picks = draws.of("pick")
        self._cards = draws.of("card")
        self._waits = draws.of("patience")
        products = scenario.products
        self._shelf = Mix(tuple(products), tuple(product.popularity for product in products.values()))
        self._wallet = Mix(tuple(scenario.card_mix), tuple(scenario.card_mix.values()))
        self._patience_ms = Latency(scenario.patience.answer_seconds).table_us()

    def __iter__(self) -> Iterator[Shopper]:
        """Every customer of the day, by number; not in the order in which they arrive."""
        for hour, expected in enumerate(self._scenario.arrivals_by_hour):
            for place in range(poisson(expected, self._arrivals, hour)):
                number = hour * 1_000_000 + place
                arrives_us = hour * HOUR_US + self._arrival_times.below(HOUR_US, number)
                yield self._shopper(number, arrives_us, self._basket(number))
        yield from self._flash_sale()

    def _flash_sale(self) -> Iterator[Shopper]:
        sale = self._scenario.flash_sale
        if sale is None:
            return
        usual = self._scenario.arrivals_by_hour[sale.start_us // HOUR_US] * sale.minutes / 60
        for place in range(poisson(usual * (sale.factor - 1), self._arrivals, 24)):
            number = 24 * 1_000_000 + place
            # The square of a uniform draw: most come in the first minutes.
            early = self._arrival_times.uniform(number) ** 2
            arrives_us = sale.start_us + int(early * (sale.end_us - sale.start_us))
            yield self._shopper(number, arrives_us, (CartItem(sale.product_id, 1),))

    def card(self, number: int, place: int) -> str:
        """The customer's first, second, third card (`place` 0, 1, 2)."""
        return self._wallet.pick(self._cards, number, place)

    def _shopper(self, number: int, arrives_us: int, basket: tuple[CartItem, ...]) -> Shopper:
        # The table's "milliseconds" are seconds here, so its microseconds are milliseconds.
        patience_ms = self._patience_ms[self._waits.bits(number) >> 54]
        return Shopper(number, arrives_us, basket, max(1, patience_ms // 1_000))

    def _basket(self, number: int) -> tuple[CartItem, ...]:
        size = 1 + self._sizes.below(self._scenario.largest_basket, number)
        picks = Counter(self._shelf.pick(self._picks, number, pick) for pick in range(size))
        return tuple(CartItem(product_id, quantity) for product_id, quantity in picks.items())


def poisson(expected: float, draws: Stream, entity: int) -> int:
    """A Poisson number by multiplying uniform draws (Knuth, "The Art of Computer Programming", 3.4.1), in blocks.

    Large expectations are sums of small ones, so that no product underflows.
    """
    number, draw = 0, 0
    while expected > 0:
        block = min(expected, 50.0)
        expected -= block
        product, floor = draws.uniform(entity, draw), exp(-block)
        draw += 1
        while product > floor:
            number += 1
            product *= draws.uniform(entity, draw)
            draw += 1
    return number
