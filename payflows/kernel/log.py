"""The log: what whoever runs payflows reads of it, through `logging`'s logger "payflows", and nothing personal.

A record is a fixed sentence with fields of a fixed list, which are attributes of the record too. Of an error it has the
type and the place, and where it helps a traceback without messages: a message may hold what a customer has typed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from traceback import extract_tb
from typing import TypedDict, Unpack

from payflows.kernel.error_text import safe_error_text

LOGGER = logging.getLogger("payflows")


class Fields(TypedDict, total=False):
    """What a record may say: names from our code, ids that we or Stripe made, counts and times.

    Attributes:
        call: the method of a port that was called.
        kind: of aggregate.
        id: the aggregate's.
        before: the status that it left.
        after: the status that it entered.
        queue: on which queue.
        key: of a queue item.
        webhook: Stripe's id of the event.
        task: which of the worker's tasks.
        reason: fixed words.
        retry_at: when it is tried again.
    """

    call: str
    kind: str
    id: str
    before: str
    after: str
    queue: str
    key: str
    webhook: str
    task: str
    reason: str
    retry_at: datetime | None


def debug(what: str, **fields: Unpack[Fields]) -> None:
    """Log what happens all the time. Ask `is_debugging` first where it is hot."""
    _log(logging.DEBUG, what, None, fields)


def is_debugging() -> bool:
    """Whether anyone wants to know."""
    return LOGGER.isEnabledFor(logging.DEBUG)


def warning(what: str, error: BaseException | None = None, **fields: Unpack[Fields]) -> None:
    """Log what comes right by itself."""
    _log(logging.WARNING, what, error, fields)


def error(
    what: str, error: BaseException | None = None, *, with_traceback: bool = False, **fields: Unpack[Fields]
) -> None:
    """Log what a person should look at; of an unexpected error the traceback too."""
    _log(logging.ERROR, what, error, fields, with_traceback=with_traceback)


def _log(level: int, what: str, error: BaseException | None, fields: Fields, *, with_traceback: bool = False) -> None:
    if not LOGGER.isEnabledFor(level) or not LOGGER.hasHandlers():  # a record without a reader costs some 10 us
        return
    said: dict[str, object] = {name: value for name, value in fields.items() if value is not None}
    if error is not None:
        said["error"] = safe_error_text(error)
    words = ", ".join(f"{name} {value}" for name, value in said.items())
    trace = "".join(_frames_of(error)) if with_traceback and error is not None else ""
    LOGGER.log(level, "%s%s", f"{what}: {words}" if words else what, f"\n{trace}".rstrip(), extra=said)


def _frames_of(error: BaseException) -> Iterator[str]:
    """Where an error came from, and what caused it: files, lines and types, without a message."""
    for each in (*getattr(error, "exceptions", ()), error.__cause__ or error.__context__):
        if each is not None:
            yield from _frames_of(each)
    for frame in extract_tb(error.__traceback__):
        yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}\n    {frame.line}\n'
    yield f"{type(error).__name__}\n"
