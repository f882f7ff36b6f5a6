"""Values as stable text for traces: no address of an object, no order by hash, nothing personal.

What may be shown is listed, type by type and field by field. Of what is listed but might name a person, or a way to
pay, only a digest is shown: it changes when the value does, and nothing can be read from it. What is not listed is not
shown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from enum import Enum
from hashlib import blake2b
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from payflows.money import Money

Render = Callable[[Any], str]


class Renderer:
    """Shows the values of one business.

    Args:
        fields: the types that may be shown, and their fields, in one line.
        arguments: the keyword arguments of calls that may be shown.
        digested: the fields and arguments of which only a digest is shown: ways to pay, free text, and what is long.
    """

    def __init__(
        self,
        fields: Mapping[type, str] = MappingProxyType({}),
        *,
        arguments: Collection[str] = (),
        digested: Collection[str] = (),
    ) -> None:
        self._fields = fields
        self._arguments = arguments
        self._digested = digested
        self._renders: dict[type, Render] = {
            type(None): str,
            bool: str,
            int: str,
            str: repr,
            bytes: digest,
            datetime: datetime.isoformat,
            Money: str,
        }

    def value(self, value: object) -> str:
        """The value as text, the same in every process; of a type that is not listed only its name."""
        kind = type(value)
        render = self._renders.get(kind)
        if render is None:
            render = self._renders[kind] = self._render_of(kind)
        return render(value)

    def error(self, error: Exception) -> str:
        """The error's type, and a digest of what it says: an answer of Stripe's may repeat what it was asked with."""
        return f"{type(error).__name__} {digest(repr(error.args))}"

    def arguments(self, args: tuple[object, ...], kwargs: Mapping[str, object]) -> str:
        """What a call was asked with; of a keyword argument that is not listed only its name."""
        named = (
            f"{name}={self._named(name, kwargs[name]) if name in self._arguments else '...'}" for name in sorted(kwargs)
        )
        return ", ".join((*map(self.value, args), *named))

    def _named(self, name: str, value: object) -> str:
        return digest(repr(value)) if name in self._digested else self.value(value)

    def _render_of(self, kind: type) -> Render:
        """How values of a type are shown."""
        if kind in self._fields:
            return self._render_of_fields(kind)
        if issubclass(kind, Enum):
            return lambda value: str(value.value)
        if issubclass(kind, Mapping):
            return lambda value: digest(repr(sorted(value.items())))
        if kind in (tuple, list):
            return lambda value: f"[{', '.join(map(self.value, value))}]"
        return lambda value: kind.__name__

    def _render_of_fields(self, kind: type) -> Render:
        """By their names; what is None or False is left out."""
        fields = [(name, attrgetter(name)) for name in self._fields[kind].split()]

        def render(value: object) -> str:
            held = ((name, get(value)) for name, get in fields)
            shown = (f"{name}={self._named(name, it)}" for name, it in held if it is not None and it is not False)
            return f"{kind.__name__}({' '.join(shown)})"

        return render


def digest(text: str | bytes) -> str:
    """What stands for a text that is not shown."""
    encoded = text if isinstance(text, bytes) else text.encode()
    return f"#{blake2b(encoded, digest_size=6).hexdigest()}"
