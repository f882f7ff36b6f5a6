"""Answers are misread on purpose, as only HTTP lets them be: faults of the wire bring it out, those of calls cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple, cast

import pytest

from payflows.app import App
from payflows.errors import CallNotSent, CallRejected, PortError
from simulations.checkout.stories import STORIES
from simulations.checkout.subject import Ports, Settings, our_checkout
from simulations.checkout.testbed import CHECKOUT, CheckoutTestbed
from simulations.search.plan import Fault, Plan
from simulations.search.search import Ending, one_more, run
from simulations.search.shrinking import shrunk
from simulations.search.storms import storm
from simulations.search.transports import HTTP
from tests.mutants.shop import Around, Make


class Answer(NamedTuple):
    """Why a call of the gateway had no clear end: its method, and what `StripeGateway` made of it."""

    call: str
    trouble: PortError

    def says(self, words: str) -> bool:
        return words in str(self.trouble)


Misreading = Callable[[Answer], object]
"""What the call ends with instead: an error, or an answer."""


class Misread(Around):
    """A gateway that tells one kind of answer wrongly from the others."""

    def __init__(self, gateway: object, misreading: Misreading) -> None:
        super().__init__(gateway)
        self._misreading = misreading

    def __getattr__(self, call: str) -> Make:
        make = super().__getattr__(call)

        async def asked(*args: object, **kwargs: object) -> object:
            try:
                return await make(*args, **kwargs)
            except PortError as trouble:
                misread = self._misreading(Answer(call, trouble))
            if isinstance(misread, Exception):
                raise misread
            return misread

        return asked


@dataclass(frozen=True)
class Mutant:
    """A bug in the reading of answers.

    Attributes:
        misreading: the bug.
        story: in which it does harm.
        at: the request where.
        kind: the fault that brings it out.
        seconds: how long that lasts.
    """

    misreading: Misreading
    story: str
    at: str
    kind: str
    seconds: int = 0

    def factory(self, ports: Ports, settings: Settings) -> App:
        """Our checkout with this gateway."""
        gateway = cast("object", Misread(ports.gateway, self.misreading))
        return our_checkout(ports._replace(gateway=gateway), settings)  # type: ignore[arg-type]

    @property
    def plan(self) -> Plan:
        """The fault, at the first such request."""
        return (
            Fault(run(CHECKOUT, self.story).sites.index(CHECKOUT.site("stripe", self.at)) + 1, self.kind, self.seconds),
        )


def proxys_page_is_a_refusal(answer: Answer) -> object:
    return CallRejected("Bad Gateway") if answer.says("(status 502)") else answer.trouble


def unreadable_is_a_refusal(answer: Answer) -> object:
    return CallRejected("no JSON") if answer.says("could not be read") else answer.trouble


def unreadable_list_is_an_empty_one(answer: Answer) -> object:
    reads_a_list = answer.call in ("search_payments", "list_refunds", "list_disputes")
    return () if reads_a_list and answer.says("could not be read") else answer.trouble


def limit_is_a_refusal(answer: Answer) -> object:
    return CallRejected("slow down") if answer.says("answered 429") else answer.trouble


def conflict_is_a_refusal(answer: Answer) -> object:
    return CallRejected("conflict") if answer.says("answered 409") else answer.trouble


def error_500_did_nothing(answer: Answer) -> object:
    return CallNotSent("Stripe broke") if answer.says("answered 500") else answer.trouble


MUTANTS = {
    "proxy's page is a refusal": Mutant(proxys_page_is_a_refusal, "cancelled", "refund_payment", "html_502"),
    "unreadable is a refusal": Mutant(unreadable_is_a_refusal, "cancelled", "refund_payment", "empty"),
    "unreadable list is an empty one": Mutant(
        unreadable_list_is_an_empty_one, "cancelled", "create_payment", "proxy_deaf", 90_000
    ),
    "a limit is a refusal": Mutant(limit_is_a_refusal, "cancelled", "refund_payment", "too_many_429"),
    "a conflict is a refusal": Mutant(conflict_is_a_refusal, "cancelled", "refund_payment", "in_use_409", 22),
    "a 500 did nothing": Mutant(error_500_did_nothing, "paid", "create_payment", "error_500_done"),
}


def broken(story: str, mutant: Mutant) -> Iterator[Ending]:
    """Of all single faults, those that bring the bug out."""
    for plan in one_more(CHECKOUT, run(CheckoutTestbed(mutant.factory), story)):
        ending = run(CheckoutTestbed(mutant.factory), story, plan)
        if ending.breaches:
            yield ending


@pytest.mark.parametrize("name", MUTANTS)
def test_its_fault_of_the_wire_brings_it_out(name: str) -> None:
    """And our own reading keeps all promises there."""
    mutant = MUTANTS[name]
    struck = HTTP + mutant.story, mutant.plan

    assert run(CheckoutTestbed(mutant.factory), *struck).breaches
    assert not run(CHECKOUT, *struck).breaches


def test_the_search_of_the_wire_finds_just_that() -> None:
    mutant = MUTANTS["unreadable is a refusal"]

    found = {ending.plan[0].kind for ending in broken(HTTP + mutant.story, mutant)}

    assert found == {"empty", "html_502", "proxy_down", "proxy_deaf"}


def test_a_storm_over_http_is_cut_down_to_just_that() -> None:
    mutant = MUTANTS["unreadable is a refusal"]
    storms = (storm(CheckoutTestbed(mutant.factory), seed, [HTTP + mutant.story]) for seed in count())
    broken = next(ending for ending in storms if ending.breaches and len(ending.plan) > 2)

    cut_down = shrunk(CheckoutTestbed(mutant.factory), broken)

    assert [fault.kind for fault in cut_down.plan] in (["empty"], ["html_502"], ["proxy_down"], ["proxy_deaf"])
    assert run(CheckoutTestbed(mutant.factory), cut_down.story, cut_down.plan).breaches == cut_down.breaches


@pytest.mark.parametrize("name", MUTANTS)
def test_no_fault_of_a_call_brings_it_out(name: str) -> None:
    mutant = MUTANTS[name]

    assert list(broken(mutant.story, mutant)) == []


@pytest.mark.parametrize("name", MUTANTS)
def test_it_hides_while_nothing_goes_wrong(name: str) -> None:
    mutant = MUTANTS[name]

    assert [story for story in STORIES if run(CheckoutTestbed(mutant.factory), HTTP + story).breaches] == []
