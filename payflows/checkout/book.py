"""The order book: every change of an order is stored together with its log row and what it tells."""

from __future__ import annotations

from datetime import datetime, timedelta

from payflows.checkout.messages import announcements
from payflows.checkout.model import Order, OrderStatus, Reason, Review, Transition
from payflows.checkout.policy import CheckoutPolicy
from payflows.clock import SECOND, Clock
from payflows.errors import CallRejected
from payflows.kernel.evolve import evolve
from payflows.kernel.store import Store

STRAY_LOOK_SECONDS = 3_600
"""A payment left over by a crash is looked for after so long, and again after as long: Stripe's search runs up to a
minute behind, and may do so longer on a bad day."""


class OrderBook:
    """Writes orders. Each write is one step of the store: version, log, outbox and the next look together.

    Args:
        store: keeps them.
        clock: dates them.
        policy: says when to look again.
    """

    def __init__(self, *, store: Store, clock: Clock, policy: CheckoutPolicy) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy

    async def open(self, order: Order) -> Order:
        """Store a new order, or return the one that has this id already."""
        return await self._store.add_order(order, announcements(None, order))

    async def enter(
        self, order: Order, status: OrderStatus, *, having: Order | None = None, reason: Reason | None = None
    ) -> Order:
        """Enter another status; what was in the way is over.

        Args:
            order: as it was read.
            status: the next one by the table.
            having: the order with whatever else the step has changed.
            reason: why it is not going to be fulfilled; None where it goes on.
        """
        now = self._clock.now()
        entered = evolve(
            having or order,
            status=status,
            version=order.version + 1,
            changed_at=now,
            due_at=self._due_at(having or order, status, now),
            waits=0,
            review=None,
            reason=reason,
            in_processing=False,
        )
        why = reason.value if reason is not None else None
        logged = Transition(order.id, entered.version, order.status, status, now, why)
        await self._store.save_order(order, entered, logged, announcements(order, entered))
        return entered

    async def note(self, order: Order, *, having: Order) -> Order:
        """Store a change that leaves the status as it is."""
        noted = evolve(having, version=order.version + 1)
        await self._store.save_order(order, noted, None, announcements(order, noted))
        return noted

    async def progress(self, order: Order, *, having: Order) -> Order:
        """Store what a step did that leaves the status as it is; what was in the way is over."""
        due_at = having.due_at if order.review is None else self._clock.now()  # in review it was not due
        return await self.note(order, having=evolve(having, due_at=due_at, waits=0, review=None))

    async def rest(self, order: Order, *, until: datetime | None) -> None:
        """All is well and there is nothing to do until then; None: until somebody comes."""
        # A look that comes before its time changes nothing: asking twice is asking once.
        if order.due_at is not None and until is not None and self._clock.now() < order.due_at <= until:
            until = order.due_at
        if (order.due_at, order.waits, order.review) != (until, 0, None):
            await self.note(order, having=evolve(order, due_at=until, waits=0, review=None))

    async def wait(
        self, order: Order, trouble: Exception, *, having: Order | None = None, at_most_seconds: int = 300
    ) -> Order:
        """Somebody could not be asked: look again later. A person is told after a day in vain, of a refusal at once."""
        retry, now = self._policy.retry, self._clock.now()
        delay_seconds = min(retry.delay_seconds(order.waits), at_most_seconds)
        due_at, waits = now + delay_seconds * SECOND, order.waits + 1
        if order.due_at is not None and order.due_at > now:  # a look before its time is not counted
            due_at, waits = min(due_at, order.due_at), order.waits
        waited_seconds = order.waits * retry.max_delay_seconds
        review = order.review
        if review is None and isinstance(trouble, CallRejected):
            review = self._review("a call was refused", str(trouble))
        elif review is None and waited_seconds >= self._policy.review_after_seconds:
            review = self._review("no answer", str(trouble))
        having = having or order
        if (due_at, waits, review) == (order.due_at, order.waits, order.review) and having == order:
            return order
        return await self.note(order, having=evolve(having, due_at=due_at, waits=waits, review=review))

    async def ask_for_review(self, order: Order, reason: str, detail: str, *, having: Order | None = None) -> None:
        """It cannot go on by itself: it keeps its status and a person is told all that is needed."""
        review = order.review
        if review is None or (review.reason, review.detail) != (reason, detail):
            review = self._review(reason, detail)
        reviewed = evolve(having or order, due_at=None, review=review)
        if reviewed != order:
            await self.note(order, having=reviewed)

    def _review(self, reason: str, detail: str) -> Review:
        return Review(reason, detail, self._clock.now())

    def _due_at(self, order: Order, status: OrderStatus, now: datetime) -> datetime | None:
        if status is OrderStatus.CUSTOMER_ACTION:
            return self.next_look_at_open_payment(order)
        money_is_open = (order.refund_asked and not order.refunded) or order.payment_recheck_due
        if (status is OrderStatus.SHIPPED or status.is_final) and not money_is_open:
            return now + STRAY_LOOK_SECONDS * SECOND if order.orphan_possible else None
        return now + self._policy.lease_seconds * SECOND

    def next_look_at_open_payment(self, order: Order) -> datetime:
        """When an order that waits for its customer must be looked at: its hold ages, or its time is up."""
        return min(order.purchase.deadline_at, self.next_renewal(order))

    def next_renewal(self, order: Order) -> datetime:
        """When the order's hold is half used up; far off where it has none that expires."""
        if order.hold_until is None:
            return order.purchase.placed_at + timedelta(days=365)
        return order.hold_until - self._policy.hold_seconds // 2 * SECOND
