"""What people do about a marketplace, no matter what has happened before. Stories are in `stories`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from payflows.clock import SECOND
from payflows.errors import CallRejected, InvalidInput
from payflows.marketplace.connect import BusinessType, CapabilityStatus
from payflows.marketplace.input import CartPart
from payflows.marketplace.vendor import LOOK_DAYS_WHEN_ACTIVE
from payflows.money import Money
from payflows.parties import Customer

from simulations.marketplace.scripted_marketplace import ADA, PAGE, PLATFORM, VISA
from simulations.marketplace.system import MarketplaceSystem
from simulations.search.endpoint import WEBHOOKS
from simulations.search.process import Crash
from simulations.search.waiting import hours_pass, work_until

TRIES = 12
"""Of a person who insists; more often than faults strike, in a storm too."""
DAYS_OF_WEBHOOKS = 4
CASH = 20_000
"""What the platform has besides, in cents: refunds of a whole payment cost it Stripe's fee."""
MUG, TWO = {"bob": 5_000}, {"bob": 3_001, "carol": 1_999}
"""Carts, in cents: of one vendor, and of two."""


def onboard(system: MarketplaceSystem, vendor_id: str, *, comes_back: bool = True) -> None:
    """Have a vendor onboarded, who fills Stripe's form in; we hear of it when they come back, or look ourselves."""
    insist(
        system,
        lambda: system.app.marketplace.onboard_vendor(
            vendor_id,
            email=f"{vendor_id}@example.com",
            country="US",
            business_type=BusinessType.INDIVIDUAL,
            refresh_url=PAGE,
            return_url=PAGE,
        ),
    )
    work_until(system, lambda: _account_of(system, vendor_id) is not None)
    change_account(system, vendor_id, system.stripe.submit_requirements)
    if comes_back:
        account_changed(system, vendor_id)


def ready(system: MarketplaceSystem, *others: str) -> None:
    """Have the first vendor onboarded, and others, on a platform that has some money."""
    system.stripe.top_up_platform(CASH)
    for vendor_id in ("bob", *others):
        onboard(system, vendor_id)


def restrict(system: MarketplaceSystem, vendor_id: str) -> None:
    """Stripe restricts a vendor."""
    inactive = CapabilityStatus.INACTIVE
    change_account(system, vendor_id, lambda account: system.stripe.set_capability(account, "transfers", inactive))


def change_account(system: MarketplaceSystem, vendor_id: str, do: Callable[[str], object]) -> None:
    """Something happens to a vendor's account at Stripe, where Stripe lets it."""
    account_id = _account_of(system, vendor_id)
    if account_id is not None:
        with suppress(CallRejected):
            do(account_id)


def account_changed(system: MarketplaceSystem, vendor_id: str) -> None:
    """A notice about a vendor's account comes."""
    account_id = _account_of(system, vendor_id)
    if account_id is not None:
        insist(system, lambda: system.app.marketplace.account_changed(PLATFORM, account_id))


def buy(
    system: MarketplaceSystem,
    cart: Mapping[str, int],
    *,
    card: str = VISA,
    order_id: str = "order-1",
    customer: Customer = ADA,
) -> object:
    """Press "buy"."""
    parts = [CartPart(vendor_id, Money(minor, "usd")) for vendor_id, minor in cart.items()]
    pay = system.app.marketplace.process_marketplace_payment
    return system.ask(pay(customer, order_id, cart=parts, payment_method=card))


def pay_again(system: MarketplaceSystem, card: str = VISA) -> None:
    """Try another card, having seen the sale as it is now."""
    sale = system.sale
    if sale is not None:
        again = system.app.marketplace.pay_again
        number = sale.charge.attempt.number
        system.ask(again(ADA, sale.id, expected_try=number, payment_method=card))


def at_the_bank(system: MarketplaceSystem, *, comes_back: bool = True) -> None:
    """Answer the bank's question, and come back."""
    sale = system.sale
    if sale is None or sale.charge.payment_id is None:
        return
    system.ask(system.app.marketplace.customer_action(ADA, sale.id))
    with suppress(CallRejected):
        system.stripe.authenticate(sale.charge.payment_id)
    if comes_back:
        system.ask(system.app.marketplace.advance(sale.id))


def cancel(system: MarketplaceSystem) -> None:
    """The buyer gives up."""
    sale = system.sale
    if sale is not None:
        insist(system, lambda: system.app.marketplace.cancel(ADA, sale.id))


def refund(system: MarketplaceSystem, refund_id: str = "r1", amounts: Mapping[str, int] | None = None) -> None:
    """The platform gives all back that is left, or parts by vendor."""
    sale = system.sale
    if sale is None:
        return
    money = None if amounts is None else {vendor: Money(minor, "usd") for vendor, minor in amounts.items()}
    insist(system, lambda: system.app.marketplace.refund(PLATFORM, sale.id, refund_id, amounts=money))


def write_off(system: MarketplaceSystem, vendor_id: str) -> None:
    """The platform takes what a vendor owes as lost."""
    insist(system, lambda: system.app.marketplace.write_off(PLATFORM, vendor_id))


def notice(system: MarketplaceSystem) -> None:
    """A notice about the newest sale's payment comes by hand, until it is taken."""
    sale = system.sale
    if sale is not None and sale.charge.payment_id is not None:
        payment_id = sale.charge.payment_id
        insist(system, lambda: system.app.marketplace.payment_changed(PLATFORM, payment_id))


def change_payment(system: MarketplaceSystem, do: Callable[[str], object]) -> None:
    """Something happens to the newest sale's payment at Stripe, where Stripe lets it; its notice comes."""
    sale = system.sale
    if sale is not None and sale.charge.payment_id is not None:
        with suppress(CallRejected):
            do(sale.charge.payment_id)
    notice(system)


def until_settled(system: MarketplaceSystem) -> None:
    """Wait until the sale is booked, has failed, or its buyer is asked for something."""
    open_statuses = ("pending", "payment_processing", "abandoning", "paid")
    work_until(system, lambda: system.sale is None or system.sale.status.value not in open_statuses)


def insist(system: MarketplaceSystem, make: Callable[[], Coroutine[Any, Any, object]]) -> object:
    """Ask until there is an answer, some minutes apart; a refusal is one."""
    for _ in range(TRIES):
        answer = system.ask(make())
        if isinstance(answer, InvalidInput) or not isinstance(answer, Crash | Exception):
            return answer
        hours_pass(system, 0.2)
    return None


def days_pass(system: MarketplaceSystem, days: float) -> None:
    """Nothing is done by people meanwhile."""
    hours_pass(system, 24 * days)


def end(system: MarketplaceSystem) -> None:
    """The calm after the storm: the worker settles what it can, and webhooks come while Stripe repeats them.

    Where our clock is so wrong that no webhook is proven, the look at each vendor's account comes instead.
    """
    started_at, days = system.clock.now(), DAYS_OF_WEBHOOKS
    if system.settings.listens_for_accounts and abs(system.clock_ahead) > WEBHOOKS.ahead_seconds * SECOND:
        days = LOOK_DAYS_WHEN_ACTIVE + 1
    beyond = timedelta(days=days, hours=1)  # an hour more, for webhooks of what Stripe does in the days' last moment
    while (left := max(started_at, system.calm_from) + beyond - system.clock.now()) > timedelta():
        hours_pass(system, min(24.0, left / timedelta(hours=1)))


def _account_of(system: MarketplaceSystem, vendor_id: str) -> str | None:
    vendor = system.vendor(vendor_id)
    return None if vendor is None else vendor.account_id
