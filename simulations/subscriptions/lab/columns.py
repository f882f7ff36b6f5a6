"""What is kept of a life on arrays: the columns of a subscriber and of an episode, and how each may end."""

from __future__ import annotations

from enum import IntEnum

NEVER_AT = 1 << 60
"""A second that does not come."""

(
    SIGNED_UP_AT,
    MONTHS,
    TOTAL_MINOR,
    MONTH,
    DAY_OF_MONTH,
    RENEWAL,
    CHARGED_AT,
    PERIOD,
    PERIOD_ENDS_AT,
    IS_DRAFT,
    LEAVES_AT,
    LEAVES_WITH_PERIOD,
    PAID,
    ENDED_AT,
    ENDED_BY,
    OPEN,
    CARD,
    TRIES,
) = range(18)
"""Of a subscriber: first what they signed up for, then where their subscription stands.

MONTHS is the length of a period; MONTH and DAY_OF_MONTH say on which day periods end. RENEWAL is the number of the
newest renewal of which the bank was asked, CHARGED_AT when; PERIOD the number of the current period, IS_DRAFT whether
the next one's invoice is not final yet; PAID how many invoices are paid, OPEN how many are not; CARD how often another
one was given, TRIES how often a policy had one tried. Moments are seconds since the start.
"""
LIFE_COLUMNS = 18

(
    SUBSCRIBER,
    FAILED_AT,
    CAUSE,
    CODE,
    OUTCOME,
    OVER_AT,
    ATTEMPTS,
    NOTICES,
    CARDS,
    IS_PAID_FOR,
    NEW_CARD,
    READ,
) = range(12)
"""Of an episode: whose, when it began, and why; how it ended, and when; what was done until then.

OUTCOME is one of `simulations.models.Outcome`, 0 while it is in progress. The last three say how it stands: whether the
card, or another, pays again; the notice because of which another card was given that was not charged yet, -1 for none;
how many notices the customer has read.
"""
EPISODE_COLUMNS = 12


class EndedBy(IntEnum):
    """What ended a subscription."""

    NOTHING = 0
    PERIOD = 1
    """Its customer cancelled, and the period ran out."""
    NOTICE = 2
    """Its customer cancelled on a notice."""
    CUSTOMER = 3
    """Its customer cancelled while something was unpaid."""
    DUNNING = 4
    """The policy's last step: involuntary churn."""
