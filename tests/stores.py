"""Stores by name, for tests that run on each."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from payflows.store.memory import InMemoryStore
from payflows.store.sql import SqlStore, directly

_NUMBERS = count()


def make_store(name: str, folder: Path) -> InMemoryStore | SqlStore:
    """An empty store, which runs its transactions where it is called."""
    return InMemoryStore() if name == "memory" else SqlStore(folder / f"{next(_NUMBERS)}.sqlite", run=directly)
