"""The error tree: as drawn, rebuildable, and with messages that a person can read."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator

import pytest

from payflows import errors
from payflows.errors import CallRejected, PayflowsError, PaymentDeclined
from simulations.stripe.core import errors as stripe_errors


def family(root: type[PayflowsError]) -> Iterator[type[PayflowsError]]:
    """The root and all that descends from it, as far as `payflows.errors` defines it."""
    yield root
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from family(child)


def drawn(docstring: str) -> dict[str, str | None]:
    """Child and parent of every line of the drawing."""
    lines = [line for line in docstring.splitlines() if line.strip().startswith(("PayflowsError", "│", "├", "└"))]
    parents: dict[str, str | None] = {}
    branch: list[str] = []
    for line in lines:
        depth = next(place for place, letter in enumerate(line.lstrip(" ")) if letter.isalpha()) // 4
        indent = len(line) - len(line.lstrip(" "))
        name = line[indent:].lstrip("│├└─ ").split()[0].rstrip(";")
        branch[depth:] = [name]
        parents[name] = branch[depth - 1] if depth else None
    return parents


FAMILY = tuple(family(PayflowsError))
AT_STRIPE = tuple(
    kind
    for kind in vars(stripe_errors).values()
    if isinstance(kind, type) and kind.__module__ == stripe_errors.__name__
)
EVERY_ERROR = (*FAMILY, *AT_STRIPE)


def samples(kind: type[PayflowsError]) -> list[PayflowsError]:
    """One of the kind for each way in which it is made."""
    if issubclass(kind, PaymentDeclined):
        return [kind("card_declined"), kind("card_declined", "lost_card"), kind("card_declined", "lost_card", "ch_1")]
    if issubclass(kind, CallRejected):
        return [kind("no such payment"), kind("no such payment", "resource_missing")]
    return [kind("what is allowed, and what came")]


EVERY_SAMPLE = [sample for kind in EVERY_ERROR for sample in samples(kind)]


def test_the_drawing_shows_the_tree() -> None:
    real = {kind.__name__: kind.__bases__[0].__name__ for kind in FAMILY[1:]}

    assert drawn(PayflowsError.__doc__ or "") == {"PayflowsError": None, **real}


def test_no_error_of_the_module_stands_outside_the_tree() -> None:
    defined = {value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, BaseException)}

    assert defined == set(FAMILY)


@pytest.mark.parametrize("kind", EVERY_ERROR)
def test_every_error_says_when_it_comes(kind: type[PayflowsError]) -> None:
    assert kind.__doc__ is not None
    assert kind.__doc__ != (kind.__base__ or object).__doc__


@pytest.mark.parametrize("error", EVERY_SAMPLE, ids=repr)
def test_every_error_can_be_rebuilt_from_its_args(error: PayflowsError) -> None:
    for rebuilt in (type(error)(*error.args), pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(rebuilt) is type(error)
        assert str(rebuilt) == str(error)
        assert vars(rebuilt) == vars(error)


@pytest.mark.parametrize("error", EVERY_SAMPLE, ids=repr)
def test_messages_carry_no_class_noise(error: PayflowsError) -> None:
    message = str(error)

    assert type(error).__name__ not in message
    assert not set("()'<>").intersection(message.removesuffix("(resource_missing)"))


def test_a_decline_says_the_issuers_reason_where_there_is_one() -> None:
    assert str(PaymentDeclined("card_declined", "lost_card", "ch_1")) == "lost_card"
    assert str(PaymentDeclined("expired_card")) == "expired_card"


def test_a_refused_call_says_stripes_code_where_there_is_one() -> None:
    assert str(CallRejected("no such payment", "resource_missing")) == "no such payment (resource_missing)"
    assert str(CallRejected("no such payment")) == "no such payment"
