"""A simulated Stripe with a price list on a clock moved by hand, and its subscribers; every call returns its result."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import UTC, datetime
from itertools import count
from typing import Any, TypeVar

from payflows.errors import PaymentDeclined
from payflows.money import Money
from payflows.payments.model import Payment
from payflows.subscriptions.billing import (
    InvoicePreview,
    Items,
    ItemsChange,
    PauseBehavior,
    PausedCollection,
    StripeInvoice,
    StripeSubscription,
    SubscriptionTerms,
    TrialEnd,
)
from simulations.stripe.billing.invoices import Invoice
from simulations.stripe.billing.settings import USUAL_SETTINGS, BillingSettings
from simulations.stripe.billing.subscriptions import Subscription
from simulations.stripe.core.times import DAY, USUAL_TIMES, StripeTimes
from simulations.stripe.payments.methods import Issuer
from simulations.stripe.simulated import SimulatedStripe
from simulations.time.hand_clock import HandClock

T = TypeVar("T")

ADA = "cus_ada"
MONTHLY, YEARLY = "price_monthly", "price_yearly"
PRICE = Money(3000, "usd")
HOUR = 3600
VISA, DECLINED, HARD = (
    "pm_card_visa",
    "pm_card_visa_chargeDeclinedInsufficientFunds",
    "pm_card_visa_chargeDeclinedLostCard",
)
FAILS_LATER, WITH_3DS = "pm_card_chargeCustomerFail", "pm_card_threeDSecure2Required"
BANK = "pm_usBankAccount_success"
START = datetime(2026, 1, 15, 12, tzinfo=UTC)


class BillingFixture:
    """One merchant's simulated Stripe, and ours who ask it."""

    def __init__(
        self,
        *,
        start: datetime = START,
        settings: BillingSettings = USUAL_SETTINGS,
        issuer: Issuer | None = None,
        times: StripeTimes = USUAL_TIMES,
    ) -> None:
        self.clock = HandClock(start)
        self.stripe = SimulatedStripe(self.clock, billing=settings, issuer=issuer, times=times)
        self.stripe.add_price(MONTHLY, product="pro", amount=PRICE, interval="month")
        self.stripe.add_price(YEARLY, product="pro", amount=Money(30000, "usd"), interval="year")
        self._keys = count(1)

    def run(self, call: Coroutine[Any, Any, T]) -> T:
        return self.clock.run(call)

    def key(self) -> str:
        """A new one."""
        return f"key-{next(self._keys)}"

    def pass_time(self, seconds: float = 0, *, days: float = 0) -> None:
        self.clock.pass_time(seconds + days * DAY)

    def pass_until(self, moment: datetime, *, plus_seconds: float = 0) -> None:
        self.clock.pass_time((moment - self.clock.now()).total_seconds() + plus_seconds)

    # What we ask.

    def subscribe(
        self,
        owner: str = "sub-1",
        *,
        customer: str = ADA,
        price: str = MONTHLY,
        quantity: int = 1,
        trial_days: int = 0,
        trial_end: TrialEnd = TrialEnd.CANCEL,
        metered: str | None = None,
    ) -> Subscription:
        terms = SubscriptionTerms(customer, price, quantity, trial_days, trial_end, metered)
        made = self.run(self.stripe.create_subscription(owner, terms, key=self.key()))
        return self.stripe.subscription(made.id)

    def confirm_first(self, subscription: Subscription, card: str = VISA) -> Payment:
        payment_id = first_of(subscription).as_invoice().payment_id
        assert payment_id is not None
        return self.run(self.stripe.confirm_payment(payment_id, payment_method=card, key=self.key()))

    def active(
        self,
        owner: str = "sub-1",
        *,
        card: str = VISA,
        price: str = MONTHLY,
        quantity: int = 1,
        metered: str | None = None,
    ) -> Subscription:
        """A subscription whose first invoice was paid."""
        subscription = self.subscribe(owner, price=price, quantity=quantity, metered=metered)
        self.confirm_first(subscription, card)
        return subscription

    def trialing(
        self, card: str | None = VISA, *, days: int = 14, trial_end: TrialEnd = TrialEnd.CANCEL
    ) -> Subscription:
        """A subscription in its trial; None: without a card."""
        subscription = self.subscribe(trial_days=days, trial_end=trial_end)
        if card is not None:
            assert subscription.pending_setup is not None
            setup_id = subscription.pending_setup.id
            self.run(self.stripe.confirm_setup(setup_id, payment_method=card, key=self.key()))
        return subscription

    def failing(self, card_becomes: str = DECLINED) -> Subscription:
        """A subscription whose card is declined from now on."""
        subscription = self.active()
        self.let_card_become(subscription, card_becomes)
        return subscription

    def let_card_become(self, subscription: Subscription, card: str) -> None:
        """Let the subscription's card behave like another one."""
        assert subscription.default_payment_method is not None
        row = self.stripe.payments.methods.find(card)
        self.stripe.replace_card_behaviour(subscription.default_payment_method, row)

    def past_due(self, card_becomes: str = DECLINED) -> Subscription:
        """A subscription whose first renewal has failed."""
        subscription = self.failing(card_becomes)
        self.renew(subscription)
        return subscription

    def with_a_draft(self) -> Subscription:
        """A subscription whose first renewal is still a draft."""
        subscription = self.active()
        self.pass_until(subscription.as_subscription().period_end)
        return subscription

    def renew(self, subscription: Subscription) -> Invoice:
        """Let the period end, and the draft's hour pass. Returns the invoice of the new period."""
        self.pass_until(subscription.as_subscription().period_end, plus_seconds=HOUR)
        return latest_of(subscription)

    def attach(self, card: str = VISA, customer: str = ADA) -> str:
        return self.run(self.stripe.attach_payment_method(card, stripe_customer_id=customer, key=self.key()))

    def use_card(self, subscription: Subscription, card: str = VISA) -> StripeSubscription:
        """Attach a card, and make it the subscription's default."""
        method = self.attach(card, subscription.customer.id)
        call = self.stripe.set_default_payment_method(subscription.id, payment_method=method, key=self.key())
        return self.run(call)

    def cancel(
        self, subscription: Subscription, *, prorate: bool = False, invoice_now: bool = False
    ) -> StripeSubscription:
        call = self.stripe.cancel_subscription(
            subscription.id, prorate=prorate, invoice_now=invoice_now, key=self.key()
        )
        return self.run(call)

    def preview(
        self, subscription: Subscription, price: str = MONTHLY, quantity: int = 1, *, at: datetime | None = None
    ) -> InvoicePreview:
        """What a change would cost; None: from now on."""
        change = ItemsChange(subscription.item_id, None, Items(price, quantity))
        call = self.stripe.preview_change(subscription.id, change=change, proration_at=at or self.clock.now())
        return self.run(call)

    def change(
        self, subscription: Subscription, price: str = MONTHLY, quantity: int = 1, *, at: datetime | None = None
    ) -> StripeSubscription:
        """Change what it bills, invoiced now and made once that is paid; None: from now on."""
        change = ItemsChange(subscription.item_id, None, Items(price, quantity))
        moment = at or self.clock.now()
        return self.run(self.stripe.change_items(subscription.id, change=change, proration_at=moment, key=self.key()))

    def change_at_renewal(
        self, subscription: Subscription, price: str = MONTHLY, quantity: int = 1
    ) -> StripeSubscription:
        """Change what it bills without proration."""
        change = ItemsChange(subscription.item_id, None, Items(price, quantity))
        return self.run(self.stripe.change_items(subscription.id, change=change, proration_at=None, key=self.key()))

    def pause_collection(
        self, subscription: Subscription, behavior: PauseBehavior, *, resumes_at: datetime | None = None
    ) -> StripeSubscription:
        paused = PausedCollection(behavior, resumes_at)
        return self.run(self.stripe.pause_collection(subscription.id, paused=paused, key=self.key()))

    def resume_collection(self, subscription: Subscription) -> StripeSubscription:
        return self.run(self.stripe.resume_collection(subscription.id, key=self.key()))

    def pause(self, subscription: Subscription) -> StripeSubscription:
        return self.run(self.stripe.pause_subscription(subscription.id, key=self.key()))

    def resume(self, subscription: Subscription) -> StripeSubscription:
        return self.run(self.stripe.resume_subscription(subscription.id, key=self.key()))

    def use(
        self, quantity: int = 1, *, usage_id: str | None = None, at: datetime | None = None, meter: str = "calls"
    ) -> str:
        """Report usage, of now unless another moment is given."""
        key = self.key()
        call = self.stripe.report_usage(
            usage_id or f"usage-{key}",
            stripe_customer_id=ADA,
            meter=meter,
            quantity=quantity,
            used_at=at or self.clock.now(),
            key=key,
        )
        return self.run(call)

    def change_metered(
        self, subscription: Subscription, price: str | None, *, prorate: bool = True
    ) -> StripeSubscription:
        """Have it bill usage at another price, or none: invoiced now, or without proration."""
        item_id = None if subscription.metered is None else subscription.metered.id
        to = subscription.as_subscription().items._replace(metered_price_id=price)
        at = self.clock.now() if prorate else None
        change = ItemsChange(subscription.item_id, item_id, to)
        return self.run(self.stripe.change_items(subscription.id, change=change, proration_at=at, key=self.key()))

    def cancel_at_period_end(self, subscription: Subscription, *, cancel: bool = True) -> StripeSubscription:
        call = self.stripe.set_cancel_at_period_end(subscription.id, cancel=cancel, key=self.key())
        return self.run(call)

    def pay(self, invoice: Invoice, card: str | None = None) -> StripeInvoice:
        return self.run(self.stripe.pay_invoice(invoice.id, payment_method=card, key=self.key()))

    def declined_pay(self, invoice: Invoice, card: str | None = None) -> PaymentDeclined:
        """Try to pay it, and return why that failed."""
        try:
            self.pay(invoice, card)
        except PaymentDeclined as declined:
            return declined
        raise AssertionError("it was paid")

    def void(self, invoice: Invoice) -> StripeInvoice:
        return self.run(self.stripe.void_invoice(invoice.id, key=self.key()))

    def finalize(self, invoice: Invoice) -> StripeInvoice:
        return self.run(self.stripe.finalize_invoice(invoice.id, key=self.key()))


def first_of(subscription: Subscription) -> Invoice:
    return subscription.invoices[0]


def latest_of(subscription: Subscription) -> Invoice:
    assert subscription.latest_invoice is not None
    return subscription.latest_invoice
