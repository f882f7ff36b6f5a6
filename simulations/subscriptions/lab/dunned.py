"""One failed renewal on arrays: what the policy, the customer and Stripe do until it is over, in the order of time.

Of one moment Stripe's charge comes first, then what the customer does, an attempt, a notice, the last step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from simulations.models.chance import FLAT, NEVER, case_of, hours_until_over, uniform
from simulations.models.customer import (
    Reaction,
    new_card_pays,
    reaction_to_notice,
    spontaneous_update_hour,
    update_hour_after_notice,
)
from simulations.models.dunning import Outcome
from simulations.models.issuer import approves, cause_of, code_of
from simulations.models.tables import DunningTables
from simulations.subscriptions.lab.calendar import DAY, period_end
from simulations.subscriptions.lab.columns import (
    ATTEMPTS,
    CARD,
    CARDS,
    CAUSE,
    CHARGED_AT,
    CODE,
    ENDED_AT,
    ENDED_BY,
    FAILED_AT,
    IS_DRAFT,
    IS_PAID_FOR,
    LEAVES_AT,
    LEAVES_WITH_PERIOD,
    NEVER_AT,
    NEW_CARD,
    NOTICES,
    OPEN,
    OUTCOME,
    OVER_AT,
    PAID,
    PERIOD,
    PERIOD_ENDS_AT,
    READ,
    RENEWAL,
    SUBSCRIBER,
    TRIES,
    EndedBy,
)
from simulations.subscriptions.lab.tables import Curves, Integers, LabYear, Matrix, PolicyTables

HOUR = 3_600
LEAVING, UNASKED, AFTER_NOTICE = 600, -600, -1_200
"""Where in their hour customers act, in seconds (`year.calibrated_customer`)."""
LAST_STEP_AFTER = 1_200


class Scratch(NamedTuple):
    """Room for what is under way.

    Attributes:
        lives: a row for each subscriber.
        episodes: a row for each episode.
        updates: by the number of a notice, when its customer gives another card because of it.
        tried_at: when a policy had a card of a subscriber tried.
        tried_card: which card that was.
    """

    lives: Matrix
    episodes: Matrix
    updates: Integers
    tried_at: Integers
    tried_card: Integers


def collect(
    year: LabYear,
    curves: Curves,
    policy: PolicyTables,
    tables: DunningTables,
    number: int,
    life: Integers,
    episode: Integers,
    scratch: Scratch,
) -> bool:
    """Let a policy collect a renewal that has just failed; True: it was paid, and the subscription goes on."""
    case = case_of(year.seed, number, life[RENEWAL])
    _fail(curves[life[RENEWAL]], tables, number, case, life, episode, scratch.updates)
    attempts, notices = 0, 0
    closes_at = moment_of(policy.last_day, policy.hour, life[CHARGED_AT]) + LAST_STEP_AFTER
    while episode[OUTCOME] == 0:
        attempt_at = moment_of(policy.attempts[attempts], policy.hour, life[CHARGED_AT])
        notice_at = moment_of(policy.notices[notices], policy.hour, life[CHARGED_AT])
        stripe_at = life[PERIOD_ENDS_AT] + HOUR * life[IS_DRAFT]
        card = next_card(episode, scratch.updates)
        card_at = scratch.updates[card]
        now = min(stripe_at, card_at, life[LEAVES_AT], attempt_at, notice_at, closes_at)
        if now > year.until:
            return False
        if now == stripe_at:
            _period_passes(year, tables, case, now, life, episode)
        elif now == card_at:
            scratch.updates[card] = NEVER_AT
            _give_card(tables, case, card, now, life, episode)
        elif now == life[LEAVES_AT]:
            _leave(year, now, life, episode)
        elif now == attempt_at:
            attempts += 1
            _attempt(policy, tables, case, now, life, episode, scratch)
        elif now == notice_at:
            notices += 1
            _remind(tables, case, now, life, episode, scratch)
        else:
            _end(Outcome.RAN_OUT, EndedBy.DUNNING, now, life, episode)
    if year.leaves_only_unpaid:
        life[LEAVES_AT] = NEVER_AT
    return life[ENDED_BY] == EndedBy.NOTHING


def moment_of(day: int, hour: int, failed_at: int) -> int:
    """Return the second of a policy's day: never before the failure."""
    if hour < 0:
        return failed_at + DAY * day
    return max(failed_at, failed_at - failed_at % DAY + DAY * day + HOUR * hour)


def next_card(episode: Integers, updates: Integers) -> int:
    """Return because of which notice the customer gives a card next; 0: of none."""
    first = 0
    for notice in range(1, episode[READ] + 1):
        if updates[notice] < updates[first]:
            first = notice
    return first


def _fail(
    leaving: Sequence[float],
    tables: DunningTables,
    number: int,
    case: int,
    life: Integers,
    episode: Integers,
    updates: Integers,
) -> None:
    """Begin an episode: what the bank and the customer will do is drawn now."""
    failed_at = life[CHARGED_AT]
    cause = cause_of(tables, case)
    episode[SUBSCRIBER], episode[FAILED_AT], episode[CAUSE] = number, failed_at, cause
    episode[CODE] = code_of(tables, case, cause)
    for column in (OUTCOME, OVER_AT, ATTEMPTS, NOTICES, CARDS, IS_PAID_FOR, READ):
        episode[column] = 0
    episode[NEW_CARD] = -1
    updates[0] = at_hour(failed_at, spontaneous_update_hour(tables, case), UNASKED)
    leaves = hours_until_over(leaving, uniform(case, FLAT, 0))
    life[LEAVES_AT] = at_hour(failed_at, leaves, LEAVING)
    life[OPEN] = 1


def at_hour(failed_at: int, hour: int, place: int) -> int:
    """Return when a customer acts in that hour since the failure."""
    return NEVER_AT if hour == NEVER else failed_at + HOUR * hour + place


def _pays(tables: DunningTables, case: int, now: int, life: Integers, episode: Integers) -> bool:
    """Charge an open invoice: the card that there is, or the new one, as the bank says."""
    if not episode[IS_PAID_FOR]:
        if episode[NEW_CARD] < 0:
            hour = (now - life[CHARGED_AT] + HOUR // 2) // HOUR
            pays = approves(tables, case, episode[CAUSE], hour)
        else:
            pays = new_card_pays(tables, case, episode[NEW_CARD])
            episode[NEW_CARD] = -1
        if not pays:
            return False
        episode[IS_PAID_FOR] = 1
    life[OPEN] -= 1
    life[PAID] += 1
    return True


def _period_passes(
    year: LabYear, tables: DunningTables, case: int, now: int, life: Integers, episode: Integers
) -> None:
    """Let the period end, or charge the invoice of the next, which joins the episode if it is not paid."""
    if not life[IS_DRAFT]:
        if life[LEAVES_WITH_PERIOD]:
            _end(Outcome.CANCELLED_OTHERWISE, EndedBy.PERIOD, now, life, episode)
        life[IS_DRAFT] = 1
        return
    life[IS_DRAFT] = 0
    life[PERIOD] += 1
    life[PERIOD_ENDS_AT] = period_end(year, life, life[PERIOD] + 1)
    life[OPEN] += 1
    _pays(tables, case, now, life, episode)


def _give_card(tables: DunningTables, case: int, notice: int, now: int, life: Integers, episode: Integers) -> None:
    """Let the customer give another card, which all that is open is charged to; not if it has become needless."""
    if episode[IS_PAID_FOR]:
        return
    episode[CARDS] += 1
    life[CARD] += 1
    episode[NEW_CARD] = notice
    for _ in range(life[OPEN]):
        _pays(tables, case, now, life, episode)
    if life[OPEN] == 0:
        episode[OVER_AT] = now
        episode[OUTCOME] = Outcome.UPDATED_AFTER_NOTICE if notice else Outcome.UPDATED_SPONTANEOUSLY


def _leave(year: LabYear, now: int, life: Integers, episode: Integers) -> None:
    """Let the customer leave: immediately, or with the period if their bank pays again."""
    life[LEAVES_AT] = NEVER_AT
    if not episode[IS_PAID_FOR]:
        _end(Outcome.CANCELLED_OTHERWISE, EndedBy.CUSTOMER, now, life, episode)
    elif not year.leaves_only_unpaid:
        life[LEAVES_WITH_PERIOD] = 1


def _attempt(
    policy: PolicyTables,
    tables: DunningTables,
    case: int,
    now: int,
    life: Integers,
    episode: Integers,
    scratch: Scratch,
) -> None:
    """Try the card on what is open, oldest first, as long as it pays; not after a hard decline or beyond a limit."""
    while life[OPEN] > 0:
        if not policy.is_retried[episode[CODE]] or is_beyond_limits(policy, now, life, scratch):
            return
        scratch.tried_at[life[TRIES]] = now
        scratch.tried_card[life[TRIES]] = life[CARD]
        life[TRIES] += 1
        episode[ATTEMPTS] += 1
        if not _pays(tables, case, now, life, episode):
            return
    episode[OUTCOME], episode[OVER_AT] = Outcome.RETRY_SUCCEEDED, now


def is_beyond_limits(policy: PolicyTables, now: int, life: Integers, scratch: Scratch) -> bool:
    """Return whether a card network allows no other try of this card."""
    if life[TRIES] < policy.least_limit:
        return False
    for limit in range(len(policy.limits)):
        since, tries = now - DAY * policy.limit_days[limit], 0
        newest = life[TRIES] - 1
        while newest >= 0 and scratch.tried_at[newest] > since:
            tries += scratch.tried_card[newest] == life[CARD]
            newest -= 1
        if tries >= policy.limits[limit]:
            return True
    return False


def _remind(tables: DunningTables, case: int, now: int, life: Integers, episode: Integers, scratch: Scratch) -> None:
    """Send a notice, because of which the customer may cancel immediately, or give another card later."""
    episode[NOTICES] += 1
    if episode[IS_PAID_FOR]:
        return
    episode[READ] += 1
    read, failed_at = episode[READ], life[CHARGED_AT]
    scratch.updates[read] = NEVER_AT
    hour = (now - failed_at + HOUR // 2) // HOUR
    reaction = reaction_to_notice(tables, case, episode[CAUSE], read, hour)
    if reaction == Reaction.CANCELS:
        _end(Outcome.CANCELLED_ON_NOTICE, EndedBy.NOTICE, now, life, episode)
    elif reaction == Reaction.UPDATES_CARD:
        updates = update_hour_after_notice(tables, case, read, hour)
        scratch.updates[read] = at_hour(failed_at, updates, AFTER_NOTICE) + read


def _end(outcome: int, ended_by: int, now: int, life: Integers, episode: Integers) -> None:
    """End the subscription, and with it the episode."""
    episode[OUTCOME], episode[OVER_AT] = outcome, now
    life[ENDED_BY], life[ENDED_AT] = ended_by, now
