"""One customer's visit to the shop: press "buy", wait, try again or another card, or leave. Chance comes from draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from payflows.checkout.model import Order, OrderStatus
from payflows.errors import CallRejected
from payflows.parties import Customer

from simulations.checkout.day.scenario import Patience
from simulations.checkout.day.shoppers import Shopper, Shoppers
from simulations.checkout.shop import HOME, Shop
from simulations.time.draws import Draws, Stream
from simulations.time.world import MICROSECONDS


class Departure(StrEnum):
    """How a customer left."""

    BOUGHT = "bought"
    TURNED_AWAY = "turned away"
    """The order was cancelled or its payment failed while they watched."""
    GAVE_UP = "gave up"
    """They would have to try again and did not."""
    UNSURE = "unsure"
    """They left before they knew how it ended."""


@dataclass(slots=True)
class Visit:
    """What a customer saw.

    Attributes:
        shopper: who.
        answers: (when, order) each time the shop answered; the order as it was then.
        farewell: how they left; None while they are here.
        left_us: when they left.
    """

    shopper: Shopper
    answers: list[tuple[int, Order]] = field(default_factory=list)
    farewell: Departure | None = None
    left_us: int | None = None

    @property
    def checkout_id(self) -> str:
        """The customer's one checkout."""
        return f"checkout-{self.shopper.number}"

    @property
    def seconds_to_answer(self) -> float | None:
        """From "buy" to the shop's first answer; None where none came while they were here."""
        return (self.answers[0][0] - self.shopper.arrives_us) / MICROSECONDS if self.answers else None

    @property
    def customer(self) -> Customer:
        """The customer, as the shop knows them."""
        return Customer(id=f"customer-{self.shopper.number}", email=f"customer-{self.shopper.number}@example.com")


class CustomerBehaviour:
    """Lets customers live through their visits.

    Args:
        shop: where they buy.
        shoppers: who they are and which cards they have.
        patience: how they wait.
        draws: their chance.
    """

    def __init__(self, shop: Shop, shoppers: Shoppers, patience: Patience, draws: Draws) -> None:
        self._shop = shop
        self._world = shop.world
        self._shoppers = shoppers
        self._patience = patience
        self._tries_again: Stream = draws.of("tries again")
        self._same_card: Stream = draws.of("same card")
        self._authenticates: Stream = draws.of("authenticates")

    async def live(self, visit: Visit) -> None:
        """The whole visit, from "buy" to the way out."""
        order = await self._press_buy(visit)
        looks = 0
        while visit.farewell is None:
            if order is None or order.status in _PENDING:
                if looks == self._patience.looks:
                    return self._leave(visit, Departure.UNSURE)
                looks += 1
                await self._world.sleep(self._patience.pause_seconds)
                order = await self._press_buy(visit)
            elif order.status is OrderStatus.CUSTOMER_ACTION:
                order = await self._act(visit, order)
            else:
                turned_away = order.status in _TURNED_AWAY
                return self._leave(visit, Departure.TURNED_AWAY if turned_away else Departure.BOUGHT)

    async def _press_buy(self, visit: Visit) -> Order | None:
        """What the shop answers within their patience. Pressing again is the same checkout again."""
        shopper = visit.shopper
        checkout = self._shop.flow.process_checkout(
            visit.customer,
            visit.checkout_id,
            cart=shopper.basket,
            payment_method=self._shoppers.card(shopper.number, 0),
            shipping_address=HOME,
        )
        task = self._world.start(checkout, name=visit.checkout_id)
        order = await self._world.join(task, patience_seconds=shopper.patience_seconds)
        return self._keep_answer(visit, order) if order is not None else None

    async def _act(self, visit: Visit, order: Order) -> Order | None:
        """3-D Secure, or another card after a decline; or the way out."""
        number, attempt = visit.shopper.number, order.attempt
        if attempt.decline is None:
            return await self._answer_bank(visit, order)
        if not self._tries_again.chance(self._patience.another_card_share, number, attempt.number):
            self._leave(visit, Departure.GAVE_UP)
            return None
        await self._world.sleep(self._patience.think_seconds)
        same = self._same_card.chance(self._patience.same_card_share, number, attempt.number)
        card = attempt.payment_method if same else self._shoppers.card(number, attempt.number)
        tried = await self._shop.flow.pay_again(
            visit.customer, order.id, expected_try=attempt.number, payment_method=card
        )
        return self._keep_answer(visit, tried)

    async def _answer_bank(self, visit: Visit, order: Order) -> Order | None:
        await self._world.sleep(self._patience.think_seconds)
        draw = self._authenticates.uniform(visit.shopper.number, order.attempt.number)
        passes = draw < self._patience.authenticates_share
        if not passes and draw >= self._patience.authenticates_share + self._patience.fails_share:
            self._leave(visit, Departure.GAVE_UP)
            return None
        assert order.payment_id is not None
        try:
            answer_bank = self._shop.stripe.authenticate if passes else self._shop.stripe.fail_authentication
            answer_bank(order.payment_id)
        except CallRejected:
            pass  # the order was given up meanwhile: the bank's page says so
        return self._keep_answer(visit, await self._shop.flow.advance(visit.customer, order.id))

    def _keep_answer(self, visit: Visit, order: Order) -> Order:
        visit.answers.append((self._world.now_us, order))
        return order

    def _leave(self, visit: Visit, farewell: Departure) -> None:
        visit.farewell = farewell
        visit.left_us = self._world.now_us


_PENDING = (
    OrderStatus.PENDING,
    OrderStatus.INVENTORY_RESERVED,
    OrderStatus.PAYMENT_PROCESSING,
    OrderStatus.AUTHORISED,
    OrderStatus.ABANDONING,
    OrderStatus.REFUNDING,
)
_TURNED_AWAY = (OrderStatus.PAYMENT_FAILED, OrderStatus.CANCELLED)
