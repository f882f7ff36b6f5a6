"""Objects at Stripe by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from simulations.stripe.core.errors import InvalidRequest

T = TypeVar("T")


class Registry(Generic[T]):
    """All objects of one type.

    Args:
        type_name: Stripe's name of the type, such as `payment_intent`.
    """

    __slots__ = ("_objects", "_type_name")

    def __init__(self, type_name: str) -> None:
        self._type_name = type_name
        self._objects: dict[str, T] = {}

    def add(self, object_id: str, new: T) -> None:
        """Add an object."""
        self._objects[object_id] = new

    def find(self, object_id: str) -> T:
        """Return the object. Raises `InvalidRequest` (`resource_missing`)."""
        found = self._objects.get(object_id)
        if found is None:
            raise InvalidRequest(f"No such {self._type_name}: '{object_id}'", "resource_missing")
        return found

    def remove(self, object_id: str) -> None:
        """Forget an object that is there."""
        del self._objects[object_id]

    def move(self, object_ids: Iterable[str], into: Registry[T]) -> None:
        """Move objects into another registry."""
        into._objects.update((object_id, self._objects.pop(object_id)) for object_id in object_ids)

    def __len__(self) -> int:
        return len(self._objects)

    def __iter__(self) -> Iterator[T]:
        return iter(self._objects.values())
