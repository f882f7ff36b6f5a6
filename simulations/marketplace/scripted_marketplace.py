"""A marketplace for stories about single sales: the verbs that notebooks and tests tell them with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import cast

from payflows.app import build_app
from payflows.checks import instance_of, not_negative
from payflows.errors import CallRejected
from payflows.kernel.changes import OUTBOX
from payflows.kernel.messages import BusinessEvent
from payflows.marketplace.accounts import VendorPot
from payflows.marketplace.accounts import vendor as vendor_account
from payflows.marketplace.balances import BalanceTransaction
from payflows.marketplace.business import MarketplaceSetup
from payflows.marketplace.connect import BusinessType
from payflows.marketplace.dispute_case import DisputeCase
from payflows.marketplace.fees import FeeSchedule
from payflows.marketplace.gateway import MarketplaceGateway
from payflows.marketplace.input import CartPart
from payflows.marketplace.ledger import LEDGER, LedgerLine, post
from payflows.marketplace.messages import DISPUTES, MOVEMENTS, PAYOUTS, SALES, VENDORS, EventType, MailKind
from payflows.marketplace.movement import Movement
from payflows.marketplace.payout import Payout
from payflows.marketplace.policy import MarketplacePolicy
from payflows.marketplace.reconciliation import Reconciliation, reconcile
from payflows.marketplace.sale import Sale
from payflows.marketplace.sale_postings import platform_paid_out, platform_topped_up
from payflows.marketplace.vendor import Vendor
from payflows.money import Money
from payflows.parties import Customer, Merchant
from payflows.store.mailbox import InMemoryMailer
from payflows.store.memory import InMemoryStore
from payflows.stripe.webhooks.endpoint import WebhookEndpoint

from simulations.network.link import Call, over_network
from simulations.search.endpoint import CONNECTED_SECRET, CONNECTED_WEBHOOKS, WEBHOOK_SECRET, WEBHOOKS
from simulations.stripe.connect.settings import USUAL_CONNECT, ConnectSettings
from simulations.stripe.simulated import SimulatedStripe
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.stripe.webhooks.handover import SignedPost
from simulations.stripe.webhooks.sender import EventSource, WebhookSender
from simulations.time.draws import Draws
from simulations.time.runner import VirtualRunner
from simulations.time.world import START, World

PLATFORM = Merchant(id="mer_payflows")
ADA = Customer(id="ada", email="ada@example.com", stripe_customer_id="cus_ada")
TEN_PERCENT = FeeSchedule.flat("usd", 1_000)
VISA = "pm_card_visa"
DECLINED, THREE_D_SECURE = "pm_card_visa_chargeDeclined", "pm_card_threeDSecure2Required"
REFUND_FAILS = "pm_card_refundFail"
PAGE = "https://bazaar.example/vendors"
_POLL_SECONDS = 20


class ScriptedMarketplace:
    """A marketplace with which one thing happens after another: each verb lets virtual time pass until it is answered.

    Args:
        fees: what the platform keeps.
        policy: refunds, payouts and retries.
        connect: what the platform has agreed with Stripe.
        webhooks: how Stripe's webhooks travel, the platform's and those of vendors' accounts; None: none are sent.
        start: when the world begins.

    Attributes:
        world: virtual time.
        start: when it began.
        stripe: the simulated Stripe.
        store: what is stored.
        flow: the marketplace.
        sender: Stripe's side of the platform's endpoint; None where no webhooks are sent.
        calls: every call of Stripe.
    """

    def __init__(
        self,
        *,
        fees: FeeSchedule = TEN_PERCENT,
        policy: MarketplacePolicy | None = None,
        connect: ConnectSettings = USUAL_CONNECT,
        webhooks: DeliveryConditions | None = DeliveryConditions(),  # noqa: B008 - a frozen value
        start: datetime = START,
    ) -> None:
        instance_of("fees", fees, FeeSchedule)
        instance_of("policy", policy, MarketplacePolicy, None)
        instance_of("connect", connect, ConnectSettings)
        instance_of("webhooks", webhooks, DeliveryConditions, None)
        self.world = World(start)
        self.start = start
        self.stripe = SimulatedStripe(self.world, currency=fees.currency, connect=connect)
        self.store = InMemoryStore()
        self.mailer = InMemoryMailer()
        self.calls: list[Call] = []
        gateway = over_network(self.stripe, "stripe", self.world, calls=self.calls)
        setup = MarketplaceSetup(
            fees=fees, connect=cast(MarketplaceGateway, gateway), policy=policy or MarketplacePolicy()
        )
        self.app = build_app(
            gateway=gateway,
            marketplace=setup,
            merchant=PLATFORM,
            store=self.store,
            mailer=self.mailer,
            clock=self.world,
            runner=VirtualRunner(self.world),
            webhooks=WEBHOOKS,
            connected_webhooks=CONNECTED_WEBHOOKS,
            poll_seconds=_POLL_SECONDS,
        )
        self.flow = self.app.marketplace
        self.sender: WebhookSender | None = None
        if webhooks is not None:
            self.sender = self._listen(self.stripe, self.app.webhooks, WEBHOOK_SECRET, webhooks)
            self._listen(self.stripe.connected_events, self.app.connected_webhooks, CONNECTED_SECRET, webhooks)
        self.world.start(self.app.worker.run(), name="worker")

    def begin_onboarding(self, vendor_id: str, *, country: str = "US", page: str = PAGE) -> Vendor:
        """Have an account made for a vendor, or another link to Stripe's form."""
        onboarded, _ = self.world.run(
            self.flow.onboard_vendor(
                vendor_id,
                email=f"{vendor_id}@example.com",
                country=country,
                business_type=BusinessType.INDIVIDUAL,
                refresh_url=page,
                return_url=page,
            )
        )
        return onboarded

    def onboard(self, vendor_id: str, *, country: str = "US") -> Vendor:
        """Have a vendor onboarded, who fills Stripe's form in."""
        onboarded = self.begin_onboarding(vendor_id, country=country)
        self.stripe.submit_requirements(onboarded.stored_account_id())
        return self.world.run(self.flow.account_changed(PLATFORM, onboarded.stored_account_id()))

    def buy(
        self,
        cart: Mapping[str, Money] | Sequence[CartPart],
        *,
        card: str = VISA,
        order_id: str = "order-1",
        customer: Customer = ADA,
    ) -> Sale:
        """Buy goods of some vendors."""
        parts = [CartPart(vendor, amount) for vendor, amount in cart.items()] if isinstance(cart, Mapping) else cart
        return self.world.run(
            self.flow.process_marketplace_payment(customer, order_id, cart=parts, payment_method=card)
        )

    def pay_again(self, sale: Sale, card: str = VISA, *, expected_try: int | None = None) -> Sale:
        """Try another card, having seen the sale as it was given."""
        seen = sale.charge.attempt.number if expected_try is None else expected_try
        trying = self.flow.pay_again(sale.order.customer, sale.id, expected_try=seen, payment_method=card)
        return self.world.run(trying)

    def at_the_bank(self, sale: Sale, *, passes: bool = True) -> Sale:
        """Answer what the buyer's bank asks, and come back."""
        payment_id = sale.charge.stored_payment_id()
        (self.stripe.authenticate if passes else self.stripe.fail_authentication)(payment_id)
        return self.notice(sale)

    def cancel(self, sale: Sale) -> Sale:
        """Give up a sale that is not paid."""
        return self.world.run(self.flow.cancel(sale.order.customer, sale.id))

    def refund(self, sale: Sale, refund_id: str = "r1", amounts: Mapping[str, Money] | None = None) -> Movement:
        """Give a buyer all back that is left, or parts by vendor."""
        return self.world.run(self.flow.refund(PLATFORM, sale.id, refund_id, amounts=amounts))

    def write_off(self, vendor_id: str) -> Money:
        """Give up what a vendor owes."""
        return self.world.run(self.flow.write_off(PLATFORM, vendor_id))

    def top_up(self, amount: Money) -> None:
        """Pay into the platform's balance at Stripe."""
        source_id = self._platform_moved(lambda: self.stripe.top_up_platform(amount.minor, amount.currency))
        self.world.run(self.store.change(post(platform_topped_up(source_id, amount, self.world.now()))))

    def refund_fee_in_dashboard(self, fee_id: str, amount: Money) -> None:
        """Give a part of a fee back by hand; such a refund names no purpose."""
        rules = self.stripe.connect.rules
        rules.transferring.refund_fee(rules.book.fees.find(fee_id), amount.minor, {})

    def withdraw(self, amount: Money) -> None:
        """Pay a part of the platform's balance at Stripe out to ourselves."""
        source_id = self._platform_moved(lambda: self.stripe.withdraw_from_platform(amount.minor, amount.currency))
        self.world.run(self.store.change(post(platform_paid_out(source_id, amount, self.world.now()))))

    def _platform_moved(self, move: Callable[[], None]) -> str:
        """Move the platform's money by hand. Returns the id of what has moved it."""
        before = {entry.id for entry in self._transactions(None)}
        move()
        [made] = [entry for entry in self._transactions(None) if entry.id not in before]
        assert made.source_id is not None, "it is a payout or a top-up"
        return made.source_id

    def notice(self, sale: Sale) -> Sale:
        """Have Stripe's webhook about the payment come."""
        return self.world.run(self.flow.payment_changed(PLATFORM, sale.charge.stored_payment_id()))

    def now(self, sale: Sale) -> Sale:
        """The sale as it is stored now."""
        return self.world.run(self.store.get(SALES, sale.id))

    def vendor(self, vendor_id: str) -> Vendor:
        """A vendor as stored now."""
        return self.world.run(self.flow.vendor(vendor_id))

    def payouts(self, vendor_id: str) -> list[Payout]:
        """A vendor's payouts, oldest first."""
        return [each for each in self.store.all(PAYOUTS) if each.vendor_id == vendor_id]

    def disputes(self, sale: Sale) -> list[DisputeCase]:
        """Its disputes, oldest first."""
        return [each for each in self.store.all(DISPUTES) if each.sale_id == sale.id]

    def movements(self, sale: Sale) -> list[Movement]:
        """What is moved for a sale, oldest first."""
        return [each for each in self.store.all(MOVEMENTS) if each.sale_id == sale.id]

    def pass_time(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Let virtual time pass."""
        for name, time in (("seconds", seconds), ("minutes", minutes), ("hours", hours), ("days", days)):
            not_negative(name, time)
        self.world.run_for(seconds + 60 * minutes + 3_600 * hours + 86_400 * days)

    @property
    def lines(self) -> tuple[LedgerLine, ...]:
        """The whole ledger."""
        return tuple(self.store.all_entries(LEDGER))

    def events(self, subject: str) -> list[EventType]:
        """The business events about a sale or a vendor's row, in their order."""
        messages = [item.content for item in self.store.all_items(OUTBOX)]
        events = [message for message in messages if isinstance(message, BusinessEvent)]
        return [EventType(event.type) for event in events if event.subject == subject]

    def mails(self, email: str) -> list[MailKind]:
        """The mails that an address got, in their order."""
        self.world.run(self.app.outbox.deliver())
        return [MailKind(mail.kind) for key, mail in self.mailer.sent.items() if self.mailer.recipients[key] == email]

    def balance_minor(self, account: str) -> int:
        """What an account of the ledger sums to; what is owed is below zero."""
        return sum(line.amount_minor for line in self.lines if line.owner == account)

    def owed_minor(self, vendor_id: str, pot: VendorPot = VendorPot.AVAILABLE) -> int:
        """What is owed to a vendor, of what has come so far."""
        return -self.balance_minor(vendor_account(vendor_id, pot))

    def reconcile(self) -> Reconciliation:
        """The ledger compared with Stripe's balance transactions, of all accounts that can be read."""
        read: dict[str | None, tuple[BalanceTransaction, ...]] = {None: self._transactions(None)}
        for each in self.store.all(VENDORS):
            if each.account_id is not None:
                with suppress(CallRejected):  # an account that has left the platform
                    read[each.account_id] = self._transactions(each.account_id)
        return reconcile(self.lines, read)

    def _listen(
        self, events: EventSource, endpoint: WebhookEndpoint | None, secret: str, conditions: DeliveryConditions
    ) -> WebhookSender:
        """Connect Stripe's side of an endpoint, which stores what comes, answers, and works after."""
        assert endpoint is not None and self.app.inbox is not None, "it has webhook settings"
        inbox = self.app.inbox

        async def receive(raw_body: bytes, headers: Mapping[str, str]) -> int:
            answer = await endpoint.receive(raw_body, headers, self.world.now())
            await self.app.worker.poll(inbox.name)
            return answer.status

        return WebhookSender(events, self.world, SignedPost(receive, [secret]), draws=Draws(0), conditions=conditions)

    def _transactions(self, account_id: str | None) -> tuple[BalanceTransaction, ...]:
        listing = self.stripe.list_balance_transactions(
            account_id, created_from=self.start, created_before=self.world.now() + timedelta(days=1)
        )
        return self.world.run(listing)
