"""One failed invoice under one schedule, hour by hour: who ends the case, when, and what was done until then."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from simulations.models.chance import NEVER
from simulations.models.customer import (
    Reaction,
    flat_cancel_hour,
    new_card_pays,
    reaction_to_notice,
    spontaneous_update_hour,
    update_hour_after_notice,
)
from simulations.models.issuer import approves, cause_of, code_of, is_hard
from simulations.models.tables import DunningTables


class Outcome(IntEnum):
    """How a case ends, in the order in which these come within one hour."""

    UPDATED_AFTER_NOTICE = 1
    UPDATED_SPONTANEOUSLY = 2
    RETRY_SUCCEEDED = 3
    CANCELLED_ON_NOTICE = 4
    CANCELLED_OTHERWISE = 5
    RAN_OUT = 6


class Ending(NamedTuple):
    """What became of a failed invoice.

    Attributes:
        outcome: an `Outcome`.
        hour: since the first attempt failed.
        attempts: retries made, the one that succeeded included.
        notices: notices sent.
        updates: cards given and charged, the one that paid included.
    """

    outcome: int
    hour: int
    attempts: int
    notices: int
    updates: int

    @property
    def is_recovered(self) -> bool:
        """Whether the invoice was paid."""
        return self.outcome <= Outcome.RETRY_SUCCEEDED


def follow(tables: DunningTables, case: int, attempts: Sequence[int], notices: Sequence[int], close: int) -> Ending:
    """Return the ending of a case; the three last say a schedule, as `Schedule` checks it.

    Within an hour, cures and paydays come first (`approves` knows them), then updates of the card, a retry, a notice
    with its cancel, a cancel for other reasons, the close. What was still to come is dropped.
    """
    cause = cause_of(tables, case)
    retries = 0 if is_hard(code_of(tables, case, cause)) else len(attempts)
    spontaneous, leaves = spontaneous_update_hour(tables, case), flat_cancel_hour(tables, case)
    by_notice = [NEVER for _ in notices]
    tried = sent = updates = 0
    hour = -1
    while True:
        hour = _next_hour(hour, (spontaneous, leaves, close), by_notice, sent)
        if tried < retries:
            hour = min(hour, attempts[tried])
        if sent < len(notices):
            hour = min(hour, notices[sent])
        for number in range(1, sent + 1):
            if by_notice[number - 1] == hour:
                updates += 1
                if new_card_pays(tables, case, number):
                    return Ending(Outcome.UPDATED_AFTER_NOTICE, hour, tried, sent, updates)
        if spontaneous == hour:
            updates += 1
            if new_card_pays(tables, case, 0):
                return Ending(Outcome.UPDATED_SPONTANEOUSLY, hour, tried, sent, updates)
        if tried < retries and attempts[tried] == hour:
            tried += 1
            if approves(tables, case, cause, hour):
                return Ending(Outcome.RETRY_SUCCEEDED, hour, tried, sent, updates)
        if sent < len(notices) and notices[sent] == hour:
            sent += 1
            reaction = reaction_to_notice(tables, case, cause, sent, hour)
            if reaction == Reaction.CANCELS:
                return Ending(Outcome.CANCELLED_ON_NOTICE, hour, tried, sent, updates)
            if reaction == Reaction.UPDATES_CARD:
                by_notice[sent - 1] = update_hour_after_notice(tables, case, sent, hour)
        if leaves == hour:
            return Ending(Outcome.CANCELLED_OTHERWISE, hour, tried, sent, updates)
        if close == hour:
            return Ending(Outcome.RAN_OUT, hour, tried, sent, updates)


def _next_hour(now: int, alone: Sequence[int], by_notice: Sequence[int], sent: int) -> int:
    """Return the first hour after now at which a customer acts or the invoice is closed."""
    following = NEVER
    for hour in alone:
        if now < hour < following:
            following = hour
    for number in range(sent):
        if now < by_notice[number] < following:
            following = by_notice[number]
    return following
