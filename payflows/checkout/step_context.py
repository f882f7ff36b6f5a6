"""What every step of a checkout works with: the ports, the repository of orders, and the payments core."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from payflows.checkout.goods import Address, HoldStatus, Quantity
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order, OrderStatus, Reason
from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.ports import Carrier, Inventory
from payflows.checks import implements, instance_of
from payflows.clock import SECOND, Clock
from payflows.errors import NotFound, OutcomeUnknown
from payflows.kernel.calls import Calls
from payflows.kernel.repository import MISCONFIGURED, Repository
from payflows.kernel.store import Store
from payflows.payments.charge import Charge
from payflows.payments.gateway import PaymentGateway
from payflows.payments.orphans import Orphans
from payflows.payments.own_intent import IntentCollection
from payflows.payments.refunds import Refunds


class OrderRepository(Repository[Order]):
    """Writes orders. Entering a status says why the order is not going to be fulfilled, or that it goes on.

    Args:
        store: keeps them.
        clock: dates them.
        policy: the merchant's.
    """

    def __init__(self, *, store: Store, clock: Clock, policy: CheckoutPolicy) -> None:
        super().__init__(
            ORDERS,
            store=store,
            clock=clock,
            retry=policy.retry,
            lease_seconds=policy.lease_seconds,
            review_after_seconds=policy.review_after_seconds,
        )

    async def enter(self, order: Order, status: OrderStatus, *, reason: Reason | None = None, **changes: Any) -> Order:
        """Enter another status.

        Args:
            order: as it was read.
            status: the next one by the table.
            reason: why it is not going to be fulfilled; None where it goes on.
            changes: what else the step has changed.
        """
        charge: Charge = changes.pop("charge", order.charge)
        if charge.is_processing:
            charge = charge.settled()
        return await self.transition(order, status, reason=reason, charge=charge, **changes)

    async def placed(self, order_id: str, goods: Collection[Quantity], address: Address) -> Order | None:
        """Return the order that was placed for these goods to this address; None where there is none such."""
        with suppress(NotFound):
            order = await self.get(order_id)
            return order if order.purchase.is_for(goods, address) else None
        return None


@dataclass(frozen=True, slots=True)
class StepContext:
    """What a step is given.

    Attributes:
        orders: where every change is written.
        gateway: Stripe.
        collection: collects the order's charge.
        refunds: gives it back.
        orphans: cancels what lost answers have left.
        inventory: holds the stock.
        carrier: brings the parcels.
        calls: makes calls of ports.
        clock: tells the time.
        policy: the merchant's.
    """

    orders: OrderRepository
    gateway: PaymentGateway
    collection: IntentCollection
    refunds: Refunds
    orphans: Orphans
    inventory: Inventory
    carrier: Carrier
    calls: Calls
    clock: Clock
    policy: CheckoutPolicy

    @classmethod
    def over(
        cls,
        *,
        store: Store,
        gateway: PaymentGateway,
        inventory: Inventory,
        carrier: Carrier,
        clock: Clock,
        policy: CheckoutPolicy,
    ) -> StepContext:
        """Return the context over these ports. Raises `InvalidPolicy` where one is none."""
        implements("store", store, Store)
        implements("gateway", gateway, PaymentGateway)
        implements("inventory", inventory, Inventory)
        implements("carrier", carrier, Carrier)
        implements("clock", clock, Clock)
        instance_of("policy", policy, CheckoutPolicy)
        calls = Calls(clock, policy.retry)
        return cls(
            orders=OrderRepository(store=store, clock=clock, policy=policy),
            gateway=gateway,
            collection=IntentCollection(gateway, calls),
            refunds=Refunds(gateway, calls),
            orphans=Orphans(gateway, calls),
            inventory=inventory,
            carrier=carrier,
            calls=calls,
            clock=clock,
            policy=policy,
        )

    async def commit_stock(self, order: Order) -> bool:
        """Make the order's hold last until it ends; False where the goods are gone."""
        hold = await self.calls.call(lambda: self.inventory.commit(order.id))
        return hold.status in (HoldStatus.COMMITTED, HoldStatus.SHIPPED)

    async def release_stock(self, order: Order) -> None:
        """Put the goods back and spend the hold."""
        await self.calls.call(lambda: self.inventory.release(order.id))

    async def renew_hold(self, order: Order, *, seconds: int) -> Order:
        """Return the order while its hold is young; else the order with a renewed hold, or abandoned if it is gone."""
        age = seconds // 2 * SECOND
        if order.hold_until is None or self.clock.now() < order.hold_until - age:
            return order
        until = self.seconds_from_now(seconds)
        hold = await self.calls.call(lambda: self.inventory.renew(order.id, expires_at=until))
        if hold.status is not HoldStatus.HELD:
            return await self.abandon(order, Reason.STOCK_GONE)
        return await self.orders.update(order, hold_until=until, renew_hold_at=self.renewal_of(until))

    def renewal_of(self, hold_until: datetime | None) -> datetime | None:
        """Return when a hold is renewed while the payment is open: once it is half used up."""
        return None if hold_until is None else hold_until - self.policy.hold_seconds // 2 * SECOND

    async def abandon(self, order: Order, reason: Reason, **changes: Any) -> Order:
        """Begin to abandon the order: it fails once its payment can take no money."""
        return await self.orders.enter(order, OrderStatus.ABANDONING, reason=reason, **changes)

    def reason_to_abandon(self, order: Order) -> Reason | None:
        """Return why an unpaid order must not be pursued: it was cancelled, or its time is up."""
        if order.cancel_asked:
            return Reason.CANCEL_ASKED
        if self.clock.now() < order.purchase.deadline_at:
            return None
        is_ours = order.review is not None and order.review.reason == MISCONFIGURED
        return Reason.MERCHANT_MISCONFIGURED if is_ours else Reason.DEADLINE_PASSED

    async def retry_with_new_key(self, order: Order, error: OutcomeUnknown) -> None:
        """A read showed the step undone: the next try takes another key, for Stripe replays a stored 500 for a day.

        It comes sooner than others: this may be the first look after an outage, and the 500 left over from it.
        """
        sooner_seconds = self.policy.retry.max_delay_seconds // 2
        await self.orders.back_off(order, error, max_seconds=sooner_seconds, charge=order.charge.with_new_keys())

    def seconds_from_now(self, seconds: int) -> datetime:
        """Return the moment this many seconds from now."""
        return self.clock.now() + seconds * SECOND
