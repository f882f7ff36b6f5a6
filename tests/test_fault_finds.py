"""What the search has found once, looked for again by what happens and not by the numbers of calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulations.faults.kinds import Site
from simulations.faults.plan import Fault, Plan
from simulations.faults.search import one_more, run

STRIPE_IS_AWAY = ("dead_letterbox", 650_000)


def first(sites: Sequence[Site], method: str, *, after: int = 0) -> int:
    """The number of the first call of a method, after another one."""
    return next(number for number, site in enumerate(sites, start=1) if number > after and site.method == method)


def notices_that_cannot_be_looked_into() -> Iterator[Plan]:
    """Stripe is away when a refund has come back and its notice is there, and something befalls what is stored then."""
    story = "refund_comes_back"
    sites = run(story).sites
    look = first(sites, "retrieve_payment", after=first(sites, "order_of_payment"))
    away = run(story, (Fault(look, *STRIPE_IS_AWAY),))
    write = first(away.sites, "save_order", after=look)
    return (plan for plan in one_more(away) if plan[-1].call == write)


def test_a_notice_is_not_lost_when_nobody_can_look() -> None:
    """I15: another write came between, and with it the wish to look was gone."""
    endings = [run("refund_comes_back", plan) for plan in notices_that_cannot_be_looked_into()]

    assert {ending.plan[-1].kind for ending in endings} >= {"conflict", "request_lost", "crash_after"}
    assert [f"{ending.line}: {ending.breach}" for ending in endings if ending.breach] == []
