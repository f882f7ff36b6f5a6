"""One subscriber's small world: a clock, a Stripe, a merchant's app and a customer, for as long as the year lasts.

Time goes from one thing that is due to the next: what Stripe does by itself, a webhook that arrives, the worker's
timers, and what the customer has in mind. Between them nothing is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVar

from payflows.app import App, build_app
from payflows.errors import CallRejected
from payflows.kernel.messages import Mail
from payflows.kernel.store import Store
from payflows.money import Money
from payflows.parties import Actor, Customer
from payflows.store.memory import InMemoryStore
from payflows.stripe.webhooks.event_types import OBJECT_OF
from payflows.stripe.webhooks.parsing import StripeEvent
from payflows.subscriptions.billing import InvoiceStatus
from payflows.subscriptions.business import SubscriptionSetup
from payflows.subscriptions.messages import INVOICES, SUBSCRIPTIONS, MailKind
from payflows.subscriptions.model import Subscription, SubscriptionStatus
from payflows.subscriptions.plan_requests import PlanPreview
from payflows.subscriptions.policy import SubscriptionPolicy

from simulations.search.endpoint import WEBHOOKS
from simulations.stripe.payments.cards import PaymentMethod
from simulations.stripe.simulated import SimulatedStripe
from simulations.stripe.webhooks.handover import ValueHandover
from simulations.stripe.webhooks.sender import WebhookSender
from simulations.subscriptions.catalogue import MERCHANT, offer
from simulations.subscriptions.system import PaymentsAndBilling
from simulations.subscriptions.year.models import DAY_SECONDS, MONTH_SECONDS, Act, Reaction
from simulations.subscriptions.year.scenario import SubscriberYear
from simulations.subscriptions.year.sign_ups import NEXT_CARD, SignUp
from simulations.time.draws import Draws
from simulations.time.hand_clock import HandClock
from simulations.time.working_time import WorkingTime
from simulations.time.world import MICROSECONDS

T = TypeVar("T")

UNPAID = "unpaid"
"""Why the merchant cancels what its customer does not pay."""

_TO_BE_PAID = (MailKind.PAYMENT_FAILED, MailKind.PAYMENT_ACTION_REQUIRED)

ENABLED_TYPES = frozenset(type for type, kind in OBJECT_OF.items() if kind != "payment_intent")
"""The types for which the endpoint is registered. What becomes of an invoice's payment intent, the invoice says."""


class SubscriberWorld:
    """One subscriber, and all that their subscription depends on.

    Args:
        scenario: the year.
        sign_up: who signs up, when and for what.
        draws: all chance.

    Attributes:
        clock: their time.
        bank: their bank.
        stripe: their Stripe account, which has no other customer.
        store: the merchant's books.
        app: the merchant's.
        sender: Stripe's side of the webhook endpoint.
    """

    may_need_a_person = False
    end_was_asked = False
    answers: tuple[Subscription, ...] = ()  # what customers are answered is checked by the stories
    plans_by_hand: tuple[str, ...] = ()
    confirmed: tuple[PlanPreview, ...] = ()
    cancelled_at: Mapping[str, datetime] = MappingProxyType({})
    clock_ahead = timedelta(0)

    def __init__(self, scenario: SubscriberYear, sign_up: SignUp, draws: Draws) -> None:
        self.sign_up = sign_up
        self._scenario = scenario
        self.clock = HandClock()
        self.bank = scenario.issuers.issuer(sign_up.number, draws)
        self.stripe = offer(SimulatedStripe(self.clock, currency=scenario.currency, issuer=self), scenario.plans)
        self.store = InMemoryStore()
        self.app = self._open(self.stripe, self.store)
        self._time = WorkingTime(self.clock, self.app.worker)
        self.store.on_change(self._time.note)
        self.sender = WebhookSender(
            self.stripe,
            self.clock,
            ValueHandover(self._receive),
            draws=draws,
            conditions=scenario.webhooks,
            enabled_types=ENABLED_TYPES,
        )
        name = f"subscriber-{sign_up.number}"
        self._customer = Customer(id=name, email=f"{name}@example.com", stripe_customer_id=f"cus_{sign_up.number}")
        self._behaviour = scenario.customers.behaviour(sign_up.number, draws, self.bank)
        self._mails: dict[str, int] = {}
        self._until_us = scenario.days * DAY_SECONDS * MICROSECONDS

    @property
    def subscription(self) -> Subscription:
        """The subscription as stored."""
        return next(self.store.all(SUBSCRIPTIONS))

    @property
    def is_over(self) -> bool:
        """Whether the subscription has ended, or is about to."""
        return self.subscription.status.is_ended or self.subscription.cancellation is not None

    def live(self) -> None:
        """Let the whole time pass."""
        self.clock.after(self.sign_up.at_seconds, self._press_subscribe)
        self._time.pass_until(self._until_us)

    def settle(self) -> None:
        """Let the webhooks arrive that are still on their way, so that both books can be compared."""
        while self.sender.on_their_way:
            self._time.pass_to_next()

    # What checkers ask beside the books.

    @property
    def policy(self) -> SubscriptionPolicy:
        """The merchant's."""
        return self._scenario.policy

    @property
    def calm_from(self) -> datetime:
        """There is no trouble: it has been calm from the start."""
        return self.clock.now() - timedelta(microseconds=self.clock.now_us)

    # The merchant.

    def _open(self, gateway: PaymentsAndBilling, store: Store) -> App:
        return build_app(
            gateway=gateway,
            subscriptions=SubscriptionSetup(plans=self._scenario.plans, billing=gateway, policy=self._scenario.policy),
            merchant=MERCHANT,
            store=store,
            mailer=self,
            clock=self.clock,
            webhooks=WEBHOOKS,
        )

    async def _receive(self, event: StripeEvent) -> int:
        assert self.app.webhooks is not None, "it listens"
        return (await self.app.webhooks.receive_event(event, self.clock.now())).status

    def _give_up(self) -> None:
        """Cancel what was not paid in all this time."""
        given_up = self.clock.now() - timedelta(days=self._scenario.unpaid_days)
        unpaid_since = self.subscription.unpaid_since
        if unpaid_since is not None and unpaid_since <= given_up and not self.subscription.status.is_ended:
            self._cancel(MERCHANT, reason=UNPAID)

    # The customer.

    async def send(self, mail: Mail, *, to: str) -> None:
        """Take a mail to the customer, who reads it: the app's mailer."""
        number = self._mails[mail.kind] = self._mails.get(mail.kind, -1) + 1
        is_signing_up = self.subscription.status is SubscriptionStatus.INCOMPLETE
        if mail.kind in _TO_BE_PAID and not is_signing_up and self.policy.dunning is None:
            self._later(self._scenario.unpaid_days * DAY_SECONDS, self._give_up)
        now = self.clock.now()
        reaction = self._behaviour.reacts(MailKind(mail.kind), number, now, is_signing_up=is_signing_up)
        if reaction is not None:
            self._plan(reaction)

    def answer(self, payment_method: str, amount: Money, attempt: int, at: datetime) -> PaymentMethod:
        """Have the bank answer to a charge, of which its customer gets to know: Stripe's issuer."""
        answer = self.bank.answer(payment_method, amount, attempt, at)
        for reaction in self._behaviour.after_charge():
            self._plan(reaction)
        return answer

    def _plan(self, reaction: Reaction) -> None:
        self._later(reaction.after_seconds, partial(self._react, reaction))

    def _react(self, reaction: Reaction) -> None:
        if self.is_over:
            return
        act = self._behaviour.does_now(reaction)
        if act is not None:
            self._act(act)

    def _press_subscribe(self) -> None:
        sign_up = self.sign_up
        self._ask(
            self.app.subscriptions.create_subscription(
                self._customer,
                "signup-1",
                plan_id=sign_up.plan.id,
                payment_method=sign_up.payment_method,
                seats=sign_up.seats,
                trial_days=sign_up.trial_days,
            )
        )
        self._think_of_leaving(0)

    def _think_of_leaving(self, month: int) -> None:
        """Look ahead to the first month in which they cancel."""
        until = (self._until_us - self.clock.now_us) // MICROSECONDS
        while month * MONTH_SECONDS < until:
            leaving = self._behaviour.leaves(month)
            if leaving is not None:
                after = month * MONTH_SECONDS + leaving.after_seconds
                return self._later(after, partial(self._act, leaving.act))
            month += 1

    def _act(self, act: Act) -> None:
        """Do something about the subscription, where it has not ended, and what is wanted is still possible."""
        if self.is_over:
            return
        subscription = self.subscription
        try:
            match act:
                case Act.GIVE_FIRST_CARD if subscription.payment_method is None:
                    self._give_card(subscription)
                case Act.GIVE_ANOTHER_CARD:
                    self._give_card(subscription)
                case Act.CANCEL_NOW | Act.CANCEL_AT_PERIOD_END:
                    at_period_end = act is Act.CANCEL_AT_PERIOD_END and subscription.status.is_live
                    self._cancel(self._customer, at_period_end=at_period_end)
                case Act.PASS_AUTHENTICATION:
                    self._answer_bank(self.stripe.authenticate)
                case Act.FAIL_AUTHENTICATION:
                    self._answer_bank(self.stripe.fail_authentication)
        except CallRejected:
            pass  # the bank's page says that it is over

    def _give_card(self, subscription: Subscription) -> None:
        update, number = self.app.subscriptions.update_card, subscription.card_updates
        self._ask(update(self._customer, subscription.id, expected_update=number, payment_method=NEXT_CARD))

    def _cancel(self, actor: Actor, *, at_period_end: bool = False, reason: str | None = None) -> None:
        self.end_was_asked = True
        cancel = self.app.subscriptions.cancel_subscription
        self._ask(cancel(actor, self.subscription.id, at_period_end=at_period_end, reason=reason))

    def _answer_bank(self, answer: Callable[[str], object]) -> None:
        for invoice in list(self.store.all(INVOICES)):
            if invoice.action_required and invoice.status is InvoiceStatus.OPEN:
                answer(invoice.stored_charge().stored_payment_id())

    def _ask(self, work: Coroutine[Any, Any, T]) -> T:
        return self.clock.run(work)

    def _later(self, after_seconds: int, act: Callable[[], None]) -> None:
        self.clock.after(after_seconds, act)
