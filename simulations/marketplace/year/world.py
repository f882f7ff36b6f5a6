"""A marketplace's small world: a clock, a Stripe with Connect, the platform's app, its vendors and its buyers.

Time goes from one thing that is due to the next: what Stripe does by itself, a webhook that arrives, the worker's
timers, and what vendors and buyers have in mind. Between them nothing is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from payflows.app import App, build_app
from payflows.errors import PayflowsError
from payflows.kernel.store import Store
from payflows.marketplace.business import MarketplaceSetup
from payflows.marketplace.connect import BusinessType
from payflows.marketplace.dispute_case import CaseStatus
from payflows.marketplace.flow import MarketplacePaymentFlow
from payflows.marketplace.messages import DISPUTES, SALES
from payflows.marketplace.sale import Sale, SaleStatus
from payflows.parties import Customer
from payflows.store.memory import InMemoryStore
from payflows.stripe.webhooks.endpoint import WebhookEndpoint
from payflows.stripe.webhooks.parsing import StripeEvent

from simulations.marketplace.scripted_marketplace import DECLINED, PAGE, PLATFORM, VISA
from simulations.marketplace.system import PaymentsAndConnect
from simulations.marketplace.year.arrivals import DAY_SECONDS, MONTH_SECONDS, Arrivals, Complaint, OrderPlan, VendorLife
from simulations.marketplace.year.scenario import EVIDENCE_DAYS, MarketplaceYear
from simulations.search.endpoint import CONNECTED_WEBHOOKS, WEBHOOKS
from simulations.stripe.simulated import SimulatedStripe
from simulations.stripe.webhooks.handover import ValueHandover
from simulations.stripe.webhooks.sender import EventSource, WebhookSender
from simulations.time.draws import Draws
from simulations.time.hand_clock import HandClock
from simulations.time.working_time import WorkingTime
from simulations.time.world import MICROSECONDS

T = TypeVar("T")

REFUND_ID = "returned"
EVIDENCE = {"shipping_documentation": "the vendor's"}
ANOTHER_CARD_SECONDS = 60
"""After so long a buyer whose card was declined takes another. An assumption."""

ENABLED_TYPES = frozenset(("charge.dispute.created", "charge.dispute.closed", "refund.failed"))
"""The types for which the platform's endpoint is registered: what it does not learn from answers and timers."""
CONNECTED_TYPES = frozenset(("account.updated", "payout.failed"))
"""Those of the endpoint of vendors' accounts."""


class MarketplaceWorld:
    """A marketplace, and all that it depends on.

    Args:
        scenario: the year.
        draws: all chance.

    Attributes:
        clock: its time.
        arrivals: who joins and who buys.
        stripe: the platform's account, with its vendors'.
        store: the platform's books.
        app: the platform's.
    """

    may_need_a_person = False
    clock_ahead = timedelta(0)
    answers: tuple[Sale, ...] = ()  # what buyers are answered is checked by the stories
    conflicts: tuple[PayflowsError, ...] = ()

    def __init__(self, scenario: MarketplaceYear, draws: Draws) -> None:
        self._scenario = scenario
        self.clock = HandClock()
        self.arrivals = Arrivals(scenario, draws)
        self.stripe = SimulatedStripe(self.clock, currency=scenario.currency, connect=scenario.connect)
        self.store = InMemoryStore()
        self.app = self._open(self.stripe, self.store)
        self._time = WorkingTime(self.clock, self.app.worker)
        self.store.on_change(self._time.note)
        self._draws = draws
        self._senders = (
            self._listen(self.stripe, self.app.webhooks, ENABLED_TYPES),
            self._listen(self.stripe.connected_events, self.app.connected_webhooks, CONNECTED_TYPES),
        )
        self._lives = {vendor.vendor_id: vendor for vendor in self.arrivals.vendors}
        self._accounts: dict[str, str] = {}
        self._gone: list[str] = []
        self._sales: dict[str, str] = {}

    @property
    def flow(self) -> MarketplacePaymentFlow:
        """What is asked of the platform."""
        return self.app.marketplace

    def live(self) -> None:
        """Let the whole time pass."""
        for vendor in self.arrivals.vendors:
            self._at(vendor.joins_at, partial(self._join, vendor))
        for order in self.arrivals.orders():
            self._at(order.at_seconds, partial(self._buy, order))
        until = self._scenario.days * DAY_SECONDS
        for month in range(1, until // MONTH_SECONDS + 1):
            self._at(month * MONTH_SECONDS, self._close_month)
        self._time.pass_until(until * MICROSECONDS)

    def settle(self) -> None:
        """Close the books, and let the webhooks arrive that are on their way, so that both books can be compared."""
        self._close_month()
        while any(sender.on_their_way for sender in self._senders):
            self._time.pass_to_next()

    def objects_of_others(self) -> Collection[str]:
        """Return none: nothing else is sold on this account."""
        return ()

    # The platform.

    def _open(self, gateway: PaymentsAndConnect, store: Store) -> App:
        return build_app(
            gateway=gateway,
            marketplace=MarketplaceSetup(fees=self._scenario.fees, connect=gateway, policy=self._scenario.policy),
            merchant=PLATFORM,
            store=store,
            clock=self.clock,
            webhooks=WEBHOOKS,
            connected_webhooks=CONNECTED_WEBHOOKS,
        )

    def _listen(self, events: EventSource, endpoint: WebhookEndpoint | None, types: frozenset[str]) -> WebhookSender:
        assert endpoint is not None, "it listens"

        async def receive(event: StripeEvent) -> int:
            return (await endpoint.receive_event(event, self.clock.now())).status

        handover, conditions = ValueHandover(receive), self._scenario.webhooks
        return WebhookSender(
            events, self.clock, handover, draws=self._draws, conditions=conditions, enabled_types=types
        )

    def _close_month(self) -> None:
        """Write off what vendors owe who are gone."""
        for vendor_id in self._gone:
            self._ask(self.flow.write_off(PLATFORM, vendor_id))

    def _give_evidence(self, order: OrderPlan, is_lost: bool) -> None:
        """Give the bank what the vendor has to say, who must be there for that; weeks later it has decided."""
        sale = self._sale_of(order)
        opened = (case for case in self.store.all(DISPUTES) if case.sale_id == sale.id)
        case = next((case for case in opened if case.status is CaseStatus.OPEN), None)
        if case is None or self._lives[order.vendor_id].disappears_at <= self.clock.now_us / MICROSECONDS:
            return
        self._ask(self.flow.submit_evidence(PLATFORM, case.id, EVIDENCE))
        days = self._scenario.buyers.decision_days - EVIDENCE_DAYS
        self.clock.after(days * DAY_SECONDS, partial(self._decide, sale.charge.stored_payment_id(), is_lost))

    def _decide(self, payment_id: str, is_lost: bool) -> None:
        self.stripe.close_dispute(payment_id, won=not is_lost)

    # Vendors.

    def _join(self, vendor: VendorLife) -> None:
        onboard = self.flow.onboard_vendor
        onboarded, _ = self._ask(
            onboard(
                vendor.vendor_id,
                email=f"{vendor.vendor_id}@example.com",
                country=self._scenario.country,
                business_type=BusinessType.INDIVIDUAL,
                refresh_url=PAGE,
                return_url=PAGE,
            )
        )
        account_id = self._accounts[vendor.vendor_id] = onboarded.stored_account_id()
        self.stripe.submit_requirements(account_id)
        self._ask(self.flow.account_changed(PLATFORM, account_id))
        noticed_at = vendor.disappears_at + round(self._scenario.notice_days * DAY_SECONDS)
        self._at(noticed_at, partial(self._notice, vendor))

    def _notice(self, vendor: VendorLife) -> None:
        """Close the account of a vendor who is gone: nothing is paid out any more."""
        self._gone.append(vendor.vendor_id)
        self.stripe.reject_account(self._accounts[vendor.vendor_id])
        self._ask(self.flow.account_changed(PLATFORM, self._accounts[vendor.vendor_id]))

    # Buyers.

    def _buy(self, order: OrderPlan) -> None:
        buyer = Customer(id=f"buyer-{order.order_id}", email="buyer@example.com", stripe_customer_id="cus_buyer")
        card = DECLINED if order.is_declined else VISA
        buying = self.flow.process_marketplace_payment
        sale = self._ask(buying(buyer, order.order_id, cart=order.cart, payment_method=card))
        self._sales[order.order_id] = sale.id
        if order.is_declined and order.tries_again:
            self.clock.after(ANOTHER_CARD_SECONDS, partial(self._pay_again, order))
        if order.claim is not None:
            claim = self._dispute if order.claim.complaint is Complaint.DISPUTE else self._return
            self._at(order.claim.at_seconds, partial(claim, order))

    def _pay_again(self, order: OrderPlan) -> None:
        sale = self._sale_of(order)
        again, number = self.flow.pay_again, sale.charge.attempt.number
        self._ask(again(sale.order.customer, sale.id, expected_try=number, payment_method=VISA))

    def _return(self, order: OrderPlan) -> None:
        """Ask the platform for the money of the vendor's goods, or half of it."""
        sale, claim = self._sale_of(order), order.claim
        if claim is None or sale.status is SaleStatus.FAILED:
            return
        amount = order.cart[0].amount
        if claim.is_half:
            amount = amount.split((1, 1))[0]
        self._ask(self.flow.refund(PLATFORM, sale.id, REFUND_ID, amounts={order.vendor_id: amount}))

    def _dispute(self, order: OrderPlan) -> None:
        """Ask the bank for the money of the vendor's goods."""
        sale, claim = self._sale_of(order), order.claim
        if claim is None or sale.status is SaleStatus.FAILED:
            return
        self.stripe.dispute(sale.charge.stored_payment_id(), order.cart[0].amount.minor)
        self.clock.after(EVIDENCE_DAYS * DAY_SECONDS, partial(self._give_evidence, order, claim.is_lost))

    def _sale_of(self, order: OrderPlan) -> Sale:
        return self._ask(self.store.get(SALES, self._sales[order.order_id]))

    def _at(self, seconds: int, act: Callable[[], None]) -> None:
        """Do something so long after the start, unless it is over by then."""
        if seconds <= self._scenario.days * DAY_SECONDS:
            self.clock.after(seconds - self.clock.now_us / MICROSECONDS, act)

    def _ask(self, work: Coroutine[Any, Any, T]) -> T:
        return self.clock.run(work)
