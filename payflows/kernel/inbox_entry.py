"""What is kept of a webhook, and how the sender is answered. Ids only: no card, address, amount or e-mail."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class ResponseCode(StrEnum):
    """What the sender of a webhook is told, word for word; nothing of what came is repeated."""

    STORED = "stored"
    IGNORED = "ignored"
    DUPLICATE = "known_already"

    STORE_UNAVAILABLE = "store_down"

    TOO_LARGE = "too_large"
    NO_SIGNATURE = "no_signature"
    MALFORMED_SIGNATURE = "malformed_signature"
    WRONG_SIGNATURE = "wrong_signature"
    TOO_OLD = "too_old"
    FROM_THE_FUTURE = "from_the_future"
    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    KEY_TWICE = "key_twice"
    NUMBER_OUT_OF_RANGE = "number_out_of_range"
    TOO_DEEP = "too_deep"
    NOT_AN_EVENT = "not_an_event"
    BAD_ID = "bad_id"
    BAD_TYPE = "bad_type"
    BAD_CREATED = "bad_created"
    BAD_LIVEMODE = "bad_livemode"
    BAD_ACCOUNT = "bad_account"
    BAD_API_VERSION = "bad_api_version"
    BAD_OBJECT = "bad_object"


ACCEPTED = frozenset({ResponseCode.STORED, ResponseCode.IGNORED, ResponseCode.DUPLICATE})
"""Durable here: Stripe need not send it again."""


class Answer(NamedTuple):
    """The answer to one webhook.

    Attributes:
        code: a fixed word, all that the answer's body may say.
    """

    code: ResponseCode

    @property
    def status(self) -> int:
        """As HTTP has it: 200 durable, 400 refused for good, 503 to be sent again."""
        if self.code in ACCEPTED:
            return 200
        return 503 if self.code is ResponseCode.STORE_UNAVAILABLE else 400


class WebhookStatus(StrEnum):
    """How far a webhook has been worked off."""

    PENDING = "pending"
    UNMATCHED = "parked"
    """Its payment is not ours yet: a webhook may come before the answer to the call that made it."""
    WAITING = "waiting"
    """Something went wrong; it is tried again."""
    DONE = "done"
    IGNORED = "ignored"
    DEAD = "dead"
    """A dead letter: given up until a person replays it."""


class IgnoredReason(StrEnum):
    """Why a webhook that Stripe did sign is not worked off."""

    LIVEMODE = "livemode"
    OTHER_ACCOUNT = "another account"
    OTHER_API_VERSION = "another API version"
    UNWANTED_TYPE = "unwanted type"
    NO_PAYMENT = "names no payment"
    UNKNOWN_OBJECT = "unknown object"


class WebhookEntry(NamedTuple):
    """A webhook as the inbox keeps it. What it says of the payment is not kept: that is read from Stripe.

    Attributes:
        event_id: Stripe's, unique.
        type: Stripe's event type.
        object_id: what the event is about; None where the type is not one that we read.
        payment_id: the payment that it concerns; None where it names none.
        created_at: when it happened, by Stripe's clock.
        received_at: when it first came in, by ours.
        status: how far it has been worked off.
        due_at: when it is to be worked off; None: never.
        waits: how often it was put off.
        reason: why it is ignored, or what went wrong last, without anybody's data.
        version: grows with every change.
    """

    event_id: str
    type: str
    object_id: str | None
    payment_id: str | None
    created_at: datetime
    received_at: datetime
    status: WebhookStatus
    due_at: datetime | None
    waits: int = 0
    reason: str | None = None
    version: int = 0

    def moved(
        self, status: WebhookStatus, *, due_at: datetime | None = None, waits: int = 0, reason: str | None = None
    ) -> WebhookEntry:
        """The next version of it."""
        return self._replace(status=status, due_at=due_at, waits=waits, reason=reason, version=self.version + 1)
