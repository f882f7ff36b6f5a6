"""How the sender of a webhook is answered: fixed words, with nothing of what came."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class ResponseCode(StrEnum):
    """What the sender of a webhook reads, word for word."""

    STORED = "stored"
    IGNORED = "ignored"
    DUPLICATE = "duplicate"

    STORE_UNAVAILABLE = "store_unavailable"

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
    BAD_OBJECT = "bad_object"


ACCEPTED = frozenset({ResponseCode.STORED, ResponseCode.IGNORED, ResponseCode.DUPLICATE})
"""Durable here: Stripe need not send it again."""


class IgnoredReason(StrEnum):
    """Why a webhook that Stripe did sign is not worked on."""

    LIVEMODE = "livemode"
    OTHER_ACCOUNT = "another account"
    NO_VENDOR = "no vendor of ours has the account"
    UNWANTED_TYPE = "unwanted type"
    NO_SUBJECT = "names no payment"
    NO_BUSINESS = "no business of ours is about it"


class WebhookResponse(NamedTuple):
    """The answer to one webhook.

    Attributes:
        code: a fixed word.
        ignored: why it is not worked on, in fixed words too; None where it is, or was not accepted.
    """

    code: ResponseCode
    ignored: IgnoredReason | None = None

    @property
    def text(self) -> str:
        """Return the answer's body, which whoever set the endpoint up reads in Stripe's dashboard."""
        return f"{self.code}: {self.ignored}" if self.ignored is not None else self.code.value

    @property
    def status(self) -> int:
        """As HTTP has it: 200 durable, 400 refused for good, 503 to be sent again."""
        if self.code in ACCEPTED:
            return 200
        return 503 if self.code is ResponseCode.STORE_UNAVAILABLE else 400
