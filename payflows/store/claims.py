"""Claims within one step: those given back may be taken in it, and none is taken twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from payflows.errors import AlreadyExists
from payflows.kernel.changes import Append, Change, Insert, Replace


def freed_claims(changes: Sequence[Change]) -> set[str]:
    """Return the claims that replaced aggregates give back."""
    replaced = [change for change in changes if isinstance(change, Replace)]
    return {claim for change in replaced for claim in set(change.before.claims()) - set(change.after.claims())}


def check_disjoint(changes: Sequence[Change]) -> None:
    """Raise `AlreadyExists` where two changes of one step want the same id, key, reference or claim."""
    names = [name for change in changes for name in _names_of(change)]
    if len(set(names)) < len(names):  # counted only then: a step is made some ten times for each renewal or order
        name = next(name for name, times in Counter(names).items() if times > 1)
        raise AlreadyExists(f"{' '.join(name)} is written twice in one step")


def _names_of(change: Change) -> Iterator[tuple[str, ...]]:
    if isinstance(change, Insert | Replace):
        after, kind = change.after, change.kind.name
        yield kind, after.id
        yield from ((kind, "reference", reference) for reference in after.references())
        yield from ((kind, "claim", claim) for claim in after.claims())
    elif isinstance(change, Append):
        yield from ((change.kind.name, "entry", entry.key) for entry in change.entries)
