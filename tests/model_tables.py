"""Tables in which nothing happens but what a test lets happen."""

from __future__ import annotations

from simulations.models import Cause, central_parameters, tables_of
from simulations.models.chance import HORIZON_HOURS

CENTRAL = tables_of(central_parameters())
NEVER_OVER = (0.0,) * (HORIZON_HOURS + 1)


def over_from(hour: int) -> tuple[float, ...]:
    """Return the curve of a wait that lasts exactly so long."""
    return tuple(float(hours >= hour) for hours in range(HORIZON_HOURS + 1))


def only(cause: Cause) -> tuple[float, ...]:
    return tuple(float(each >= cause) for each in Cause)


IDLE = CENTRAL._replace(
    causes=only(Cause.TRANSIENT),
    transient_cure=0.0,
    response=(0.0,) * len(Cause),
    cancel_per_notice=0.0,
    spontaneous_curve=NEVER_OVER,
    flat_curve=NEVER_OVER,
)
"""Nothing happens but what a test lets happen."""
