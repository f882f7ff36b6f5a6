"""Subscriptions as one writes them first, to be compared with: each request and each webhook is done and written down.

The buggy variants of `incidents` are these with the step overridden in which their bug lives.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from payflows.app import App
from payflows.errors import AlreadyExists, AlreadySubscribed
from payflows.kernel.aggregate import Kind
from payflows.kernel.changes import Change, Insert, Replace
from payflows.kernel.evolve import evolve
from payflows.parties import Actor, Customer, Merchant
from payflows.subscriptions.access import access_of
from payflows.subscriptions.billing import BillingStatus, InvoiceStatus, StripeSubscription, SubscriptionTerms
from payflows.subscriptions.invoice import INVOICE_TRANSITIONS, Invoice, invoice_of
from payflows.subscriptions.model import FOLLOWS, Period, Subscription, SubscriptionStatus
from payflows.subscriptions.signup import SignUp

from simulations.subscriptions.catalogue import MERCHANT, PLANS
from simulations.subscriptions.system import Ports, Settings

_S = SubscriptionStatus

# Whatever is said last is believed, so every status may follow every other.
SILENT_SUBSCRIPTIONS = Kind(
    name="subscription",
    aggregate_type=Subscription,
    transitions={before: dict.fromkeys(_S, "read at Stripe") for before in _S},
)
"""Subscriptions of a merchant who announces nothing."""

SILENT_INVOICES = Kind(name="invoice", aggregate_type=Invoice, transitions=INVOICE_TRANSITIONS)


class NaiveSubscriptions:
    """Signs up, follows and cancels, each in one go. It goes wrong where anything else does: nothing is retried.

    Args:
        ports: what it works with.
        settings: the merchant.
    """

    row = Subscription
    """What is stored; it says what a customer may have once."""

    def __init__(self, ports: Ports, settings: Settings) -> None:
        self.ports = ports
        self.settings = settings

    async def create_subscription(
        self, customer: Customer, signup_id: str, *, plan_id: str, payment_method: str | None, trial_days: int = 0
    ) -> Subscription:
        """Sign up. Raises `AlreadySubscribed` where the customer has what they may have once."""
        wanted = self._wanted(customer, signup_id, plan_id, payment_method, trial_days)
        try:
            stored = await self.ports.store.add(SILENT_SUBSCRIPTIONS, wanted)
        except AlreadyExists:
            raise AlreadySubscribed("there is one already, or there was a trial") from None
        terms = SubscriptionTerms(
            str(customer.stripe_customer_id),
            wanted.signup.price_id,
            trial_days=trial_days,
            trial_end=self.settings.policy.trial_end,
        )
        made = await self.ports.billing.create_subscription(stored.id, terms, key=stored.key("create"))
        stored = await self._write(stored, stripe_id=made.id)
        payment_id = made.latest_invoice.payment_id if made.latest_invoice is not None else None
        if payment_id is not None and payment_method is not None:
            key = stored.key("confirm")
            await self.ports.gateway.confirm_payment(payment_id, payment_method=payment_method, key=key)
        return await self.follow(stored, await self.ports.billing.retrieve_subscription(made.id))

    async def cancel_subscription(self, actor: Actor, subscription_id: str, **_: object) -> Subscription:
        """End a subscription now."""
        stored = await self.ports.store.get(SILENT_SUBSCRIPTIONS, subscription_id)
        stripe_id = stored.stored_stripe_id()
        await self.ports.billing.cancel_subscription(
            stripe_id, prorate=False, invoice_now=False, key=stored.key("cancel")
        )
        return await self.follow(stored, await self.ports.billing.retrieve_subscription(stripe_id))

    async def take_webhook(self, said: StripeSubscription) -> Subscription:
        """Take a webhook with what the subscription was when it was made: read it anew."""
        stored = await self.ports.store.find(SILENT_SUBSCRIPTIONS, said.id)
        return await self.follow(stored, await self.ports.billing.retrieve_subscription(said.id))

    async def subscription_changed(self, merchant: Merchant, stripe_subscription_id: str) -> Subscription:
        """Read a subscription anew."""
        return await self.take_webhook(await self.ports.billing.retrieve_subscription(stripe_subscription_id))

    async def follow(self, stored: Subscription, seen: StripeSubscription) -> Subscription:
        """Write down how it stands."""
        status = BillingStatus(seen.status)
        access = access_of(
            status,
            cancel_at=seen.cancel_at,
            past_due_until=None,
            now=self.ports.clock.now(),
        )
        facts: dict[str, Any] = {
            "access": access,
            "period": Period(seen.period_start, seen.period_end),
            "trial_end": seen.trial_end,
            "cancel_at": seen.cancel_at,
            "payment_method": seen.payment_method,
        }
        entered = FOLLOWS[status]
        if entered is _S.CANCELLING:
            stored = await self._write(stored, status=entered)
            entered = _S.CANCELLED
        return await self._write(stored, *self._invoice_of(stored, seen), status=entered, **facts)

    def _invoice_of(self, stored: Subscription, seen: StripeSubscription) -> tuple[Change, ...]:
        invoice = seen.latest_invoice
        if invoice is None or invoice.status is not InvoiceStatus.PAID or stored.latest_invoice is not None:
            return ()
        if stored.period == Period(seen.period_start, seen.period_end):
            return ()
        return (Insert(SILENT_INVOICES, invoice_of(stored, invoice, now=self.ports.clock.now())),)

    def _wanted(
        self, customer: Customer, signup_id: str, plan_id: str, payment_method: str | None, trial_days: int
    ) -> Subscription:
        plan, now = PLANS.plan(plan_id), self.ports.clock.now()
        terms = (plan.id, plan.product, plan.price_id, 1, plan.total(1), trial_days, payment_method, None, now)
        signup = SignUp(MERCHANT.id, signup_id, customer, *terms)
        return self.row(id=f"subs_{customer.id}_{signup_id}", signup=signup, status=_S.CREATING, changed_at=now)

    async def _write(self, before: Subscription, *also: Change, **changes: Any) -> Subscription:
        now: datetime = self.ports.clock.now()
        after = evolve(before, version=before.version + 1, changed_at=now, **changes)
        await self.ports.store.change(Replace(SILENT_SUBSCRIPTIONS, before, after), *also)
        return after


class IdleWorker:
    """A worker with nothing to do."""

    async def run_due(self) -> datetime | None:
        """Return when something will be due: never."""
        return None


class NaiveMerchant:
    """What runs, as far as stories look at it.

    Args:
        subscriptions: what is asked.
    """

    def __init__(self, subscriptions: NaiveSubscriptions) -> None:
        self.subscriptions = subscriptions
        self.worker = IdleWorker()


def naive_subscriptions(ports: Ports, settings: Settings) -> App:
    """Build them as they are, without a planted bug."""
    return cast(App, NaiveMerchant(NaiveSubscriptions(ports, settings)))
