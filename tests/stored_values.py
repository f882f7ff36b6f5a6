"""Any value that a store may hold, made from its type hints: a new field is covered as soon as it is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from payflows.money import CURRENCIES, LARGEST_MINOR, Money
from payflows.parties import Customer

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

TEXTS = st.text(max_size=8)
MOMENTS = st.integers(0, 10**16).map(lambda us: EPOCH + timedelta(microseconds=us))
IDS = st.text("abc_ é", min_size=1, max_size=8)

# Values that check themselves, and plain ones.
_STRATEGIES: dict[object, st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: st.integers(),
    bool: st.booleans(),
    NoneType: st.none(),
    datetime: MOMENTS,
    Money: st.builds(Money, st.integers(0, LARGEST_MINOR), st.sampled_from(sorted(CURRENCIES))),
    Customer: st.builds(
        Customer,
        id=IDS,
        email=st.sampled_from(["ada@example.com", "grace@example.org"]),
        stripe_customer_id=st.none() | st.just("cus_NffrFeUfNV2Hib"),
    ),
}


def values_of(hint: object) -> st.SearchStrategy[Any]:
    """All values of a type."""
    if hint not in _STRATEGIES:
        _STRATEGIES[hint] = _values_of(hint)
    return _STRATEGIES[hint]


def _values_of(hint: object) -> st.SearchStrategy[Any]:
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return st.one_of(*map(values_of, parts))
    if origin is tuple and parts[1:] == (...,):
        return st.lists(values_of(parts[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values_of, parts))
    kind: type = origin or cast(type, hint)
    if issubclass(kind, Mapping):
        return st.dictionaries(TEXTS, values_of(parts[1]), max_size=3)
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    hints = get_type_hints(kind)
    return st.builds(kind, **{name: values_of(hints[name]) for name in field_names(kind)})


def field_names(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass or a named tuple."""
    if is_dataclass(kind):
        return tuple(field.name for field in fields(kind))
    return cast(tuple[str, ...], kind._fields)  # type: ignore[attr-defined]  # a named tuple


def with_types(value: object) -> object:
    """The value with the type of each of its parts: two values may be equal, and differ in their types."""
    if is_dataclass(value) or hasattr(value, "_fields"):
        return type(value), [with_types(getattr(value, name)) for name in field_names(type(value))]
    if isinstance(value, tuple):
        return tuple, [with_types(part) for part in value]
    if isinstance(value, Mapping):
        return {name: with_types(part) for name, part in value.items()}
    return type(value), value, getattr(value, "tzinfo", None)
