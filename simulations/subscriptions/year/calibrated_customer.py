"""The calibrated customer in the virtual world: answers to reminders, updates of the card, cancellations.

They act on whole hours since a renewal failed. Within an hour the minutes keep the order of the models: updates of the
card before an attempt, a cancellation after it, and the last step after all of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from payflows.subscriptions.messages import MailKind

from simulations.models import customer
from simulations.models.chance import NEVER
from simulations.models.renewals import RenewalParameters, cancels_after_renewal
from simulations.subscriptions.year.calibrated_bank import HOUR, CalibratedBank, Renewal, TablesOfRenewal
from simulations.subscriptions.year.models import Act, Reaction

AFTER_NOTICE, UNASKED, LEAVING = timedelta(minutes=-20), timedelta(minutes=-10), timedelta(minutes=10)
"""Where in their hour the customer's acts are; attempts and reminders are on the hour."""


class _Plan(NamedTuple):
    """What a customer has in mind, about a renewal: another card because of that notice, or to leave."""

    renewal: Renewal
    card: int | None = None
    is_on_notice: bool = False


class CalibratedCustomer:
    """One customer: they answer reminders, update their card unasked, and leave.

    Args:
        tables: what the models read in the month after a renewal, by its number.
        renewals: how many leave after one.
        bank: theirs.
        leaves_only_unpaid: they do not leave while nothing is open.
    """

    def __init__(
        self, tables: TablesOfRenewal, renewals: RenewalParameters, bank: CalibratedBank, *, leaves_only_unpaid: bool
    ) -> None:
        self._tables = tables
        self._renewals = renewals
        self._leaves_only_unpaid = leaves_only_unpaid
        self._bank = bank
        self._renewal: Renewal | None = None
        self._notices = 0

    def leaves(self, month: int) -> Reaction | None:
        """Return nothing: they think about it with each renewal."""
        return None

    def after_charge(self) -> Sequence[Reaction]:
        """Return what they will do in the month after a renewal, asked or not."""
        renewal = self._bank.latest
        if renewal is None or renewal is self._renewal:
            return ()
        self._renewal, self._notices = renewal, 0
        tables = self._tables(renewal.number)
        leaves = customer.flat_cancel_hour(tables, renewal.case)
        if renewal.failure is not None:
            updates = customer.spontaneous_update_hour(tables, renewal.case)
            return (
                *_at(updates, UNASKED, Act.GIVE_ANOTHER_CARD, _Plan(renewal, card=0)),
                *_at(leaves, LEAVING, Act.CANCEL_NOW, _Plan(renewal)),
            )
        if self._leaves_only_unpaid:
            return ()
        regrets = cancels_after_renewal(renewal.case, self._renewals.cancel_after_renewal)
        if renewal.number and regrets:
            leaves = 1
        return _at(leaves, LEAVING, Act.CANCEL_AT_PERIOD_END, _Plan(renewal))

    def reacts(self, mail: MailKind, number: int, at: datetime, *, is_signing_up: bool) -> Reaction | None:
        """Return what they do about a reminder; they read no other mail."""
        renewal = self._renewal
        failure = None if renewal is None else renewal.failure
        if mail is not MailKind.PAYMENT_REMINDER or renewal is None or failure is None or failure.is_over:
            return None
        self._notices += 1
        sent, hour, tables = self._notices, failure.hour_of(at), self._tables(renewal.number)
        match customer.reaction_to_notice(tables, failure.case, failure.cause, sent, hour):
            case customer.Reaction.CANCELS:
                return Reaction(Act.CANCEL_NOW, 0, _Plan(renewal, is_on_notice=True))
            case customer.Reaction.UPDATES_CARD:
                updates_at = (
                    failure.failed_at + customer.update_hour_after_notice(tables, failure.case, sent, hour) * HOUR
                )
                wait = updates_at + AFTER_NOTICE + timedelta(seconds=sent) - at
                return Reaction(Act.GIVE_ANOTHER_CARD, int(wait.total_seconds()), _Plan(renewal, card=sent))
        return None

    def does_now(self, reaction: Reaction) -> Act | None:
        """Return what they do of what they had in mind: nothing more once another renewal has come, or it is paid."""
        plan = reaction.about
        assert isinstance(plan, _Plan), "it is one of theirs"
        failure = plan.renewal.failure
        if plan.renewal is not self._bank.latest:
            return None
        if failure is None:
            return reaction.act
        if failure.is_over:
            is_leaving = plan.card is None and not plan.is_on_notice
            goes_on = is_leaving and not self._leaves_only_unpaid
            return Act.CANCEL_AT_PERIOD_END if goes_on else None
        if plan.card is not None:
            failure.cards.append(plan.card)
            self._bank.take_new_card(plan.card)
        else:
            failure.left_on_notice = plan.is_on_notice
        return reaction.act


def _at(hour: int, minutes: timedelta, act: Act, plan: _Plan) -> tuple[Reaction, ...]:
    """Return an act in that hour; none, if it never comes."""
    return () if hour == NEVER else (Reaction(act, int((hour * HOUR + minutes).total_seconds()), plan),)
