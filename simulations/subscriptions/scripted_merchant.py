"""A merchant for stories about single subscriptions: the verbs that notebooks and tests tell them with."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import cast

from payflows.app import build_app
from payflows.checks import instance_of, not_negative
from payflows.errors import CallRejected
from payflows.parties import Customer
from payflows.store.mailbox import InMemoryMailer
from payflows.store.memory import InMemoryStore
from payflows.subscriptions.business import SubscriptionSetup
from payflows.subscriptions.gateway import BillingGateway
from payflows.subscriptions.invoice import Invoice
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.plan_requests import PlanPreview
from payflows.subscriptions.plans import Plan, PlanCatalogue
from payflows.subscriptions.policy import CancelPolicy, ChangeTiming, SubscriptionPolicy
from payflows.subscriptions.usage import Usage

from simulations.network.link import Call, over_network
from simulations.search.endpoint import WEBHOOK_SECRET, WEBHOOKS
from simulations.stripe.billing.settings import USUAL_SETTINGS, BillingSettings
from simulations.stripe.payments.cards import PAYMENT_METHODS
from simulations.stripe.simulated import SimulatedStripe
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.stripe.webhooks.handover import SignedPost
from simulations.stripe.webhooks.sender import WebhookSender
from simulations.subscriptions.catalogue import ADA, CALLS, MERCHANT, NO_FUNDS, PLANS, PRO, VISA, offer
from simulations.subscriptions.readable_merchant import ReadableMerchant
from simulations.time.draws import Draws
from simulations.time.runner import VirtualRunner
from simulations.time.world import START, World

WORKER_POLL_SECONDS = 20


class ScriptedMerchant(ReadableMerchant):
    """A merchant with whom one thing happens after another: each verb lets virtual time pass until it is answered.

    Args:
        plans: what is sold.
        policy: how the merchant treats subscribers.
        billing: whether Stripe itself retries payments.
        webhooks: how Stripe's webhooks travel; None: none are sent, and only timers wake the flow.
        mailer: sends mail; None: a mailbox in memory.
        start: when the world begins.

    Attributes:
        world: virtual time.
        stripe: the simulated Stripe.
        store: what is stored.
        mailer: what was mailed.
        flow: the subscriptions.
        sender: Stripe's side of the endpoint; None where no webhooks are sent.
        calls: every call of Stripe.
    """

    def __init__(
        self,
        *,
        plans: PlanCatalogue = PLANS,
        policy: SubscriptionPolicy | None = None,
        billing: BillingSettings = USUAL_SETTINGS,
        webhooks: DeliveryConditions | None = DeliveryConditions(),  # noqa: B008 - a frozen value
        mailer: InMemoryMailer | None = None,
        start: datetime = START,
    ) -> None:
        instance_of("plans", plans, PlanCatalogue)
        instance_of("policy", policy, SubscriptionPolicy, None)
        instance_of("webhooks", webhooks, DeliveryConditions, None)
        instance_of("mailer", mailer, InMemoryMailer, None)
        self.world = World(start)
        self._start = start
        self.stripe = offer(SimulatedStripe(self.world, billing=billing), plans)
        self.store = InMemoryStore()
        self.mailer = mailer or InMemoryMailer()
        self.calls: list[Call] = []
        self._plans = plans
        self.sender = self._listen(webhooks) if webhooks is not None else None
        self._run(policy or SubscriptionPolicy())

    # What customers do.

    def subscribe(
        self,
        card: str | None = VISA,
        *,
        plan: Plan = PRO,
        seats: int = 1,
        trial_days: int = 0,
        signup_id: str = "signup-1",
        customer: Customer = ADA,
    ) -> Subscription:
        """Sign up."""
        instance_of("plan", plan, Plan)
        return self.world.run(
            self.flow.create_subscription(
                customer, signup_id, plan_id=plan.id, payment_method=card, seats=seats, trial_days=trial_days
            )
        )

    def update_card(self, subscription: Subscription, card: str = VISA) -> Subscription:
        """Give another card, having seen the subscription as it is now."""
        now = self.now(subscription)
        return self.world.run(
            self.flow.update_card(now.signup.customer, now.id, expected_update=now.card_updates, payment_method=card)
        )

    def cancel(
        self,
        subscription: Subscription,
        *,
        at_period_end: bool = False,
        policy: CancelPolicy | None = None,
        reason: str | None = None,
    ) -> Subscription:
        """Cancel now, or with the period."""
        instance_of("subscription", subscription, Subscription)
        customer = subscription.signup.customer
        cancelling = self.flow.cancel_subscription(
            customer, subscription.id, at_period_end=at_period_end, policy=policy, reason=reason
        )
        return self.world.run(cancelling)

    def keep(self, subscription: Subscription) -> Subscription:
        """Take a cancellation with the period back."""
        instance_of("subscription", subscription, Subscription)
        return self.world.run(self.flow.keep_subscription(subscription.signup.customer, subscription.id))

    def preview(
        self, subscription: Subscription, plan: Plan, *, seats: int | None = None, timing: ChangeTiming | None = None
    ) -> PlanPreview:
        """Look at what another plan, or another number of seats, costs."""
        instance_of("subscription", subscription, Subscription)
        instance_of("plan", plan, Plan)
        customer, id = subscription.signup.customer, subscription.id
        return self.world.run(self.flow.preview_plan_change(customer, id, plan_id=plan.id, seats=seats, timing=timing))

    def change_plan(self, subscription: Subscription, confirmed: PlanPreview) -> Subscription:
        """Confirm what was shown."""
        instance_of("subscription", subscription, Subscription)
        return self.world.run(self.flow.change_plan(subscription.signup.customer, subscription.id, confirmed=confirmed))

    def keep_plan(self, subscription: Subscription) -> Subscription:
        """Take a plan change back that waits."""
        instance_of("subscription", subscription, Subscription)
        return self.world.run(self.flow.keep_plan(subscription.signup.customer, subscription.id))

    def pause(self, subscription: Subscription, *, resumes_at: datetime | None = None) -> Subscription:
        """Pause, until some day or until the customer goes on."""
        instance_of("subscription", subscription, Subscription)
        customer = subscription.signup.customer
        return self.world.run(self.flow.pause_subscription(customer, subscription.id, resumes_at=resumes_at))

    def resume(self, subscription: Subscription) -> Subscription:
        """Go on after a pause."""
        instance_of("subscription", subscription, Subscription)
        return self.world.run(self.flow.resume_subscription(subscription.signup.customer, subscription.id))

    def at_the_bank(self, subscription: Subscription, *, passes: bool = True) -> Subscription:
        """Answer what the bank asks, about a card or an invoice, and come back."""
        instance_of("passes", passes, bool)
        now, stripe = self.now(subscription), self.stripe
        if now.setup_id is not None:
            with suppress(CallRejected):  # it does not ask
                (stripe.authenticate_setup if passes else stripe.fail_setup_authentication)(now.setup_id)
        for invoice in self.invoices(subscription):
            if invoice.action_required and invoice.charge is not None and invoice.charge.payment_id is not None:
                (stripe.authenticate if passes else stripe.fail_authentication)(invoice.charge.payment_id)
        return self.world.run(self.flow.advance(now.signup.customer, now.id))

    def card_runs_empty(self, subscription: Subscription) -> None:
        """The card that pays is declined from now on."""
        card = self.now(subscription).payment_method
        assert card is not None, "a card pays"
        self.stripe.replace_card_behaviour(card, PAYMENT_METHODS[NO_FUNDS])

    # What the merchant does.

    def refund(self, invoice: Invoice) -> Invoice:
        """Give an invoice's money back."""
        instance_of("invoice", invoice, Invoice)
        return self.world.run(self.flow.refund_invoice(MERCHANT, invoice.id))

    def use(
        self,
        subscription: Subscription,
        quantity: int,
        *,
        usage_id: str = "usage-1",
        metric: str = CALLS.metric,
        used_at: datetime | None = None,
    ) -> Usage:
        """Record what was used."""
        instance_of("subscription", subscription, Subscription)
        track = self.flow.track_usage
        return self.world.run(
            track(MERCHANT, subscription.id, usage_id, metric=metric, quantity=quantity, used_at=used_at)
        )

    def deploy(self, policy: SubscriptionPolicy) -> None:
        """Stop the process, and start one with another policy over what is stored."""
        instance_of("policy", policy, SubscriptionPolicy)
        self.app.worker.stop()
        self.pass_time(seconds=2 * WORKER_POLL_SECONDS)
        self._run(policy)

    def pass_time(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Let virtual time pass."""
        for name, time in (("seconds", seconds), ("minutes", minutes), ("hours", hours), ("days", days)):
            not_negative(name, time)
        self.world.run_for(seconds + 60 * minutes + 3_600 * hours + 86_400 * days)

    def _run(self, policy: SubscriptionPolicy) -> None:
        gateway = over_network(self.stripe, "stripe", self.world, calls=self.calls)
        setup = SubscriptionSetup(plans=self._plans, billing=cast(BillingGateway, gateway), policy=policy)
        self.app = build_app(
            gateway=gateway,
            subscriptions=setup,
            merchant=MERCHANT,
            store=self.store,
            mailer=self.mailer,
            clock=self.world,
            runner=VirtualRunner(self.world),
            webhooks=WEBHOOKS,
            poll_seconds=WORKER_POLL_SECONDS,
        )
        self.flow = self.app.subscriptions
        self.world.start(self.app.worker.run(), name="worker")

    def _listen(self, conditions: DeliveryConditions) -> WebhookSender:
        post = SignedPost(self._receive, [WEBHOOK_SECRET])
        return WebhookSender(self.stripe, self.world, post, draws=Draws(0), conditions=conditions)

    async def _receive(self, raw_body: bytes, headers: Mapping[str, str]) -> int:
        """The endpoint for Stripe: stores, answers with an HTTP status, and works after."""
        assert self.app.webhooks is not None and self.app.inbox is not None, "it has webhook settings"
        answer = await self.app.webhooks.receive(raw_body, headers, self.world.now())
        await self.app.worker.poll(self.app.inbox.name)
        return answer.status
