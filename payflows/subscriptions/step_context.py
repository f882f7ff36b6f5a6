"""What every step of a subscription works with: the ports, the repositories, and the payments core."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from payflows.checks import implements, instance_of
from payflows.clock import SECOND, Clock
from payflows.errors import NotFound, OutcomeUnknown, ServerFailed, UnreadableAnswer
from payflows.kernel.aggregate import Aggregate, Kind
from payflows.kernel.calls import Calls
from payflows.kernel.evolve import evolve
from payflows.kernel.repository import Repository
from payflows.kernel.store import Store
from payflows.payments.collection import Collection
from payflows.payments.gateway import PaymentGateway
from payflows.payments.invoice_payable import FirstInvoicePayable, InvoicePayable
from payflows.payments.refunds import Refunds
from payflows.subscriptions.billing import StripeInvoice, StripeSubscription
from payflows.subscriptions.episode import EPISODES, DunningEpisode
from payflows.subscriptions.gateway import BillingGateway
from payflows.subscriptions.invoice import Invoice, invoice_of
from payflows.subscriptions.messages import INVOICES, SUBSCRIPTIONS
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.plans import PlanCatalogue
from payflows.subscriptions.policy import SubscriptionPolicy
from payflows.subscriptions.usage import USAGE, Usage, unreported

A = TypeVar("A", bound=Aggregate)


@dataclass(frozen=True, slots=True)
class StepContext:
    """What a step is given.

    Attributes:
        store: finds what belongs together.
        subscriptions: where their changes are written.
        invoices: where theirs are.
        usage: where what they used is.
        episodes: where their dunning is.
        billing: Stripe Billing.
        payments: Stripe, for what the payment intents of invoices say.
        first_collection: collects the invoice that is paid at sign-up.
        collection: collects any other invoice.
        refunds: gives money back.
        calls: makes calls of ports.
        clock: tells the time.
        policy: the merchant's.
        plans: what is sold.
    """

    store: Store
    subscriptions: Repository[Subscription]
    invoices: Repository[Invoice]
    usage: Repository[Usage]
    episodes: Repository[DunningEpisode]
    billing: BillingGateway
    payments: PaymentGateway
    first_collection: Collection
    collection: Collection
    refunds: Refunds
    calls: Calls
    clock: Clock
    policy: SubscriptionPolicy
    plans: PlanCatalogue

    @classmethod
    def over(
        cls,
        *,
        store: Store,
        payments: PaymentGateway,
        billing: BillingGateway,
        clock: Clock,
        policy: SubscriptionPolicy,
        plans: PlanCatalogue,
    ) -> StepContext:
        """Return the context over these ports. Raises `InvalidPolicy` where one is none."""
        implements("store", store, Store)
        implements("payments", payments, PaymentGateway)
        implements("billing", billing, BillingGateway)
        implements("clock", clock, Clock)
        instance_of("policy", policy, SubscriptionPolicy)
        instance_of("plans", plans, PlanCatalogue)
        calls = Calls(clock, policy.retry)

        def repository(kind: Kind[A]) -> Repository[A]:
            return Repository(
                kind,
                store=store,
                clock=clock,
                retry=policy.retry,
                lease_seconds=policy.lease_seconds,
                review_after_seconds=policy.review_after_seconds,
            )

        return cls(
            store=store,
            subscriptions=repository(SUBSCRIPTIONS),
            invoices=repository(INVOICES),
            usage=repository(USAGE),
            episodes=repository(EPISODES),
            billing=billing,
            payments=payments,
            first_collection=Collection(FirstInvoicePayable(payments, billing), calls),
            collection=Collection(InvoicePayable(payments, billing), calls),
            refunds=Refunds(payments, calls),
            calls=calls,
            clock=clock,
            policy=policy,
            plans=plans,
        )

    async def read(self, subscription: Subscription) -> StripeSubscription:
        """Read a subscription at Stripe, by its stored id."""
        stripe_id = subscription.stored_stripe_id()
        return own(subscription, await self.calls.call(lambda: self.billing.retrieve_subscription(stripe_id)))

    async def read_invoice(self, invoice_id: str) -> StripeInvoice:
        """Read an invoice at Stripe."""
        seen = await self.calls.call(lambda: self.billing.retrieve_invoice(invoice_id))
        if seen.id != invoice_id:
            raise UnreadableAnswer(f"{invoice_id} was asked for, and {seen.id} was the answer")
        return seen

    async def find_all(self, subscription: Subscription) -> list[StripeSubscription]:
        """List what Stripe has made for a sign-up, oldest first, without what has ended."""
        customer_id = subscription.signup.customer.stripe_customer_id
        assert customer_id is not None, "a subscriber is a customer at Stripe"
        found = await self.calls.call(
            lambda: self.billing.list_subscriptions(customer_id, subscription_id=subscription.id)
        )
        return [each for each in reversed(found) if each.owner_id == subscription.id and each.ended_at is None]

    def row_of(self, subscription: Subscription, seen: StripeInvoice) -> Invoice:
        """Return the row of an invoice that was read for the first time."""
        return invoice_of(subscription, seen, now=self.clock.now(), is_dunned=self.policy.dunning is not None)

    async def stored_invoice(self, invoice_id: str) -> Invoice | None:
        """Return an invoice as stored; None where it is not yet."""
        try:
            return await self.store.get(INVOICES, invoice_id)
        except NotFound:
            return None

    async def invoices_of(self, subscription: Subscription) -> list[Invoice]:
        """Return all stored invoices of a subscription, oldest first."""
        return await self._all(INVOICES, f"subscription:{subscription.id}")

    async def episodes_of(self, subscription: Subscription) -> list[DunningEpisode]:
        """Return all dunning episodes of a subscription, oldest first."""
        return await self._all(EPISODES, f"subscription:{subscription.id}")

    async def usage_of(self, subscription: Subscription) -> list[Usage]:
        """Return all that a subscription has used."""
        return await self._all(USAGE, f"subscription:{subscription.id}")

    async def unreported_usage(self, subscription: Subscription) -> list[Usage]:
        """Return what a subscription has used and Stripe does not know yet."""
        return await self._all(USAGE, unreported(subscription.id))

    async def _all(self, kind: Kind[A], group: str) -> list[A]:
        found: list[A] = []
        after = None
        while page := await self.store.find_all(kind, group, after=after):
            found += page
            after = page[-1].id
        return found

    async def retry_with_new_key(self, subscription: Subscription, error: OutcomeUnknown, **changes: bool) -> None:
        """A read showed a step undone: the next try takes another key, for Stripe replays a stored 500 for a day."""
        generation, sooner_seconds = subscription.key_generation + 1, self.policy.retry.max_delay_seconds // 2
        await self.subscriptions.back_off(
            subscription, error, max_seconds=sooner_seconds, key_generation=generation, **changes
        )

    async def retry_undone(self, subscription: Subscription, answer: object, undone: str) -> None:
        """A read showed undone what must not be done twice: while the call may still be under way, its key stays.

        A request with another key would be carried out beside it, or after others that were made since.
        """
        if isinstance(answer, OutcomeUnknown) and not isinstance(answer, ServerFailed):
            sooner_seconds = self.policy.retry.max_delay_seconds // 2
            await self.subscriptions.back_off(subscription, answer, max_seconds=sooner_seconds)
            return
        error = answer if isinstance(answer, OutcomeUnknown) else OutcomeUnknown(undone)
        await self.retry_with_new_key(subscription, error)

    async def retry_invoice_undone(self, invoice: Invoice, answer: object, undone: str) -> None:
        """The same for a step of an invoice."""
        if isinstance(answer, OutcomeUnknown) and not isinstance(answer, ServerFailed):
            sooner_seconds = self.policy.retry.max_delay_seconds // 2
            await self.invoices.back_off(invoice, answer, max_seconds=sooner_seconds)
            return
        error = answer if isinstance(answer, OutcomeUnknown) else OutcomeUnknown(undone)
        await self.retry_invoice_with_new_key(invoice, error)

    async def retry_invoice_with_new_key(self, invoice: Invoice, error: OutcomeUnknown) -> None:
        """The same for a step of an invoice."""
        charge = invoice.charge.with_new_keys() if invoice.charge is not None else None
        generation, sooner_seconds = invoice.key_generation + 1, self.policy.retry.max_delay_seconds // 2
        await self.invoices.back_off(
            invoice, error, max_seconds=sooner_seconds, charge=charge, key_generation=generation
        )

    def seconds_from_now(self, seconds: int) -> datetime:
        """Return the moment this many seconds from now."""
        return self.clock.now() + seconds * SECOND

    def leased(self, invoice: Invoice) -> Invoice:
        """Return a new invoice as whoever stores it works on it."""
        return evolve(invoice, lease_until=self.seconds_from_now(self.policy.lease_seconds))


def own(subscription: Subscription, seen: StripeSubscription) -> StripeSubscription:
    """Return what Stripe answered, which must be this subscription's. Raises `UnreadableAnswer` for others."""
    signup = subscription.signup
    asked = (subscription.stripe_id or seen.id, subscription.id, signup.customer.stripe_customer_id)
    if (seen.id, seen.owner_id or subscription.id, seen.stripe_customer_id) != asked:
        raise UnreadableAnswer(f"{asked[0]} of {asked[1]} was asked for, and {seen.id} of {seen.owner_id} came")
    return seen
