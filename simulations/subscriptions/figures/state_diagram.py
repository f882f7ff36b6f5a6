"""Where the statuses of a subscription stand in their state diagram."""

from __future__ import annotations

from payflows.subscriptions.model import LIVE, TRANSITIONS, SubscriptionStatus

from simulations.drawing.picture import Picture
from simulations.drawing.state_diagram import BACK, ROAD, SOLD, UNSOLD, WAITS, Layout, draw

_S = SubscriptionStatus

SUBSCRIPTION = Layout(
    title="A subscription's statuses, and the only ways between them",
    transitions=TRANSITIONS,
    places={  # from signing up on the left to the end on the right
        _S.CREATING: (0, 2),
        _S.INCOMPLETE: (1.9, 2),
        _S.TRIALING: (4.2, 3.0),
        _S.ACTIVE: (6.3, 3.0),
        _S.PAST_DUE: (4.2, 1.8),
        _S.UNPAID: (5.25, 1.8),
        _S.PAUSED: (6.3, 1.8),
        _S.CANCELLING: (7.9, 0),
        _S.CANCELLED: (9.2, -0.9),
        _S.INCOMPLETE_EXPIRED: (4.6, -0.9),
        _S.REJECTED: (0, -0.9),
    },
    bends={
        (_S.CREATING, None): -0.3,
        (_S.CREATING, _S.CANCELLING): 0.2,
        (_S.INCOMPLETE, _S.CANCELLING): 0.16,
        (_S.CANCELLING, _S.INCOMPLETE_EXPIRED): -0.2,
    },
    colours={
        _S.INCOMPLETE: WAITS,
        _S.TRIALING: SOLD,
        _S.ACTIVE: SOLD,
        _S.PAST_DUE: WAITS,
        _S.UNPAID: WAITS,
        _S.PAUSED: WAITS,
        _S.CANCELLING: BACK,
        _S.CANCELLED: UNSOLD,
        _S.INCOMPLETE_EXPIRED: UNSOLD,
        _S.REJECTED: UNSOLD,
    },
    key={
        "on the way": ROAD,
        "waits for the customer": WAITS,
        "being ended": BACK,
        "paid, or a trial": SOLD,
        "ended": UNSOLD,
    },
    group=LIVE,
    most=(9.75, 4.1),
    group_words="live: each may follow any other",
)


def state_diagram() -> Picture:
    """Every status of a subscription and every legal transition."""
    return draw(SUBSCRIPTION)
