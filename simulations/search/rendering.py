"""Values as stable text for traces: no address of an object, no order by hash, nothing personal.

What may be told is listed, type by type and field by field. Of what is listed but might name somebody, or a way to pay,
only a digest is told: it changes when the value does, and nothing can be read from it. What is not listed is not told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from hashlib import blake2b
from operator import attrgetter
from typing import Any

from payflows.checkout.goods import Hold, Quantity, Shipment
from payflows.checkout.inmemory import inventory
from payflows.checkout.model import Order, Purchase
from payflows.checkout.pricing import Price
from payflows.kernel.aggregate import EntryKind, Kind, Review, Transition
from payflows.kernel.changes import Append, Arrive, Emit, Enqueue, Insert, Put, Replace
from payflows.kernel.inbox import Webhook
from payflows.kernel.messages import BusinessEvent, Mail
from payflows.kernel.queue_item import HandlerRecord, QueueItem, WebhookSubject
from payflows.money import Money
from payflows.payments.charge import Attempt, Charge
from payflows.payments.model import Decline, Payment, Refund
from payflows.stripe.webhooks.response import WebhookResponse

from simulations.stripe import ledger

_AGGREGATE = "id status version changed_at failures back_off_until lease_until check_at review"
_ORDER = f"{_AGGREGATE} purchase charge hold_until renew_hold_at reason cancel_asked tracking_number"
_CHARGE = (
    "amount attempt payment_id key_generation is_processing refund_asked refund_id failed_refund_id refunded "
    "refunded_minor disputed recheck_due orphan_possible orphan_checked_at"
)

TOLD: Mapping[type, str] = {
    Order: _ORDER,
    Charge: _CHARGE,
    Purchase: "merchant_id checkout_id price placed_at deadline_at",
    Price: "lines goods subtotal tax shipping total",
    Attempt: "number payment_method previous_charge_id charge_id decline",
    Review: "reason detail since blocks",
    Transition: "subject version before after at cause",
    Payment: "id order_id status amount received returned disputed charge_id decline",
    Decline: "code decline_code",
    Refund: "id payment_id amount status",
    Quantity: "product_id quantity",
    Hold: "id status expires_at",
    Shipment: "order_id status tracking_number reason",
    BusinessEvent: "key type subject at amount reason",
    Mail: "key kind subject at about reason",
    QueueItem: "queue key content came_at due_at status failures last_error finished_at arrivals version",
    WebhookSubject: "source kind id",
    Webhook: "key owner at type created_at subject ignored",
    HandlerRecord: "name fields version",
    Kind: "name",
    EntryKind: "name",
    Insert: "kind after",
    Replace: "kind before after",
    Append: "kind entries",
    Emit: "messages",
    Enqueue: "item",
    Arrive: "item",
    Put: "before after",
    WebhookResponse: "code",
    inventory.Movement: "at hold_id product_id quantity status",
    ledger.Movement: "at_us kind payment_id amount_minor",
}
"""What may be told: types, and their fields."""

ASKED = frozenset({"amount", "capture", "key", "order_id", "expires_at", "goods", "payment_method"})
"""The keyword arguments of calls that may be told."""

DIGESTED = frozenset({"payment_method", "detail", "fields", "lines"})
"""Fields and arguments of which only a digest is told: ways to pay, free text, and what is long."""


def words(value: object) -> str:
    """The value as text, the same in every process; of a type that is not listed only its name."""
    kind = type(value)
    tell = _tellers.get(kind)
    if tell is None:
        tell = _tellers[kind] = _teller(kind)
    return tell(value)


def words_of(error: Exception) -> str:
    """The error's type, and a digest of what it says: an answer of Stripe's may repeat what it was asked with."""
    return f"{type(error).__name__} {digest(repr(error.args))}"


def asked(args: tuple[object, ...], kwargs: Mapping[str, object]) -> str:
    """What a call was asked with; a keyword argument that is not listed is told by its name alone."""
    named = (f"{name}={_named(name, kwargs[name]) if name in ASKED else '...'}" for name in sorted(kwargs))
    return ", ".join((*map(words, args), *named))


def digest(text: str | bytes) -> str:
    """What stands for a text that is not told."""
    encoded = text if isinstance(text, bytes) else text.encode()
    return f"#{blake2b(encoded, digest_size=6).hexdigest()}"


def _named(name: str, value: object) -> str:
    return digest(repr(value)) if name in DIGESTED else words(value)


Tell = Callable[[Any], str]


def _teller(kind: type) -> Tell:
    """How values of a type are told."""
    if kind in TOLD:
        return _teller_of_fields(kind)
    if issubclass(kind, Enum):
        return lambda value: str(value.value)
    if issubclass(kind, Mapping):
        return lambda value: digest(repr(sorted(value.items())))
    if kind in (tuple, list):
        return lambda value: f"[{', '.join(map(words, value))}]"
    return lambda value: kind.__name__


def _teller_of_fields(kind: type) -> Tell:
    """By their names; what is None or False is left out."""
    fields = [(name, attrgetter(name)) for name in TOLD[kind].split()]

    def tell(value: object) -> str:
        held = ((name, get(value)) for name, get in fields)
        told = (f"{name}={_named(name, it)}" for name, it in held if it is not None and it is not False)
        return f"{kind.__name__}({' '.join(told)})"

    return tell


_tellers: dict[type, Tell] = {
    type(None): str,
    bool: str,
    int: str,
    str: repr,
    bytes: digest,
    datetime: datetime.isoformat,
    Money: str,
}
