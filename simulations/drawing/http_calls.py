"""HTTP calls as a table: what was sent to Stripe, under which key, and what came back of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from payflows.stripe.http import HttpCall

_DRAWN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

if TYPE_CHECKING:
    import pandas as pd


def http_calls(
    calls: Iterable[HttpCall], *, owner_id: str, names: Mapping[str, str], reflected: Sequence[str]
) -> pd.DataFrame:
    """A row for each call.

    Args:
        calls: in their order.
        owner_id: whose; left out of the keys.
        names: what is shown for an id.
        reflected: the fields of an answer that are shown where it has them.
    """
    import pandas as pd

    return pd.DataFrame(
        {
            "call": f"{call.method} {_named(call.path, names)}",
            "sent": ", ".join(f"{n}={_named(value, names)}" for n, value in call.params.items() if "expand[" not in n),
            "key": _named(_our_key(call.idempotency_key).removeprefix(f"{owner_id}:"), names),
            "answer": call.status,
            "reflected": ", ".join(f"{n}={call.answer[n]}" for n in reflected if call.answer.get(n) is not None),
        }
        for call in calls
    )


def _our_key(key: str | None) -> str:
    """Return a key that we chose; those that the SDK draws itself, for calls that change nothing, are left out."""
    return "" if key is None or _DRAWN.fullmatch(key) else key


def _named(text: str, names: Mapping[str, str]) -> str:
    for id, name in names.items():
        text = text.replace(id, name)
    return text
