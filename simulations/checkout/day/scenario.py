"""One day of a shop, as a frozen value: who comes, what they buy, how they pay, and what goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.pricing import CurrencyTerms, PriceList
from payflows.checks import instance_of, sequence, share, whole_number
from payflows.errors import InvalidPolicy
from payflows.money import Money, Rate

from simulations.network.link import Latency, Outage, minute_of_day
from simulations.stripe.payments.cards import PAYMENT_METHODS
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.time.world import MICROSECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One thing on the shelf.

    Attributes:
        price_minor: price of one, before tax.
        stock: how many there are in the morning.
        popularity: how often it is picked, relative to the others.
    """

    price_minor: int
    stock: int
    popularity: int = 1

    def __post_init__(self) -> None:
        whole_number("price_minor", self.price_minor, least=1)
        whole_number("stock", self.stock, most=1_000_000)
        whole_number("popularity", self.popularity, most=1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlashSale:
    """An hour or so in which many come for one product.

    Attributes:
        start: when it begins, as "20:00".
        minutes: how long it lasts.
        factor: how many times more customers than usual.
        product_id: what all the additional ones want.
    """

    start: str = "20:00"
    minutes: int = 30
    factor: int = 8
    product_id: str = "poster"

    def __post_init__(self) -> None:
        whole_number("minutes", self.minutes, least=1, most=24 * 60 - minute_of_day(self.start))
        whole_number("factor", self.factor, least=1, most=1_000)
        instance_of("product_id", self.product_id, str)

    @property
    def start_us(self) -> int:
        """When it begins, in microseconds after midnight."""
        return minute_of_day(self.start) * 60 * MICROSECONDS

    @property
    def end_us(self) -> int:
        """When it is over, in microseconds after midnight."""
        return self.start_us + self.minutes * 60 * MICROSECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How customers wait, and what they do when it does not work. All figures are assumptions, to be varied.

    Attributes:
        answer_seconds: how long they look at a spinning wheel before they do something, as percentiles of seconds.
        looks: how often they come back with the same checkout id before they leave.
        pause_seconds: between two looks.
        another_card_share: the share that tries again, of those whose card is declined.
        same_card_share: of those, the share that takes the same card; the others take another.
        think_seconds: before they try again, or before they answer a 3-D Secure question.
        authenticates_share: the share that passes 3-D Secure, of those asked by it.
        fails_share: the share that fails it; the rest walk away.
    """

    answer_seconds: tuple[tuple[int, int], ...] = ((0, 8), (50, 30), (90, 90), (100, 240))
    looks: int = 3
    pause_seconds: int = 45
    another_card_share: float = 0.7
    same_card_share: float = 0.25
    think_seconds: int = 40
    authenticates_share: float = 0.85
    fails_share: float = 0.08

    def __post_init__(self) -> None:
        sequence("answer_seconds", self.answer_seconds)
        Latency(self.answer_seconds)
        whole_number("looks", self.looks, most=100)
        whole_number("pause_seconds", self.pause_seconds, least=1, most=86_400)
        whole_number("think_seconds", self.think_seconds, least=1, most=86_400)
        for name in ("another_card_share", "same_card_share", "authenticates_share", "fails_share"):
            share(name, getattr(self, name))
        if self.authenticates_share + self.fails_share > 1:
            raise InvalidPolicy("authenticates_share and fails_share together are at most 1")


PRODUCTS: Mapping[str, Product] = {
    "mug": Product(price_minor=1_450, stock=1_150, popularity=5),
    "poster": Product(price_minor=2_400, stock=900, popularity=4),
    "lamp": Product(price_minor=5_900, stock=480, popularity=2),
    "chair": Product(price_minor=18_900, stock=130, popularity=1),
}

ARRIVALS_BY_HOUR = (12, 7, 4, 3, 3, 5, 12, 25, 40, 55, 62, 66, 70, 66, 62, 60, 62, 70, 80, 92, 95, 78, 50, 26)
"""A web shop's ordinary day: a broad daytime and a peak in the evening. An assumption."""

CARD_MIX: Mapping[str, int] = {
    "pm_card_visa": 610,
    "pm_card_mastercard": 240,
    "pm_card_threeDSecure2Required": 50,
    "pm_card_visa_chargeDeclinedInsufficientFunds": 40,
    "pm_card_visa_chargeDeclined": 45,
    "pm_card_chargeDeclinedExpiredCard": 8,
    "pm_card_chargeDeclinedProcessingError": 5,
    "pm_card_visa_chargeDeclinedLostCard": 2,
}
"""Weights of the cards in customers' hands, by Stripe's test cards: one in ten is declined. An assumption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopDay:
    """A shop's day, from midnight to midnight, and what follows until every order has settled.

    Attributes:
        arrivals_by_hour: customers expected in each of the 24 hours; how many come is Poisson.
        products: what is on the shelf, by product id.
        largest_basket: the most picks of a basket, at least 1, each of one piece, all sizes equally likely.
        card_mix: weights of the cards in customers' hands, by Stripe's names of its test cards.
        patience: how customers wait.
        gateway_latency: how long Stripe takes to answer, in milliseconds.
        shelf_latency: how long inventory and carrier take, in milliseconds.
        outage: when Stripe cannot be reached; None for never.
        flash_sale: when many come for one product; None for never.
        webhooks: how Stripe's webhooks travel; None: none are sent.
        policy: how the shop lets its customers pay.
        pickup_seconds: from booking a parcel until the carrier has it.
        transit_seconds: from then until it is delivered.
        poll_seconds: how often the worker looks around.
        tax: on the goods.
        shipping_minor: per parcel.
        currency: of everything.

    Raises:
        InvalidPolicy: a value outside its bounds.
    """

    arrivals_by_hour: tuple[int, ...] = ARRIVALS_BY_HOUR
    products: Mapping[str, Product] = field(default_factory=lambda: dict(PRODUCTS))
    largest_basket: int = 3
    card_mix: Mapping[str, int] = field(default_factory=lambda: dict(CARD_MIX))
    patience: Patience = field(default_factory=Patience)
    gateway_latency: Latency = Latency(((0, 120), (50, 340), (90, 700), (99, 1_900), (100, 6_000)))
    shelf_latency: Latency = Latency(((0, 4), (50, 12), (90, 35), (99, 120), (100, 600)))
    outage: Outage | None = field(default_factory=lambda: Outage(start="14:00", minutes=20))
    flash_sale: FlashSale | None = None
    webhooks: DeliveryConditions | None = DeliveryConditions(
        delay=Latency(((0, 800), (50, 2_500), (99, 20_000), (100, 120_000)))
    )
    policy: CheckoutPolicy = field(default_factory=CheckoutPolicy)
    pickup_seconds: int = 1_800
    transit_seconds: int = 172_800
    poll_seconds: int = 20
    tax: Rate = Rate(800)
    shipping_minor: int = 490
    currency: str = "usd"

    def __post_init__(self) -> None:
        self._check_types()
        if len(self.arrivals_by_hour) != 24:
            raise InvalidPolicy(
                f"arrivals_by_hour has one number for each of 24 hours, got {len(self.arrivals_by_hour)}"
            )
        for hour, arrivals in enumerate(self.arrivals_by_hour):
            whole_number(f"arrivals in hour {hour}", arrivals, most=100_000)
        whole_number("largest_basket", self.largest_basket, least=1, most=20)
        if not any(product.popularity for product in self.products.values()):
            raise InvalidPolicy("products needs at least one of a popularity above 0")
        self._check_cards()
        if self.flash_sale is not None and self.flash_sale.product_id not in self.products:
            raise InvalidPolicy(f"the flash sale's {self.flash_sale.product_id!r} is not among the products")
        whole_number("poll_seconds", self.poll_seconds, least=1, most=3_600)
        whole_number("pickup_seconds", self.pickup_seconds, most=7 * 86_400)
        whole_number("transit_seconds", self.transit_seconds, most=30 * 86_400)
        self.price_list()

    def _check_types(self) -> None:
        sequence("arrivals_by_hour", self.arrivals_by_hour)
        instance_of("products", self.products, Mapping)
        for name, product in self.products.items():
            instance_of(f"the product {name}", product, Product)
        instance_of("card_mix", self.card_mix, Mapping)
        instance_of("patience", self.patience, Patience)
        instance_of("gateway_latency", self.gateway_latency, Latency)
        instance_of("shelf_latency", self.shelf_latency, Latency)
        instance_of("outage", self.outage, Outage, None)
        instance_of("flash_sale", self.flash_sale, FlashSale, None)
        instance_of("webhooks", self.webhooks, DeliveryConditions, None)
        instance_of("policy", self.policy, CheckoutPolicy)

    def _check_cards(self) -> None:
        for card, weight in self.card_mix.items():
            whole_number(f"the weight of {card}", weight, most=1_000_000)
            if card not in PAYMENT_METHODS:
                raise InvalidPolicy(f"{card!r} is none of Stripe's test cards; there are {', '.join(PAYMENT_METHODS)}")
        if not any(self.card_mix.values()):
            raise InvalidPolicy("card_mix needs at least one weight above 0")

    def price_list(self) -> PriceList:
        """The catalogue and the terms of sale."""
        catalogue = {name: Money(product.price_minor, self.currency) for name, product in self.products.items()}
        terms = CurrencyTerms(tax=self.tax, shipping=Money(self.shipping_minor, self.currency))
        return PriceList(catalogue, {self.currency: terms})
