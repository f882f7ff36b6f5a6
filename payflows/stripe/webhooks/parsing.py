"""What a webhook's body says, read strictly: all as Stripe writes it, or none is used. Who signed it: see `signing`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from math import isfinite
from typing import Any, NamedTuple, NoReturn

from payflows.errors import InvalidWebhook
from payflows.stripe.webhooks.event_types import OBJECT_OF, SUBJECT_PLACES
from payflows.stripe.webhooks.response import ResponseCode

MOST_LEVELS = 64
"""Of objects and lists within each other; Stripe's events have about six."""

_LAST_SECOND = 253_402_300_799
"""Of the year 9999, where Python's dates end."""

_EVENT_ID = re.compile(r"evt_[A-Za-z0-9]{1,250}")
_TYPE = re.compile(r"[a-z0-9_]{1,60}(?:\.[a-z0-9_]{1,60}){1,5}")
_OBJECT_ID = re.compile(r"[A-Za-z0-9_]{1,255}")

Json = dict[str, Any]


class StripeEvent(NamedTuple):
    """The part of a webhook that we read. In which API version the object is written is not: its id is all we take.

    Attributes:
        event_id: Stripe's, unique.
        type: Stripe's event type.
        created_seconds: when it happened, since 1970.
        livemode: whether real money moved.
        account: the connected account that it happened on; None: the endpoint's own.
        object_id: Stripe's id of the object that it carries; None where the type is not one that we read.
        subject_kind: what is to be read about it, such as "payment"; None where the type is not one that we read.
        subject_id: Stripe's id of that; None where it names none.
    """

    event_id: str
    type: str
    created_seconds: int
    livemode: bool
    account: str | None
    object_id: str | None
    subject_kind: str | None
    subject_id: str | None


def read_event(raw_body: bytes) -> StripeEvent:
    """The event in a webhook's body.

    Raises:
        InvalidWebhook: it is not strict JSON, or not an event of Stripe's; its text is an `ResponseCode`.
    """
    parsed = strict_json(raw_body)
    if type(parsed) is not dict or parsed.get("object") != "event":
        raise InvalidWebhook(ResponseCode.NOT_AN_EVENT)
    event_type = _text(parsed.get("type"), _TYPE, ResponseCode.BAD_TYPE)
    object_id, subject_kind, subject_id = _subject_of(parsed, event_type)
    return StripeEvent(
        event_id=_text(parsed.get("id"), _EVENT_ID, ResponseCode.BAD_ID),
        type=event_type,
        created_seconds=_moment(parsed.get("created")),
        livemode=_truth(parsed.get("livemode")),
        account=_text_or_none(parsed.get("account"), _OBJECT_ID, ResponseCode.BAD_ACCOUNT),
        object_id=object_id,
        subject_kind=subject_kind,
        subject_id=subject_id,
    )


def _subject_of(parsed: Json, event_type: str) -> tuple[str | None, str | None, str | None]:
    """Return the object's id, and kind and id of what is to be read. Of types that we do not know nothing is read."""
    data = parsed.get("data")
    carried = data.get("object") if type(data) is dict else None
    if type(carried) is not dict:
        raise InvalidWebhook(ResponseCode.BAD_OBJECT)
    known = OBJECT_OF.get(event_type)
    if known is None:
        return None, None, None
    if carried.get("object") != known:
        raise InvalidWebhook(ResponseCode.BAD_OBJECT)
    object_id, place = _text(carried.get("id"), _OBJECT_ID, ResponseCode.BAD_OBJECT), SUBJECT_PLACES[known]
    named = parsed.get("account") if place.field is None else carried.get(place.field)
    return object_id, place.kind, _text_or_none(named, _OBJECT_ID, ResponseCode.BAD_OBJECT)


def _text(value: object, pattern: re.Pattern[str], code: ResponseCode) -> str:
    if type(value) is not str or not pattern.fullmatch(value):
        raise InvalidWebhook(code)
    return value


def _text_or_none(value: object, pattern: re.Pattern[str], code: ResponseCode) -> str | None:
    return None if value is None else _text(value, pattern, code)


def _moment(value: object) -> int:
    if type(value) is not int or not 0 <= value <= _LAST_SECOND:
        raise InvalidWebhook(ResponseCode.BAD_CREATED)
    return value


def _truth(value: object) -> bool:
    if type(value) is not bool:
        raise InvalidWebhook(ResponseCode.BAD_LIVEMODE)
    return value


# Strict JSON


def strict_json(raw_body: bytes) -> object:
    """What a body says, where it can be read in one way only.

    Raises:
        InvalidWebhook: it is not UTF-8, not JSON, has a key twice, a number that is none or too large, or is too deep.
    """
    try:
        parsed = _DECODER.decode(raw_body.decode("utf-8"))
    except UnicodeDecodeError:
        raise InvalidWebhook(ResponseCode.NOT_UTF8) from None
    except json.JSONDecodeError:
        raise InvalidWebhook(ResponseCode.NOT_JSON) from None
    except ValueError:  # what is left of them: an int of more digits than Python converts
        raise InvalidWebhook(ResponseCode.NUMBER_OUT_OF_RANGE) from None
    except RecursionError:
        raise InvalidWebhook(ResponseCode.TOO_DEEP) from None
    # Few bodies have enough brackets to be too deep; only those are walked.
    if raw_body.count(b"{") + raw_body.count(b"[") > MOST_LEVELS and _is_too_deep(parsed):
        raise InvalidWebhook(ResponseCode.TOO_DEEP)
    return parsed


def _is_too_deep(parsed: object) -> bool:
    level = [parsed]
    for _ in range(MOST_LEVELS):
        level = [inner for outer in level for inner in _parts_of(outer) if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def _parts_of(parsed: object) -> list[object]:
    return list(parsed.values()) if isinstance(parsed, Mapping) else list(parsed) if isinstance(parsed, list) else []


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    parsed = dict(pairs)
    if len(parsed) != len(pairs):
        raise InvalidWebhook(ResponseCode.KEY_TWICE)
    return parsed


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise InvalidWebhook(ResponseCode.NUMBER_OUT_OF_RANGE)
    return number


def _no_constant(name: str) -> NoReturn:
    raise InvalidWebhook(ResponseCode.NOT_JSON)  # NaN, Infinity: Python's json reads them, JSON has none


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_finite, parse_constant=_no_constant)
