"""Scenarios, seeds, latencies and faults that no simulation runs."""

from __future__ import annotations

from payflows.errors import InvalidMoney, InvalidPolicy
from simulations.checkout.day.run import run
from simulations.checkout.day.scenario import CARD_MIX, FlashSale, Patience, Product, ShopDay
from simulations.network.link import Latency, Outage
from simulations.stripe import Disturbance, Fault, HandClock, SimulatedStripe, StripeTimes
from simulations.time.draws import Draws
from tests.bad_input.rows import INFINITY, NAN, Call, rows, set_to

HALF = 0.5
VISA = "pm_card_visa"


def latency(*percentiles: object) -> Call:
    return lambda _: Latency(percentiles)  # type: ignore[arg-type]


def draws_of(seed: object) -> Call:
    return lambda _: Draws(seed)  # type: ignore[arg-type]


def day_of(seed: object) -> Call:
    return lambda _: run(ShopDay(), seed=seed)  # type: ignore[arg-type]


SEEDS = {
    "float": 1.0,
    "bool": True,
    "negative": -1,
    "text": "1",
    "none": None,
    "of more than 63 bits": 1 << 63,
}
TIMES = {
    "24:00": "24:00",
    "7:00": "7:00",
    "14:60": "14:60",
    "1400": "1400",
    "with a newline": "14:00\n",
    "with a word": "14:00 pm",
    "empty": "",
    "as a number": 14,
    "none": None,
}
SHARES = {"above 1": 1.01, "below 0": -0.01, "NaN": NAN, "Infinity": INFINITY, "bool": True, "text": "0.5"}

SIMULATED = [
    *rows("simulation", InvalidPolicy, {f"seed of draws {name}": draws_of(seed) for name, seed in SEEDS.items()}),
    *rows("simulation", InvalidPolicy, {f"seed of a day {name}": day_of(seed) for name, seed in SEEDS.items()}),
    *rows(
        "simulation", InvalidPolicy, {f"outage at {n}": set_to(Outage, start=t, minutes=20) for n, t in TIMES.items()}
    ),
    *rows("simulation", InvalidPolicy, {f"flash sale at {n}": set_to(FlashSale, start=t) for n, t in TIMES.items()}),
    *rows(
        "simulation",
        InvalidPolicy,
        {
            f"share of lost answers {name}": set_to(Outage, start="14:00", minutes=20, answers_lost_share=share)
            for name, share in SHARES.items()
        },
    ),
    *rows(
        "simulation",
        InvalidPolicy,
        {
            f"{field} {name}": set_to(Patience, **{field: share})
            for field in ("another_card_share", "same_card_share", "authenticates_share", "fails_share")
            for name, share in SHARES.items()
        },
    ),
    *rows(
        "simulation",
        InvalidPolicy,
        {
            "shares that sum to more than 1": set_to(Patience, authenticates_share=0.85, fails_share=0.16),
            "looks negative": set_to(Patience, looks=-1),
            "no pause": set_to(Patience, pause_seconds=0),
            "patience falls": set_to(Patience, answer_seconds=((0, 8), (100, 4))),
            "patience negative": set_to(Patience, answer_seconds=((0, -1), (100, 4))),
            "latency negative": latency((0, -1), (100, 5)),
            "latency falls": latency((0, 9), (100, 5)),
            "latency without a start": latency((1, 1), (100, 5)),
            "latency without an end": latency((0, 1), (99, 5)),
            "latency of one point": latency((0, 1)),
            "latency of no point": latency(),
            "latency NaN": latency((0, NAN), (100, 5)),
            "latency infinite": latency((0, 1), (100, INFINITY)),
            "latency of half a millisecond": latency((0, HALF), (100, 5)),
            "latency bool": latency((0, False), (100, True)),
            "latency's percents fall": latency((0, 1), (90, 2), (50, 3), (100, 5)),
            "latency's percents repeat": latency((0, 1), (50, 2), (50, 3), (100, 5)),
            "outage negative": set_to(Outage, start="14:00", minutes=-1),
            "outage of more than a day": set_to(Outage, start="14:00", minutes=1_441),
            "outage of half a minute": set_to(Outage, start="14:00", minutes=0.5),
            "sale of no time": set_to(FlashSale, minutes=0),
            "sale factor 0": set_to(FlashSale, factor=0),
            "sale of an unknown product": set_to(ShopDay, flash_sale=FlashSale(product_id="unicorn")),
            "23 hours": set_to(ShopDay, arrivals_by_hour=23 * (10,)),
            "25 hours": set_to(ShopDay, arrivals_by_hour=25 * (10,)),
            "arrivals negative": set_to(ShopDay, arrivals_by_hour=(*23 * (10,), -1)),
            "arrivals half": set_to(ShopDay, arrivals_by_hour=(*23 * (10,), HALF)),
            "arrivals bool": set_to(ShopDay, arrivals_by_hour=(*23 * (10,), True)),
            "unknown card": set_to(ShopDay, card_mix={**CARD_MIX, "pm_card_unicorn": 1}),
            "card in another case": set_to(ShopDay, card_mix={"pm_card_visa_chargedeclined": 1}),
            "card weight negative": set_to(ShopDay, card_mix={**CARD_MIX, VISA: -1}),
            "card weight half": set_to(ShopDay, card_mix={VISA: HALF}),
            "card weights of 0": set_to(ShopDay, card_mix={VISA: 0}),
            "no cards": set_to(ShopDay, card_mix={}),
            "no products": set_to(ShopDay, products={}),
            "products without demand": set_to(
                ShopDay, products={"mug": Product(price_minor=100, stock=1, popularity=0)}
            ),
            "basket of nothing": set_to(ShopDay, largest_basket=0),
            "worker never": set_to(ShopDay, poll_seconds=0),
            "worker negative": set_to(ShopDay, poll_seconds=-20),
            "worker NaN": set_to(ShopDay, poll_seconds=NAN),
            "worker every 0.1 microseconds": set_to(ShopDay, poll_seconds=1e-7),
            "tax as a float": set_to(ShopDay, tax=0.08),
            "pickup negative": set_to(ShopDay, pickup_seconds=-1),
            "transit half": set_to(ShopDay, transit_seconds=HALF),
            "product for nothing": set_to(Product, price_minor=0, stock=1),
            "product with a float price": set_to(Product, price_minor=14.5, stock=1),
            "product with negative stock": set_to(Product, price_minor=100, stock=-1),
            "product with negative popularity": set_to(Product, price_minor=100, stock=1, popularity=-1),
            "unknown fault": set_to(Disturbance, fault="gremlins"),
            "fault at an unknown call": lambda _: SimulatedStripe(HandClock()).slow_down("charge", 1),
            "fault never": set_to(Disturbance, fault=Fault.SLOW, times=0),
            "fault after -1 calls": set_to(Disturbance, fault=Fault.SLOW, skip=-1),
            "fault of NaN seconds": set_to(Disturbance, fault=Fault.SLOW, slow_seconds=NAN),
            "bank in negative time": set_to(StripeTimes, settle_after_seconds=-1),
            "bank in infinite time": set_to(StripeTimes, settle_after_seconds=INFINITY),
        },
    ),
    *rows(
        "simulation",
        InvalidMoney,
        {
            "shipping negative": set_to(ShopDay, shipping_minor=-1),
            "shipping as a float": set_to(ShopDay, shipping_minor=4.9),
            "day in an unknown currency": set_to(ShopDay, currency="USD"),
        },
    ),
]
