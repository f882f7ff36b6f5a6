"""What a year of subscribers costs beside the same one written by hand in SimPy: CPU, calls, webhooks and memory.

Both have the same sign-ups, customers and banks, and every subscriber ends alike (`tests/test_bench_year.py`).
"""

from __future__ import annotations

import gc
import tracemalloc
from collections import Counter
from dataclasses import replace
from functools import partial
from statistics import median
from typing import NamedTuple, cast

from payflows.app import App
from payflows.kernel.ports import Nature, methods_of
from payflows.kernel.store import Store
from payflows.subscriptions.billing import RENEWAL
from simulations.network.interceptor import Intercepted, Method
from simulations.subscriptions.system import PORTS, PaymentsAndBilling
from simulations.subscriptions.year.models import SimpleCustomers, SimpleIssuers
from simulations.subscriptions.year.result import Year
from simulations.subscriptions.year.rows import Life
from simulations.subscriptions.year.run import live, run
from simulations.subscriptions.year.scenario import PRO, SubscriberYear
from simulations.subscriptions.year.sign_ups import SignUps
from simulations.subscriptions.year.world import SubscriberWorld
from simulations.time.draws import Draws
from tests.bench.ratio import Ratio, race, ratio_of
from tests.bench.year_by_hand import HandWrittenYear

ROUNDS = 12
SUBSCRIBERS = 60

BUSY = SubscriberYear(subscribers=SUBSCRIBERS, sign_up_days=1)
"""All sign up on the first day, so that they live for the whole year."""

CALM = replace(
    BUSY,
    trial_share=0,
    plan_mix={PRO.id: 1},
    customers=SimpleCustomers(cancels_share=0),
    issuers=SimpleIssuers(declines_share=0, asks_share=0),
)
"""Renewals and nothing else, of which the cost of one is worked out."""


class Outcome(NamedTuple):
    """What became of a subscriber: what the two years must agree on. Moments may differ by the delay of a webhook.

    Attributes:
        statuses: all that were entered.
        invoices: period, total, status and number of cards tried, of each that was finalised.
        paid_minor: all that was paid.
    """

    statuses: tuple[str, ...]
    invoices: tuple[tuple[int, int, str, int], ...]
    paid_minor: int


def outcomes(year: Year) -> dict[int, Outcome]:
    """Return what became of each subscriber with the real flow."""
    return {life.subscriber.subscriber: _outcome(life) for life in year.lives}


def _outcome(life: Life) -> Outcome:
    invoices = sorted(
        (int(row.period_start.timestamp()), row.total_minor, row.status, row.cards_tried) for row in life.invoices
    )
    return Outcome(tuple(row.status for row in life.statuses), tuple(invoices), life.subscriber.paid_minor)


def outcomes_by_hand(year: HandWrittenYear) -> dict[int, Outcome]:
    """Return what became of each subscriber in the year written by hand."""
    found = {}
    for ours in year.subscribers:
        invoices = [each for each in ours["invoices"] if each["status"] != "draft"]
        rows = sorted((each["start"], each["total"], each["status"], each["cards"]) for each in invoices)
        paid = sum(each["total"] for each in invoices if each["status"] == "paid")
        found[ours["number"]] = Outcome(tuple(ours["statuses"]), tuple(rows), paid)
    return found


def run_by_hand(scenario: SubscriberYear, seed: int) -> HandWrittenYear:
    """Run the year written by hand."""
    by_hand = HandWrittenYear(scenario, seed)
    by_hand.run()
    return by_hand


class CountingWorld(SubscriberWorld):
    """A small world whose calls of Stripe and of the store are counted, but for polls."""

    def _open(self, gateway: PaymentsAndBilling, store: Store) -> App:
        self.calls: Counter[str] = Counter()
        stripe, books = (
            Intercepted(port, partial(self._counted, name)) for name, port in (("gateway", gateway), ("store", store))
        )
        return super()._open(cast(PaymentsAndBilling, stripe), cast(Store, books))

    def _counted(self, port: str, name: str, method: Method) -> Method:
        marked = methods_of(PORTS[port].protocol).get(name)
        if marked is None or marked.nature is Nature.POLL:
            return method

        def call(*args: object, **kwargs: object) -> object:
            self.calls[f"{port}.{name}"] += 1
            return method(*args, **kwargs)

        return call  # type: ignore[return-value]  # the method's own answer


def renewal_calls() -> tuple[float, float]:
    """Return how many calls and webhooks a renewal brings: what a year more of a calm subscription adds."""
    calls, webhooks = [], []
    for days in (365, 730):
        draws, scenario = Draws(0), replace(CALM, days=days)
        world = CountingWorld(scenario, SignUps(scenario, draws).sign_up(0), draws)
        world.live()
        calls.append(world.calls.total())
        webhooks.append(len(world.sender.tries))
    return (calls[1] - calls[0]) / 12, (webhooks[1] - webhooks[0]) / 12


def renewal_calls_by_hand() -> tuple[float, float]:
    """Return the same of the year written by hand."""
    one, two = (run_by_hand(replace(CALM, subscribers=1, days=days), 0) for days in (365, 730))
    return (two.calls - one.calls) / 12, (two.webhooks - one.webhooks) / 12


def renewal_bytes() -> tuple[float, float]:
    """Return the memory of a renewal in its small world, and of what is kept of it once that is gone."""
    sizes = []
    for days in (365, 730):
        gc.collect()
        draws, scenario = Draws(0), replace(CALM, days=days)
        tracemalloc.start()
        world = SubscriberWorld(scenario, SignUps(scenario, draws).sign_up(0), draws)
        world.live()
        within, _ = tracemalloc.get_traced_memory()
        del world
        gc.collect()
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        kept = live(scenario, 0, 0)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        sizes.append((within, after - before))
        tracemalloc.stop()
        del kept
    return (sizes[1][0] - sizes[0][0]) / 12, (sizes[1][1] - sizes[0][1]) / 12


def renewals(year: Year) -> int:
    """Return how many renewals of any amount a year has had."""
    return sum(row.billing_reason == RENEWAL for life in year.lives for row in life.invoices)


def ratios(rounds: int = ROUNDS) -> list[Ratio]:
    """Time years of subscribers beside those written by hand."""
    ours, by_hand = race(
        (lambda seed: run(BUSY, seed=seed, check=None), lambda seed: run_by_hand(BUSY, seed)),
        rounds,
    )
    milliseconds = 1_000 * median(ours) / renewals(run(BUSY, seed=0, check=None))
    (calls, webhooks), (fewer, other) = renewal_calls(), renewal_calls_by_hand()
    within, kept = renewal_bytes()
    how = (
        f"{SUBSCRIBERS} subscribers x 12 months, {rounds} interleaved seeds, with equal outcomes; a renewal takes "
        f"{calls:.1f} calls and {webhooks:.1f} webhooks (by hand {fewer:.1f} and {other:.1f}), {milliseconds:.2f} ms, "
        f"{within / 1_000:.1f} kB while its small world lives, {kept / 1_000:.1f} kB after"
    )
    return [Ratio("a year of subscribers / by hand", ratio_of(ours, by_hand), how)]
