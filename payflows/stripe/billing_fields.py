"""Fields of Stripe's objects, read by their types. What an object means is in the mappings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

import stripe

from payflows.errors import UnreadableAnswer
from payflows.stripe.mapping import text_in

_Found = TypeVar("_Found", bound=stripe.StripeObject)


def object_of(answer: object, kind: type[_Found]) -> _Found:
    """Return the answer, which is of this kind and of test mode."""
    found = modeless(answer, kind)
    if found["livemode"]:
        raise UnreadableAnswer(f"{kind.__name__} {text_in(found, 'id')} is in live mode, and our key is not")
    return found


def modeless(answer: object, kind: type[_Found]) -> _Found:
    """Return the answer, which is of this kind; one of those that do not say their mode."""
    if not isinstance(answer, kind):
        raise UnreadableAnswer(f"Stripe's answer is a {type(answer).__name__}, not a {kind.__name__}")
    return answer


def part_of(value: object) -> stripe.StripeObject:
    """Return a part of an object that is an object itself."""
    if not isinstance(value, stripe.StripeObject):
        raise UnreadableAnswer(f"Stripe's answer has a {type(value).__name__} where an object stands")
    return value


def text_of(found: stripe.StripeObject, field: str) -> str:
    """Return a text, or the id of the object that stands there expanded."""
    value = text_or_none(found, field)
    if value is None:
        raise UnreadableAnswer(f"Stripe's answer has no text as its {field}")
    return value


def text_or_none(found: stripe.StripeObject, field: str) -> str | None:
    """Return a text, or the id of the object that stands there expanded; None where neither does."""
    value = getattr(found, field, None)
    return text_in(value, "id") if isinstance(value, stripe.StripeObject) else text_in(found, field)


def whole_of(found: stripe.StripeObject, field: str) -> int:
    """Return a whole number."""
    value = found[field]
    if type(value) is not int:
        raise UnreadableAnswer(f"Stripe's answer has no whole number as its {field}")
    return value


def moment_of(found: stripe.StripeObject, field: str) -> datetime:
    """Return a moment."""
    return datetime.fromtimestamp(whole_of(found, field), UTC)


def moment_or_none(found: stripe.StripeObject, field: str) -> datetime | None:
    """Return a moment; None where none stands there."""
    return None if getattr(found, field, None) is None else moment_of(found, field)
