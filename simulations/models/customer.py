"""The customer of the calibration: answers to notices, updates of the card, cancellations. Pure scalar functions."""

from __future__ import annotations

from enum import IntEnum

from simulations.models.chance import APPROVED, DELAY, FLAT, NOTICE, SPONTANEOUS, hours_until_over, uniform
from simulations.models.tables import LAST_CLICK_HOUR, DunningTables


class Reaction(IntEnum):
    """What a customer does about a notice."""

    NOTHING = 0
    UPDATES_CARD = 1
    CANCELS = 2


def update_chance(tables: DunningTables, cause: int, number: int, hour: int) -> float:
    """Return the chance that a notice, the `number`-th from 1, makes the customer update the card."""
    by_day = tables.click_by_hour[min(hour, LAST_CLICK_HOUR)]
    by_number = tables.click_by_number[min(number, len(tables.click_by_number)) - 1]
    return min(1.0, by_day * by_number * tables.response[cause])


def reaction_to_notice(tables: DunningTables, case: int, cause: int, number: int, hour: int) -> int:
    """Return what the customer does about a notice sent at that hour, a `Reaction`; who cancels does so immediately."""
    drawn = uniform(case, NOTICE, number)
    updates = update_chance(tables, cause, number, hour)
    if drawn < updates:
        return Reaction.UPDATES_CARD
    return Reaction.CANCELS if drawn < updates + tables.cancel_per_notice else Reaction.NOTHING


def update_hour_after_notice(tables: DunningTables, case: int, number: int, hour: int) -> int:
    """Return when the customer who updates the card after that notice does so."""
    delay_hours = tables.delay_least_hours + int(tables.delay_span_hours * uniform(case, DELAY, number))
    return hour + delay_hours


def spontaneous_update_hour(tables: DunningTables, case: int) -> int:
    """Return when the customer updates the card without being asked; `NEVER`: not within the horizon."""
    return hours_until_over(tables.spontaneous_curve, uniform(case, SPONTANEOUS, 0))


def new_card_pays(tables: DunningTables, case: int, number: int) -> bool:
    """Return whether the card given after that notice pays when it is charged; number 0 is the one given unasked."""
    return uniform(case, APPROVED, number) < tables.new_card_approved


def flat_cancel_hour(tables: DunningTables, case: int) -> int:
    """Return when the customer would cancel under any policy; `NEVER`: not within the horizon."""
    return hours_until_over(tables.flat_curve, uniform(case, FLAT, 0))
