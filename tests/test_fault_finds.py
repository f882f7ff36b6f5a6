"""What the search has found once, looked for again by what happens and not by the numbers of calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulations.checkout.testbed import CHECKOUT
from simulations.search.interleavings import RaceEnding, interleavings, run_race
from simulations.search.plan import Fault, Plan
from simulations.search.ports import Site
from simulations.search.search import one_more, run

STRIPE_IS_AWAY = ("requests_dropped", 650_000)


def first(sites: Sequence[Site], method: str, *, after: int = 0) -> int:
    """The number of the first call of a method, after another one."""
    return next(number for number, site in enumerate(sites, start=1) if number > after and site.method == method)


def notices_that_cannot_be_looked_into() -> Iterator[Plan]:
    """Stripe is away when a refund has come back and its notice is there, and something befalls what is stored then."""
    story = "refund_comes_back"
    sites = run(CHECKOUT, story).sites
    look = first(sites, "retrieve_payment", after=first(sites, "find"))
    away = run(CHECKOUT, story, (Fault(look, *STRIPE_IS_AWAY),))
    write = first(away.sites, "change", after=look)
    return (plan for plan in one_more(CHECKOUT, away) if plan[-1].call == write)


def second_clicks_whose_payment_is_not_reported() -> Iterator[RaceEnding]:
    """Let two processes ask for the order's payment concurrently: one is answered, the other gets a 500 though done."""
    for order in interleavings(CHECKOUT, "a_double_click", at_most=0, switches=2):
        asked = (number for number, site in enumerate(order.sites, start=1) if site.method == "create_payment")
        for number in asked:
            yield run_race(CHECKOUT, order.race, order.schedule, (Fault(number, "error_500_done"),))


def test_a_stored_payment_shows_that_another_process_asked_for_one() -> None:
    """I15: the first to ask took theirs for the only one, and the other one was left."""
    endings = list(second_clicks_whose_payment_is_not_reported())

    assert len(endings) > 500
    assert [str(ending) for ending in endings if ending.breaches] == []


def test_a_notice_is_not_lost_when_the_payment_cannot_be_read() -> None:
    """I15: another write came between, and with it the wish to look was gone."""
    endings = [run(CHECKOUT, "refund_comes_back", plan) for plan in notices_that_cannot_be_looked_into()]

    assert {ending.plan[-1].kind for ending in endings} >= {"version_conflict", "request_lost", "crash_after"}
    assert [str(ending) for ending in endings if ending.breaches] == []
