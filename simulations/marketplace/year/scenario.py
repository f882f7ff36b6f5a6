"""A year of a marketplace, as a frozen value: which vendors join it, who buys, and how the platform pays out.

Figures marked as assumptions have no published source: vary them, and see what turns.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from payflows.checks import instance_of, positive, share, whole_number
from payflows.errors import InvalidPolicy
from payflows.marketplace.fees import FeeSchedule
from payflows.marketplace.policy import MarketplacePolicy, PayoutPolicy

from simulations.marketplace.scripted_marketplace import TEN_PERCENT
from simulations.marketplace.sellers import SellerPopulation
from simulations.stripe.connect.accounts import CURRENCY_OF
from simulations.stripe.connect.settings import USUAL_CONNECT, ConnectSettings
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.time.world import START

SELLERS = SellerPopulation(count=36, median_orders_per_month=2, orders_spread=1.0)
"""Small sellers, who have about a thousand orders in a year. An assumption, as all of a `SellerPopulation`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorBehaviour:
    """Which vendors there are, when they join, and how they disappear.

    Attributes:
        sellers: how many, and what they sell. An assumption.
        join_days: they join within that many of the first days, all moments equally likely. An assumption.
        disappear_share: of vendors who are there, how many disappear in a month of 30 days. An assumption.
        undelivered_days: what a vendor who disappears has sold in that many of the last days is never
            delivered. An assumption.

    Raises:
        InvalidPolicy: a value outside its bounds, or of another type.
    """

    sellers: SellerPopulation = SELLERS
    join_days: int = 180
    disappear_share: float = 0.02
    undelivered_days: int = 28

    def __post_init__(self) -> None:
        instance_of("sellers", self.sellers, SellerPopulation)
        whole_number("join_days", self.join_days, least=1, most=3_660)
        share("disappear_share", self.disappear_share)
        if self.disappear_share == 1:
            raise InvalidPolicy("disappear_share must be below 1: no one would be there to sell")
        whole_number("undelivered_days", self.undelivered_days, most=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerBehaviour:
    """What buyers do: pay, ask for their money back, and complain to their banks.

    Attributes:
        declined_share: of first cards, how many are declined. An assumption.
        another_card_share: of buyers whose card is declined, how many try another. An assumption.
        two_vendors_share: of orders, how many have goods of a second vendor. An assumption.
        refund_share: of orders that are delivered, how many are given back, in whole or by half: 2 to 18 %, of goods
            17 % (National Retail Federation, 2023, of what is bought on the web).
        half_share: of those, how many by half. An assumption.
        refund_days: a refund is asked for within that many days, all equally likely. An assumption.
        dispute_share: of orders that are delivered, how many are disputed: 0.1 to 0.9 % of card payments on the
            web (bestforecommerce.com, "Chargeback rate benchmarks", 2024).
        dispute_days: how long it takes on average until a bank takes a payment up, an assumption; the card networks let
            it take 120 at most.
        lost_share: of disputes with evidence, how many the bank decides for the buyer: 70 to 80 % (Federal Reserve
            Bank of Kansas City, RWP 16-01). Without evidence all are.
        decision_days: until the bank has decided on the evidence. An assumption: Stripe says two to three months.
        claim_share: of buyers whose goods never come, how many want their money back. An assumption.
        claim_days: they do within that many days after the vendor has gone, all equally likely. An assumption.
        claim_dispute_share: of them, how many ask their bank instead of the platform. An assumption.

    Raises:
        InvalidPolicy: a value outside its bounds.
    """

    declined_share: float = 0.06
    another_card_share: float = 0.5
    two_vendors_share: float = 0.1
    refund_share: float = 0.05
    half_share: float = 0.3
    refund_days: int = 30
    dispute_share: float = 0.003
    dispute_days: int = 30
    lost_share: float = 0.75
    decision_days: int = 60
    claim_share: float = 0.9
    claim_days: int = 45
    claim_dispute_share: float = 0.5

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if name.endswith("_share"):
                share(name, getattr(self, name))
        for name in ("refund_days", "dispute_days", "claim_days"):
            whole_number(name, getattr(self, name), least=1, most=365)
        whole_number("decision_days", self.decision_days, least=EVIDENCE_DAYS + 1, most=365)
        if self.refund_share + self.dispute_share > 1:
            raise InvalidPolicy("refund_share and dispute_share are of the same orders, and sum to 1 at most")


EVIDENCE_DAYS = 3
"""How long the platform waits for the vendor's evidence about a dispute before it gives it to the bank. An assumption;
Stripe takes it for `ConnectSettings.evidence_days`."""

LATEST_DISPUTE_DAYS = 120
"""Until when a buyer's bank takes a payment up (Visa Core Rules, "Dispute Time Limits"; some reasons have others)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketplaceYear:
    """A marketplace over a year, or however long.

    Attributes:
        days: how long it is observed.
        vendors: who sells.
        buyers: who buys.
        country: of all vendors, by its two letters.
        fees: what the platform keeps.
        policy: refunds, payouts and reserves.
        notice_days: from the day on which a vendor is gone until the platform stops their payouts. An assumption.
        connect: what the platform has agreed with Stripe.
        webhooks: how Stripe's webhooks travel.

    Raises:
        InvalidPolicy: a value outside its bounds, or of another type.
    """

    days: int = 365
    vendors: VendorBehaviour = field(default_factory=VendorBehaviour)
    buyers: BuyerBehaviour = field(default_factory=BuyerBehaviour)
    country: str = "US"
    fees: FeeSchedule = TEN_PERCENT
    policy: MarketplacePolicy = field(default_factory=MarketplacePolicy)
    notice_days: float = 10
    connect: ConnectSettings = USUAL_CONNECT
    webhooks: DeliveryConditions = field(default_factory=DeliveryConditions)

    def __post_init__(self) -> None:
        whole_number("days", self.days, least=1, most=3_660)
        instance_of("vendors", self.vendors, VendorBehaviour)
        instance_of("buyers", self.buyers, BuyerBehaviour)
        instance_of("fees", self.fees, FeeSchedule)
        instance_of("policy", self.policy, MarketplacePolicy)
        positive("notice_days", self.notice_days, most=365)
        instance_of("connect", self.connect, ConnectSettings)
        instance_of("webhooks", self.webhooks, DeliveryConditions)
        if self.country not in CURRENCY_OF:
            raise InvalidPolicy(f"country must be one of {', '.join(CURRENCY_OF)}, got {self.country!r}")
        if not CURRENCY_OF[self.country] == self.fees.currency == self.vendors.sellers.currency:
            raise InvalidPolicy(f"vendors in {self.country} sell, and are charged fees, in {CURRENCY_OF[self.country]}")
        if self.policy.payouts is not None:
            self.policy.payouts.check_country(self.country)

    @property
    def currency(self) -> str:
        """The currency of everything."""
        return self.fees.currency

    def paid_out(self, **changes: int) -> MarketplaceYear:
        """Return the same year with another `PayoutPolicy`: vendors are paid out as they were, but for these fields.

        Raises:
            InvalidPolicy: a value outside its bounds.
        """
        payouts = replace(self.policy.payouts or PayoutPolicy(), **changes)
        return replace(self, policy=replace(self.policy, payouts=payouts))

    @property
    def begins_at(self) -> datetime:
        """When it begins."""
        return START

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return START + timedelta(days=self.days)
