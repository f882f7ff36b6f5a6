"""Ids of Stripe's objects: derived, never drawn, so that an object has the same id in every run."""

from __future__ import annotations

from hashlib import blake2b


def derived_id(prefix: str, *origin: object) -> str:
    """Return an id that says where the object comes from, such as its order and its number there."""
    return f"{prefix}_" + blake2b(":".join(map(str, origin)).encode(), digest_size=12).hexdigest()
