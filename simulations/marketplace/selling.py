"""Stories of vendors who are onboarded and restricted, and of what is sold for them."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.marketplace.messages import EventType
from payflows.marketplace.sale import SaleStatus

from simulations.marketplace.expected import ExpectedEnd
from simulations.marketplace.scripted_marketplace import DECLINED, THREE_D_SECURE
from simulations.marketplace.story import GIVEN_BACK, LISTENS_FOR_ACCOUNTS, Story
from simulations.marketplace.system import MarketplaceSystem, Settings
from simulations.marketplace.user_actions import (
    MUG,
    TWO,
    account_changed,
    at_the_bank,
    buy,
    cancel,
    days_pass,
    onboard,
    pay_again,
    ready,
    restrict,
    until_settled,
)

TIMERS_ONLY = Settings(listens=False)
ONBOARDED = ExpectedEnd(None, events=(EventType.VENDOR_ACTIVE,))
FAILED = ExpectedEnd(SaleStatus.FAILED, events=(EventType.SALE_FAILED,))
RESTRICTED = FAILED._replace(events=(EventType.VENDOR_RESTRICTED,))


def onboarded(system: MarketplaceSystem) -> None:
    """A vendor is onboarded, and sells nothing."""
    onboard(system, "bob")


def onboarded_by_timers(system: MarketplaceSystem) -> None:
    """A vendor fills the form in and never comes back: we look ourselves."""
    onboard(system, "bob", comes_back=False)
    days_pass(system, 1.5)


def sold(system: MarketplaceSystem) -> None:
    """Goods of one vendor."""
    ready(system)
    buy(system, MUG)
    until_settled(system)


def sold_for_two(system: MarketplaceSystem) -> None:
    """Goods of two vendors, paid together."""
    ready(system, "carol")
    buy(system, TWO)
    until_settled(system)


def declined_then_paid(system: MarketplaceSystem) -> None:
    """The first card is declined."""
    ready(system)
    buy(system, MUG, card=DECLINED)
    until_settled(system)
    pay_again(system)
    until_settled(system)


def asked_by_the_bank(system: MarketplaceSystem) -> None:
    """The bank asks the buyer, who answers."""
    ready(system)
    buy(system, MUG, card=THREE_D_SECURE)
    until_settled(system)
    at_the_bank(system)
    until_settled(system)


def left_unpaid(system: MarketplaceSystem) -> None:
    """The card is declined, and the buyer leaves."""
    ready(system)
    buy(system, MUG, card=DECLINED)


def given_up(system: MarketplaceSystem) -> None:
    """The card is declined, and the buyer gives up."""
    ready(system)
    buy(system, MUG, card=DECLINED)
    until_settled(system)
    cancel(system)


def given_up_too_late(system: MarketplaceSystem) -> None:
    """The buyer answers the bank, and cancels before anyone has looked."""
    ready(system)
    buy(system, MUG, card=THREE_D_SECURE)
    until_settled(system)
    at_the_bank(system, comes_back=False)
    cancel(system)


def vendor_restricted(system: MarketplaceSystem) -> None:
    """Stripe restricts the vendor, and we do not know yet."""
    ready(system)
    restrict(system, "bob")
    buy(system, MUG)
    until_settled(system)
    account_changed(system, "bob")


def vendor_restricted_in_a_cart(system: MarketplaceSystem) -> None:
    """One of two vendors is restricted, and we do not know yet."""
    ready(system, "carol")
    restrict(system, "carol")
    buy(system, TWO)
    until_settled(system)
    account_changed(system, "carol")


def vendor_restricted_unasked(system: MarketplaceSystem) -> None:
    """A vendor fills the form in and never comes back, and is restricted later: only Stripe's webhooks say so."""
    onboard(system, "bob", comes_back=False)
    days_pass(system, 0.5)
    restrict(system, "bob")
    days_pass(system, 0.5)


STORIES: Mapping[str, Story] = {
    "vendor_onboarded": Story(onboarded, ends=ONBOARDED),
    "vendor_onboarded_by_timers": Story(onboarded_by_timers, TIMERS_ONLY, ONBOARDED),
    "sold": Story(sold),
    "sold_without_webhooks": Story(sold, TIMERS_ONLY),
    "sold_for_two": Story(sold_for_two, ends=ExpectedEnd(revenue=500, bob=2_701, carol=1_799)),
    "sold_on_a_second_card": Story(declined_then_paid),
    "sold_with_three_d_secure": Story(asked_by_the_bank),
    "sale_left_unpaid": Story(left_unpaid, ends=FAILED),
    "sale_given_up": Story(given_up, ends=FAILED),
    "sale_given_up_too_late": Story(given_up_too_late, ends=GIVEN_BACK),
    "vendor_restricted": Story(vendor_restricted, ends=RESTRICTED),
    "vendor_restricted_in_a_cart": Story(vendor_restricted_in_a_cart, ends=RESTRICTED),
    "vendor_restricted_by_webhook": Story(
        vendor_restricted_unasked,
        LISTENS_FOR_ACCOUNTS,
        ExpectedEnd(None, events=(EventType.VENDOR_ACTIVE, EventType.VENDOR_RESTRICTED)),
    ),
}
