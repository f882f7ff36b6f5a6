"""A shop's day as one would write it in SimPy by hand: generators and plain dicts, no ports, store, outbox or log.

The same customers by the same draws, the same waits and the same decisions as the real flow has on a day without an
outage. That both days end alike, to the microsecond, is asserted in `tests/test_bench_twin.py`.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from heapq import heappop, heappush

from simpy import Environment, Event, Process, Timeout

from simulations.checkout.day.scenario import ShopDay
from simulations.checkout.day.shoppers import Shopper, Shoppers
from simulations.stripe.payments.cards import PAYMENT_METHODS
from simulations.time.draws import Draws
from tests.bench.plain import SECOND, Order, Shelf, placed, roads

UNTOLD = ("pending", "payment_processing", "authorised", "abandoning")
OVER = ("payment_failed", "cancelled")

Steps = Generator[Event, object, None]


class HandWrittenDay:
    """A day without an outage and without Stripe's notices, in which cards are authorised first.

    Args:
        scenario: the day.
        seed: its chance.
        shoppers: who comes and with which cards.
    """

    def __init__(self, scenario: ShopDay, seed: int, shoppers: Shoppers) -> None:
        draws = Draws(seed)
        self.env = Environment(0)
        self.shelf = Shelf(self.env, {name: product.stock for name, product in scenario.products.items()})
        self.orders: dict[str, Order] = {}
        self._scenario = scenario
        self._patience = scenario.patience
        self._policy = scenario.policy
        self._shoppers = shoppers
        self._roads = roads(scenario, draws)
        self._tries_again = draws.of("tries again")
        self._same_card = draws.of("same card")
        self._authenticates = draws.of("authenticates")
        self._due: list[tuple[float, str]] = []

    def run(self, arrivals: Iterable[Shopper], seconds: int) -> None:
        """Let customers in as they arrive, and so much time pass."""
        self.env.process(self._worker())
        self.env.process(self._doorman(arrivals))
        self.env.run(until=seconds * SECOND)

    def _doorman(self, arrivals: Iterable[Shopper]) -> Steps:
        for shopper in arrivals:
            yield self.env.timeout(shopper.arrives_us - self.env.now)
            order = placed(shopper, self._shoppers.card(shopper.number, 0), self._scenario)
            self.orders[order["id"]] = order
            self.env.process(self._customer(order))

    def _worker(self) -> Steps:
        looks: list[Process] = []
        while True:
            yield self.env.timeout(self._scenario.poll_seconds * SECOND)
            if not any(look.is_alive for look in looks):
                looks = [self.env.process(self._look(order)) for order in self._pop_due()]

    # The customer.

    def _customer(self, order: Order) -> Steps:
        answered = yield from self._press_buy(order)
        looks = 0
        while order["farewell"] is None:
            status = order["status"]
            if not answered or status in UNTOLD:
                if looks == self._patience.looks:
                    return self._leave(order, "unsure")
                looks += 1
                yield self.env.timeout(self._patience.pause_seconds * SECOND)
                answered = yield from self._press_buy(order)
            elif status != "customer_action":
                self._leave(order, "turned away" if status in OVER else "bought")
            elif order["declined"]:
                yield from self._pay_again(order)
            else:
                yield from self._answer_bank(order)

    def _press_buy(self, order: Order) -> Generator[Event, object, bool]:
        checkout = self.env.process(self._buy(order) if order["status"] == "pending" else self._look(order))
        yield checkout | self.env.timeout(order["patience"])
        if checkout.triggered:
            order["answered"].append(self.env.now)
        return checkout.triggered

    def _pay_again(self, order: Order) -> Steps:
        number, tries = order["number"], order["tries"]
        if not self._tries_again.chance(self._patience.another_card_share, number, tries):
            return self._leave(order, "gave up")
        yield self.env.timeout(self._patience.think_seconds * SECOND)
        if not self._same_card.chance(self._patience.same_card_share, number, tries):
            order["card"] = self._shoppers.card(number, tries)
        order["tries"], order["declined"] = tries + 1, False
        yield from self._try_card(order)
        order["answered"].append(self.env.now)

    def _answer_bank(self, order: Order) -> Steps:
        yield self.env.timeout(self._patience.think_seconds * SECOND)
        draw = self._authenticates.uniform(order["number"], order["tries"])
        passes = draw < self._patience.authenticates_share
        if not passes and draw >= self._patience.authenticates_share + self._patience.fails_share:
            return self._leave(order, "gave up")
        if order["payment"] == "requires_action":
            order["payment"] = _bank_says(order["card"]) if passes else "turned_down"
        yield from self._look(order)
        order["answered"].append(self.env.now)

    def _leave(self, order: Order, farewell: str) -> None:
        order["farewell"], order["left"] = farewell, self.env.now

    # The order.

    def _buy(self, order: Order) -> Steps:
        until = self.env.now + self._policy.hold_seconds * SECOND
        yield self._answer("hold", order, order["id"])
        if not self.shelf.hold(order["id"], order["goods"], until):
            return self._enter(order, "cancelled", "out_of_stock")
        order["renew"] = until - self._policy.hold_seconds // 2 * SECOND
        yield self._answer("create_payment", order, order["id"])
        yield from self._try_card(order)

    def _try_card(self, order: Order) -> Steps:
        self._enter(order, "payment_processing")
        if self.env.now >= order["renew"] and not (yield from self._renew(order)):
            return
        yield self._answer("retrieve_payment", order, order["payment_id"])
        if self.env.now >= order["deadline"]:
            return (yield from self._abandon(order, "deadline_passed"))
        yield self._answer("confirm_payment", order, order["payment_id"])
        asks_3ds = PAYMENT_METHODS[order["card"]].three_d_secure
        order["payment"] = "requires_action" if asks_3ds else _bank_says(order["card"])
        yield self._answer("retrieve_payment", order, order["payment_id"])
        if order["payment"] == "requires_capture":
            yield from self._capture(order)
        elif order["payment"] == "requires_action":
            self._wait_for_customer(order)
        else:
            yield from self._turn_down(order)

    def _turn_down(self, order: Order) -> Steps:
        order["declined"] = True
        if order["tries"] >= self._policy.max_tries:
            yield from self._abandon(order, "cards_declined")
        elif order["status"] != "customer_action":
            self._wait_for_customer(order)

    def _wait_for_customer(self, order: Order) -> None:
        self._enter(order, "customer_action")
        self._look_again(order, min(order["deadline"], order["renew"]))

    def _look(self, order: Order) -> Steps:
        """What worker, carrier and an impatient customer do: see how it stands and go on."""
        if order["status"] == "customer_action":
            yield from self._look_at_payment(order)
        elif order["status"] == "paid":
            yield from self._hand_over(order)
        elif order["status"] == "shipped":
            yield from self._follow_parcel(order)

    def _look_at_payment(self, order: Order) -> Steps:
        if self.env.now >= order["renew"] and not (yield from self._renew(order)):
            return
        yield self._answer("retrieve_payment", order, order["payment_id"])
        if order["payment"] == "requires_capture":
            yield from self._capture(order)
        elif self.env.now >= order["deadline"]:
            yield from self._abandon(order, "deadline_passed")
        elif order["payment"] == "turned_down" and not order["declined"]:
            yield from self._turn_down(order)
            yield from self._look(order)
        elif order["due"] <= self.env.now:
            self._look_again(order, min(order["deadline"], order["renew"]))

    def _capture(self, order: Order) -> Steps:
        self._enter(order, "authorised")
        yield self._answer("commit", order, order["id"])
        if not self.shelf.commit(order["id"]):
            return (yield from self._abandon(order, "stock_gone"))
        yield self._answer("capture_payment", order, order["payment_id"])
        order["payment"], order["received"] = "succeeded", order["amount"]
        yield self._answer("retrieve_payment", order, order["payment_id"])
        self._enter(order, "paid")
        self._look_again(order, self.env.now + self._policy.lease_seconds * SECOND)
        yield from self._hand_over(order)

    def _hand_over(self, order: Order) -> Steps:
        pickup, transit = self._scenario.pickup_seconds, self._scenario.transit_seconds
        yield self._answer("retrieve_payment", order, order["payment_id"])
        yield self._answer("commit", order, order["id"])
        self.shelf.commit(order["id"])
        yield self._answer("book", order, order["id"])
        now, booked = self.env.now, order["booked"]
        if booked is None:
            order["booked"] = booked = now
            self.env.process(self._parcel(order, pickup))
            self.env.process(self._parcel(order, pickup + transit))
        if now - booked >= pickup * SECOND:
            yield self._answer("ship", order, order["id"])
            self.shelf.ship(order["id"])
            self._enter(order, "shipped")
        elif order["due"] <= now:
            self._look_again(order, now + self._policy.pending_look_seconds * SECOND)

    def _parcel(self, order: Order, seconds: int) -> Steps:
        yield self.env.timeout(seconds * SECOND)
        yield from self._look(order)

    def _follow_parcel(self, order: Order) -> Steps:
        yield self._answer("shipment", order, order["id"])
        self._enter(order, "delivered")

    def _abandon(self, order: Order, reason: str) -> Steps:
        self._enter(order, "abandoning", reason)
        yield self._answer("cancel_payment", order, order["payment_id"])
        order["payment"] = "canceled"
        yield self._answer("retrieve_payment", order, order["payment_id"])
        yield self._answer("release", order, order["id"])
        self.shelf.release(order["id"])
        self._enter(order, "cancelled" if reason == "stock_gone" else "payment_failed", reason)

    def _renew(self, order: Order) -> Generator[Event, object, bool]:
        until = self.env.now + self._policy.hold_seconds * SECOND
        yield self._answer("renew", order, order["id"])
        if not self.shelf.renew(order["id"], until):
            yield from self._abandon(order, "stock_gone")
            return False
        order["renew"] = until - self._policy.hold_seconds // 2 * SECOND
        return True

    # Bookkeeping.

    def _answer(self, call: str, order: Order, entity: str) -> Timeout:
        """The wait for an answer: the same draw as the real flow's call has."""
        asked = order["asked"]
        number = asked.get(call, 0)
        asked[call] = number + 1
        stream, table_us = self._roads[call]
        return self.env.timeout(table_us[stream.bits(entity, number) >> 54])

    def _enter(self, order: Order, status: str, reason: str | None = None) -> None:
        order["status"], order["reason"], order["changed"] = status, reason, self.env.now

    def _look_again(self, order: Order, due: float) -> None:
        order["due"] = due
        heappush(self._due, (due, order["id"]))

    def _pop_due(self) -> list[Order]:
        due = {}
        while self._due and self._due[0][0] <= self.env.now:
            due_at, order_id = heappop(self._due)
            order = self.orders[order_id]
            if order["due"] == due_at and order["status"] in ("customer_action", "paid"):
                due[order_id] = order
        return list(due.values())


def _bank_says(card: str) -> str:
    return "requires_capture" if PAYMENT_METHODS[card].decline is None else "turned_down"
