"""Messages: business events and mails, stored with the change that they announce and sent after it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from payflows.checks import aware, instance_of
from payflows.errors import InvalidEvent
from payflows.money import Money

MAX_KEY_LENGTH = 255


class BusinessEvent(NamedTuple):
    """Something that happened to an aggregate; frozen, so that no handler can change what another sees.

    Attributes:
        key: unique, derived from the aggregate and its version.
        type: what happened, one of its business's event types; compare it with `==`.
        subject: the aggregate's id.
        at: when, by the flow's clock.
        amount: the money that it is about, such as an order's total.
        reason: why, where there is a reason.
    """

    key: str
    type: str
    subject: str
    at: datetime
    amount: Money
    reason: str | None = None


class Mail(NamedTuple):
    """A mail to whoever an aggregate belongs to. The address is looked up when it is sent.

    Attributes:
        key: unique; a mailer that honours keys sends it once.
        kind: which text, one of its business's kinds of mail.
        subject: the aggregate's id.
        at: when it was written, by the flow's clock.
        about: the name of the aggregate's `Kind`, such as "order".
        reason: what the text must explain, such as a decline or a tracking number.
    """

    key: str
    kind: str
    subject: str
    at: datetime
    about: str
    reason: str | None = None


Message = BusinessEvent | Mail


def check_message(message: Message) -> None:
    """Raise `InvalidEvent` unless it is one that can be stored: it has a key, and says when."""
    instance_of("message", message, BusinessEvent, Mail, error=InvalidEvent)
    key = message.key
    if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY_LENGTH or not key.isprintable():
        raise InvalidEvent(f"a message's key is a text of 1 to {MAX_KEY_LENGTH} printable characters")
    aware("a message's at", message.at, error=InvalidEvent)
