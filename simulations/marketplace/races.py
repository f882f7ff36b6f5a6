"""Two processes that act concurrently on a marketplace."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from payflows.marketplace.connect import BusinessType
from payflows.marketplace.input import CartPart
from payflows.marketplace.messages import MOVEMENTS, VENDORS
from payflows.marketplace.movement import MovementStatus
from payflows.marketplace.policy import PayoutPolicy
from payflows.marketplace.sale import Sale
from payflows.money import Money

from simulations.marketplace.expected import ExpectedEnd
from simulations.marketplace.scripted_marketplace import ADA, PAGE, PLATFORM, VISA
from simulations.marketplace.story import GIVEN_BACK, SOLD
from simulations.marketplace.system import IMPATIENT, MarketplaceSystem, Settings, app_of
from simulations.marketplace.user_actions import MUG, TWO, buy, days_pass, ready, refund, until_settled
from simulations.search.breach import Breach
from simulations.search.process import Process, Racer

Ends = Callable[[MarketplaceSystem], Iterator[Breach]]

BY_HAND = Settings(listens=False)
"""The two meet alone: what webhooks would do beside them, one of them does."""
PAYS_OUT_BY_HAND = Settings(replace(IMPATIENT, payouts=PayoutPolicy(every_days=6)), listens=False)


class Race(NamedTuple):
    """Two processes that act concurrently.

    Attributes:
        begin: brings them to where they meet, and sets both to work: the process that runs, and another one.
        settings: the platform.
        ends: how it must end where nothing goes wrong, whoever is the first.
    """

    begin: Callable[[MarketplaceSystem, Process], tuple[Racer, Racer]]
    settings: Settings = BY_HAND
    ends: Ends = SOLD.missed


def one_vendor_onboarded_twice(system: MarketplaceSystem, other: Process) -> tuple[Racer, Racer]:
    """A vendor presses the button twice."""
    return _onboards(system.universe.process), _onboards(other)


def one_order_twice(system: MarketplaceSystem, other: Process) -> tuple[Racer, Racer]:
    """A buyer presses "buy" twice."""
    ready(system)
    return _buys(system.universe.process, "order-1"), _buys(other, "order-1")


def two_orders_of_one_vendor(system: MarketplaceSystem, other: Process) -> tuple[Racer, Racer]:
    """Two sales of one vendor meet at the vendor's volume."""
    ready(system)
    return _buys(system.universe.process, "order-1"), _buys(other, "order-2")


def refund_asked_twice(system: MarketplaceSystem, other: Process) -> tuple[Racer, Racer]:
    """The platform asks for one refund twice."""
    sale = _sold_for_two(system)
    return _refunds(system.universe.process, sale, "r1"), _refunds(other, sale, "r1")


def two_refunds_of_a_sale(system: MarketplaceSystem, other: Process) -> tuple[Racer, Racer]:
    """Two refunds are asked for, each of all that is left."""
    sale = _sold_for_two(system)
    return _refunds(system.universe.process, sale, "r1"), _refunds(other, sale, "r2")


def two_workers_at_a_share(system: MarketplaceSystem, other: Process) -> tuple[Racer, Racer]:
    """Two workers come to one movement."""
    sale = _sold_for_two(system)
    refund(system)
    (movement, *_) = (each for each in system.store.all(MOVEMENTS) if each.sale_id == sale.id)
    return tuple(  # type: ignore[return-value]  # two of them
        Racer.of(process, app_of(process).marketplace.advance_movement(movement.id))
        for process in (system.universe.process, other)
    )


def refund_and_availability(system: MarketplaceSystem, other: Process) -> tuple[Racer, Racer]:
    """The money becomes available while it goes back."""
    sale = _sold_for_two(system)
    system.universe.clock.pass_time(6 * 86_400)
    work = app_of(other).marketplace.advance(sale.id)
    return _refunds(system.universe.process, sale, "r1"), Racer.of(other, work)


def refund_and_dispute(system: MarketplaceSystem, other: Process) -> tuple[Racer, Racer]:
    """A dispute is lost while the platform gives the money back."""
    sale = _sold_for_two(system)
    payment_id = sale.charge.stored_payment_id()
    system.stripe.dispute(payment_id, 1_000)
    system.stripe.close_dispute(payment_id, won=False)
    changed = app_of(other).marketplace.payment_changed(PLATFORM, payment_id)
    return _refunds(system.universe.process, sale, "r1", {"bob": 1_000}), Racer.of(other, changed)


def two_workers_at_a_payout(system: MarketplaceSystem, other: Process) -> tuple[Racer, Racer]:
    """Two workers come to a vendor who is to be paid out."""
    ready(system)
    buy(system, MUG)
    until_settled(system)
    days_pass(system, 5.5)
    system.universe.clock.pass_time(86_400)
    (vendor,) = system.store.all(VENDORS)
    return tuple(  # type: ignore[return-value]  # two of them
        Racer.of(process, app_of(process).marketplace.advance_vendor(vendor.id))
        for process in (system.universe.process, other)
    )


def paid_out(system: MarketplaceSystem) -> Iterator[Breach]:
    """The vendor has the money, once."""
    yield from ExpectedEnd(revenue=500).missed(system)


def sold_twice(system: MarketplaceSystem) -> Iterator[Breach]:
    """Both are sold, and counted."""
    yield from ExpectedEnd(revenue=1_000, bob=9_000).missed(system)


def onboarded_once(system: MarketplaceSystem) -> Iterator[Breach]:
    """There is one vendor."""
    if len(list(system.store.all(VENDORS))) != 1:
        yield Breach("M2", "", "there is not one vendor")


def all_moved(system: MarketplaceSystem) -> Iterator[Breach]:
    """What was to move has moved."""
    for movement in system.store.all(MOVEMENTS):
        if movement.status is not MovementStatus.DONE:
            yield Breach("M1", movement.id, f"{movement.id} is {movement.status}")


def borne_once(system: MarketplaceSystem) -> Iterator[Breach]:
    """The loss is borne by its vendors; Stripe may refuse the refund of what a bank has taken, and then none is."""
    for movement in system.store.all(MOVEMENTS):
        is_refund = movement.purpose.startswith("refund")
        if movement.status is not MovementStatus.DONE and not is_refund:
            yield Breach("M3", movement.id, f"{movement.id} is {movement.status}")


def _sold_for_two(system: MarketplaceSystem) -> Sale:
    ready(system, "carol")
    buy(system, TWO)
    until_settled(system)
    sale = system.sale
    assert sale is not None, "it was sold"
    return sale


def _onboards(process: Process) -> Racer:
    work = app_of(process).marketplace.onboard_vendor(
        "bob",
        email="bob@example.com",
        country="US",
        business_type=BusinessType.INDIVIDUAL,
        refresh_url=PAGE,
        return_url=PAGE,
    )
    return Racer.of(process, work)


def _buys(process: Process, order_id: str) -> Racer:
    cart = [CartPart(vendor_id, Money(minor, "usd")) for vendor_id, minor in MUG.items()]
    pay = app_of(process).marketplace.process_marketplace_payment
    return Racer.of(process, pay(ADA, order_id, cart=cart, payment_method=VISA))


def _refunds(process: Process, sale: Sale, refund_id: str, amounts: Mapping[str, int] | None = None) -> Racer:
    money = None if amounts is None else {vendor: Money(minor, "usd") for vendor, minor in amounts.items()}
    return Racer.of(process, app_of(process).marketplace.refund(PLATFORM, sale.id, refund_id, amounts=money))


RACES: Mapping[str, Race] = {
    "one_vendor_onboarded_twice": Race(one_vendor_onboarded_twice, ends=onboarded_once),
    "one_order_twice": Race(one_order_twice),
    "two_orders_of_one_vendor": Race(two_orders_of_one_vendor, ends=sold_twice),
    "refund_asked_twice": Race(refund_asked_twice, ends=GIVEN_BACK.missed),
    "two_refunds_of_a_sale": Race(two_refunds_of_a_sale, ends=GIVEN_BACK.missed),
    "two_workers_at_a_share": Race(two_workers_at_a_share, ends=all_moved),
    "refund_and_availability": Race(refund_and_availability, ends=GIVEN_BACK.missed),
    "refund_and_dispute": Race(refund_and_dispute, ends=borne_once),
    "two_workers_at_a_payout": Race(two_workers_at_a_payout, PAYS_OUT_BY_HAND, paid_out),
}
"""By name."""
