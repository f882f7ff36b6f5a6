"""What the dunning lab costs: beside SimPy by hand, at any size, on two cores, and in a sweep."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import combinations, islice

from dask.distributed import Client, LocalCluster

from payflows.subscriptions.dunning import SEED_AS_GAPS, DunningPolicy
from simulations.subscriptions.lab.experiment import run, sweep
from simulations.subscriptions.lab.jobs import Laboratory
from simulations.subscriptions.year.scenario import SubscriberYear
from tests.bench.dunning_bench import YEARS
from tests.bench.dunning_by_hand import DunnedByHand
from tests.bench.ratio import Ratio, cpu_seconds, race, ratio_of

ROUNDS, FEW_ROUNDS = 5, 3
BY_HAND, ON_ARRAYS = 1_000, 200_000
FASTER = 500
"""How many times as many subscriber-months a second and core the lab lives through as SimPy by hand; 700 is the aim."""
SMALL, LARGE = 100_000, 10_000_000
MOST_SECONDS, MOST_MEGABYTES = 5, 1_000
CONFIGURATIONS, SUBSCRIBERS, AT_A_TIME = 2_000, 10_000, 25


def ratios(rounds: int = ROUNDS) -> list[Ratio]:
    """Measure them all."""
    return [_beside_simpy(rounds), _at_any_size(), *_ten_million(), *_sweeps()]


def _many(subscribers: int) -> SubscriberYear:
    return replace(YEARS, subscribers=subscribers)


def _beside_simpy(rounds: int) -> Ratio:
    """A million subscriber-months of the lab beside as many that SimPy takes in the time that is allowed: one."""
    ours, by_hand = race(
        (
            lambda seed: run(_many(ON_ARRAYS), seed=seed),
            lambda seed: DunnedByHand(_many(BY_HAND), SEED_AS_GAPS, seed).run(),
        ),
        rounds,
    )
    share = tuple(FASTER * each * BY_HAND / ON_ARRAYS for each in ratio_of(ours, by_hand))
    how = f"a subscriber-month, x {FASTER}; worlds of {BY_HAND:,} by hand, by splitmix64's keyed draws; one core each"
    return Ratio(f"{FASTER} lives of the lab / one in SimPy by hand", share, how, 1.0)


def _at_any_size() -> Ratio:
    run(_many(SMALL), seed=0)
    samples = []
    for seed in range(FEW_ROUNDS):
        small = sum(cpu_seconds(lambda number: run(_many(SMALL), seed=number), seed + each) for each in range(10)) / 10
        large = cpu_seconds(lambda number: run(_many(LARGE), seed=number), seed)
        samples.append(large / LARGE * SMALL / small)
    how = f"a subscriber-month of {LARGE:,} subscribers beside one of {SMALL:,}; {FEW_ROUNDS} rounds"
    return Ratio("a life among ten million / among a hundred thousand", tuple(samples), how, 1.1)


def _ten_million() -> tuple[Ratio, Ratio]:
    """Ten million in a process of their own, whose memory is then known."""
    said = [
        subprocess.run([sys.executable, "-m", __name__], capture_output=True, text=True, check=True).stdout.split()
        for _ in range(FEW_ROUNDS)
    ]
    seconds, cpu_seconds_of_each, megabytes = zip(*(map(float, each) for each in said), strict=True)
    how = f"{LARGE:,} subscribers x 24 months on two threads; "
    return (
        Ratio(
            f"ten million subscribers / {MOST_SECONDS} s",
            tuple(each / MOST_SECONDS for each in seconds),
            f"{how}{min(seconds):.1f} s by the clock, {min(cpu_seconds_of_each):.1f} s of CPU",
            1.0,
        ),
        Ratio(
            f"their memory / {MOST_MEGABYTES:,} MB",
            tuple(each / MOST_MEGABYTES for each in megabytes),
            f"{how}{max(megabytes):.0f} MB at most",
            1.0,
        ),
    )


def _sweeps() -> tuple[Ratio, Ratio]:
    """A sweep on two threads, and on a cluster, beside two plain processes that do half of it each."""
    plain: list[float] = []
    threads: list[float] = []
    cluster: list[float] = []
    with (
        ProcessPoolExecutor(2) as pool,
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as local,  # type: ignore[no-untyped-call]  # Dask's own
        Client(local) as client,  # type: ignore[no-untyped-call]
    ):
        on_dask = partial(_sweep, Laboratory(executor=client.get_executor(), at_a_time=AT_A_TIME))
        on_threads = partial(_sweep, Laboratory(workers=2, at_a_time=AT_A_TIME))
        halves = partial(_in_halves, pool)
        for work in (halves, on_threads, on_dask):
            work(100)
        for _ in range(FEW_ROUNDS):
            for work, seconds in ((halves, plain), (on_threads, threads), (on_dask, cluster)):
                started = time.perf_counter()
                work(CONFIGURATIONS)
                seconds.append(time.perf_counter() - started)
    how = f"{CONFIGURATIONS:,} policies x {SUBSCRIBERS:,} subscribers, warm, by the clock; {FEW_ROUNDS} rounds"
    return (
        Ratio("a sweep on two threads / two plain processes", ratio_of(threads, plain), how, 1 / 0.95),
        Ratio("a sweep on a Dask cluster / two plain processes", ratio_of(cluster, plain), how, 1 / 0.9),
    )


def _in_halves(pool: ProcessPoolExecutor, configurations: int) -> object:
    half = configurations // 2
    return list(pool.map(_part_of_a_sweep, (0, half), (half, configurations)))


def _part_of_a_sweep(start: int, end: int) -> object:
    return _sweep(Laboratory(), end, start)


def _sweep(lab: Laboratory, end: int, start: int = 0) -> object:
    days = islice(combinations(range(1, 25), 3), start, end)
    policies = [DunningPolicy(name="-".join(map(str, each)), attempts=each, last_day=24) for each in days]
    return sweep(_many(SUBSCRIBERS), {"policy.dunning": policies}, seed=1, lab=lab)


if __name__ == "__main__":
    run(_many(SMALL), seed=0)
    started, cpu_started = time.perf_counter(), time.process_time()
    run(_many(LARGE), seed=1, lab=Laboratory(workers=2))
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu_started
    print(seconds, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024)
