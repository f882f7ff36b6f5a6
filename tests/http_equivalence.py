"""Every single fault of the wire in a story, each beside the fault of a call that should come to the same."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from simulations.checkout.testbed import CHECKOUT
from simulations.search.breach import Breach
from simulations.search.kinds import BEYOND_THE_HOLD, KINDS
from simulations.search.plan import Fault, written
from simulations.search.ports import Site
from simulations.search.replay import Replay, Row, replay
from simulations.search.search import one_more, run
from simulations.search.testbed import Testbed
from simulations.search.transports import HTTP
from simulations.stripe.http.api import ENDPOINTS

FAR_REACHING = (
    "paid",
    "paid_with_automatic_capture",
    "answer_lost",
    "declined_then_another_card",
    "three_cards_declined",
    "failed_three_d_secure",
    "left_at_the_bank",
    "cancelled",
    "cancelled_at_the_bank",
    "creation_refused",
    "refunded",
    "disputed",
    "a_part_captured_then_refunded",
)
"""Stories that make every request in every state that any story comes to; all others are searched on demand."""

_CALLS: Mapping[str, str] = {
    "connect_refused": "connection_refused",
    "too_many_429": "connection_refused",
    "read_timeout": "request_lost",
    "read_timeout_done": "answer_lost",
    "trickle": "answer_lost",
    "reset_mid_body": "reset",
    "cut_off": "reset",
    "empty_done": "reset",
    "html_502_done": "reset",
    "empty": "error_500",
    "html_502": "error_500",
    "in_use_409/22": "key_in_use",
    f"in_use_409/{BEYOND_THE_HOLD}": "slow_response",
    **{kind: kind for kind in KINDS},
}
"""What happens to a request, and what happens to the call then. The others have no like among calls."""


class Struck(NamedTuple):
    """A universe with one fault of the wire.

    Attributes:
        line: shows it again.
        breaches: the promises that it broke.
        like: the fault of a call that comes to the same; None where there is none.
        agrees: whether the universe with that fault went the same way, call by call; true where there is none.
    """

    line: str
    breaches: tuple[Breach, ...]
    like: str | None
    agrees: bool


@cache
def struck_once(story: str, testbed: Testbed = CHECKOUT, *, call: str | None = None) -> tuple[Struck, ...]:
    """All of them, or those that strike one kind of call."""
    calm = run(testbed, HTTP + story)
    sites = [(fault, calm.sites[fault.call - 1]) for (fault,) in one_more(testbed, calm)]
    return tuple(_struck(testbed, story, fault, site) for fault, site in sites if call in (None, site.method))


def _struck(testbed: Testbed, story: str, fault: Fault, site: Site) -> Struck:
    replayed = replay(testbed, f"{HTTP}{story} {written((fault,))}")
    kind = str(fault).partition(":")[2]
    like = _CALLS.get(kind)
    if kind.startswith("in_use_409") and ENDPOINTS[site.method].verb == "DELETE":
        like = None  # there is no key that could be in use: the second request is executed
    if like is None or not KINDS[like].strikes(site):
        return Struck(_line(replayed), replayed.ending.breaches, None, True)
    by_calls = replay(testbed, f"{story} {fault.call}:{like}")
    return Struck(_line(replayed), replayed.ending.breaches, like, _course(replayed) == _course(by_calls))


def _line(replayed: Replay) -> str:
    return replayed.ending.line


def _course(replayed: Replay) -> list[Row]:
    """Call by call, how the universe went, whatever struck it."""
    return [row._replace(fault="", answer="") for row in replayed.rows]
