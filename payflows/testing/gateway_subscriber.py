"""A subscriber of a billing gateway, any gateway, in short words. Every call has its own key unless given one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from payflows.errors import PaymentDeclined
from payflows.money import Money
from payflows.payments.gateway import PaymentGateway
from payflows.payments.model import Payment
from payflows.subscriptions.billing import (
    CreditNote,
    InvoicePreview,
    ItemsChange,
    PauseBehavior,
    PausedCollection,
    StripeInvoice,
    StripeSetup,
    StripeSubscription,
    SubscriptionTerms,
)
from payflows.subscriptions.gateway import BillingGateway
from payflows.testing.gateway_customer import VISA

PassTime = Callable[[timedelta], Awaitable[None]]
"""Lets time pass for the gateway's subscriptions, by a test clock or a simulated one."""


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """A new customer at Stripe, and one subscription of ours. Keys begin with its id.

    Attributes:
        payments: the gateway that reads and confirms the payments of invoices.
        billing: the gateway that is checked.
        subscription_id: our subscription, which this gateway has never seen.
        stripe_customer_id: the customer, who has neither cards nor subscriptions.
        price_id: a monthly price.
        price: what one seat of it costs.
        metered_price_id: a monthly price of usage, in the same currency.
        metered_price: what one unit of that costs.
        meter: the name of its events; it adds them up.
        pass_time: lets time pass; None: it cannot.
    """

    payments: PaymentGateway
    billing: BillingGateway
    subscription_id: str
    stripe_customer_id: str
    price_id: str
    price: Money
    metered_price_id: str
    metered_price: Money
    meter: str
    pass_time: PassTime | None = None
    _numbers: count[int] = field(default_factory=lambda: count(1), repr=False)

    def new_key(self) -> str:
        """Return a key that was not used before."""
        return f"{self.subscription_id}:{next(self._numbers)}"

    def terms(self, *, quantity: int = 1, trial_days: int = 0, is_metered: bool = False) -> SubscriptionTerms:
        """What is asked for."""
        return SubscriptionTerms(
            self.stripe_customer_id,
            self.price_id,
            quantity=quantity,
            trial_days=trial_days,
            metered_price_id=self.metered_price_id if is_metered else None,
        )

    async def subscribe(
        self, *, quantity: int = 1, trial_days: int = 0, is_metered: bool = False, key: str | None = None
    ) -> StripeSubscription:
        """Make the subscription, unpaid."""
        terms = self.terms(quantity=quantity, trial_days=trial_days, is_metered=is_metered)
        return await self.billing.create_subscription(self.subscription_id, terms, key=key or self.new_key())

    async def subscribed(self, card: str = VISA, *, quantity: int = 1, is_metered: bool = False) -> StripeSubscription:
        """Make the subscription, and pay its first invoice."""
        made = await self.subscribe(quantity=quantity, is_metered=is_metered)
        await self.confirm(made, card)
        return await self.read(made.id)

    async def confirm(self, subscription: StripeSubscription, card: str = VISA) -> Payment:
        """Try a card on the first invoice."""
        return await self.payments.confirm_payment(
            payment_id_of(invoice_of(subscription)), payment_method=card, key=self.new_key()
        )

    async def payment(self, invoice: StripeInvoice) -> Payment:
        """Return the payment of an invoice as it stands."""
        return await self.payments.retrieve_payment(payment_id_of(invoice))

    async def read(self, stripe_subscription_id: str) -> StripeSubscription:
        """Return a subscription as it stands."""
        return await self.billing.retrieve_subscription(stripe_subscription_id)

    async def found(self) -> tuple[StripeSubscription, ...]:
        """Return the customer's subscriptions that name ours."""
        return await self.billing.list_subscriptions(self.stripe_customer_id, subscription_id=self.subscription_id)

    async def cancel(
        self,
        stripe_subscription_id: str,
        *,
        prorate: bool = False,
        invoice_now: bool = False,
        key: str | None = None,
    ) -> StripeSubscription:
        """End it now."""
        return await self.billing.cancel_subscription(
            stripe_subscription_id, prorate=prorate, invoice_now=invoice_now, key=key or self.new_key()
        )

    def seats(self, subscription: StripeSubscription, quantity: int) -> ItemsChange:
        """How its number of seats would change."""
        return ItemsChange(subscription.item_id, None, subscription.items._replace(quantity=quantity))

    async def preview(self, subscription: StripeSubscription, quantity: int) -> InvoicePreview:
        """Return what another number of seats would cost from the beginning of the period."""
        return await self.billing.preview_change(
            subscription.id, change=self.seats(subscription, quantity), proration_at=subscription.period_start
        )

    async def change_seats(
        self, subscription: StripeSubscription, quantity: int, *, prorate: bool = True, key: str | None = None
    ) -> StripeSubscription:
        """Change the number of seats, from the beginning of the period or without proration."""
        return await self.billing.change_items(
            subscription.id,
            change=self.seats(subscription, quantity),
            proration_at=subscription.period_start if prorate else None,
            key=key or self.new_key(),
        )

    async def change_metered_price(self, subscription: StripeSubscription, price_id: str | None) -> StripeSubscription:
        """Have it bill usage at another price, or none, without proration."""
        to = subscription.items._replace(metered_price_id=price_id)
        change = ItemsChange(subscription.item_id, subscription.metered_item_id, to)
        return await self.billing.change_items(subscription.id, change=change, proration_at=None, key=self.new_key())

    async def pause_collection(
        self,
        stripe_subscription_id: str,
        behavior: PauseBehavior = PauseBehavior.VOID,
        *,
        resumes_at: datetime | None = None,
    ) -> StripeSubscription:
        """Have its invoices not collected."""
        paused = PausedCollection(behavior, resumes_at)
        return await self.billing.pause_collection(stripe_subscription_id, paused=paused, key=self.new_key())

    async def resume_collection(self, stripe_subscription_id: str) -> StripeSubscription:
        """Have its invoices collected again."""
        return await self.billing.resume_collection(stripe_subscription_id, key=self.new_key())

    async def pause(self, stripe_subscription_id: str) -> StripeSubscription:
        """Pause it."""
        return await self.billing.pause_subscription(stripe_subscription_id, key=self.new_key())

    async def resume(self, stripe_subscription_id: str) -> StripeSubscription:
        """Make the invoice with which it begins again."""
        return await self.billing.resume_subscription(stripe_subscription_id, key=self.new_key())

    async def use(
        self,
        used_at: datetime,
        quantity: int,
        *,
        usage_id: str | None = None,
        meter: str | None = None,
        key: str | None = None,
    ) -> str:
        """Report usage, under an id that was not used before unless given one."""
        return await self.billing.report_usage(
            usage_id or f"usage-{self.new_key()}",
            stripe_customer_id=self.stripe_customer_id,
            meter=meter or self.meter,
            quantity=quantity,
            used_at=used_at,
            key=key or self.new_key(),
        )

    async def end_with_period(self, stripe_subscription_id: str, cancel: bool = True) -> StripeSubscription:
        """Have it end with its period, or not."""
        return await self.billing.set_cancel_at_period_end(stripe_subscription_id, cancel=cancel, key=self.new_key())

    async def attach(self, card: str = VISA, *, key: str | None = None) -> str:
        """Give the customer a card."""
        return await self.billing.attach_payment_method(
            card, stripe_customer_id=self.stripe_customer_id, key=key or self.new_key()
        )

    async def set_default(self, stripe_subscription_id: str, card: str) -> StripeSubscription:
        """Have the next charges take this card."""
        return await self.billing.set_default_payment_method(
            stripe_subscription_id, payment_method=card, key=self.new_key()
        )

    async def set_up(self, setup_id: str, card: str = VISA, *, key: str | None = None) -> StripeSetup:
        """Set a card up."""
        return await self.billing.confirm_setup(setup_id, payment_method=card, key=key or self.new_key())

    async def finalise(self, invoice_id: str) -> StripeInvoice:
        """Make a draft final."""
        return await self.billing.finalize_invoice(invoice_id, key=self.new_key())

    async def pay(self, invoice_id: str, card: str | None = None, *, key: str | None = None) -> StripeInvoice:
        """Try to pay an invoice."""
        return await self.billing.pay_invoice(invoice_id, payment_method=card, key=key or self.new_key())

    async def void(self, invoice_id: str) -> StripeInvoice:
        """Void an invoice."""
        return await self.billing.void_invoice(invoice_id, key=self.new_key())

    async def credit(
        self, invoice_id: str, amount: Money, *, balance_minor: int = 0, key: str | None = None
    ) -> CreditNote:
        """Give a part of a paid invoice back."""
        return await self.billing.credit_invoice(
            invoice_id,
            subscription_id=self.subscription_id,
            amount=amount,
            balance_minor=balance_minor,
            key=key or self.new_key(),
        )

    async def notes(self, invoice_id: str) -> tuple[CreditNote, ...]:
        """Return the credit notes of an invoice."""
        return await self.billing.list_credit_notes(invoice_id)

    async def declined(self, call: Awaitable[object]) -> PaymentDeclined:
        """Return how a card is declined."""
        try:
            await call
        except PaymentDeclined as declined:
            return declined
        raise AssertionError("the card was not declined")


def invoice_of(subscription: StripeSubscription) -> StripeInvoice:
    """Return its latest invoice, which it must have."""
    assert subscription.latest_invoice is not None, "a subscription has an invoice"
    return subscription.latest_invoice


def payment_id_of(invoice: StripeInvoice) -> str:
    """Return its payment, which it must have."""
    assert invoice.payment_id is not None, "an invoice of which something is due has a payment"
    return invoice.payment_id


def setup_id_of(subscription: StripeSubscription) -> str:
    """Return the set-up that it waits for."""
    assert subscription.setup_id is not None, "a trial without a card waits for a set-up"
    return subscription.setup_id
