"""Who joins, who buys what and when, and who wants their money back: each a function of keyed draws.

All of it is drawn before anything happens, by vendor and order, and no draw depends on how the platform pays out: two
policies meet the same vendors and the same buyers.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from math import log1p
from typing import NamedTuple

from payflows.marketplace.input import CartPart
from payflows.money import CURRENCIES, Money

from simulations.marketplace.sellers import Seller
from simulations.marketplace.year.scenario import LATEST_DISPUTE_DAYS, MarketplaceYear
from simulations.time.draws import Draws, Stream

DAY_SECONDS = 86_400
MONTH_SECONDS = 30 * DAY_SECONDS
_NEVER = 1 << 60


class Complaint(Enum):
    """How a buyer wants their money back."""

    REFUND = "refund"
    DISPUTE = "dispute"


class VendorLife(NamedTuple):
    """When one vendor is there.

    Attributes:
        vendor_id: the platform's id.
        seller: what they sell.
        joins_at: in seconds after the start.
        disappears_at: the same; beyond the year for those who stay.
    """

    vendor_id: str
    seller: Seller
    joins_at: int
    disappears_at: int

    def is_there(self, at_seconds: int) -> bool:
        """Return whether they sell at that moment."""
        return self.joins_at <= at_seconds < self.disappears_at


class Claim(NamedTuple):
    """That a buyer wants their money back.

    Attributes:
        complaint: of whom.
        at_seconds: when, after the start.
        is_half: half of it will do.
        is_lost: with evidence, too, the bank would decide for the buyer.
    """

    complaint: Complaint
    at_seconds: int
    is_half: bool = False
    is_lost: bool = True


class OrderPlan(NamedTuple):
    """One order that a buyer wants to place.

    Attributes:
        order_id: unique; of its vendor and a number.
        vendor_id: whose goods are bought.
        at_seconds: when, after the start.
        cart: what is bought of whom; the vendor's own goods come first.
        is_declined: the first card is declined.
        tries_again: then another one is tried, which works.
        claim: whether the money is wanted back; None: it is not.
    """

    order_id: str
    vendor_id: str
    at_seconds: int
    cart: tuple[CartPart, ...]
    is_declined: bool
    tries_again: bool
    claim: Claim | None


class Arrivals:
    """All vendors and orders of a scenario.

    Args:
        scenario: the year.
        draws: its chance.

    Attributes:
        vendors: in the order of their numbers.
    """

    def __init__(self, scenario: MarketplaceYear, draws: Draws) -> None:
        self._scenario = scenario
        self._draws = draws
        self._until = scenario.days * DAY_SECONDS
        self._gaps, self._amounts = draws.of("order gap"), draws.of("order amount")
        sellers = scenario.vendors.sellers.sellers(draws.seed)
        self.vendors = tuple(self._vendor(number, seller) for number, seller in enumerate(sellers))

    def orders(self) -> list[OrderPlan]:
        """Return all orders, first ones first."""
        orders = [order for vendor in self.vendors for order in self._orders_of(vendor)]
        return sorted(orders, key=lambda order: (order.at_seconds, order.order_id))

    def _vendor(self, number: int, seller: Seller) -> VendorLife:
        behaviour, draws = self._scenario.vendors, self._draws
        joins_at = draws.of("vendor joins").below(behaviour.join_days * DAY_SECONDS, number)
        stays = _exponential(draws.of("vendor stays"), number, 0, _mean_stay_seconds(behaviour.disappear_share))
        return VendorLife(f"v{number:03d}", seller, joins_at, joins_at + stays)

    def _orders_of(self, vendor: VendorLife) -> Iterator[OrderPlan]:
        """Yield a vendor's orders: a Poisson process, as long as they are there."""
        at, number, mean = vendor.joins_at, 0, MONTH_SECONDS / vendor.seller.orders_per_month
        until = min(self._until, vendor.disappears_at)
        while (at := at + _exponential(self._gaps, vendor.vendor_id, number, mean)) < until:
            yield self._order(vendor, number, at)
            number += 1

    def _order(self, vendor: VendorLife, number: int, at: int) -> OrderPlan:
        order_id, buyers, draws = f"{vendor.vendor_id}-{number}", self._scenario.buyers, self._draws
        cart = [CartPart(vendor.vendor_id, self._amount(vendor, order_id, 0))]
        if draws.of("two vendors").chance(buyers.two_vendors_share, order_id):
            other = self.vendors[draws.of("second vendor").below(len(self.vendors), order_id)]
            if other is not vendor and other.is_there(at):
                cart.append(CartPart(other.vendor_id, self._amount(other, order_id, 1)))
        return OrderPlan(
            order_id,
            vendor.vendor_id,
            at,
            tuple(cart),
            draws.of("first card declined").chance(buyers.declined_share, order_id),
            draws.of("another card").chance(buyers.another_card_share, order_id),
            self._claim_on(vendor, order_id, at),
        )

    def _amount(self, vendor: VendorLife, order_id: str, number: int) -> Money:
        """Return what is paid: between half of the vendor's usual order and one and a half, all equally likely."""
        usual = vendor.seller.order
        _, least, step, _ = CURRENCIES[usual.currency]
        minor = usual.minor // 2 + self._amounts.below(usual.minor + 1, order_id, number)
        return Money(max(least, minor // step * step), usual.currency)

    def _claim_on(self, vendor: VendorLife, order_id: str, at: int) -> Claim | None:
        buyers, draws = self._scenario.buyers, self._draws
        drawn, time = draws.of("claim").uniform(order_id), draws.of("claim time")
        is_lost = draws.of("dispute lost").chance(buyers.lost_share, order_id)
        if vendor.disappears_at - at <= self._scenario.vendors.undelivered_days * DAY_SECONDS:
            if drawn >= buyers.claim_share:
                return None
            after = time.below(buyers.claim_days * DAY_SECONDS, order_id)
            asks_bank = draws.of("claim at the bank").chance(buyers.claim_dispute_share, order_id)
            complaint = Complaint.DISPUTE if asks_bank else Complaint.REFUND
            return Claim(complaint, vendor.disappears_at + after, is_lost=is_lost)
        if drawn < buyers.refund_share:
            after = time.below(buyers.refund_days * DAY_SECONDS, order_id)
            is_half = draws.of("half").chance(buyers.half_share, order_id)
            return Claim(Complaint.REFUND, at + DAY_SECONDS + after, is_half)
        if drawn < buyers.refund_share + buyers.dispute_share:
            after = _exponential(time, order_id, 0, buyers.dispute_days * DAY_SECONDS)
            latest = LATEST_DISPUTE_DAYS * DAY_SECONDS
            return Claim(Complaint.DISPUTE, at + min(DAY_SECONDS + after, latest), is_lost=is_lost)
        return None


def _mean_stay_seconds(disappear_share: float) -> float:
    """Return how long vendors stay on average of whom such a share disappears in a month."""
    return MONTH_SECONDS / -log1p(-disappear_share) if disappear_share else _NEVER


def _exponential(draws: Stream, entity: int | str, number: int, mean: float) -> int:
    """Return a waiting time in whole seconds, at least one."""
    return 1 + int(-mean * log1p(-draws.uniform(entity, number)))
