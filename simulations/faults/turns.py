"""Two who act at once: every order in which their calls can follow each other, or all with a few switches.

A schedule says who begins, and before which turns the other one takes over; a turn is a call through a port, with all
that its caller does until the next one. Two checkouts of twenty calls have more interleavings than could ever be run:
those with the fewest switches come first, for most races need one or two.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Iterator, Mapping
from types import coroutine
from typing import Any, NamedTuple

from payflows.actors import Customer
from payflows.checkout.model import Order
from payflows.errors import BadPolicy, PayflowsError

from simulations.faults.kinds import Answer, Site
from simulations.faults.people import buy, until_asked
from simulations.faults.plan import NO_FAULTS
from simulations.faults.universe import Factory, Settings, Universe, Watch, our_checkout
from simulations.faults.verdict import Watchman, live
from simulations.shop import HOME, MERCHANT
from simulations.story import ADA, BOB, NO_FUNDS, VISA, cart

MOST_INTERLEAVINGS = 50_000
"""All orders in which two act are tried where there are no more; of more than these, those with the fewest switches."""

FEW_SWITCHES = 3
"""All schedules with so many are tried, however many they are."""

Work = Coroutine[Any, Any, object]


class Schedule(NamedTuple):
    """In which order two act.

    Attributes:
        first: who begins, 0 or 1.
        switches: before these turns, counted from 1, the other one takes over.
    """

    first: int
    switches: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.first}/{'.'.join(map(str, self.switches))}"


class Race(NamedTuple):
    """Two who act at once.

    Attributes:
        begin: brings the universe to where they meet, and gives the work of both.
        settings: the shop that they meet in.
    """

    begin: Callable[[Universe], tuple[Work, Work]]
    settings: Settings = Settings()


class RaceEnding(NamedTuple):
    """How one schedule ended.

    Attributes:
        race: whose.
        schedule: who acted when.
        turns: how many there were while both were at work.
        breach: the promise that was broken; None where all were kept.
    """

    race: str
    schedule: Schedule
    turns: int
    breach: str | None

    @property
    def line(self) -> str:
        """One line that shows it again."""
        return f"python -m simulations replay '{self.race} {self.schedule}'"


class SharedUniverse(Universe):
    """A universe in which every call through a port is a turn, while two are at work.

    Attributes:
        turns: how many there were while both were at work.
    """

    taking_turns = False
    turns = 0

    def sent(self, site: Site, make: Callable[[], Answer]) -> Answer:
        """What comes of a call, once it is its caller's turn again."""
        return self._in_turn(site, make) if self.taking_turns else super().sent(site, make)

    async def _in_turn(self, site: Site, make: Callable[[], Answer]) -> object:
        await _end_of_turn()
        return await super().sent(site, make)

    def together(self, works: tuple[Work, Work], schedule: Schedule) -> None:
        """Let both come to their end, in the schedule's order."""
        self.taking_turns = True
        at_work, current = [True, True], schedule.first
        while any(at_work):
            if all(at_work):
                current = 1 - current if self.turns in schedule.switches and self.turns > 0 else current
                self.turns += 1
            else:
                current = at_work.index(True)
            name = works[current].__qualname__  # type: ignore[attr-defined]  # a coroutine has one
            self.life.asked = f"{name} ({current + 1})"
            at_work[current] = self._goes_on(works[current])
        self.taking_turns = False

    def _goes_on(self, work: Work) -> bool:
        try:
            work.send(None)
        except StopIteration as ended:
            if isinstance(ended.value, Order):
                self.heard.append(ended.value)
            return False
        except PayflowsError:
            return False
        return True


def read_schedule(text: str) -> Schedule:
    """The schedule that was written as `0/3.9`. Raises `BadPolicy` where it is none."""
    match = re.fullmatch(r"([01])/((?:[1-9][0-9]{0,3}(?:\.[1-9][0-9]{0,3})*)?)", text)
    if match is None:
        raise BadPolicy(f"a schedule is written like 0/3.9, got {text!r}")
    return Schedule(int(match[1]), tuple(map(int, match[2].split("."))) if match[2] else ())


def run_race(
    race: str, schedule: Schedule, *, factory: Factory = our_checkout, scribe: Watch | None = None
) -> RaceEnding:
    """Let two meet in one order of their calls, and judge what came of it."""
    met, watchman = RACES[race], Watchman()
    universe = SharedUniverse(NO_FAULTS, met.settings, factory=factory, watch=watchman, scribe=scribe)
    breach = live(universe, lambda: universe.together(met.begin(universe), schedule), watchman)
    universe.close()
    return RaceEnding(race, schedule, universe.turns, breach)


def interleavings(
    race: str, *, at_most: int = MOST_INTERLEAVINGS, factory: Factory = our_checkout
) -> Iterator[RaceEnding]:
    """Schedule after schedule, those with the fewest switches first; a switch is only made while both are at work.

    Args:
        race: who meets.
        at_most: after so many no schedule with more than a few switches is begun.
        factory: builds the checkout.
    """
    begun = 0
    coming = deque([Schedule(0), Schedule(1)])
    while coming and (begun < at_most or len(coming[0].switches) <= FEW_SWITCHES):
        schedule = coming.popleft()
        ending = run_race(race, schedule, factory=factory)
        yield ending
        begun += 1
        if ending.breach is None:
            last = schedule.switches[-1] if schedule.switches else 0
            further = range(last + 1, ending.turns)
            coming.extend(Schedule(schedule.first, (*schedule.switches, turn)) for turn in further)


@coroutine
def _end_of_turn() -> Generator[None, None, None]:
    yield


# Who meets whom.


def _checkout(universe: Universe, customer: Customer = ADA) -> Work:
    return universe.app.checkout.process_checkout(
        customer, "checkout-1", cart=cart("mug", 1), payment_method=VISA, shipping_address=HOME
    )


def two_for_the_last_one(universe: Universe) -> tuple[Work, Work]:
    """Two customers want the one mug that is left."""
    return _checkout(universe), _checkout(universe, BOB)


def a_double_click(universe: Universe) -> tuple[Work, Work]:
    """One customer presses "buy" twice."""
    return _checkout(universe), _checkout(universe)


def checkout_and_janitor(universe: Universe) -> tuple[Work, Work]:
    """The janitor takes an order for left behind while its customer's call is still at work."""

    async def janitor() -> None:
        universe.pass_time(universe.settings.policy.lease_seconds + 1)
        await universe.app.worker.step()

    return _checkout(universe), janitor()


def another_card_and_a_webhook(universe: Universe) -> tuple[Work, Work]:
    """The customer tries another card while Stripe tells of the first one's decline."""
    buy(universe, NO_FUNDS)
    until_asked(universe)
    order = universe.order
    assert order is not None and order.payment_id is not None, "it waits for another card"
    checkout = universe.app.checkout
    second_try = checkout.pay_again(ADA, order.id, seen_try=order.attempt.number, payment_method=VISA)
    return second_try, checkout.payment_changed(MERCHANT, order.payment_id)


def two_second_tries(universe: Universe) -> tuple[Work, Work]:
    """Two tabs, and another card in each."""
    buy(universe, NO_FUNDS)
    until_asked(universe)
    order = universe.order
    assert order is not None, "it waits for another card"
    pay_again = universe.app.checkout.pay_again
    return (
        pay_again(ADA, order.id, seen_try=1, payment_method=VISA),
        pay_again(ADA, order.id, seen_try=1, payment_method="pm_card_mastercard"),
    )


def buy_and_cancel(universe: Universe) -> tuple[Work, Work]:
    """The customer cancels in another tab while the order is under way."""

    async def cancel() -> None:
        order = universe.order
        if order is not None:
            await universe.app.checkout.cancel_order(ADA, order.id)

    return _checkout(universe), cancel()


def two_workers(universe: Universe) -> tuple[Work, Work]:
    """Two processes look after what is due: an order left behind, its mails and its business events."""
    buy(universe)
    universe.pass_time(1)
    first, second = universe.app.worker, universe.another_process().worker
    return first.step(), second.step()


RACES: Mapping[str, Race] = {
    "two_for_the_last_one": Race(two_for_the_last_one, Settings(stock=(("mug", 1),))),
    "a_double_click": Race(a_double_click),
    "checkout_and_janitor": Race(checkout_and_janitor),
    "another_card_and_a_webhook": Race(another_card_and_a_webhook),
    "two_second_tries": Race(two_second_tries),
    "buy_and_cancel": Race(buy_and_cancel, Settings(pickup_seconds=7_200)),
    "two_workers": Race(two_workers),
}
"""Every race, by its name."""
