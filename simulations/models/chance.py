"""Draws of the dunning models, keyed so that no policy changes them; scalar functions, for Python and a compiler.

A draw depends on the seed, the subscriber, the invoice, the purpose and a number, never on what was drawn before: two
policies meet customers with the same luck. Waiting times are not computed from a draw but looked up: a curve holds,
hour by hour, the share of waits that are over, so every engine compares the same numbers and none takes a logarithm.
"""

from __future__ import annotations

from collections.abc import Sequence

from simulations.time.draws import bits_of, mix

HORIZON_HOURS = 60 * 24
"""How far the curves reach; what has not happened by then never does."""
NEVER = 1 << 30
"""An hour that does not come."""

CAUSE = bits_of("dunning cause")
CODE = bits_of("dunning code")
CURES = bits_of("dunning cures")
CURE_TIME = bits_of("dunning cure time")
FAST = bits_of("dunning fast cure")
CHRONIC = bits_of("dunning chronic")
PAY = bits_of("dunning pay period")
OFFSET = bits_of("dunning first payday")
FUNDED = bits_of("dunning payday funded")
LASTS = bits_of("dunning funds last")
NOTICE = bits_of("dunning reaction to notice")
DELAY = bits_of("dunning delay of update")
SPONTANEOUS = bits_of("dunning spontaneous update")
APPROVED = bits_of("dunning new card approved")
FLAT = bits_of("dunning flat cancel")
RENEWAL_FAILS = bits_of("renewal fails")
CANCELS_AFTER_RENEWAL = bits_of("cancels after renewal")


def case_of(seed: int, subscriber: int, invoice: int) -> int:
    """Return 64 bits that stand for one failed invoice; compile it for unsigned 64-bit integers."""
    return mix(mix(mix(seed) ^ subscriber) ^ invoice)


def uniform(case: int, purpose: int, number: int) -> float:
    """Return a number in [0, 1) with 53 random bits; compile it for unsigned 64-bit integers.

    Args:
        case: as `case_of` gives it.
        purpose: what is drawn, one of those above.
        number: of the notice or payday; 0 where there is one draw.
    """
    return (mix(mix(case ^ purpose) ^ number) >> 11) / (1 << 53)


def is_over(curve: Sequence[float], drawn: float, hours: int) -> bool:
    """Return whether a wait is over after so long."""
    return drawn < curve[min(hours, HORIZON_HOURS)]


def hours_until_over(curve: Sequence[float], drawn: float) -> int:
    """Return the first whole hour at which a wait is over, by bisection; `NEVER` if that lies beyond the horizon."""
    least, most = 0, HORIZON_HOURS + 1
    while least < most:
        middle = (least + most) // 2
        if drawn < curve[middle]:
            most = middle
        else:
            least = middle + 1
    return least if least <= HORIZON_HOURS else NEVER
