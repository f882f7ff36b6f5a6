"""At which level faults strike a story: the calls of ports, or the HTTP requests that the SDK makes of them."""

from __future__ import annotations

from pkgutil import resolve_name

from payflows.errors import InvalidPolicy

from simulations.checkout.stories import STORIES, Story
from simulations.search.universe import Universe

WIRE = "wire:"
"""Before a story's name: it is told over HTTP, and its faults strike there."""

_WIRE_UNIVERSE = "simulations.search.http_universe:WireUniverse"
"""By name, since the SDK takes half a second to import and is an extra."""


def level_of(name: str) -> tuple[Story, type[Universe]]:
    """The story and its kind of universe, such as of `paid` or `wire:paid`. Raises `InvalidPolicy`: there is none."""
    story = STORIES.get(name.removeprefix(WIRE))
    if story is None:
        raise InvalidPolicy(f"a story is one of {', '.join(STORIES)}, with or without {WIRE!r} before it, got {name!r}")
    return story, resolve_name(_WIRE_UNIVERSE) if name.startswith(WIRE) else Universe
