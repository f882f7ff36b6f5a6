"""The customers of a soak's shop, and what they do. All chance is keyed by the customer's number."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order, OrderStatus
from payflows.errors import CallRejected, InvalidState
from payflows.parties import Customer
from payflows.payments.model import CaptureMode

from simulations.checkout.scripted_shop import cart
from simulations.checkout.shop import HOME, MERCHANT
from simulations.checkout.soak.universe import LongUniverse
from simulations.time.draws import Draws, Mix

DAY, HOUR = 86_400, 3_600
ORDERS_A_DAY = 40
MOST_LOOKS = 8
"""How often a customer presses the button, or looks, before they leave it to the shop."""

CARDS = {
    "pm_card_visa": 500,
    "pm_card_visa_debit": 80,
    "pm_card_mastercard": 150,
    "pm_card_amex": 60,
    "pm_card_visa_chargeDeclinedInsufficientFunds": 40,
    "pm_card_visa_chargeDeclined": 25,
    "pm_card_visa_chargeDeclinedLostCard": 5,
    "pm_card_chargeDeclinedExpiredCard": 10,
    "pm_card_chargeDeclinedIncorrectCvc": 10,
    "pm_card_threeDSecure2Required": 60,
    "pm_card_threeDSecureRequiredChargeDeclined": 10,
    "pm_card_createDispute": 10,
    "pm_card_pendingRefund": 40,
}
DEBITS = {
    "pm_usBankAccount_success": 40,
    "pm_usBankAccount_insufficientFunds": 10,
    "pm_usBankAccount_accountClosed": 5,
    "pm_usBankAccount_dispute": 5,
}
"""Where the money is taken immediately: a bank debit cannot be authorised first."""

DISPUTED = ("pm_card_createDispute", "pm_usBankAccount_dispute")
PRODUCTS = Mix(("mug", "lamp", "tray"), (60, 25, 15))
_UNDER_WAY = (
    OrderStatus.PENDING,
    OrderStatus.INVENTORY_RESERVED,
    OrderStatus.PAYMENT_PROCESSING,
    OrderStatus.AUTHORISED,
    OrderStatus.ABANDONING,
)


@dataclass(slots=True)
class Visit:
    """One customer and their one order.

    Attributes:
        number: the customer's.
        answers: the order, each time that the shop answered with it, as it was then.
        plans: what is still going to be done about it, by anyone.
        looks: how often the button was pressed, or the order looked at.
        by_hand: something was done to the payment that is not ours to put right: a dispute, or the dashboard.
    """

    number: int
    answers: list[Order] = field(default_factory=list)
    plans: int = 0
    looks: int = 0
    by_hand: bool = False

    @property
    def customer(self) -> Customer:
        """The customer, as the shop knows them."""
        return Customer(id=f"customer-{self.number}", email=f"customer-{self.number}@example.com")

    @property
    def checkout_id(self) -> str:
        """Of their one checkout."""
        return f"checkout-{self.number}"


Act = Callable[[Visit], None]


class Customers:
    """Lets customers come and act, each at their time, whatever else is going on.

    Args:
        universe: where.
        draws: their chance.

    Attributes:
        visits: those that are not closed, by their checkout's id.
        errors: what went wrong that must not: mistakes of ours.
    """

    def __init__(self, universe: LongUniverse, draws: Draws) -> None:
        self._universe = universe
        is_automatic = universe.settings.policy.capture is CaptureMode.AUTOMATIC
        cards = CARDS | DEBITS if is_automatic else CARDS
        self._cards = Mix(tuple(cards), tuple(cards.values()))
        self._draws = draws
        self.visits: dict[str, Visit] = {}
        self.errors: list[Exception] = []

    def come(self, day: int) -> None:
        """Schedule all customers of a day."""
        for number in range(day * ORDERS_A_DAY, (day + 1) * ORDERS_A_DAY):
            visit = Visit(number)
            self.visits[visit.checkout_id] = visit
            self._later(self._below(DAY, "arrives", visit), visit, self._arrive)

    # What they do.

    def _arrive(self, visit: Visit) -> None:
        """Buy; some have planned more than that."""
        self._buy(visit)
        if self._chance(0.05, "cancels", visit):
            self._later(self._below(3 * HOUR, "cancels at", visit), visit, self._cancel)
        if self._chance(0.05, "is refunded", visit):
            self._later(HOUR + self._below(6 * DAY, "is refunded at", visit), visit, self._refund)
        if self._chance(0.01, "is refunded by hand", visit):
            self._later(self._below(2 * DAY, "is refunded by hand at", visit), visit, self._refund_by_hand)

    def _buy(self, visit: Visit) -> None:
        product, quantity = (
            PRODUCTS.pick(self._draws.of("soak: product"), visit.number),
            1 + self._below(3, "much", visit),
        )
        checkout = self._universe.app.checkout.process_checkout(
            visit.customer,
            visit.checkout_id,
            cart=cart(product, quantity),
            payment_method=self._card(visit, 0),
            shipping_address=HOME,
        )
        self._take_answer(visit, self._universe.ask(checkout))

    def _look(self, visit: Visit) -> None:
        order = visit.answers[-1]
        self._take_answer(visit, self._universe.ask(self._universe.app.checkout.advance(visit.customer, order.id)))

    def _take_answer(self, visit: Visit, answer: object) -> None:
        """Go on from the shop's answer; where there is none, or it is *pending*, ask again."""
        visit.looks += 1
        if isinstance(answer, Order):
            visit.answers.append(answer)
            if answer.status is OrderStatus.CUSTOMER_ACTION:
                return self._act(visit, answer)
            if answer.status not in _UNDER_WAY:
                return
        if visit.looks < MOST_LOOKS:
            self._later(90, visit, self._look if visit.answers else self._buy)

    def _act(self, visit: Visit, order: Order) -> None:
        number = order.attempt.number
        if order.attempt.decline is None:
            if self._chance(0.8, "comes to the bank", visit, number):
                self._later(60, visit, self._answer_the_bank)
        elif self._chance(0.75, "tries another card", visit, number):
            self._later(60, visit, self._pay_again)

    def _answer_the_bank(self, visit: Visit) -> None:
        """Pass or fail; some never come back to the shop."""
        order = visit.answers[-1]
        passes = self._chance(0.85, "passes", visit, order.attempt.number)
        self._at_stripe(
            visit, self._universe.stripe.authenticate if passes else self._universe.stripe.fail_authentication
        )
        if self._chance(0.7, "comes back", visit, order.attempt.number):
            self._look(visit)

    def _pay_again(self, visit: Visit) -> None:
        order = visit.answers[-1]
        number = order.attempt.number
        tried = self._universe.app.checkout.pay_again(
            visit.customer, order.id, expected_try=number, payment_method=self._card(visit, number)
        )
        self._take_answer(visit, self._universe.ask(tried))

    def _cancel(self, visit: Visit) -> None:
        if visit.answers:
            answer = self._universe.ask(self._universe.app.checkout.cancel_order(visit.customer, visit.answers[-1].id))
            if isinstance(answer, Order):
                visit.answers.append(answer)

    # What others do about it.

    def _refund(self, visit: Visit) -> None:
        """The merchant gives the money back, and asks until there is an answer."""
        if visit.answers:
            answer = self._universe.ask(self._universe.app.checkout.refund_order(MERCHANT, visit.answers[-1].id))
            if not isinstance(answer, Order | InvalidState):
                self._later(HOUR, visit, self._refund)

    def _refund_by_hand(self, visit: Visit) -> None:
        visit.by_hand = True
        self._at_stripe(visit, self._universe.stripe.refund_in_dashboard)

    def _end_dispute(self, visit: Visit) -> None:
        """The bank decides; where the money comes back to us, a merchant who could not give it back asks again."""
        won = self._chance(0.4, "is won", visit)
        self._at_stripe(visit, partial(self._universe.stripe.close_dispute, won=won))
        if won and visit.answers:
            order = self._universe.clock.run(self._universe.store.get(ORDERS, visit.answers[-1].id))
            if order.review is not None:
                self._refund(visit)

    def _at_stripe(self, visit: Visit, do: Callable[[str], object]) -> None:
        """Do something to the payment besides the shop, where Stripe allows it."""
        for order in visit.answers[-1:]:
            for payment in self._universe.stripe.payments_of_order(order.id):
                with suppress(CallRejected):
                    do(payment.id)

    # Chance and time.

    def _card(self, visit: Visit, number: int) -> str:
        card = self._cards.pick(self._draws.of("soak: card"), visit.number, number)
        if card in DISPUTED and not visit.by_hand:
            visit.by_hand = True
            self._later(8 * DAY + self._below(4 * DAY, "is decided at", visit), visit, self._end_dispute)
        return card

    def _chance(self, share: float, purpose: str, visit: Visit, number: int = 0) -> bool:
        return self._draws.of(f"soak: {purpose}").chance(share, visit.number, number)

    def _below(self, bound: int, purpose: str, visit: Visit) -> int:
        return self._draws.of(f"soak: {purpose}").below(bound, visit.number)

    def _later(self, seconds: int, visit: Visit, act: Act) -> None:
        visit.plans += 1
        self._universe.clock.after(seconds, partial(self._do, visit, act))

    def _do(self, visit: Visit, act: Act) -> None:
        visit.plans -= 1
        try:
            act(visit)
        except Exception as error:  # it may come in the middle of another call, whose caller must not catch it
            self.errors.append(error)
