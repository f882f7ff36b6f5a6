"""Stripe's own events: what an account announces of a change. Which change brings which event is said by the resource.

Source: Stripe API reference, "The Event object". How events reach us is in `simulations.stripe.webhooks`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple, Protocol

Json = dict[str, object]
"""An object as the API would answer it."""

API_VERSION = "2026-10-28.endive"
"""The version in which objects are written: the one that Stripe's SDK 16.1 pins."""


class StripeObject(Protocol):
    """Whatever the API could answer."""

    @property
    def id(self) -> str:
        """Stripe's id."""
        ...

    def to_stripe(self) -> Json:
        """Return the object as it is at this moment."""
        ...


class EventOwner(Protocol):
    """An object under whose id its own events and those of its parts are numbered."""

    @property
    def id(self) -> str:
        """Stripe's id."""
        ...

    def changed(self) -> None:
        """Forget what was derived from the state before the change."""
        ...

    def next_event_id(self) -> str:
        """Return the id of its next event."""
        ...


class Announced:
    """An object whose `*.updated` events say what they changed.

    Attributes:
        announced: the object as its last event showed it; None where no one wants to know.
    """

    announced: Json | None = None


Changes = Mapping[str, StripeObject]
"""Type of event -> the object that it is about, in the order in which Stripe announces them."""


class StripeEvent(NamedTuple):
    """One change of one object; it never changes again.

    Attributes:
        id: derived, never drawn: an object's first event has the same id in every run.
        type: such as `charge.succeeded`.
        created: when, in Unix seconds.
        owner_id: the object that the subject belongs to: a payment intent for its charges, refunds and disputes.
        subject: the object that changed, as it was then; where no listener reads objects, only what names it.
        livemode: whether it happened in live mode.
        api_version: how the subject is written.
        account: the connected account; None: the endpoint's own.
        previous_attributes: what the change changed, as it was before; None where Stripe does not say it.
    """

    id: str
    type: str
    created: int
    owner_id: str
    subject: Json
    livemode: bool = False
    api_version: str = API_VERSION
    account: str | None = None
    previous_attributes: Json | None = None

    @property
    def body(self) -> bytes:
        """The event as it is posted, compact JSON."""
        return _compact(self.to_stripe()).encode()

    def to_stripe(self) -> Json:
        """Return the event as the API would answer it."""
        data: Json = {"object": self.subject}
        if self.previous_attributes is not None:
            data["previous_attributes"] = self.previous_attributes
        content: Json = {
            "id": self.id,
            "object": "event",
            "api_version": self.api_version,
            "created": self.created,
            "data": data,
            "livemode": self.livemode,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": self.type,
        }
        return content if self.account is None else content | {"account": self.account}


Listener = Callable[[StripeEvent], None]
"""Whoever is called with events."""


class EventStream:
    """Announces an account's changes to everyone who listens."""

    __slots__ = ("_listeners", "_reads_objects", "_wanted")

    def __init__(self) -> None:
        self._listeners: list[tuple[Listener, Collection[str] | None]] = []
        self._wanted: set[str] | None = set()
        self._reads_objects = False

    @property
    def has_listeners(self) -> bool:
        """Whether anyone listens: if not, no event needs to be made."""
        return bool(self._listeners)

    def wants(self, type: str) -> bool:
        """Return whether anyone listens to events of that type."""
        return self._wanted is None or type in self._wanted

    def subscribe(self, listener: Listener, types: Collection[str] | None = None, reads_objects: bool = True) -> None:
        """Call this with Stripe's events from now on, of these types or of all. What no one wants is not made.

        It is counted all the same, so that an event has the same id whichever types are enabled. A listener that only
        asks what an event is about can do without the object itself, which costs more than all the rest.
        """
        self._reads_objects = self._reads_objects or reads_objects
        self._listeners.append((listener, types))
        self._wanted = None if types is None or self._wanted is None else self._wanted | set(types)

    def publish(self, owner: EventOwner, changes: Changes, *, created: int, account: str | None = None) -> None:
        """Make all events, then call the listeners: what a listener does must not change what the next event says."""
        wanted, events = self._wanted, []
        for type, subject in changes.items():
            event_id = owner.next_event_id()
            if wanted is None or type in wanted:
                words = subject.to_stripe() if self._reads_objects else _reference(subject, owner)
                previous = None
                if self._reads_objects and isinstance(subject, Announced):
                    previous = _previous_attributes(type, subject, words)
                events.append(
                    StripeEvent(event_id, type, created, owner.id, words, account=account, previous_attributes=previous)
                )
        for event in events:
            for listener, types in self._listeners:
                if types is None or event.type in types:
                    listener(event)


def _reference(subject: StripeObject, owner: EventOwner) -> Json:
    """An object's own id and that of the payment intent to which it belongs, if to any."""
    return {"id": subject.id, "payment_intent": owner.id}


def _previous_attributes(type: str, subject: Announced, words: Json) -> Json | None:
    before, subject.announced = subject.announced, words
    if before is None or not type.endswith(".updated"):
        return None
    return {name: before[name] for name, value in words.items() if before[name] != value}


_compact = json.JSONEncoder(separators=(",", ":")).encode
