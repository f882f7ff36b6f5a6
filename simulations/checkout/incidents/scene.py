"""A universe in which people act and what happens is recorded. Which people, the exhibits say."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from payflows.checkout.goods import Quantity
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order
from payflows.clock import SECOND
from payflows.errors import CallRejected
from payflows.money import Money
from payflows.parties import Customer

from simulations.checkout.scripted_shop import VISA, cart
from simulations.checkout.shop import HOME, MERCHANT
from simulations.checkout.subject import Factory, Settings
from simulations.checkout.verdict import JudgedCheckout
from simulations.incidents.showing import Moment
from simulations.network.effects import Answer, Make
from simulations.search.breach import Breach
from simulations.search.interleavings import Schedule, TurnTaking
from simulations.search.ports import Site
from simulations.search.process import Racer, Work
from simulations.search.universe import Send, Universe
from simulations.search.waiting import work
from simulations.stripe.core.events import StripeEvent

CALL_BY_CALL = Schedule(0, switches=tuple(range(1, 200)))
"""Each makes one call, and the other one the next."""


class Scene(JudgedCheckout):
    """A shop and the people around it. Each verb does something and writes it down.

    Args:
        settings: how the shop differs from the usual one.
        factory: builds its checkout.

    Attributes:
        moments: what happened.
        seen: the promises that were broken on the way; those that are broken at the end are not among them.
        calls: the calls that changed how things stand, each as a separate moment.
    """

    def __init__(self, settings: Settings, *, factory: Factory) -> None:
        self.moments: list[Moment] = []
        self.seen: list[Breach] = []
        self.calls: list[Moment] = []
        universe = Universe(monitor=self._keep)
        self._turns = TurnTaking(universe)
        universe.intercept(self._written_down)
        super().__init__(universe, settings, factory=factory)

    def note(self, what: str) -> None:
        """Write down what has happened, and how things stand now."""
        self.moments.append(self._moment(what))

    # What customers do.

    def buys(self, customer: Customer, product: str = "mug", *, card: str = VISA) -> Order | None:
        """Press "buy"; the order as the shop answers, None where it does not."""
        answer = self.ask(self._purchase(customer, product, card))
        order = self._keep_answer(answer)
        self.note(f"{customer.id} presses buy")
        return order

    def buy_concurrently(self, first: Customer, second: Customer, product: str = "mug") -> None:
        """Have two press "buy" at the same moment, or one presses it twice: their calls follow each other in turn."""
        pressed = (self._purchase(customer, product, VISA) for customer in (first, second))
        one, another = (Racer.of(self.universe.process, work) for work in pressed)
        self._turns.together((one, another), CALL_BY_CALL)
        who = f"{first.id} presses buy twice" if first == second else f"{first.id} and {second.id} press buy"
        self.note(f"{who} at the same moment")

    def passes_the_bank(self, customer: Customer, order: Order | None) -> None:
        """Answer the bank's question, on the bank's own page."""
        if order is not None and order.payment_id is not None:
            with suppress(CallRejected):  # it does not ask any more
                self.stripe.authenticate(order.payment_id)
        self.note(f"{customer.id} passes the bank's page")

    def comes_back(self, customer: Customer, order: Order | None) -> None:
        """Return from the bank's page to the shop."""
        if order is not None:
            self._keep_answer(self.ask(self.app.checkout.advance(customer, order.id)))
        self.note(f"{customer.id} comes back to the shop")

    def cancels(self, customer: Customer) -> None:
        """The customer changes their mind."""
        order = self.order_of(customer)
        self._keep_answer(self.ask(self.app.checkout.cancel_order(customer, order.id)))
        self.note(f"{customer.id} cancels")

    # What the shop's own people do.

    def refunds(self, order: Order | None) -> None:
        """The merchant gives the money back."""
        if order is not None:
            self.ask(self.app.checkout.refund_order(MERCHANT, order.id))
        self.note("the merchant refunds")

    def captures_by_hand(self, order: Order) -> None:
        """The merchant takes what is still authorised, where Stripe lets them."""
        for payment in self.stripe.payments_of_order(order.id):
            with suppress(CallRejected):
                self.world.run(self.stripe.capture_payment(payment.id, key=f"by hand {payment.id}"))
        self.note("the merchant captures by hand what is open")

    def gives_back_the_surplus(self, order: Order) -> None:
        """Support refunds all payments of an order but one in the dashboard, and their webhooks come."""
        paid = [payment for payment in self.stripe.payments_of_order(order.id) if payment.received.minor]
        for payment in paid[1:]:
            self.stripe.refund_in_dashboard(payment.id)
            self.ask(self.notify(payment.id))
        self.note("support gives back what was paid twice")

    def loses(self, product: str, order: Order) -> None:
        """The one piece that was held for an order is found broken, and leaves the shelf."""
        self.world.run(self.inventory.release(order.id))
        self.world.run(self.inventory.hold("breakage", [Quantity(product, 1)], expires_at=self.clock.now() + SECOND))
        self.world.run(self.inventory.commit("breakage"))
        self.world.run(self.inventory.ship("breakage"))
        self.note(f"the {product} is found broken")

    # What comes from outside.

    def webhook(self, order: Order | None) -> None:
        """A webhook about the payment comes."""
        if order is not None and order.payment_id is not None:
            self.ask(self.notify(order.payment_id))
        self.note("Stripe's webhook comes")

    def let_refund_webhooks_overtake(self) -> None:
        """From now on the webhook of a refund is there before the answer to the call that made it."""
        on_their_way: list[StripeEvent] = []

        async def overtake() -> None:
            while on_their_way:
                await self.notify(on_their_way.pop().owner_id)

        self.stripe.on_event(lambda event: on_their_way.append(event) if event.type == "charge.refunded" else None)
        self.stripe.before_answers(overtake)

    def waits(self, *, minutes: float) -> None:
        """Let time pass in which only the shop's worker acts, where it has one."""
        until = self.clock.now() + 60 * minutes * SECOND
        work(self, until=until)
        self.pass_time(max(0.0, (until - self.clock.now()).total_seconds()))

    # How it is done.

    def order_of(self, customer: Customer) -> Order:
        """The customer's order as stored."""
        return next(order for order in self.store.all(ORDERS) if order.purchase.customer == customer)

    def _written_down(self, send: Send) -> Send:
        """Write a call down where something is different after it."""

        async def made(site: Site, make: Make) -> object:
            before = self._moment("")
            try:
                return await make()
            finally:
                after = self._moment(f"{site.port} {site.method}")
                if (after.standing, after.money) != (before.standing, before.money):
                    self.calls.append(after)

        def sent(site: Site, make: Make) -> Answer:
            return send(site, partial(made, site, make))

        return sent

    def _purchase(self, customer: Customer, product: str, card: str) -> Work:
        return self.app.checkout.process_checkout(
            customer, "checkout-1", cart=cart(product, 1), payment_method=card, shipping_address=HOME
        )

    def _keep_answer(self, answer: object) -> Order | None:
        if isinstance(answer, Order):
            self.answers.append(answer)
            return answer
        return None

    def _moment(self, what: str) -> Moment:
        standing = ", ".join(f"{order.purchase.customer.id} {order.status}" for order in self.store.all(ORDERS))
        return Moment(f"{self.clock.now():%H:%M}", what, standing or "none", self._money())

    def _money(self) -> str:
        held = Money(sum(movement.signed_minor for movement in self.stripe.movements), "usd")
        returned = Money(sum(order.charge.refunded_minor for order in self.store.all(ORDERS)), "usd")
        return f"{held}, {returned} down as refunded" if returned.minor else str(held)

    def _keep(self, breaches: Iterable[Breach], call: int) -> None:
        self.seen.extend(breach for breach in breaches if breach not in self.seen)
