"""The codec: frozen values as JSON and back, by their type hints. What is kept of them, and where, is the store's.

A field that is not stored is read as its default, so that one added with a default needs no upgrade.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from inspect import Parameter, signature
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from payflows.errors import UnreadableRow

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PLAIN = (str, int, bool, NoneType)

TAG = "type"
"""The field that says which type of a union a value has."""


class Codec(NamedTuple):
    """How values of one type are written as JSON, and read again: what is written is read as an equal value.

    Attributes:
        encode: from a value to what `json` writes.
        decode: from what `json` reads to a value.
    """

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


def us_of(moment: datetime) -> int:
    """Return the microseconds from 1970 to a moment: whole numbers sort, and do not drift."""
    return (moment - EPOCH) // _MICROSECOND


def moment_of(us: int) -> datetime:
    """Return the moment this many microseconds after 1970, in UTC."""
    return EPOCH + us * _MICROSECOND


def codec_of(hint: object) -> Codec:
    """Return the codec of a type, made once.

    Raises:
        TypeError: it is none that a stored value may have: a list, a float, a callable.
    """
    codec = _codecs.get(hint)
    if codec is None:
        codec = _codecs[hint] = _codec(hint)
    return codec


_codecs: dict[object, Codec] = {}


def _codec(hint: object) -> Codec:
    if hint in _PLAIN:
        return Codec(_same, _same)
    if hint is datetime:
        return Codec(us_of, moment_of)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return Codec(_value_of, _member_of(hint))
    if isinstance(hint, type) and (is_dataclass(hint) or hasattr(hint, "_fields")):
        return _codec_of_fields(hint)
    return _codec_of_generic(hint)


def _codec_of_generic(hint: object) -> Codec:
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _codec_of_union(parts)
    if origin is tuple and len(parts) == 2 and parts[1] is ...:
        item = codec_of(parts[0])
        return Codec(lambda items: [item.encode(each) for each in items], lambda read: tuple(map(item.decode, read)))
    if origin is tuple:
        items = [codec_of(part) for part in parts]
        return Codec(
            lambda values: [item.encode(value) for item, value in zip(items, values, strict=True)],
            lambda read: tuple(item.decode(value) for item, value in zip(items, read, strict=True)),
        )
    if isinstance(origin, type) and issubclass(origin, Mapping) and parts[0] is str:
        item = codec_of(parts[1])
        return Codec(
            lambda held: {name: item.encode(value) for name, value in held.items()},
            lambda read: {name: item.decode(value) for name, value in read.items()},
        )
    raise TypeError(f"a stored value cannot hold {hint!r}")


def _codec_of_fields(kind: type) -> Codec:
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)] if is_dataclass(kind) else list(kind._fields)  # type: ignore[attr-defined]  # a NamedTuple
    codecs = {name: codec_of(hints[name]) for name in names}

    required = {each.name for each in signature(kind).parameters.values() if each.default is Parameter.empty}

    def encode(value: object) -> dict[str, Any]:
        return {name: codec.encode(getattr(value, name)) for name, codec in codecs.items()}

    def decode(read: Mapping[str, Any]) -> object:
        if unknown := read.keys() - codecs.keys():
            raise UnreadableRow(f"{kind.__name__} has no field {' or '.join(sorted(unknown))}; an upgrade may drop it")
        if missing := required - read.keys():
            raise UnreadableRow(f"{kind.__name__} needs {' and '.join(sorted(missing))}; an upgrade may add it")
        return kind(**{name: codecs[name].decode(value) for name, value in read.items()})

    return Codec(encode, decode)


def _codec_of_union(parts: tuple[Any, ...]) -> Codec:
    if all(part in _PLAIN for part in parts):
        return Codec(_same, _same)
    values = [part for part in parts if part is not NoneType]
    one = codec_of(values[0]) if len(values) == 1 else _codec_of_tagged(values)

    def encode(value: object) -> object:
        return None if value is None else one.encode(value)

    def decode(read: object) -> object:
        return None if read is None else one.decode(read)

    return Codec(encode, decode)


def _codec_of_tagged(kinds: list[Any]) -> Codec:
    """Of several types: each value says which of them it has."""
    by_name = {kind.__name__: codec_of(kind) for kind in kinds}

    def encode(value: object) -> dict[str, Any]:
        name = type(value).__name__
        return {TAG: name, "value": by_name[name].encode(value)}

    def decode(read: Mapping[str, Any]) -> object:
        if read[TAG] not in by_name:
            raise UnreadableRow(f"a value is one of {', '.join(by_name)}, and {read[TAG]} is stored")
        return by_name[read[TAG]].decode(read["value"])

    return Codec(encode, decode)


def _same(value: object) -> object:
    return value


def _value_of(member: Enum) -> object:
    return member.value


def _member_of(kind: type[Enum]) -> Callable[[object], Enum]:
    by_value = {member.value: member for member in kind}

    def decode(read: object) -> Enum:
        if read not in by_value:
            raise UnreadableRow(f"{kind.__name__} has no member {read!r}; an upgrade may rename it")
        return by_value[read]

    return decode
