"""What every step of a checkout can do: ask the ports by one retry policy, read the payment, keep the stock hold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from payflows.checkout.book import OrderBook
from payflows.checkout.goods import HoldStatus
from payflows.checkout.model import Order, OrderStatus, Reason
from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.ports import Carrier, Inventory
from payflows.clock import SECOND, Clock
from payflows.errors import CallNotSent, CallRejected, OutcomeUnknown, PaymentDeclined, PortError
from payflows.kernel.evolve import evolve
from payflows.payments.gateway import PaymentGateway
from payflows.payments.model import Payment

T = TypeVar("T")

Answer = Payment | PaymentDeclined | CallRejected | OutcomeUnknown
"""What came back from a call that may move money. It classifies the call; the payment itself is read after it."""


@dataclass(frozen=True, slots=True)
class Shopkeeper:
    """Serves orders: holds the ports, and asks them a few times at once with the same key. Longer waits are stored.

    Attributes:
        book: where every change is written.
        gateway: Stripe.
        inventory: the shelf.
        carrier: brings the parcels.
        clock: tells the time.
        policy: the shop's.
    """

    book: OrderBook
    gateway: PaymentGateway
    inventory: Inventory
    carrier: Carrier
    clock: Clock
    policy: CheckoutPolicy

    async def ask(self, call: Callable[[], Awaitable[T]]) -> T:
        """The answer; once all tries are spent the last trouble, or the doubt in which an earlier one left us."""
        try:
            return await call()
        except PortError as trouble:
            return await self._ask_again(call, trouble)

    async def _ask_again(self, call: Callable[[], Awaitable[T]], trouble: PortError) -> T:
        for _ in range(self.policy.retry.inline_tries - 1):
            await self.clock.sleep(self.policy.retry.inline_delay_seconds)
            try:
                return await call()
            except OutcomeUnknown as unknown:
                trouble = unknown
            except CallNotSent as not_started:  # of this one there is nothing to find out
                trouble = trouble if isinstance(trouble, OutcomeUnknown) else not_started
        try:
            raise trouble
        finally:
            del trouble  # else its traceback holds this frame, and the frame it, until garbage is looked for

    async def answer(self, call: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer as a value. Raises `CallNotSent`: then there is nothing to find out."""
        try:
            return await self.ask(call)
        except (PaymentDeclined, CallRejected, OutcomeUnknown) as answer:
            return answer

    async def read_payment(self, order: Order) -> Payment:
        """The order's payment, by its stored id: what it says is what holds."""
        payment_id = stored_id(order)
        return await self.ask(lambda: self.gateway.retrieve_payment(payment_id))

    async def commit_stock(self, order: Order) -> bool:
        """Make the order's hold last until it ends; False where the goods are gone."""
        hold = await self.ask(lambda: self.inventory.commit(order.id))
        return hold.status in (HoldStatus.COMMITTED, HoldStatus.SHIPPED)

    async def release_stock(self, order: Order) -> None:
        """Put the goods back and spend the hold."""
        await self.ask(lambda: self.inventory.release(order.id))

    async def renew_hold(self, order: Order, *, seconds: int) -> Order:
        """The order itself while its hold is young; else the order with a renewed hold, or given up if it is gone."""
        age = seconds // 2 * SECOND
        if order.hold_until is None or self.clock.now() < order.hold_until - age:
            return order
        until = self.soon(seconds)
        hold = await self.ask(lambda: self.inventory.renew(order.id, expires_at=until))
        if hold.status is not HoldStatus.HELD:
            return await self.give_up(order, Reason.STOCK_GONE)
        return await self.book.note(order, having=evolve(order, hold_until=until))

    async def give_up(self, order: Order, reason: Reason, *, having: Order | None = None) -> Order:
        """Begin to abandon the order: it fails once its payment can take no money."""
        return await self.book.enter(order, OrderStatus.ABANDONING, having=having, reason=reason)

    def given_up(self, order: Order) -> Reason | None:
        """Why an unpaid order must not be pursued: somebody cancelled it, or its time is up."""
        if order.cancel_asked:
            return Reason.CANCEL_ASKED
        return Reason.DEADLINE_PASSED if self.clock.now() >= order.purchase.deadline_at else None

    async def wait_with_new_key(self, order: Order, trouble: OutcomeUnknown, *, having: Order | None = None) -> None:
        """A read showed the step undone: the next try takes another key, for Stripe replays a stored 500 for a day.

        It comes sooner than others: this may be the first look after an outage, and the 500 a relic of it.
        """
        renumbered = evolve(having or order, key_generation=order.key_generation + 1)
        sooner_seconds = self.policy.retry.max_delay_seconds // 2
        await self.book.wait(order, trouble, having=renumbered, at_most_seconds=sooner_seconds)

    def soon(self, seconds: int) -> datetime:
        """So many seconds from now."""
        return self.clock.now() + seconds * SECOND


def stored_id(order: Order) -> str:
    """The order's payment id, which a step may use only because it was read back from the store."""
    assert order.payment_id is not None, "the order has no payment yet"
    return order.payment_id
