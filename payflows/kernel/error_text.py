"""What went wrong, for a person to read: of errors that are not ours only the kind and the place."""

from __future__ import annotations

from traceback import walk_tb

from payflows.errors import PayflowsError

LONGEST_REASON = 200


def safe_error_text(error: Exception) -> str:
    """The error's type and where it was raised; its text only where it is one of ours.

    The text of any other may hold a customer's data: `KeyError: 'ada@example.com'`.
    """
    name = type(error).__name__
    if isinstance(error, PayflowsError):
        return f"{name}: {error}"[:LONGEST_REASON]
    *_, (frame, line) = (*walk_tb(error.__traceback__),) or ((None, 0),)
    return name if frame is None else f"{name} in {frame.f_code.co_name}, line {line}"
