"""Shop-years: soaks beside each other, each by its seed; counted, and what is broken as a line that shows it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial, reduce
from operator import add
from typing import NamedTuple

from tqdm.auto import tqdm

from simulations.checkout.soak.soak import Soak
from simulations.checkout.subject import Factory, our_checkout
from simulations.search.breach import InvariantBroken, in_words
from simulations.time.parallel import parallel

YEAR_DAYS = 365


class SoakCount(NamedTuple):
    """What came of shops that were open for a while.

    Attributes:
        days: how many, all shops together.
        calm_days: those at whose end no fault had been in the way for an hour.
        calls: through ports.
        struck: faults, by their kinds.
        ended: orders that were closed, by their last status.
        with_a_person: of them, left in review, since money went back by other hands.
        tries: of webhooks, by their kinds and by how they ended.
        handler_failures: calls of handlers that ended with an error.
        dead_letters: webhooks that were given up, and replayed by a person.
        dead_deliveries: the same of business events and their handlers.
        broken: lines that show a broken promise again, and the promise.
    """

    days: int
    calm_days: int
    calls: int
    struck: Counter[str]
    ended: Counter[str]
    with_a_person: int
    tries: Counter[str]
    handler_failures: int
    dead_letters: int
    dead_deliveries: int
    broken: tuple[tuple[str, str], ...]

    def and_(self, other: SoakCount) -> SoakCount:
        """Both together."""
        return SoakCount(*map(add, self, other))


def soak(
    seeds: Sequence[int],
    *,
    days: int = YEAR_DAYS,
    workers: int = 1,
    factory: Factory = our_checkout,
    progress: bool = False,
) -> SoakCount:
    """Keep shops open for a number of days; the same for any number of workers. A broken shop is closed immediately.

    Args:
        seeds: a shop for each.
        days: how long each is open.
        workers: processes.
        factory: builds the checkout; it must be importable by its name.
        progress: show a bar; with one worker it moves every day, with several whenever a shop closes.
    """
    with tqdm(total=days * len(seeds), desc="soak", unit=" days", disable=not progress) as bar:
        if workers == 1:
            return reduce(SoakCount.and_, (_lived(seed, days, factory, bar.update) for seed in seeds))
        counts = parallel(partial(_alone, days=days, factory=factory), seeds, workers=workers)
        return reduce(SoakCount.and_, _each(counts, bar.update))


def _each(counts: Iterator[SoakCount], tell: Callable[[int], object]) -> Iterator[SoakCount]:
    for count in counts:
        tell(count.days)
        yield count


def _alone(seed: int, *, days: int, factory: Factory) -> SoakCount:
    return _lived(seed, days, factory, lambda day: None)


def _lived(seed: int, days: int, factory: Factory, tell: Callable[[int], object]) -> SoakCount:
    shop, calm_days, broken = Soak(seed, factory=factory), 0, tuple[tuple[str, str], ...]()
    day = 0
    while day < days and not broken:
        try:
            calm_days += shop.live(day)
        except Exception as error:
            broken = ((f"payflows soak --seed {seed} --years 1 --days {day + 1}", _text_of(error)),)
        day += 1
        tell(1)
    universe, drawn = shop.universe, shop.universe.drawn
    return SoakCount(
        day,
        calm_days,
        drawn.calls,
        drawn.struck_by,
        shop.ended,
        shop.with_a_person,
        shop.tries,
        universe.handlers.failures,
        shop.dead_letters,
        shop.dead_deliveries,
        broken,
    )


def _text_of(error: Exception) -> str:
    if isinstance(error, InvariantBroken):
        return in_words(error.breaches)
    if isinstance(error, ExceptionGroup):
        return "; ".join(map(_text_of, error.exceptions))
    return f"{type(error).__name__}: {error}"
