"""What is new about a charge's money between two of its versions: refunds, and disputes, whoever made them."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto

from payflows.payments.charge import Charge


class MoneyNews(Enum):
    """Something that became of money which had been taken."""

    REFUNDED = auto()
    """All of it went back."""
    REFUNDED_IN_PART = auto()
    """A part of it went back, and not by us."""
    REFUND_REOPENED = auto()
    """All of it had gone back, and has come again: it is to be given back once more."""
    REFUND_FAILED = auto()
    """A part of it had gone back, and has come again."""
    DISPUTED = auto()
    DISPUTE_LOST = auto()
    DISPUTE_WON = auto()


def money_news(old: Charge, new: Charge) -> Iterator[MoneyNews]:
    """Return what is new, in the order in which it is announced.

    A dispute that was lost may still be won, which lessens what is lost.
    """
    if new.refunded and not old.refunded:
        yield MoneyNews.REFUNDED
    elif new.refunded_minor > old.refunded_minor and not new.refund_asked:
        yield MoneyNews.REFUNDED_IN_PART
    if old.refunded and not new.refunded:
        yield MoneyNews.REFUND_REOPENED
    elif new.refunded_minor < old.refunded_minor:
        yield MoneyNews.REFUND_FAILED
    if new.disputed and not old.disputed:
        yield MoneyNews.DISPUTED
    if new.lost_minor > old.lost_minor:
        yield MoneyNews.DISPUTE_LOST
    elif new.lost_minor < old.lost_minor or (old.disputed and not new.disputed):
        yield MoneyNews.DISPUTE_WON
