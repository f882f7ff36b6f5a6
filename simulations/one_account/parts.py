"""The parts of an account: each business as its own stories and checkers know it, on what all of them share."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain
from typing import Any, Protocol

from payflows.checkout import messages as of_checkout
from payflows.marketplace import messages as of_marketplace
from payflows.store.mailbox import InMemoryMailer
from payflows.subscriptions import messages as of_subscriptions

from simulations.checkout.verdict import JudgedCheckout
from simulations.marketplace.verdict import JudgedMarketplace
from simulations.one_account import payments
from simulations.one_account.settings import Settings
from simulations.one_account.views import with_messages_of, with_movements_of
from simulations.search.app_system import AppSystem, ReadableStore
from simulations.search.universe import Universe
from simulations.stripe.core.times import StripeTimes
from simulations.stripe.simulated import SimulatedStripe
from simulations.subscriptions.verdict import JudgedSubscriptions


class Whole(Protocol):
    """What the parts share."""

    universe: Universe
    settings: Settings
    stripe: SimulatedStripe
    store: ReadableStore
    mailer: InMemoryMailer
    is_woken: bool


class Part(AppSystem[Any]):
    """One business of an account that has others: it runs in their app, and nothing is made for it alone.

    Attributes:
        words: the types of its business events, and the kinds of its mails.
    """

    words: Collection[str]
    _whole: Whole

    def begin(self) -> None:
        """Do nothing: the account's app is what begins."""

    @property
    def is_woken(self) -> bool:
        """Whether a webhook has come: for another business nothing may be due for a month."""
        return self._whole.is_woken

    @is_woken.setter
    def is_woken(self, is_woken: bool) -> None:
        self._whole.is_woken = is_woken

    def _new_store(self) -> ReadableStore:
        return with_messages_of(self._whole.store, self.words)

    def _new_mailer(self) -> InMemoryMailer:
        return self._whole.mailer

    def _new_stripe(self, times: StripeTimes) -> SimulatedStripe:
        return self._whole.stripe


class CheckoutPart(Part, JudgedCheckout):
    """The checkout of an account."""

    words = frozenset((*of_checkout.EventType, *of_checkout.MailKind))

    def __init__(self, whole: Whole) -> None:
        self._whole = whole
        super().__init__(whole.universe, whole.settings.checkout)

    def _new_stripe(self, times: StripeTimes) -> SimulatedStripe:
        whole = self._whole
        return with_movements_of(whole.stripe, lambda: payments.of_orders(whole.store, whole.stripe))


class SubscriptionPart(Part, JudgedSubscriptions):
    """The subscriptions of an account."""

    words = frozenset((*of_subscriptions.EventType, *of_subscriptions.MailKind))

    def __init__(self, whole: Whole) -> None:
        self._whole = whole
        super().__init__(whole.universe, whole.settings.subscriptions)


class MarketplacePart(Part, JudgedMarketplace):
    """The marketplace of an account."""

    words = frozenset((*of_marketplace.EventType, *of_marketplace.MailKind))

    def __init__(self, whole: Whole) -> None:
        self._whole = whole
        super().__init__(whole.universe, whole.settings.marketplace)

    def objects_of_others(self) -> Collection[str]:
        """Return the charges, refunds and disputes of orders and invoices."""
        store, stripe = self._whole.store, self._whole.stripe
        others = chain(payments.of_orders(store, stripe), payments.of_invoices(store, stripe))
        return {each for payment_id in others for each in payments.objects_of(stripe, payment_id)}
