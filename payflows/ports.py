"""What the flows wait on, as protocols with ordinary names. Who stands behind them is decided in `app.py`.

Every coroutine here may raise `CallNotStarted` (it had no effect) or `OutcomeUnknown` (it may have had). Calls that
change something are keyed: the same key, or the same order id, again is the same call again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from payflows.goods import Address, Hold, Quantity, Shipment
from payflows.money import Money
from payflows.payments import CaptureMode, Payment, Refund

if TYPE_CHECKING:
    from payflows.checkout.model import Order, Transition
    from payflows.events.delivery import Delivery, DeliveryStatus, Record, Writes
    from payflows.events.model import BusinessEvent, Mail, Message, OutboxEntry
    from payflows.events.webhook_model import WebhookEntry, WebhookStatus


class PaymentGateway(Protocol):
    """Stripe, as far as a checkout needs it.

    Besides `PortTrouble` every call may raise `CallRefused`. Which class one call's answer has says nothing of the
    payment: what became of the money is read by the payment's stored id.
    """

    async def create_payment(
        self, order_id: str, *, amount: Money, capture: CaptureMode, stripe_customer_id: str | None, key: str
    ) -> Payment:
        """Make the order's payment intent, unconfirmed and without a payment method: it moves no money."""
        ...

    async def confirm_payment(self, payment_id: str, *, payment_method: str, key: str) -> Payment:
        """Try one card. Raises `PaymentDeclined` where the issuer says no."""
        ...

    async def capture_payment(self, payment_id: str, *, key: str) -> Payment:
        """Take the whole of what was authorised."""
        ...

    async def cancel_payment(self, payment_id: str, *, key: str) -> Payment:
        """Cancel the intent: from then on it can never take money. Refused once it has succeeded."""
        ...

    async def retrieve_payment(self, payment_id: str) -> Payment:
        """Read the payment by its stored id; trusted whatever its metadata say."""
        ...

    async def search_payments(self, order_id: str) -> tuple[Payment, ...]:
        """Payments whose metadata name the order. Up to a minute behind (Stripe docs, "Search")."""
        ...

    async def refund_payment(self, payment_id: str, *, order_id: str, key: str) -> Refund:
        """Give back all that is left of the payment."""
        ...

    async def list_refunds(self, payment_id: str, *, order_id: str) -> tuple[Refund, ...]:
        """Our refunds of the payment, newest first: those whose metadata name the order."""
        ...


class Inventory(Protocol):
    """The shelf. A hold is named by its order's id, and every answer is the hold as it stands after the call."""

    async def hold(self, hold_id: str, goods: Sequence[Quantity], *, expires_at: datetime) -> Hold:
        """Set all of it aside or nothing (`OUT_OF_STOCK`). An id known already is answered as it stands."""
        ...

    async def renew(self, hold_id: str, *, expires_at: datetime) -> Hold:
        """Let a held hold last longer; any other is left as it stands."""
        ...

    async def commit(self, hold_id: str) -> Hold:
        """Take the expiry from a held hold; any other is left as it stands."""
        ...

    async def release(self, hold_id: str) -> Hold:
        """Put the goods back, unless shipped, and spend the id, known or not: a late `hold` under it does nothing."""
        ...

    async def ship(self, hold_id: str) -> Hold:
        """The goods of a committed hold have left the house."""
        ...


class Carrier(Protocol):
    """Who brings the parcel. There is one parcel per order id."""

    async def book(self, order_id: str, *, goods: Sequence[Quantity], address: Address) -> Shipment:
        """Have a parcel fetched; `REFUSED` where it cannot be brought. The same order again is the same parcel."""
        ...

    async def shipment(self, order_id: str) -> Shipment | None:
        """The order's parcel as it stands; None where nothing was booked."""
        ...

    async def void(self, order_id: str) -> Shipment:
        """Call the parcel off unless the carrier has it already; booked or not, no later `book` revives it."""
        ...


class Mailer(Protocol):
    """Sends mail. It drops a key that it has seen; at one that does not, a mail may arrive twice."""

    async def send(self, mail: Mail, *, to: str) -> None:
        """Send it once per `mail.key`."""
        ...


class Store(Protocol):
    """Keeps orders, their log and their outbox. Each call is all or nothing."""

    async def add_order(self, order: Order, messages: tuple[Message, ...]) -> Order:
        """Store a new order, or return the one that already has this id, whatever it holds."""
        ...

    async def order(self, order_id: str) -> Order:
        """The order as stored. Raises `UnknownOrder`."""
        ...

    async def order_of_payment(self, payment_id: str) -> Order:
        """The order that owns the payment. Raises `UnknownOrder`."""
        ...

    async def save_order(
        self, before: Order, after: Order, transition: Transition | None, messages: tuple[Message, ...]
    ) -> None:
        """Replace `before` by `after`, log the transition and put the messages into the outbox, in one step.

        Raises:
            StaleOrder: what is stored has another version or status than `before`.
        """
        ...

    async def due_orders(self, now: datetime) -> tuple[str, ...]:
        """Ids of the orders that somebody should look at by now, the longest waiting first."""
        ...

    async def transitions(self, order_id: str) -> tuple[Transition, ...]:
        """The order's log, oldest first."""
        ...

    async def orders_due_at(self) -> datetime | None:
        """When the next order is due, now or later; None where none will be."""
        ...

    async def next_message(self) -> OutboxEntry | None:
        """What the outbox has to deliver first, now or later; None where it has nothing."""
        ...

    async def put_off_message(self, key: str, due_at: datetime) -> None:
        """The message with this key could not be delivered: it is tried again then."""
        ...

    async def mark_delivered(self, key: str, at: datetime) -> None:
        """The message with this key has been delivered."""
        ...


class DeliveryStore(Protocol):
    """Keeps business events, how far each handler has got with them, and what handlers write."""

    async def add_event(self, event: BusinessEvent, deliveries: tuple[Delivery, ...]) -> None:
        """Store a business event with its deliveries, in one step; those that are there already stay as they are."""
        ...

    async def next_delivery(self, handler: str) -> Delivery | None:
        """The handler's delivery that is due first, now or later; None where none will be."""
        ...

    async def deliveries_due_at(self) -> Mapping[str, datetime]:
        """The handlers for whom something is due, now or later, and when the first of it is."""
        ...

    async def delivery(self, key: str) -> Delivery:
        """One delivery. Raises `UnknownDelivery`."""
        ...

    async def deliveries(self, status: DeliveryStatus) -> tuple[Delivery, ...]:
        """All that have this status, in the order in which they were published."""
        ...

    async def order(self, order_id: str) -> Order:
        """The order as stored. Raises `UnknownOrder`."""
        ...

    async def record(self, name: str) -> Record:
        """A handler's record as stored; one of version 0 where there is none."""
        ...

    async def save_delivery(self, before: Delivery, after: Delivery, writes: Writes) -> None:
        """Replace `before` by `after`, with all that its handler wants written, in one step, or change nothing.

        Raises:
            Stale: the delivery, or something that the handler writes, was changed since it was read.
        """
        ...


class WebhookStore(Protocol):
    """Keeps the webhooks that came in. Each call is all or nothing."""

    async def add_webhook(self, entry: WebhookEntry) -> bool:
        """Store a new webhook durably; False, and nothing stored, where its event id is known already."""
        ...

    async def webhook(self, event_id: str) -> WebhookEntry:
        """The webhook as stored. Raises `UnknownWebhook`."""
        ...

    async def next_webhook(self) -> WebhookEntry | None:
        """The one that is due first, now or later; None where none will be."""
        ...

    async def save_webhook(self, before: WebhookEntry, after: WebhookEntry) -> None:
        """Replace `before` by `after`, in one step.

        Raises:
            StaleWebhook: what is stored has another version than `before`.
        """
        ...

    async def webhooks(self, status: WebhookStatus) -> tuple[WebhookEntry, ...]:
        """All that have this status, oldest first."""
        ...


class ShopStore(Store, DeliveryStore, WebhookStore, Protocol):
    """All that a shop keeps, in one place: what belongs together is stored together."""
