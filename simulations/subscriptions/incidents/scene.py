"""A universe in which customers subscribe and what happens is recorded. Which customers, the exhibits say."""

from __future__ import annotations

from payflows.money import Money
from payflows.parties import Customer
from payflows.subscriptions.billing import StripeSubscription
from payflows.subscriptions.messages import SUBSCRIPTIONS
from payflows.subscriptions.model import Subscription

from simulations.incidents.showing import Moment
from simulations.search.breach import Breach
from simulations.search.universe import Universe
from simulations.subscriptions.catalogue import MERCHANT, PRO, VISA
from simulations.subscriptions.checkers import given_back, money, state
from simulations.subscriptions.system import Factory, Settings
from simulations.subscriptions.user_actions import days_pass
from simulations.subscriptions.verdict import JudgedSubscriptions

BY_HAND = Settings(listens=False)
"""Webhooks come where an exhibit says so."""


class Scene(JudgedSubscriptions):
    """A merchant and the people around it. Each verb does something and writes it down.

    Args:
        factory: builds the subscriptions.

    Attributes:
        moments: what happened.
    """

    def __init__(self, factory: Factory) -> None:
        self.moments: list[Moment] = []
        self._presses = 0
        super().__init__(Universe(), BY_HAND, factory=factory)

    def note(self, what: str) -> None:
        """Write down what has happened, and how things stand now."""
        rows = [
            f"{each.signup.customer.id} {each.status}{self._access(each)}" for each in self.store.all(SUBSCRIPTIONS)
        ]
        held = Money(sum(movement.signed_minor for movement in self.stripe.movements), "usd")
        self.moments.append(Moment(f"{self.clock.now():%d %b}", what, ", ".join(rows) or "none", str(held)))

    def subscribes(
        self, customer: Customer, *, card: str | None = VISA, trial_days: int = 0, signup_id: str = ""
    ) -> None:
        """Press "subscribe"; each press is a request with an id of the page's."""
        self._presses += 1
        create = self.app.subscriptions.create_subscription
        id = signup_id or f"page-{self._presses}"
        self.ask(create(customer, id, plan_id=PRO.id, payment_method=card, trial_days=trial_days))
        self.note(f"{customer.id} presses {'try for free' if trial_days else 'subscribe'}")

    def cancels(self, customer: Customer) -> None:
        """Cancel the newest one now."""
        self.end_was_asked = True
        newest = [each for each in self.store.all(SUBSCRIPTIONS) if each.signup.customer == customer][-1]
        self.ask(self.app.subscriptions.cancel_subscription(customer, newest.id))
        self.note(f"{customer.id} cancels")

    def snapshot(self) -> StripeSubscription:
        """What a webhook says that Stripe makes now: the newest subscription as it is."""
        assert self.subscription is not None, "there is one"
        return self.stripe.subscription(self.subscription.stored_stripe_id()).as_subscription()

    def webhook(self, said: StripeSubscription) -> None:
        """A webhook comes, with what the subscription was when Stripe made it; ours takes only the id."""
        flow = self.app.subscriptions
        take = getattr(flow, "take_webhook", None)
        self.ask(take(said) if take is not None else flow.subscription_changed(MERCHANT, said.id))
        self.note(f"a webhook comes that says {said.status}")

    def waits(self, *, days: float) -> None:
        """Let time pass in which only the worker acts, where there is one."""
        days_pass(self, days)

    def broken(self) -> list[Breach]:
        """Every promise about money and states that is broken; messages are not judged, for the naive sends none."""
        return [*money.safety(self), *money.final(self), *given_back.breaches(self), *state.breaches(self)]

    def _access(self, subscription: Subscription) -> str:
        return ", may use it" if subscription.access.allows(self.clock.now()) else ""
