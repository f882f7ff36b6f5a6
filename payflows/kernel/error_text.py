"""What went wrong, for a person to read: the kind and the place, and nothing that may be a customer's."""

from __future__ import annotations

from traceback import walk_tb

from payflows.errors import PayflowsError

LONGEST_REASON = 200

_IMPERSONAL = ("payflows.kernel.", "payflows.store.")
"""Code that knows no customer, so that the texts of its errors name none."""


def safe_error_text(error: BaseException) -> str:
    """Return the error's type and where it was raised; its text only where the kernel or a store wrote it.

    The text of any other may hold a customer's data: `KeyError: 'ada@example.com'`, or Stripe's "No such customer".
    """
    name = type(error).__name__
    *_, (frame, line) = (*walk_tb(error.__traceback__),) or ((None, 0),)
    module = "payflows.kernel." if frame is None else f"{frame.f_globals.get('__name__', '')}."
    if isinstance(error, PayflowsError) and module.startswith(_IMPERSONAL):
        return f"{name}: {error}"[:LONGEST_REASON]
    return name if frame is None else f"{name} in {frame.f_code.co_name}, line {line}"
